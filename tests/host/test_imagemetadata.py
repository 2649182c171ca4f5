"""``metadata.yaml``, in whatever archive."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.errors import BadRequest
from devlxd.host.imagemetadata import Metadata, can_be_read, read_metadata
from devlxd.model.image import NEVER, extension_of
from devlxd.model.instance import InstanceType
from tests.host.tarballs import METADATA, tarball


def read(archive: bytes) -> Metadata:
    """What an archive says."""
    return read_metadata(io.BytesIO(archive), extension_of(archive[:512]))


def without_mark(name: str, content: bytes) -> bytes:
    """An archive as of before POSIX, whose heads say less."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    head = bytearray(member.tobuf(tarfile.USTAR_FORMAT))
    head[148:156], head[257:512] = b" " * 8, bytes(255)
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + content.ljust(512, b"\0") + bytes(1024)


def said(document: bytes) -> Metadata:
    """What a document says."""
    return read(tarball({"metadata.yaml": document}))


class ArchiveTests(SynchronousTestCase):
    """Finding the document."""

    def refused(self, archive: bytes) -> str:
        """Why an archive is refused."""
        return str(self.assertRaises(BadRequest, read, archive))

    def test_compressions(self) -> None:
        """Whatever Python can unpack is read."""
        plain = tarball({"metadata.yaml": METADATA})
        for archive in (
            plain,
            gzip.compress(plain),
            bz2.compress(plain),
            lzma.compress(plain),
            lzma.compress(plain, lzma.FORMAT_ALONE),
            without_mark("metadata.yaml", METADATA),
        ):
            self.assertEqual(read(archive).properties["os"], "Debian", archive[:9])

    def test_sealed(self) -> None:
        """zstd and squashfs are known not to be among that."""
        self.assertTrue(can_be_read(""))
        self.assertFalse(can_be_read(".squashfs") or can_be_read(".tar.zst"))

    def test_place(self) -> None:
        """The document may be anywhere, and be written with a dot."""
        archive = tarball({"rootfs/a": b"x" * 3_000_000, "./metadata.yaml": METADATA})
        metadata = read(gzip.compress(archive, 1))
        self.assertEqual(metadata.type, InstanceType.CONTAINER)
        self.assertEqual(metadata.architecture, "x86_64")

    def test_types(self) -> None:
        """What lies beside the document tells what instances it is for."""
        cases: list[tuple[dict[str, bytes], InstanceType | None]] = [
            ({}, None),
            ({"templates/x": b""}, None),
            ({"rootfs": b""}, InstanceType.CONTAINER),
            ({"rootfs/x": b""}, InstanceType.CONTAINER),
            ({"rootfs.img": b""}, InstanceType.VIRTUAL_MACHINE),
        ]
        for files, kind in cases:
            archive = tarball({"metadata.yaml": METADATA, **files})
            self.assertEqual(read(archive).type, kind)

    def test_nonsense(self) -> None:
        """What is no archive, or a broken one, is refused."""
        whole = tarball({"metadata.yaml": METADATA}, "gz")
        for archive in (
            b"",
            b"x" * 5000,
            b"BZnonsense",
            b"\x1f\x8bnonsense",
            b"\xfd7zXZ\0nonsense",
            b"QFI\xfb",
            whole[:60],
        ):
            text = self.refused(archive)
            self.assertTrue(text.startswith("The image cannot be unpacked"), text)

    def test_missing(self) -> None:
        """An archive without the document is refused, or with one that is no file."""
        text = "Metadata tarball is missing metadata.yaml"
        self.assertEqual(self.refused(tarball({"rootfs/x": b""})), text)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            member = tarfile.TarInfo("metadata.yaml")
            member.type = tarfile.DIRTYPE
            tar.addfile(member)
        text = self.refused(out.getvalue())
        self.assertEqual(text, "metadata.yaml is no file, or too large")

    def test_bounds(self) -> None:
        """Neither a document nor a head in the archive may be large, nor anything be
        far away."""
        large = tarball({"metadata.yaml": b"#" * 2_000_000}, "gz")
        self.assertIn("too large", self.refused(large))
        member = tarfile.TarInfo("x")
        member.type, member.size = tarfile.XHDTYPE, 1 << 30
        head = member.tobuf()
        self.assertIn("too large", self.refused(head + bytes(1024)))
        member.type, member.size = tarfile.REGTYPE, 17 << 30
        text = self.refused(member.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
        self.assertIn("there are no metadata in its first", text)

    @given(st.binary(max_size=2000), st.sampled_from(["", ".tar.gz", ".tar.xz"]))
    def test_anything(self, archive: bytes, extension: str) -> None:
        """Whatever comes is refused in a word, if it cannot be read."""
        with self.assertRaises(BadRequest):
            read_metadata(io.BytesIO(archive), extension)


class DocumentTests(SynchronousTestCase):
    """Reading the document."""

    def test_all(self) -> None:
        """Times are seconds since 1970, and scalars are texts."""
        metadata = said(METADATA + b"expiry_date: 1800000000\nother: [1]\n")
        self.assertEqual(
            metadata,
            Metadata(
                "x86_64",
                datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
                datetime(2027, 1, 15, 8, tzinfo=UTC),
                {"os": "Debian", "release": "12"},
            ),
        )

    def test_little(self) -> None:
        """Nothing but the architecture has to be there."""
        self.assertEqual(said(b"architecture: riscv64"), Metadata("riscv64"))
        empty = said(b"architecture: x\nproperties:\ncreation_date: 0\nexpiry_date:\n")
        self.assertEqual(empty, Metadata("x", NEVER, NEVER))

    def test_architectures(self) -> None:
        """Debian's words for architectures are the kernel's."""
        self.assertEqual(said(b"architecture: amd64").architecture, "x86_64")

    def test_nonsense(self) -> None:
        """What makes no sense is refused with a word of why."""
        for document, text in (
            (b"\xff\xfe\x00", "is no YAML"),
            (b"a: [", "is no YAML"),
            (b"[" * 100_000, "is no YAML"),
            (b"", "says no architecture"),
            (b"architecture: [x]", "says no architecture"),
            (b"architecture: x\ncreation_date: soon", "creation_date is no time"),
            (b"architecture: x\nexpiry_date: 1" + b"0" * 40, "expiry_date is no time"),
            (b"architecture: x\nproperties: x", "properties are no texts"),
            (b"architecture: x\nproperties: {a: [b]}", "properties are no texts"),
        ):
            error = self.assertRaises(BadRequest, said, document)
            self.assertTrue(str(error).endswith(text), (document[:40], str(error)))
