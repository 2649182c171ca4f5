"""The body of a request that brings an image, on its way to the disk."""

from __future__ import annotations

from collections import deque

from attrs import Factory, define, field
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.web.iweb import IRequest
from zope.interface import implementer

from devlxd.errors import Refusal
from devlxd.host.admission import Caller, HostAdmission
from devlxd.host.imageforms import Form, Piece, form_of
from devlxd.interfaces import IUpload
from devlxd.web.interfaces import IIntake, ISink

__all__ = ["PATH", "ImageIntake", "ImageSink"]

PATH = "/1.0/images"
"""Where images are sent to."""

_BATCH = 1024 * 1024
"""Bytes that are written at once: so many that it is worth a thread."""

_WAITING = 2
"""So many batches may wait while one is written."""


@implementer(IIntake)
@define(eq=False)
class ImageIntake:
    """Has images go to the disk while they come."""

    _admission: HostAdmission

    def sink_for(self, request: IRequest) -> ImageSink | None:
        if request.method != b"POST" or request.path != PATH.encode():
            return None
        content_type = request.getHeader(b"Content-Type") or b""
        if content_type.lower().startswith(b"application/json"):
            return None
        caller: Caller = self._admission.admit(request)
        form = form_of(content_type.decode("latin-1"))
        length = request.getHeader(b"Content-Length")
        images = caller.host.images
        return ImageSink(images.begin(caller.project, int(length or 0)), form)


@implementer(ISink)
@define(eq=False)
class ImageSink:
    """
    Collects what comes and has it written batch by batch, so that what is in memory has
    a bound, whatever the size of the image and the pace of the disk.
    """

    _log = Logger()

    _upload: IUpload
    form: Form
    _chunks: list[bytes] = field(init=False, default=Factory(list))
    _collected: int = field(init=False, default=0)
    _is_rootfs: bool = field(init=False, default=False)
    _batches: deque[Piece] = field(init=False, default=Factory(deque))
    _failure: Refusal | None = field(init=False, default=None)
    # Fires when nothing is being written; there is room when the other one fires.
    _writing: Deferred[None] = field(init=False, factory=lambda: succeed(None))
    _room: Deferred[None] | None = field(init=False, default=None)

    def write(self, data: bytes) -> Deferred[None] | None:
        if self._failure is not None:
            raise self._failure
        for chunk, is_rootfs in self.form.feed(data):
            if is_rootfs is not self._is_rootfs:
                self._flush()
                self._is_rootfs = is_rootfs
            self._chunks.append(chunk)
            self._collected += len(chunk)
            if self._collected >= _BATCH:
                self._flush()
        if self._room is None and len(self._batches) >= _WAITING:
            self._room = Deferred()
        return self._room

    def abort(self) -> Deferred[None]:
        self._batches.clear()
        self._failure = Refusal()
        return self._writing.addCallback(lambda _: self._upload.abort())

    async def complete(self) -> IUpload:
        """
        The body is complete: write the rest of it.

        :raises Refusal: when it is no image, or could not be written.  It is given up.
        """
        try:
            self.form.end()
            self._flush()
            await self._writing
            if self._failure is not None:
                raise self._failure
        except BaseException:
            await self.abort()
            raise
        return self._upload

    def _flush(self) -> None:
        if self._chunks:
            self._batches.append((b"".join(self._chunks), self._is_rootfs))
            self._chunks, self._collected = [], 0
        if self._batches and self._writing.called:
            self._writing = Deferred.fromCoroutine(self._write())

    async def _write(self) -> None:
        try:
            while self._batches:
                await self._upload.write(*self._batches.popleft())
                self._go_on()
        except Exception as error:
            self._batches.clear()
            self._failure = error if isinstance(error, Refusal) else Refusal()
            if error is not self._failure:
                self._log.failure("An image could not be taken in")
            self._go_on()

    def _go_on(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.callback(None)
