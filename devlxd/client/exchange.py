"""One request and its answer, bounded in time and in size."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol, TypeVar, cast

from attrs import frozen
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionClosed
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import RequestTransmissionFailed, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer, IResponse

from devlxd.client.body import Stalled, Taken, TooLong, Unwanted, collect
from devlxd.client.failures import BadAnswer, ConnectionLost, Refused, TimedOut
from devlxd.client.lines import Lines
from devlxd.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotImplementedHere,
    PreconditionFailed,
    Refusal,
    Unauthorized,
)

__all__ = ["Exchange", "Reply", "Taker"]

T = TypeVar("T")

HOST = "http://lxd"
"""Whatever there is has one host; LXD looks at no name."""

REFUSALS: dict[int, Callable[[str | None], Refusal]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    501: NotImplementedHere,
}


def bare_text(body: bytes) -> str:
    """The words of a refusal that consists of nothing else, without their newline."""
    return body.decode("utf-8", "replace").rstrip("\n")


@frozen
class Reply:
    """
    A good answer.

    :ivar etag: which state of a thing it is about, as a service may say.
    """

    body: bytes
    etag: str | None = None


class Taker(Protocol):
    """Takes an answer as it comes."""

    def headers(self) -> Mapping[str, str]:
        """Those of the request."""

    def begin(self, response: IResponse) -> None:
        """The head of a good answer is there."""

    def write(self, data: bytes) -> None:
        """A part of its body is there."""


@frozen
class Exchange:
    """
    Asks a service, and takes an answer as long as it keeps to the bounds.

    Each question fails with a `Refusal` when the service says no, and with a
    `devlxd.client.failures.ServiceFailure` when it says nothing of use.

    :ivar clock: tells when *timeout* seconds are over, from the connecting to the last
        byte of the answer.
    :ivar limit: how many bytes an answer may have, or a line of one without an end.
    :ivar where: names the service in failures.
    :ivar words: reads the body of a refusal.
    """

    http: HTTPClient
    clock: IReactorTime
    timeout: float
    limit: int
    where: str
    words: Callable[[bytes], str] = bare_text

    async def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """
        The body of a good answer.

        :param path: percent-encoded.
        """
        return (await self.reply(method, path, body)).body

    async def reply(
        self, method: str, path: str, body: bytes | None = None, etag: str | None = None
    ) -> Reply:
        """
        A good answer.

        :param path: percent-encoded.
        :param etag: the state which the thing must have; `PreconditionFailed` if it has
            another one.
        """
        return await self._in_time(self._answer(method, path, body, etag))

    async def stream(self, path: str) -> Lines:
        """
        The lines of a good answer without an end.  The time is over with its head.

        :param path: percent-encoded.
        """
        return await self._in_time(self._opened(path))

    async def receive(self, path: str, taker: Taker) -> None:
        """
        Have a good answer of any size come.  The time begins anew with each part.

        :param path: percent-encoded.
        """
        with self._explained("GET", path):
            request = self._good("GET", path, headers=taker.headers())
            response = await self._in_time(request)
            try:
                taker.begin(response)
            except Exception:
                response.deliverBody(Unwanted())
                raise
            body = Taken(taker.write, self.clock, self.timeout)
            response.deliverBody(body)
            await body.whole

    async def send(
        self, method: str, path: str, body: IBodyProducer, headers: Mapping[str, str]
    ) -> bytes:
        """
        The body of a good answer to something large, however long that takes.

        :param path: percent-encoded.
        """
        with self._explained(method, path):
            response = await self._good(method, path, body, headers)
            return await collect(response, self.limit)

    async def document(self, path: str, shape: Callable[[object], T]) -> T:
        """
        A JSON document.

        :param shape: makes a value of it, or raises `ValueError`.
        """
        body = await self.ask("GET", path)
        try:
            return shape(json.loads(body.decode("utf-8", "surrogateescape")))
        except (ValueError, RecursionError) as error:
            raise self.bad("GET", path, f"another document ({error})") from error

    def bad(self, method: str, path: str, what: str) -> BadAnswer:
        """An answer of another kind than the API says."""
        return BadAnswer(self.where, f"{method} {path} was answered with {what}")

    def _in_time(self, answer: Coroutine[Any, Any, T]) -> Deferred[T]:
        awaited = Deferred.fromCoroutine(answer)
        return awaited.addTimeout(self.timeout, self.clock, self._late)

    async def _answer(
        self, method: str, path: str, body: bytes | None, etag: str | None
    ) -> Reply:
        with self._explained(method, path):
            headers = {} if etag is None else {"If-Match": etag}
            response = await self._good(method, path, body, headers)
            content = await collect(response, self.limit)
        (told,) = response.headers.getRawHeaders("ETag", [None])[:1]
        return Reply(content, told)

    async def _opened(self, path: str) -> Lines:
        with self._explained("GET", path):
            response = await self._good("GET", path)
        lines = Lines(self.limit)
        response.deliverBody(lines)
        return lines

    async def _good(
        self,
        method: str,
        path: str,
        body: bytes | IBodyProducer | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> IResponse:
        """The head of an answer, unless it is a refusal."""
        response: IResponse = await self.http.request(
            method,
            HOST + path,
            headers=Headers({name: [value] for name, value in (headers or {}).items()}),
            data=body,
            allow_redirects=False,
            unbuffered=True,
            # Unused without a timeout of treq's, but else it takes the global one.
            reactor=cast(Any, self.clock),
        )
        if response.code < 300:
            return response
        content = await collect(response, self.limit)
        if response.code < 400:
            raise self.bad(method, path, f"a redirection, {response.code}")
        raise self._refusal(response.code, content)

    def _refusal(self, status: int, content: bytes) -> Refusal:
        text = self.words(content) or None
        kind = REFUSALS.get(status)
        return Refused(status, text) if kind is None else kind(text)

    @contextmanager
    def _explained(self, method: str, path: str) -> Iterator[None]:
        """What is not HTTP becomes what it means."""
        try:
            yield
        except TooLong as error:
            large = f"more than {self.limit} bytes"
            raise self.bad(method, path, large) from error
        except Stalled:
            self._late(None, self.timeout)
        except (RequestTransmissionFailed, ResponseFailed) as error:
            raise self._broken(method, path, error) from error

    def _broken(
        self, method: str, path: str, error: RequestTransmissionFailed | ResponseFailed
    ) -> Exception:
        # Others may follow; the first reason is what led to them.
        reason = error.reasons[0]
        if reason.check(CancelledError):
            return CancelledError()
        if reason.check(ConnectionClosed):
            return ConnectionLost(self.where)
        return self.bad(method, path, "something that is not HTTP")

    def _late(self, _: object, timeout: float) -> NoReturn:
        raise TimedOut(self.where, f"{timeout:g}")
