"""A body of any size, on its way to a service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConsumer, IReactorTime
from twisted.internet.task import CooperativeTask, Cooperator, TaskStopped
from twisted.python.failure import Failure
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

__all__ = ["Outgoing", "form_of"]

_AT_ONCE = 64 * 1024  # bytes


@implementer(IBodyProducer)
@define(eq=False)
class Outgoing:
    """
    Bytes and files, one after the other, as fast as the service takes them.

    :ivar length: bytes of all of it.
    :ivar sent: is told of so many more bytes.
    """

    _clock: IReactorTime
    _parts: Sequence[bytes | BinaryIO]
    length: int
    _sent: Callable[[int], object] = lambda _: None
    _task: CooperativeTask[Iterator[None]] = field(init=False)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        """Send all of it."""
        cooperator = Cooperator(scheduler=lambda work: self._clock.callLater(0, work))
        self._task = cooperator.cooperate(self._send(consumer))
        return self._task.whenDone().addCallbacks(lambda _: None, _stopped)

    def pauseProducing(self) -> None:
        """The service takes no more for now."""
        self._task.pause()

    def resumeProducing(self) -> None:
        """The service takes more."""
        self._task.resume()

    def stopProducing(self) -> None:
        """The service wants no more."""
        self._task.stop()

    def _send(self, consumer: IConsumer) -> Iterator[None]:
        for part in self._parts:
            for data in [part] if isinstance(part, bytes) else _pieces(part):
                consumer.write(data)
                self._sent(len(data))
                yield


def form_of(
    fields: Sequence[tuple[str, str, BinaryIO]], boundary: str
) -> Sequence[bytes | BinaryIO]:
    """
    The parts of a form (RFC 7578).

    :param fields: their names, the names of their files, and these.
    :param boundary: stands in none of them.
    """
    parts: list[bytes | BinaryIO] = []
    for name, filename, file in fields:
        about = f'form-data; name="{name}"; filename="{filename}"'
        head = f"--{boundary}\r\nContent-Disposition: {about}\r\n"
        kind = "Content-Type: application/octet-stream\r\n\r\n"
        parts += [f"{head}{kind}".encode(), file, b"\r\n"]
    return (*parts, f"--{boundary}--\r\n".encode())


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while data := file.read(_AT_ONCE):
        yield data


def _stopped(failure: Failure) -> None:
    failure.trap(TaskStopped)
