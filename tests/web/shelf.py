"""Files to ask for."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.web.iweb import IRequest

from devlxd.errors import NotFound
from devlxd.web.dialects import Envelope
from devlxd.web.replies import Answer, File, Form
from devlxd.web.routes import Routes

MODIFIED = 1_000_000_000
MODIFIED_TEXT = "Sun, 09 Sep 2001 01:46:40 GMT"
SMALL = bytes(range(100))


class _Watched(FileIO):
    """
    A file that tells when it is read, but for the first time: then only its size is.
    """

    def __init__(self, path: Path, reading: Callable[[], object]) -> None:
        super().__init__(path)
        self._uses = 0
        self._reading = reading

    def fileno(self) -> int:
        """What the kernel knows it by."""
        self._uses += 1
        if self._uses > 1:
            self._reading()
        return super().fileno()


@define(eq=False)
class Shelf:
    """
    Some files, and which of them are open.

    :ivar opened: all that were ever opened.
    :ivar reading: what happens when the kernel is about to read a file.
    :ivar waiting: what the answers to ``/later/NAME`` wait for.
    """

    directory: Path
    opened: list[FileIO] = field(factory=list)
    reading: Callable[[], object] = lambda: None
    waiting: list[Deferred[None]] = field(factory=list)

    def put(self, name: str, content: bytes = SMALL) -> Path:
        """A file that is to be had as ``/file/NAME``."""
        path = self.directory / name
        path.write_bytes(content)
        os.utime(path, (MODIFIED, MODIFIED + 0.9))
        return path

    def open(self, name: str) -> File:
        """Open one of them."""
        stream = _Watched(self.directory / name, lambda: self.reading())
        self.opened.append(stream)
        return File(stream, f"{name}.tar.xz")

    @property
    def left_open(self) -> int:
        """How many have been opened and not been closed."""
        return sum(not stream.closed for stream in self.opened)

    def routes(self) -> Routes[object]:
        """Where they are to be had."""
        routes: Routes[object] = Routes()

        @routes.get("/file/<segment:name>")
        def file(caller: object, request: IRequest, name: str) -> File:
            return self.open(name)

        @routes.get("/form/<segment:first>/<segment:second>")
        def form(caller: object, request: IRequest, first: str, second: str) -> Form:
            return Form({"metadata": self.open(first), "rootfs": self.open(second)})

        @routes.get("/later/<segment:name>")
        async def later(caller: object, request: IRequest, name: str) -> File:
            self.waiting.append(Deferred())
            await self.waiting[-1]
            return self.open(name)

        @routes.get("/sealed")
        def sealed(caller: object, request: IRequest) -> Answer:
            return Envelope().failure(NotFound())

        return routes
