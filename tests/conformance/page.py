"""
The page of the manual that these tables are.

``python -m tests.conformance.page >docs/conformance.md`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from devlxd.guest.servers import SERVERS
from tests.conformance.differences import DIFFERENCES, IMAGE_DIFFERENCES
from tests.conformance.eventfacts import OPENINGS, TELLINGS, Telling
from tests.conformance.facts import ALL, FACTS, RAW, Fact, Reply
from tests.conformance.imagerequests import Fingerprints, image_requests
from tests.conformance.instance import CHANGES
from tests.conformance.requests import REQUESTS

_IMAGES = tuple(image_requests(Fingerprints("a" * 64, "b" * 64, "c" * 64)))

TITLES = {"lxd-5.0": "LXD 5.0", "lxd-6": "LXD 6", "incus": "Incus"}

_INTRODUCTION = f"""\
# Conformance

A guest is to see no difference between this service and the server whose API it speaks.
There are three of them, which differ: `--compat` says which one it is to be like.

Of LXD 5.0 the real daemon is asked, Debian's 5.0.2. A test starts it beside the
service, makes the same instance in both by the same `lxc` commands, and sends
{len(REQUESTS) + len(_IMAGES)} requests to both from within one container, byte for
byte. Status line, headers and body must be equal, except for times, the random order of
LXD's lists, and the boundaries of chunks and forms. So must what is told of
{len(CHANGES)} changes in both forms of events, what Debian's cloud-init learns and does
in a boot, and what its `lxc` fetches of images. The column of LXD 5.0 below is compared
with the real one, too.

LXD 6 (6.9) and Incus are in no Debian release that this is tested on: of them stands
here what their sources do.

This page is made of the tables that tests compare with what the service does, and a
test compares it with them (`python -m tests.conformance.page >docs/conformance.md`).
"""

_PLACES = """\
## Places

| `--compat` | socket on the host, below `--state-dir` | in a guest | switched off by |
|---|---|---|---|
"""

_ENDPOINTS = """\
## Answers

An empty cell: nothing is known of it. *We*: where the service answers otherwise than
the server that it is to be like; everywhere else it answers alike.
"""

_EVENTS = """\
## What is told of changes

Of a running instance, to those who listen to `/1.0/events`: what was done to a device,
or the key that has another value. LXD tells of one change in any order, the service in
this one. With [`?since=`](guest-api.md#events), which is the service's own, all is
told, `updated` as well.

| change | LXD 5.0 | LXD 6 | Incus |
|---|---|---|---|
"""

_REAL = """\
## Differences from the real LXD 5.0.2

All that the comparison has found and that stay, with `--compat=lxd-5.0`. The test fails
on one that is not here, and on one that is here and is none any more.

| requests, by their names in `tests/conformance` | LXD | we | why |
|---|---|---|---|
"""

_BEYOND = (
    ("", "LXD 5.0", "LXD 6", "Incus", "we"),
    ("---",) * 5,
    (
        "time for a request's head, and between two requests",
        "any",
        "3 s, 30 s",
        "3 s, 30 s",
        "[`--head-time`, `--idle-time`](operation.md#options): 3 s, 30 s",
    ),
    (
        "size of a body, number of connections",
        *("any",) * 3,
        "[`--max-body`, `--max-connections`](operation.md#options)",
    ),
    ("order of `/1.0/config`", *("random",) * 3, "by key"),
    (
        "order of the events of one change",
        *("any",) * 2,
        "as it happened",
        "as it happened",
    ),
    (
        "a listener that does not read",
        *("is let go after 5 s",) * 2,
        "is let go after 1000 events",
        "is let go after 1000 events or 1 MiB",
    ),
    (
        "a listener whose instance may not use the API any more",
        "hears on",
        "",
        "",
        "is let go",
    ),
    ("a key is given an empty value", "it has none then", "", "", "it has none then"),
    ("guests that ask at the same time", "may end the daemon", "", "", "wait"),
)
"""What is not to be seen in one answer."""


def page() -> str:
    """The whole page."""
    return (
        "\n".join(
            [
                _INTRODUCTION,
                _PLACES + "".join(_places()),
                _ENDPOINTS,
                *_endpoints((*FACTS, *OPENINGS)),
                _EVENTS + "".join(map(_telling, TELLINGS)),
                _REAL + "".join(_differences()),
                "## Beyond single answers\n\n"
                + "".join(_row(*each) for each in _BEYOND),
            ]
        ).rstrip("\n")
        + "\n"
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _places() -> Iterator[str]:
    for server in SERVERS.values():
        yield _row(
            f"`{server.name}`",
            f"`{server.directory}/sock`",
            f"`{server.mount}/sock`",
            f"`{server.reading.switch}=false`",
        )


def _endpoints(facts: Iterable[Fact]) -> Iterator[str]:
    ordered = sorted(facts, key=lambda fact: _NAMES.index(fact.endpoint))
    for endpoint, group in groupby(ordered, key=lambda fact: fact.endpoint):
        yield (
            f"### {endpoint}\n\n| | {' | '.join(TITLES[each] for each in ALL)} | we |\n"
            "|---|---|---|---|---|\n" + "".join(map(_fact, group))
        )


_NAMES = list(dict.fromkeys(fact.endpoint for fact in (*FACTS, *OPENINGS)))


def _fact(fact: Fact) -> str:
    replies = (fact.replies.get(server) for server in ALL)
    ours = "; ".join(
        f"`{server}`: {_shown(otherwise.reply)}: {otherwise.reason}"
        for server, otherwise in fact.ours.items()
    )
    return _row(fact.case or f"`{fact.endpoint}`", *map(_shown, replies), ours)


def _shown(reply: Reply | None) -> str:
    if reply is None:
        return ""
    if reply.location is not None:
        return f"{reply.status} to `{reply.location}`"
    body = reply.body if reply.kind == RAW else reply.body.rstrip("\n")
    text = body.encode("unicode_escape").decode()
    return f"{reply.status} `{text}`" if text else f"{reply.status}, no body"


def _telling(change: Telling) -> str:
    told = (", ".join(f"`{word}`" for word in change.told[server]) for server in ALL)
    return _row(change.case, *(words or "nothing" for words in told))


def _differences() -> Iterator[str]:
    for each in (*DIFFERENCES, *IMAGE_DIFFERENCES):
        names = ", ".join(f"`{name}`" for name in each.requests)
        yield _row(names, each.theirs, each.ours, each.reason)


if __name__ == "__main__":
    print(page(), end="")
