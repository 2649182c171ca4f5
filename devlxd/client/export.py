"""
Images of the host, written to files.

``GET /1.0/images/FINGERPRINT/export`` gives the one file of an image, of which parts
may be asked for (``Range``), or a form of its two files, of which none may.  Refusals
are LXD's JSON envelopes, of older services lines of text.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve, frozen

from devlxd.client.arrival import Arrival, Ticker, Unusable
from devlxd.client.exchange import Exchange, bare_text
from devlxd.client.failures import ServiceFailure
from devlxd.client.retrying import Retries
from devlxd.errors import BadRequest, Refusal

__all__ = ["Exported", "export"]

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_HIDDEN = ".devlxd-"


@frozen
class Exported:
    """
    An image that was written to files.

    :ivar files: the image's only file, or its metadata and its root file system.
    :ivar size: bytes of all of them.
    """

    fingerprint: str
    files: tuple[Path, ...]
    size: int


async def export(
    exchange: Exchange,
    fingerprint: str,
    to: Path,
    ticker: Ticker,
    retries: Retries,
    query: str = "",
) -> Exported:
    """
    As `devlxd.client.guest.GuestClient.export_image`.

    :param query: what else there is to say, such as ``?project=lab``.
    """
    if _FINGERPRINT.fullmatch(fingerprint) is None:
        raise BadRequest("Invalid fingerprint: it is 64 digits of 0-9 and a-f")
    exchange = evolve(exchange, words=enveloped)
    path = f"/1.0/images/{fingerprint}/export{query}"
    beside = to if to.is_dir() else to.parent
    with TemporaryDirectory(prefix=_HIDDEN, dir=beside) as directory:
        arrival = Arrival(Path(directory), fingerprint, ticker)
        try:
            await fetch(exchange, path, arrival, retries)
            here = arrival.finish()
        except Unusable as error:
            raise exchange.bad("GET", path, str(error)) from error
        finally:
            arrival.close()
            ticker.end()
        files = places(to, fingerprint, arrival.names)
        for file, place in zip(here, files, strict=True):
            file.replace(place)
    return Exported(fingerprint, files, arrival.size)


async def fetch(
    exchange: Exchange, path: str, arrival: Arrival, retries: Retries
) -> None:
    """Have all of an image come, if need be piece by piece."""
    while True:
        before = arrival.size
        try:
            await exchange.receive(path, arrival)
        except (Refusal, ServiceFailure) as failure:
            if not arrival.may_go_on():
                raise
            if arrival.size > before:
                retries.connected()
                retries.served()
            await retries.wait(failure)
        else:
            return


def places(to: Path, fingerprint: str, names: list[str]) -> tuple[Path, ...]:
    """
    Where files are to be.

    :param names: of the files, as the service calls them.
    """
    if not to.is_dir():
        return (to, Path(f"{os.fspath(to)}.root"))[: len(names)]
    # No other name is a service to choose.
    usual = re.compile(rf"(meta-)?{fingerprint}(\.[a-z0-9]+){{0,2}}")
    chosen = [name if usual.fullmatch(name) else "" for name in names]
    defaults = [fingerprint, f"{fingerprint}.root"]
    if not all(chosen) or len(set(chosen)) < len(chosen):
        chosen = defaults[: len(names)]
    return tuple(to / name for name in chosen)


def enveloped(body: bytes) -> str:
    """The words of a refusal, in an envelope or bare."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return bare_text(body)
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, str) else bare_text(body)
