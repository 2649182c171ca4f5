"""
Whether a file is sent at all (RFC 9110, 13), as Go's ``net/http`` decides it for files
that have a date and no entity tag.
"""

from __future__ import annotations

from datetime import UTC, datetime

from twisted.web.http_headers import Headers

__all__ = ["range_header", "status_without_file"]

# The three that RFC 9110 (5.6.7) knows.
_FORMS = (
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %d %H:%M:%S %Y",
)


def status_without_file(headers: Headers, modified: int) -> int | None:
    """
    304 or 412, when the conditions of a request keep the file from being sent.

    :param modified: when the file was last changed, in seconds since 1970.
    """
    if not _may_go_on(headers, modified):
        return 412
    tags = _header(headers, b"If-None-Match")
    if tags:
        # No tag is ours, so that but for this one none is the file's.
        return 304 if tags.strip() == "*" else None
    since = _date(_header(headers, b"If-Modified-Since"))
    return 304 if since is not None and modified <= since else None


def range_header(headers: Headers, modified: int) -> str:
    """
    The ranges that are asked for; nothing where they were to be of another state of
    the file.

    :param modified: see `status_without_file`.
    """
    state = _header(headers, b"If-Range")
    if state and _date(state) != modified:
        return ""
    return _header(headers, b"Range")


def _may_go_on(headers: Headers, modified: int) -> bool:
    tags = _header(headers, b"If-Match")
    if tags:
        return tags.strip() == "*"
    until = _date(_header(headers, b"If-Unmodified-Since"))
    return until is None or modified <= until


def _header(headers: Headers, name: bytes) -> str:
    """The first header of a name, as Go has it; empty when there is none."""
    return headers.getRawHeaders(name, [b""])[0].decode("latin-1")


def _date(text: str) -> int | None:
    """Seconds since 1970, unless it is no date."""
    for form in _FORMS:
        try:
            date = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return int(date.timestamp())
    return None
