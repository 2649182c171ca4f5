"""What each server tells guests of, by section C of the notes."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from tests.conformance.facts import (
    ALL,
    JSON,
    TEXT,
    Fact,
    Reply,
    like,
    older,
)
from tests.conformance.requests import EVENTS, opening, written

_PINGED = Reply(101, "", "\x89\x00")
_PINGED_OLDER = Reply(101, "", "\x89\x09keepalive")
_STREAM = Reply(200, JSON, "")
_BAD = Reply(400, TEXT, "Bad Request\ninternal server error\n")
_ENDPOINT = "GET /1.0/events"

OPENINGS = (
    Fact("C.5", _ENDPOINT, "lines", written("GET", EVENTS), like(_STREAM)),
    Fact(
        "C.4",
        _ENDPOINT,
        "a WebSocket, and its first ping",
        written("GET", EVENTS, *opening()),
        older(_PINGED_OLDER, _PINGED),
    ),
    Fact(
        "C.4",
        _ENDPOINT,
        "`Upgrade: WebSocket`",
        written("GET", EVENTS, *opening(Upgrade="WebSocket")),
        like(_STREAM),
    ),
    Fact(
        "C.4",
        _ENDPOINT,
        "a WebSocket without a version",
        written("GET", EVENTS, *opening(Sec_WebSocket_Version="")),
        like(_BAD),
    ),
    Fact(
        "C.4",
        _ENDPOINT,
        "a WebSocket of a page of another site",
        written("GET", EVENTS, *opening(Origin="http://elsewhere")),
        {"lxd-5.0": _PINGED_OLDER, "lxd-6": Reply(403, TEXT, "Forbidden\n")},
    ),
    Fact(
        "A.6",
        _ENDPOINT,
        "`HEAD`",
        written("HEAD", EVENTS),
        older(_STREAM, Reply(501, TEXT, "")),
    ),
)
"""How a connection for events begins."""

Config = Mapping[str, str]
Devices = Mapping[str, Mapping[str, str]]


@frozen
class Telling:
    """
    One change of a running instance, and what is told of it.

    :ivar told: by server: of a change of the config the keys, of one of the devices
        what was done to them; in their order, for those that keep one.
    :ivar config: before and after.
    :ivar devices: before and after.
    :ivar query: of the request of the listener.
    :ivar ours: where we tell something else, by server.
    """

    case: str
    told: Mapping[str, tuple[str, ...]]
    config: tuple[Config, Config] = ({}, {})
    devices: tuple[Devices, Devices] = ({}, {})
    query: str = ""
    ours: Mapping[str, tuple[tuple[str, ...], str]] = field(factory=dict)


def _all(*words: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(ALL, words)


_DISK = {"type": "disk", "path": "/a", "source": "/srv"}
_NIC = {"type": "nic", "nictype": "bridged", "parent": "br0"}
_BOTH: tuple[tuple[Config, Config], tuple[Devices, Devices]] = (
    ({}, {"user.a": "1"}),
    ({}, {"disk": _DISK}),
)

TELLINGS = (
    Telling("a key under `user.`", _all("user.a"), ({}, {"user.a": "1"})),
    Telling(
        "a key under `cloud-init.`, `limits.`, ...",
        _all(),
        ({}, {"cloud-init.user-data": "x", "limits.cpu": "1"}),
    ),
    Telling("a key gets no value instead of none", _all(), ({}, {"user.a": ""})),
    Telling("a new device", _all("added"), devices=({}, {"disk": _DISK})),
    Telling("a device goes", _all("removed"), devices=({"disk": _DISK}, {})),
    Telling(
        "a key of a device that cannot change while it is in use",
        _all("removed", "added"),
        devices=({"disk": _DISK}, {"disk": {**_DISK, "path": "/b"}}),
    ),
    Telling(
        "a key of a device that can",
        {"lxd-5.0": ("updated",), "lxd-6": (), "incus": ("updated",)},
        devices=({"eth0": _NIC}, {"eth0": {**_NIC, "limits.max": "1Mbit"}}),
    ),
    Telling(
        "a device whose name starts with `user.`",
        _all(),
        devices=({}, {"user.disk": _DISK}),
    ),
    Telling("`?type=config`", _all("user.a"), *_BOTH, query="?type=config"),
    Telling("`?type=device`", _all("added"), *_BOTH, query="?type=device"),
    Telling(
        "`?type=config,%20device`",
        _all("user.a"),
        *_BOTH,
        query="?type=config,%20device",
    ),
    Telling("`?type=x`", _all(), *_BOTH, query="?type=x"),
    Telling("`?type=`", _all("user.a", "added"), *_BOTH, query="?type="),
)
"""What is told of changes."""
