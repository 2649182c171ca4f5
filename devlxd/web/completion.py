"""What a route gives back becomes an answer to its request."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from twisted.internet.defer import Deferred

from devlxd.web.content import of_answer, of_file, of_form
from devlxd.web.replies import Answer, File, Finished
from devlxd.web.request import begun
from devlxd.web.sending import send

__all__ = ["LONG", "completed"]

LONG = 256 * 1024
"""Bytes of a body that is not copied for each peer at once."""


def unforeseen() -> str:
    """A boundary of Go's length, which no uploader can have put into a file."""
    return token_hex(30)


def completed(
    request: Any, reply: Finished, boundary: Callable[[], str] = unforeseen
) -> bytes | Deferred[bytes]:
    """
    Answer with this.  Files are closed when the answer is over, or its peer has gone.

    :param boundary: makes what stands between parts.
    :return: see `devlxd.web.sending.send`.
    """
    if isinstance(reply, Answer):
        if len(reply.body) <= LONG:
            return begun(request, reply)
        return send(request, of_answer(reply))
    if request.channel is None:
        reply.close()
        return b""
    request.notifyFinish().addBoth(lambda _: reply.close())
    if isinstance(reply, File):
        return send(request, of_file(reply, request.requestHeaders, boundary()))
    return send(request, of_form(reply, boundary()))
