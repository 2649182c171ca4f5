"""What guests send to fetch images: to the real LXD and to us alike."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from tests.conformance.requests import METHODS, Request, written

_RANGES = (
    *("bytes=0-0", "bytes=0-", "bytes=-10", "bytes=5-9", "bytes=9-5", "bytes=x"),
    *("bytes=0-1,4-5", "bytes=99999999-", "lines=0-1", "bytes=0-99999999", "bytes="),
)
_DATES = ("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "x")
_ODD = ("x", "%", "%25", "0" * 64, "0" * 65, "..", "%2F", "A")


@frozen
class Fingerprints:
    """
    Those of the images that there are.

    :ivar unified: a public one in one file.
    :ivar split: a public one in two files.
    :ivar private: one that is not public.
    """

    unified: str
    split: str
    private: str


def image_requests(known: Fingerprints) -> Iterator[Request]:
    """All requests for images."""
    for name in ("unified", "split"):
        path = f"/1.0/images/{getattr(known, name)}/export"
        yield Request(f"image 1.0 {name}", written("GET", path, version="1.0"))
        yield Request(f"image {name} ?project=default", _get(f"{path}?project=default"))
        for each in _RANGES:
            yield Request(f"image {name} {each}", _get(path, f"Range: {each}"))
        for method in METHODS:
            yield Request(f"image {method} {name}", written(method, path))
    yield Request("image private", _get(f"/1.0/images/{known.private}/export"))
    for project in ("nope", "%25"):
        path = f"/1.0/images/{known.unified}/export?project={project}"
        yield Request(f"image ?project={project}", _get(path))
    yield from _conditions(f"/1.0/images/{known.unified}/export")
    named = {each: each for each in _ODD} | {
        "by its beginning": known.unified[:12],
        "in capitals": known.unified.upper(),
        "private, by its beginning": known.private[:12],
    }
    for name, each in named.items():
        yield Request(f"image {name}", _get(f"/1.0/images/{each}/export"))
    for path in ("/1.0/images/", "/1.0/images//export", "/1.0/images/x"):
        yield Request(f"image path {path}", _get(path))


def _conditions(path: str) -> Iterator[Request]:
    for date in _DATES:
        for header in ("If-Modified-Since", "If-Unmodified-Since"):
            yield Request(f"image {header}: {date}", _get(path, f"{header}: {date}"))
        both = ("Range: bytes=0-1", f"If-Range: {date}")
        yield Request(f"image If-Range: {date}", _get(path, *both))
    for header in ("If-None-Match: *", 'If-None-Match: "x"', "If-Match: *"):
        yield Request(f"image {header}", _get(path, header))


def _get(path: str, *headers: str) -> bytes:
    return written("GET", path, *headers)
