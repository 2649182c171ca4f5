"""An image on its way from the service to the disk."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from attrs import define, field
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)
from twisted.web.iweb import UNKNOWN_LENGTH, IResponse

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
    _form: PushMultipartParser | None = field(default=None, init=False)

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
        self._form = _form_in(_header(response, "Content-Type"))
        if self._form is None:
            self._open(_filename_in(_header(response, "Content-Disposition")))
        known = response.length is not UNKNOWN_LENGTH and self._form is None
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
        # To the parser, nothing is the end, and what follows the end may be an error:
        # LXD writes the end twice.
        if data and not self._form.closed:
            self._take_apart(self._form, data)

    def finish(self) -> list[Path]:
        """
        All of it has come.

        :return: where the files are.
        :raises Unusable: when it is another image, or less than one.
        """
        self.close()
        if self._form is not None:
            _check_end(self._form)
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

    def _take_apart(self, form: PushMultipartParser, data: bytes) -> None:
        try:
            for event in form.parse(data):
                self._take(event)
        except MultipartError as error:
            raise _no_form(error) from error

    def _take(self, event: MultipartSegment | bytes | None) -> None:
        if isinstance(event, MultipartSegment):
            self._open(event.filename or "")
        elif event is not None:
            self._keep(event)

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


def _filename_in(disposition: str) -> str:
    """What a file is called by the service; empty when it says nothing."""
    return str(parse_options_header(disposition)[1].get("filename", ""))


def _form_in(content_type: str) -> PushMultipartParser | None:
    """
    What takes an answer apart that is a form.

    :raises Unusable: when it does not say what is between its parts.
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data":
        return None
    try:
        # Names that count are ASCII, whatever else there is.
        boundary = options.get("boundary", "")
        return PushMultipartParser(boundary, header_charset="latin-1")
    except MultipartError as error:
        raise _no_form(error) from error


def _check_end(form: PushMultipartParser) -> None:
    try:
        form.close()
    except MultipartError as error:
        raise Unusable("a form without an end") from error


def _no_form(error: MultipartError) -> Unusable:
    return Unusable(f"no image in two files ({error})")
