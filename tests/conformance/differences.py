"""Where ``--compat=lxd-5.0`` answers otherwise than the real LXD 5.0.2, on purpose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from attrs import frozen

from tests.conformance.answers import Said, unordered
from tests.conformance.requests import Request


@frozen
class Difference:
    """
    Requests that are answered otherwise.

    :ivar requests: by their names.
    :ivar theirs: what LXD does.
    :ivar ours: what we do.
    :ivar reason: why.
    """

    requests: Collection[str]
    theirs: str
    ours: str
    reason: str


DIFFERENCES = (
    Difference(
        ("1.0 keep-alive",),
        "keeps a connection of HTTP/1.0 if asked to",
        "closes it",
        "No client of this API asks; the length of a large answer would be unknown.",
    ),
    Difference(
        ("path *", "CONNECT"),
        "301 to `/%2A`, `//lxd:80/`",
        "400 `Bad Request`",
        "These targets are not of this API; the redirections lead nowhere.",
    ),
    Difference(
        ("path /(/./x", "path /1.0//user.%C3%A9"),
        "encodes twice what is encoded in a redirection: `/1.0/user.%25C3%25A9`",
        "leaves it: `/1.0/user.%C3%A9`",
        "LXD's redirection leads elsewhere.",
    ),
    Difference(
        ("path /|/x/%2E%2e",),
        "cleans an encoded `..` if another character should have been encoded: 301",
        "404",
        "Without that character it is 404 in LXD, too.",
    ),
    Difference(
        ("path http://other",),
        "301 to `http://other/`",
        "200 with the document of `/`",
        "RFC 9110, 4.2.3: an empty path is `/`.",
    ),
    Difference(
        ("the preface of HTTP/2",),
        "301 to `/%2A`",
        "505, as any request of HTTP/2.0",
        "It is no request of HTTP/1.1.",
    ),
    Difference(
        ("header : no name",),
        "passes over a header without a name",
        "400 `Bad Request`",
        "RFC 9112, 5; newer releases of Go, and so of LXD, refuse it, too.",
    ),
    Difference(
        ("header Content-Length: 0 | Content-Length: 0",),
        "takes a length that is told twice",
        "400 `Bad Request`",
        "What two programs could read differently is refused (RFC 9112, 11.2).",
    ),
    Difference(
        ("header Host: twice | Transfer-Encoding: gzip",),
        "names the second fault first: 400",
        "501 `Unsupported transfer encoding`",
        "The headers are looked at as they come.",
    ),
    Difference(
        ("an empty line first",),
        "400 `Bad Request`",
        "overlooks one empty line",
        "RFC 9112, 2.2.",
    ),
    Difference(
        ("HTTP/1.2",),
        "answers as to HTTP/1.1",
        "400 `Bad Request`",
        "There is no such version.",
    ),
    Difference(
        ("WebSocket, a short key",),
        "takes a key of any length",
        "400",
        "RFC 6455, 4.2.1; the library of newer releases refuses it, too.",
    ),
    Difference(
        ("events ?since=x", "events ?since=latest"),
        "knows no such parameter",
        "[tells what was missed](guest-api.md#events); 400 to what is no number",
        "A listener that reconnects is to lose nothing.",
    ),
)
"""All of them, but those of images: a difference that is not here is a fault."""

IMAGE_DIFFERENCES = (
    Difference(
        ("image private", "image private, by its beginning"),
        'tells that an image is there which is not to be had: `Image "..." not found`',
        "`Image not found`, as of one that is not there",
        "A guest learns nothing of what it may not have.",
    ),
    Difference(
        ("image %25",),
        "takes `%` for any characters: 500 `More than one image matches`",
        "404 `Image not found`",
        "It is no fingerprint.",
    ),
    Difference(
        (
            *("image unified bytes=9-5", "image unified bytes=x"),
            *("image unified bytes=99999999-", "image unified lines=0-1"),
            "image If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
        ),
        "416 and 412 with the length of the file, of which nothing comes, and closes",
        "the length of what comes",
        "Clients wait for the rest in vain.",
    ),
)
"""Those of images."""


def names(*differences: Difference) -> set[str]:
    """The requests of these differences."""
    return {name for each in differences for name in each.requests}


@frozen
class Verdict:
    """
    What came of asking both.

    :ivar asked: how many requests.
    :ivar different: what both said, by request, where it was not the same.
    """

    asked: int
    different: Mapping[str, tuple[Said, Said]]

    @property
    def unexplained(self) -> dict[str, tuple[Said, Said]]:
        """What is in no table."""
        known = names(*DIFFERENCES, *IMAGE_DIFFERENCES)
        return {name: x for name, x in self.different.items() if name not in known}

    @property
    def shown(self) -> str:
        """Where there is a difference that should not be."""
        return "\n".join(
            f"=== {name}\n--- LXD\n{theirs.shown}\n--- we\n{ours.shown}"
            for name, (theirs, ours) in self.unexplained.items()
        )


def verdict(answers: Iterable[tuple[Request, Said, Said]]) -> Verdict:
    """
    Compare.

    :param answers: each request with what LXD said, and we.
    """
    compared = [(x.name, unordered(a), unordered(b)) for x, a, b in answers]
    different = {name: (a, b) for name, a, b in compared if a != b}
    return Verdict(len(compared), different)
