"""
The guest API for Python.

All that is exchanged is plain HTTP/1.1 through a UNIX socket:

* ``GET /``, ``/1.0``, ``/1.0/config`` and ``/1.0/devices`` give JSON,
* ``GET /1.0/config/<key>`` and ``/1.0/meta-data`` give the bytes themselves,
* ``PATCH /1.0`` with ``{"state": "Ready"}`` gives nothing,
* ``GET /1.0/images/<fingerprint>/export`` gives an image,
* ``GET /1.0/events`` gives JSON objects, one a line, without an end,
* a refusal has a status of 400 or more and a text that ends with a newline.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Callable, Collection
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote

from attrs import frozen
from treq.client import HTTPClient
from twisted.internet.interfaces import IReactorTime

from devlxd.client import documents
from devlxd.client.arrival import SILENT, Ticker
from devlxd.client.connection import http_through
from devlxd.client.documents import Info
from devlxd.client.events import Told
from devlxd.client.exchange import Exchange
from devlxd.client.export import Exported, export
from devlxd.client.following import follow
from devlxd.client.position import Position
from devlxd.client.retrying import Backoff, Retries
from devlxd.errors import BadRequest, NotFound, NotImplementedHere

__all__ = ["DEFAULT_PATH", "DEFAULT_TIMEOUT", "GuestClient", "State"]

DEFAULT_PATH = "/dev/lxd/sock"
"""Where instances of LXD, and ours, find the socket."""

DEFAULT_TIMEOUT = 10.0
"""Seconds for a question and its answer."""

DEFAULT_LIMIT = 16 * 1024 * 1024
"""Bytes that an answer may have."""

DEFAULT_BACKOFF = Backoff()
"""From a tenth of a second to five seconds."""

State: TypeAlias = Literal["Ready", "Started"]
"""What an instance may say of itself."""


def segment(key: str, what: str = "key") -> str:
    """
    A key as one segment of a path.

    :param what: it is, if not a key.
    :raises BadRequest: for what no key is named.
    """
    try:
        encoded = quote(key, safe="", errors="surrogateescape")
    except UnicodeEncodeError as error:
        raise BadRequest(f"Invalid {what}") from error
    # Empty and dotted segments name another path (RFC 3986, 5.2.4).
    if encoded in {"", ".", ".."}:
        raise BadRequest(f"Invalid {what}")
    return encoded


def unheeded(failure: Exception) -> None:
    """Take no notice of a failure."""


def text(body: bytes) -> str:
    """Text from which ``encode("utf-8", "surrogateescape")`` makes the same bytes."""
    return body.decode("utf-8", "surrogateescape")


@frozen
class GuestClient:
    """
    Asks the host about the instance that this process is in.

    Every method may fail with a `devlxd.errors.Refusal` (`BadRequest`, `Unauthorized`,
    `Forbidden`, `NotFound`, `NotImplementedHere`, or `devlxd.client.failures.Refused`
    with any other status) and with a `devlxd.client.failures.ServiceFailure`.
    Cancelling the Deferred that waits for it ends the connection.
    """

    _exchange: Exchange

    @classmethod
    def connect(
        cls,
        reactor: IReactorTime,
        path: str = DEFAULT_PATH,
        timeout: float = DEFAULT_TIMEOUT,
        *,
        limit: int = DEFAULT_LIMIT,
    ) -> GuestClient:
        """
        A client for the service behind a socket, to which it connects for each
        question anew, so that there is nothing to close.

        :param reactor: connects (`IReactorUNIX`) and tells the time.
        :param timeout: seconds for each question and its answer.
        :param limit: bytes that each answer may have.
        """
        http = http_through(reactor, path)
        return cls.using(http, reactor, timeout, limit=limit, where=path)

    @classmethod
    def using(
        cls,
        http: HTTPClient,
        clock: IReactorTime,
        timeout: float = DEFAULT_TIMEOUT,
        *,
        limit: int = DEFAULT_LIMIT,
        where: str = "the service",
    ) -> GuestClient:
        """
        A client on top of any client of treq, such as `treq.testing.StubTreq`.

        :param where: names the service in failures.
        """
        return cls(Exchange(http, clock, timeout, limit, where))

    async def versions(self) -> list[str]:
        """The versions of the API that the service speaks: ``["1.0"]``."""
        return await self._exchange.document("/", documents.versions)

    async def info(self) -> Info:
        """What the service says of the instance and of itself."""
        return await self._exchange.document("/1.0", documents.info)

    async def set_state(self, state: State) -> None:
        """
        Tell the host how far the instance is.

        :raises NotImplementedHere: when the service knows no states.
        """
        body = json.dumps({"state": state}).encode()
        answer = await self._exchange.ask("PATCH", "/1.0", body)
        if answer:
            # LXD 5.0 takes every method for GET, and changed nothing.
            raise NotImplementedHere("The service is too old to be told a state")

    async def ready(self) -> None:
        """Tell the host that the instance has booted and does its work."""
        await self.set_state("Ready")

    async def started(self) -> None:
        """Take back that the instance is ready."""
        await self.set_state("Started")

    async def keys(self) -> list[str]:
        """The names of the config keys that the instance may read, sorted."""
        return await self._exchange.document("/1.0/config", documents.keys)

    async def config(self, key: str) -> str:
        """
        The value of a config key.  Bytes that are not UTF-8 are surrogates in it, so
        that ``value.encode("utf-8", "surrogateescape")`` is what the host has.

        :raises NotFound: when it has none; LXD takes an empty value for none.
        :raises Forbidden: when the instance may not read it.
        """
        return text(await self._exchange.ask("GET", f"/1.0/config/{segment(key)}"))

    async def all_config(self) -> dict[str, str]:
        """
        All keys and their values, sorted by key: one question for the list, and one
        for each key, since the API has no other way.  A key that vanishes meanwhile is
        left out.
        """
        found = {}
        for key in await self.keys():
            try:
                found[key] = await self.config(key)
            except NotFound:
                continue
        return found

    async def devices(self) -> dict[str, dict[str, str]]:
        """The devices of the instance by name, each a mapping of its keys."""
        return await self._exchange.document("/1.0/devices", documents.devices)

    async def metadata(self) -> str:
        """What cloud-init reads as its meta-data, YAML; decoded as `config` is."""
        return text(await self._exchange.ask("GET", "/1.0/meta-data"))

    async def export_image(
        self,
        fingerprint: str,
        to: str | os.PathLike[str],
        progress: Ticker = SILENT,
        *,
        give_up_after: float | None = 30.0,
        backoff: Backoff = DEFAULT_BACKOFF,
        notice: Callable[[Exception], object] = unheeded,
    ) -> Exported:
        """
        Write an image of the host to a file, or to two if it consists of two.

        What comes is written beside that place, and moved there when all of it has come
        and has the fingerprint as its SHA-256.  When the connection breaks, an image of
        one file goes on where it was; one of two files fails.  The client's timeout is
        for the head of an answer, and then for each further part of it.

        :param fingerprint: all of it.
        :param to: the file; of two, that of the metadata, with the root file system
            beside it as ``TO.root``.  Or a directory, in which they get the names that
            the service gives to them, such as ``FINGERPRINT.tar.xz``.
        :param progress: is told how far it is.
        :param give_up_after: seconds without another byte of a broken image after which
            to fail; ``None`` for never.
        :param notice: as `events`.
        :raises NotFound: when the host has none, or not for guests.
        :raises Forbidden: when the instance may have none.
        :raises OSError: when the file cannot be written.
        """
        retries = Retries(self._exchange.clock, backoff, give_up_after, notice)
        return await export(self._exchange, fingerprint, Path(to), progress, retries)

    def events(
        self,
        types: Collection[str] = (),
        since: int | None = None,
        *,
        give_up_after: float | None = None,
        backoff: Backoff = DEFAULT_BACKOFF,
        notice: Callable[[Exception], object] = unheeded,
    ) -> AsyncGenerator[Told, None]:
        """
        What happens to the instance, as it happens, without an end: an `Event` each,
        and a `Gap` where some are missing.

        When the service is away it is waited for, and then asked for what happened
        meanwhile.  Nothing is told twice.  While nobody asks for the next event, none
        is read.  Cancelling who waits for one ends the iteration and its connection, as
        ``aclose()`` does.

        :param types: which, such as ``["config", "device"]`` or ``"config,device"``;
            all unless it names some.
        :param since: the number of the event after which to begin; without it, with
            what happens once the service is there.
        :param give_up_after: seconds without the service after which to fail; ``None``
            for never.
        :param notice: is told of each failure that is waited out, once for as long as
            attempts go on to fail with it.
        :raises Refusal: when the service refuses for good: with any status below 500.
        :raises NotImplementedHere: when it has no events, or on WebSockets only.
        :raises ServiceFailure: when there is no use in waiting, or no time left.
        """
        retries = Retries(self._exchange.clock, backoff, give_up_after, notice)
        return follow(self._exchange, Position(since), types, retries)
