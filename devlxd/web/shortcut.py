"""
Requests that are answered without Twisted's parser and Klein's router.

These are heads that came whole and ask for what a table has; everything else goes on as
if this module were not there, and has the same answers.  `Channel` asks it at one
place.  It relies on nothing of Twisted's but that an `HTTPChannel` between two requests
has no state to be set back.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from attrs import frozen
from twisted.web.http import parse_qs

from devlxd.web import heads
from devlxd.web.onewrite import written
from devlxd.web.request import Request
from devlxd.web.routes import Route

if TYPE_CHECKING:
    from devlxd.web.channel import Channel

_LONGEST = 64 * 1024
"""Bytes of a body; there are better ways to send more than to copy it behind a head."""


@frozen(eq=False)
class Errand:
    """What a connection asks for, and by which route it is answered."""

    head: heads.Head
    route: Route[Any]
    segments: Mapping[str, str]


def answered(channel: Channel, data: bytes) -> bool:
    """
    Answer a request, if it is one for here.

    :param data: what a connection gave that waits for a head.
    """
    errand = channel.errand
    if errand is None or errand.head.data != data:
        # Clients that stay mostly ask for the same again.
        errand = channel.errand = _errand(channel, data)
        if errand is None:
            return False
    head, site = errand.head, channel.site
    asked = Asked(channel, head)
    answer = site.table.answer(errand.route, asked, errand.segments)
    if answer is None:
        channel.errand = None
    elif len(answer.body) > _LONGEST:
        return False
    else:
        is_head = head.method == b"HEAD"
        channel.transport.write(
            written(answer, site.date(), is_head=is_head, closes=head.closes)
        )
        channel.go_on(head.closes)
    return True


def _errand(channel: Channel, data: bytes) -> Errand | None:
    head = heads.whole(data) if len(data) <= channel.bounds.head else None
    found = None if head is None else channel.site.table.find(head.path)
    return None if head is None or found is None else Errand(head, *found)


class Asked(Request):
    """A request whose lesser parts are made when somebody looks at them."""

    clientproto = b"HTTP/1.1"

    def __init__(self, channel: Channel, head: heads.Head) -> None:
        # Not the constructor of the base, which makes them all: see __getattr__.
        self.channel, self._head = channel, head
        self.method, self.path = head.method, head.path

    @cached_property
    def uri(self) -> bytes:  # type: ignore[override]
        """The target."""
        return self._head.path + (self._head.query or b"")

    @cached_property
    def args(self) -> dict[bytes, list[bytes]]:  # type: ignore[override]
        """The parameters of the query."""
        query = self._head.query or b"?"
        parameters: dict[bytes, list[bytes]] = parse_qs(query[1:], True)
        return parameters

    @cached_property
    def content(self) -> BytesIO:  # type: ignore[override]
        """The body, which is empty."""
        return BytesIO()

    def __getattr__(self, name: str) -> Any:
        """Become a whole request for the sake of what it lacks."""
        if "requestHeaders" in self.__dict__:
            raise AttributeError(name)
        Request.__init__(self, self.channel)
        for header, value in self._head.headers():
            self.requestHeaders.addRawHeader(header, value)
        return getattr(self, name)
