"""An image on its way from the service to the disk."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from attrs import define, field
from twisted.web.iweb import UNKNOWN_LENGTH, IResponse

from devlxd.client.parts import BadForm, Head, Parts, boundary_of, filename_in

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["SILENT", "Arrival", "Silent", "Ticker", "Unusable"]


class Unusable(Exception):
    """What comes is not the image that was asked for; the text says what it is."""


class Ticker(Protocol):
    """Is told how far something is, as `devlxd.client.progress.Progress` is."""

    def start(self, total: int | None) -> None:
        """It begins, and will be so many bytes, if that is known."""

    def advance(self, size: int) -> None:
        """So many more bytes are done."""

    def end(self) -> None:
        """It is over, well or not."""


class Silent:
    """Tells nobody."""

    def start(self, total: int | None) -> None:
        """Nothing."""

    def advance(self, size: int) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


SILENT = Silent()
"""Who is not told how far something is."""


@define(eq=False)
class Arrival:
    """
    The files of an image, as they come.

    :ivar names: what the service calls the files that have begun to come.
    :ivar size: how many bytes of theirs are here.
    """

    _directory: Path
    _fingerprint: str
    _ticker: Ticker
    names: list[str] = field(factory=list, init=False)
    size: int = field(default=0, init=False)
    _digest: _Hash = field(init=False, factory=hashlib.sha256)
    _files: list[BinaryIO] = field(factory=list, init=False)
    _form: Parts | None = field(default=None, init=False)

    def headers(self) -> Mapping[str, str]:
        """Those of a request for what is still missing."""
        return {"Range": f"bytes={self.size}-"} if self.size else {}

    def may_go_on(self) -> bool:
        """Whether a part of it is here that need not come again."""
        return self.size > 0 and self._form is None

    def begin(self, response: IResponse) -> None:
        """
        An answer begins.

        :raises Unusable: when it is about something else.
        """
        if response.code == 206:
            self._check_range(_header(response, "Content-Range"))
            return
        self.close()
        self.names, self.size, self._digest = [], 0, hashlib.sha256()
        boundary = boundary_of(_header(response, "Content-Type"))
        self._form = None if boundary is None else Parts(boundary)
        if boundary is None:
            self._open(filename_in(_header(response, "Content-Disposition")))
        known = response.length is not UNKNOWN_LENGTH and boundary is None
        self._ticker.start(response.length if known else None)

    def write(self, data: bytes) -> None:
        """
        Some bytes of an answer.

        :raises Unusable: when they are not those of an image.
        :raises OSError: when they cannot be written.
        """
        if self._form is None:
            self._keep(data)
            return
        try:
            for step in self._form.feed(data):
                self._take(step)
        except BadForm as error:
            raise Unusable(f"no image in two files ({error})") from error

    def finish(self) -> list[Path]:
        """
        All of it has come.

        :return: where the files are.
        :raises Unusable: when it is another image, or less than one.
        """
        self.close()
        if self._form is not None and not self._form.complete:
            raise Unusable("a form without an end")
        if self._digest.hexdigest() != self._fingerprint:
            raise Unusable("bytes of another SHA-256")
        return [Path(str(file.name)) for file in self._files]

    def close(self) -> None:
        """Nothing more comes."""
        for file in self._files:
            file.close()

    def _check_range(self, header: str) -> None:
        if re.match(rf"bytes {self.size}-\d", header) is None or not self.size:
            raise Unusable(f"another range ({header})")

    def _take(self, step: Head | bytes) -> None:
        if isinstance(step, bytes):
            self._keep(step)
        else:
            self._open(step.filename)

    def _open(self, name: str) -> None:
        number = len(self.names)
        if number == 2:
            raise Unusable("more than two files")
        self.names.append(name)
        self._files[number:] = [(self._directory / str(number)).open("wb")]

    def _keep(self, data: bytes) -> None:
        self._files[-1].write(data)
        self._digest.update(data)
        self.size += len(data)
        self._ticker.advance(len(data))


def _header(response: IResponse, name: str) -> str:
    """The first header of a name; empty when there is none."""
    return str(response.headers.getRawHeaders(name, [""])[0])
