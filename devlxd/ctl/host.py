"""
The host API for Python, as far as it is about instances and profiles.

It is LXD's: JSON in envelopes, through a UNIX socket.  A thing is changed by ``PUT``ing
all of it with ``If-Match``, so that of two who change it at once nobody's work is lost.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import suppress
from typing import TypeVar
from urllib.parse import urlencode

from attrs import frozen
from treq.client import HTTPClient
from twisted.internet.interfaces import IReactorTime

from devlxd.client.connection import http_through
from devlxd.client.documents import array
from devlxd.client.exchange import Exchange, Reply
from devlxd.client.guest import DEFAULT_LIMIT, DEFAULT_TIMEOUT, segment
from devlxd.client.retrying import Retries
from devlxd.ctl.envelopes import Envelope, opened, reason
from devlxd.ctl.hostevents import HostEvent, follow
from devlxd.ctl.things import Content, Kind, Thing, thing
from devlxd.errors import PreconditionFailed

__all__ = ["DEFAULT_PROJECT", "HostClient"]

T = TypeVar("T")

DEFAULT_PROJECT = "default"

ATTEMPTS = 20
"""How often a change is tried while others change the same thing."""


@frozen
class HostClient:
    """
    Manages what a host knows of its instances.

    Every method may fail with a `devlxd.errors.Refusal` and with a
    `devlxd.client.failures.ServiceFailure`, as those of `GuestClient` do.

    :ivar exchange: asks it.
    :ivar project: to which all names belong.
    """

    exchange: Exchange
    project: str = DEFAULT_PROJECT

    @classmethod
    def connect(
        cls,
        reactor: IReactorTime,
        path: str,
        timeout: float = DEFAULT_TIMEOUT,
        project: str = DEFAULT_PROJECT,
    ) -> HostClient:
        """
        A client for the service behind a socket.

        :param timeout: seconds for each question and its answer.
        """
        return cls.using(http_through(reactor, path), reactor, timeout, project, path)

    @classmethod
    def using(
        cls,
        http: HTTPClient,
        clock: IReactorTime,
        timeout: float = DEFAULT_TIMEOUT,
        project: str = DEFAULT_PROJECT,
        where: str = "the service",
    ) -> HostClient:
        """
        A client on top of any client of treq.

        :param where: names the service in failures.
        """
        return cls(
            Exchange(http, clock, timeout, DEFAULT_LIMIT, where, reason), project
        )

    async def all(self, kind: Kind, all_projects: bool = False) -> list[Thing]:
        """All of a kind, in the order of the host."""
        asked = {"recursion": "1"}
        if all_projects:
            asked["all-projects"] = "true"
        path = self.path(kind.path, **asked)
        reply = await self.exchange.reply("GET", path)
        return self.read(
            "GET", path, reply, lambda e: [thing(kind, x) for x in array(e.metadata)]
        )

    async def get(self, kind: Kind, name: str) -> Thing:
        """
        One of a kind.

        :raises NotFound: when there is none of this name.
        """
        path = self._of(kind, name)
        reply = await self.exchange.reply("GET", path)
        return self.read(
            "GET", path, reply, lambda e: thing(kind, e.metadata, reply.etag)
        )

    async def create(self, kind: Kind, document: Content) -> None:
        """
        Make one.

        :raises Conflict: when its name is taken.
        """
        await self.do("POST", self.path(kind.path), document)

    async def replace(
        self, kind: Kind, name: str, content: Content, etag: str | None = None
    ) -> None:
        """
        Change one, all of it.

        :param etag: the state that it must have.
        :raises PreconditionFailed: when it has another one.
        """
        await self.do("PUT", self._of(kind, name), content, etag)

    async def update(
        self, kind: Kind, name: str, rule: Callable[[Content], Content]
    ) -> None:
        """
        Change one, whatever others change meanwhile.

        :param rule: makes the new content of the old; it may be asked several times.
        :raises PreconditionFailed: when there is no end to others' changes.
        """
        for _ in range(ATTEMPTS - 1):
            with suppress(PreconditionFailed):
                return await self._change(kind, name, rule)
        return await self._change(kind, name, rule)

    async def _change(
        self, kind: Kind, name: str, rule: Callable[[Content], Content]
    ) -> None:
        old = await self.get(kind, name)
        await self.replace(kind, name, rule(old.content), old.etag)

    async def rename(self, kind: Kind, name: str, new: str) -> None:
        """Give one another name."""
        await self.do("POST", self._of(kind, name), {"name": new})

    async def delete(self, kind: Kind, name: str) -> None:
        """Remove one."""
        await self.do("DELETE", self._of(kind, name))

    async def register(self, name: str, pid: int) -> None:
        """
        Say which process is the init of an instance.

        :param pid: in the pid namespace of the service.
        """
        path = f"/1.0/devlxd/instances/{segment(name, 'name')}/init"
        await self.do("PUT", self.path(path), {"pid": pid})

    def events(
        self, retries: Retries, types: Collection[str] = (), all_projects: bool = False
    ) -> AsyncGenerator[HostEvent | None, None]:
        """
        What happens on the host, as it happens, without an end.

        :param retries: what to do while the service is away.
        :return: gives ``None`` each time that it begins to hear, since what happened
            before that is not told.
        """
        asked = {"type": ",".join(types)} if types else {}
        if all_projects:
            asked["all-projects"] = "true"
        return follow(self.exchange, self.path("/1.0/events", **asked), retries)

    def _of(self, kind: Kind, name: str) -> str:
        return self.path(f"{kind.path}/{segment(name, 'name')}")

    def path(self, path: str, **asked: str) -> str:
        """
        Where to ask for something of the project.

        :param asked: what the query is to say.
        """
        if self.project != DEFAULT_PROJECT and "all-projects" not in asked:
            asked["project"] = self.project
        return f"{path}?{urlencode(asked)}" if asked else path

    async def do(
        self,
        method: str,
        path: str,
        document: object = None,
        etag: str | None = None,
    ) -> None:
        """Ask for something to be done, and wait until it is."""
        body = None if document is None else json.dumps(document).encode()
        reply = await self.exchange.reply(method, path, body, etag)
        await self.done(self.read(method, path, reply, lambda envelope: envelope))

    async def done(self, envelope: Envelope) -> Envelope:
        """
        What came of what an answer promises, once it has ended.

        :raises BadRequest: when it has failed.
        """
        if envelope.is_open:
            envelope = await self._ended(envelope.operation)
        envelope.check()
        return envelope

    async def _ended(self, operation: str) -> Envelope:
        path = f"{operation}/wait"
        reply = await self.exchange.reply("GET", path)
        return self.read("GET", path, reply, lambda envelope: envelope, operation)

    def read(
        self,
        method: str,
        path: str,
        reply: Reply,
        shape: Callable[[Envelope], T],
        operation: str = "",
    ) -> T:
        """
        What an answer says.

        :param shape: makes a value of its envelope, or raises `ValueError`.
        :param operation: where the operation is that it must be about.
        """
        try:
            return shape(opened(json.loads(reply.body), operation))
        except (ValueError, RecursionError) as error:
            what = f"another document ({error})"
            raise self.exchange.bad(method, path, what) from error
