"""
Events as they happen, whatever happens to the service.

``GET /1.0/events`` is answered with a head and then with one JSON object a line, until
either side closes the connection.  With ``since`` a service of ours first tells what it
has kept.  LXD takes no notice of that.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence

from devlxd.client.body import TooLong
from devlxd.client.events import Message, Told, message
from devlxd.client.exchange import Exchange
from devlxd.client.failures import ServiceFailure, StreamEnded
from devlxd.client.lines import Lines
from devlxd.client.position import Position
from devlxd.client.retrying import Retries
from devlxd.errors import BadRequest, NotImplementedHere, Refusal

__all__ = ["follow"]

NO_STREAM = "Bad Request\n"
"""With which LXD 5.0 and 5.1 begin to say that this is no opening of a WebSocket."""


async def follow(
    exchange: Exchange, position: Position, types: Collection[str], retries: Retries
) -> AsyncGenerator[Told, None]:
    """
    What happens after a position.

    Nothing is done while nobody asks for the next event, and to close this generator or
    to cancel who waits for it ends the connection.

    :raises Refusal: when the service refuses for good.
    :raises ServiceFailure: when the retries are over, or can be of no use.
    """
    while True:
        target = position.target(types)
        try:
            lines = await opened(exchange, target)
        except (Refusal, ServiceFailure) as failure:
            await retries.wait(failure)
            continue
        retries.connected()
        # Nothing is awaited when this ends, so that a generator which is dropped
        # without having been closed ends its connection, too.
        try:
            while some := await taken(exchange, target, lines):
                retries.served()
                for line in some:
                    for told in position.told(understood(exchange, target, line)):
                        yield told
        finally:
            lines.stop()
        position.interrupted()
        await retries.wait(StreamEnded(exchange.where))


async def opened(exchange: Exchange, target: str) -> Lines:
    """
    The lines of a service.

    :raises NotImplementedHere: when it tells events on WebSockets only.
    """
    try:
        return await exchange.stream(target)
    except BadRequest as refusal:
        if not refusal.text.startswith(NO_STREAM):
            raise
        raise NotImplementedHere("The service is too old to stream events") from refusal


async def taken(exchange: Exchange, target: str, lines: Lines) -> Sequence[bytes]:
    """The lines that come next; none when the connection is over."""
    try:
        return await lines.take()
    except TooLong as error:
        long = f"a line of more than {exchange.limit} bytes"
        raise exchange.bad("GET", target, long) from error


def understood(exchange: Exchange, target: str, line: bytes) -> Message:
    """What a line says."""
    try:
        return message(line)
    except (ValueError, RecursionError) as error:
        raise exchange.bad("GET", target, f"another event ({error})") from error
