"""Tests of conditions on files."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from devlxd.web.conditions import range_header, status_without_file
from tests.web.shelf import MODIFIED, MODIFIED_TEXT

BEFORE = "Sun, 09 Sep 2001 01:46:39 GMT"
AFTER = "Sunday, 09-Sep-01 01:46:41 GMT"
SAME = "Sun Sep  9 01:46:40 2001"

# Headers, and the status if there is no file in the answer.
CONDITIONS: tuple[tuple[dict[str, str], int | None], ...] = (
    ({}, None),
    ({"If-Modified-Since": BEFORE}, None),
    ({"If-Modified-Since": MODIFIED_TEXT}, 304),
    ({"If-Modified-Since": AFTER}, 304),
    ({"If-Modified-Since": SAME}, 304),
    ({"If-Modified-Since": "yesterday"}, None),
    ({"If-Modified-Since": "Sun, 09 Sep 99999 01:46:39 GMT"}, None),
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": '"x"'}, None),
    ({"If-None-Match": '"x"', "If-Modified-Since": AFTER}, None),
    ({"If-Unmodified-Since": BEFORE}, 412),
    ({"If-Unmodified-Since": MODIFIED_TEXT}, None),
    ({"If-Unmodified-Since": "yesterday"}, None),
    ({"If-Match": "*", "If-Unmodified-Since": BEFORE}, None),
    ({"If-Match": '"x"'}, 412),
    ({"If-Match": '"x"', "If-None-Match": "*"}, 412),
)


def headers(values: dict[str, str]) -> Headers:
    """Headers with one value each."""
    return Headers({name: [value] for name, value in values.items()})


class ConditionsTests(SynchronousTestCase):
    """Whether a file is sent, and which part of it."""

    def test_conditions(self) -> None:
        """Dates in all forms of HTTP are compared; no file has a tag."""
        for values, expected in CONDITIONS:
            status = status_without_file(headers(values), MODIFIED)
            self.assertEqual((values, status), (values, expected))

    def test_range(self) -> None:
        """A range is given of the very state that the client has a part of."""
        for state in (MODIFIED_TEXT, SAME):
            asked = headers({"Range": "bytes=0-1", "If-Range": state})
            self.assertEqual(range_header(asked, MODIFIED), "bytes=0-1")

    def test_other_state(self) -> None:
        """It is not of any other."""
        for state in (BEFORE, AFTER, '"tag"', "x"):
            asked = headers({"Range": "bytes=0-1", "If-Range": state})
            self.assertEqual(range_header(asked, MODIFIED), "")

    def test_no_state(self) -> None:
        """Who names no state gets what there is; who asks for no range, all."""
        asked = headers({"Range": "bytes=0-1"})
        self.assertEqual(range_header(asked, MODIFIED), "bytes=0-1")
        self.assertEqual(range_header(headers({}), MODIFIED), "")
