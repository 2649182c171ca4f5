"""Images, and requests that bring them."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.host.talk import Talk

METADATA = b"""\
architecture: x86_64
creation_date: 1700000000
properties:
  os: Debian
  release: 12
"""

# The same files are the same archive, at any time.
_COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gz": partial(gzip.compress, mtime=0),
    "xz": lzma.compress,
}

PATH = "/1.0/images"


def tarball(files: Mapping[str, bytes], kind: str = "") -> bytes:
    """
    An archive.

    :param kind: its compression: ``gz``, ``xz`` or none.
    """
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return _COMPRESS[kind](out.getvalue())


def image(kind: str = "gz", rootfs: bytes = b"#!/bin/sh\n") -> bytes:
    """An image of one file."""
    return tarball({"metadata.yaml": METADATA, "rootfs/sbin/init": rootfs}, kind)


def metadata() -> bytes:
    """The first file of an image of two."""
    return tarball({"metadata.yaml": METADATA}, "xz")


def form(*parts: tuple[str, bytes], end: bytes = b"--\r\n") -> bytes:
    """A form of files, whose boundary is ``XX``."""
    body = b""
    for name, content in parts:
        about = f'form-data; name="{name}"; filename="{name}"'
        head = f"--XX\r\nContent-Disposition: {about}\r\n\r\n"
        body += head.encode() + content + b"\r\n"
    return body + b"--XX" + end


FORM = {"Content-Type": "multipart/form-data; boundary=XX"}


def posted(
    talk: Talk, body: bytes, headers: Mapping[str, str] | None = None, query: str = ""
) -> dict[str, Any]:
    """The envelope of the answer to an import."""
    lines = [f"POST {PATH}{query} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    wire = talk.connect()
    response = wire.ask("\r\n".join([*lines, "", ""]).encode() + body)
    envelope: dict[str, Any] = json.loads(response.body)
    return envelope


def imported(
    talk: Talk, body: bytes, headers: Mapping[str, str] | None = None, query: str = ""
) -> str:
    """The fingerprint of an image that was imported."""
    envelope = posted(talk, body, headers, query)
    if envelope["type"] != "async":
        raise AssertionError(envelope)
    fingerprint: str = envelope["metadata"]["metadata"]["fingerprint"]
    return fingerprint
