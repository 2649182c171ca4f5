"""JSON as Go reads and writes it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.jsonline import dump
from devlxd.web.gojson import BadJSON, load_string_field, quote

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)

# What Go 1.19 says to bodies from which a struct with the one field "state" is read.
FAULTS = {
    b"": "EOF",
    b" \r\n\t": "EOF",
    # What is cut off
    b"{": "unexpected EOF",
    b'{"state"': "unexpected EOF",
    b'{"state":': "unexpected EOF",
    b'{"state":"Ready"': "unexpected EOF",
    b'{"state":"Ready}': "unexpected EOF",
    b'{"state":"\\': "unexpected EOF",
    b'{"state":"\\u1': "unexpected EOF",
    b'{"state":"\\"': "unexpected EOF",
    b"tru": "unexpected EOF",
    b"nul": "unexpected EOF",
    b"-": "unexpected EOF",
    b"[": "unexpected EOF",
    b"[1": "unexpected EOF",
    b"[1,": "unexpected EOF",
    b'"': "unexpected EOF",
    # What is no value
    b"state=Ready": "invalid character 's' looking for beginning of value",
    b"Ready": "invalid character 'R' looking for beginning of value",
    b"'": "invalid character '\\'' looking for beginning of value",
    b"\\": "invalid character '\\\\' looking for beginning of value",
    b"\x00": "invalid character '\\x00' looking for beginning of value",
    b"\x0b{}": "invalid character '\\v' looking for beginning of value",
    b"\x7f": "invalid character '\\x7f' looking for beginning of value",
    b"\xff": "invalid character '\xff' looking for beginning of value",
    b"\x80": "invalid character '\\u0080' looking for beginning of value",
    "é".encode(): "invalid character 'Ã' looking for beginning of value",
    b"\xef\xbb\xbf{}": "invalid character 'ï' looking for beginning of value",
    b"NaN": "invalid character 'N' looking for beginning of value",
    b"Infinity": "invalid character 'I' looking for beginning of value",
    b"-Infinity": "invalid character 'I' in numeric literal",
    b"-x": "invalid character 'x' in numeric literal",
    b"trux": "invalid character 'x' in literal true (expecting 'e')",
    b"falsy": "invalid character 'y' in literal false (expecting 'e')",
    b'{"a":nulL}': "invalid character 'L' in literal null (expecting 'l')",
    b'{"a":}': "invalid character '}' looking for beginning of value",
    b'{"a":+1}': "invalid character '+' looking for beginning of value",
    b"[1,]": "invalid character ']' looking for beginning of value",
    # What is in the wrong place
    b"{'state':1}": (
        "invalid character '\\'' looking for beginning of object key string"
    ),
    b"{state:1}": "invalid character 's' looking for beginning of object key string",
    b'{"a":1,}': "invalid character '}' looking for beginning of object key string",
    b"{,}": "invalid character ',' looking for beginning of object key string",
    b'{"a" 1}': "invalid character '1' after object key",
    b'{"a"}': "invalid character '}' after object key",
    b'{"a":1 "b":2}': "invalid character '\"' after object key:value pair",
    b'{"a":1]': "invalid character ']' after object key:value pair",
    b'{"a":01}': "invalid character '1' after object key:value pair",
    b"[1 2]": "invalid character '2' after array element",
    b'{"a":[1}': "invalid character '}' after array element",
    # What is in strings
    b'{"a":"\x01"}': "invalid character '\\x01' in string literal",
    b'{"a":"b\nc"}': "invalid character '\\n' in string literal",
    b'{"a":"\\x"}': "invalid character 'x' in string escape code",
    b'{"a":"\\u12"}': "invalid character '\"' in \\u hexadecimal character escape",
    b'{"a":"\\u12zz"}': "invalid character 'z' in \\u hexadecimal character escape",
    # What is something else
    b"true": "json: cannot unmarshal bool into Go value of type api.DevLXDPut",
    b"1 2": "json: cannot unmarshal number into Go value of type api.DevLXDPut",
    b'"s"': "json: cannot unmarshal string into Go value of type api.DevLXDPut",
    b"[]": "json: cannot unmarshal array into Go value of type api.DevLXDPut",
    b'{"state":{}}': (
        "json: cannot unmarshal object into Go struct field DevLXDPut.state of type "
        "string"
    ),
    b'{"state":5,"state":"Ready"}': (
        "json: cannot unmarshal number into Go struct field DevLXDPut.state of type "
        "string"
    ),
}


def state(body: bytes) -> str:
    """The state that a body asks for."""
    return load_string_field(body, "state", "api.DevLXDPut")


class DumpTests(SynchronousTestCase):
    """What is written."""

    @given(VALUES)
    def test_round_trip(self, value: Any) -> None:
        """A document means what it was made from."""
        self.assertEqual(json.loads(dump(value)), value)

    @given(VALUES)
    def test_form(self, value: Any) -> None:
        """A document is one line of UTF-8 without anything that is not needed."""
        document = dump(value)
        self.assertEqual(document.count(b"\n"), 1)
        compact = json.dumps(json.loads(document), separators=(",", ":"))
        self.assertEqual(json.dumps(json.loads(document)), json.dumps(value))
        self.assertLessEqual(len(document.decode()), len(compact) + 1)

    def test_order(self) -> None:
        """Keys have the order in which they are given."""
        self.assertEqual(dump({"b": [], "a": {}}), b'{"b":[],"a":{}}\n')

    def test_escapes(self) -> None:
        """HTML is left alone; what would end a line of JavaScript is escaped."""
        self.assertEqual(
            dump('<&>é\u2028\u2029\x00\x1f\x7f\n"\\/'),
            '"<&>é\\u2028\\u2029\\u0000\\u001f\x7f\\n\\"\\\\/"\n'.encode(),
        )

    def test_half_pair(self) -> None:
        """Half a surrogate pair is no character; a whole one is."""
        self.assertEqual(dump("\ud800a\udfff"), '"�a�"\n'.encode())
        self.assertEqual(dump("😀"), '"😀"\n'.encode())


class LoadTests(SynchronousTestCase):
    """What is read."""

    @given(st.text(), st.dictionaries(st.text(), VALUES))
    def test_round_trip(self, text: str, others: dict[str, Any]) -> None:
        """The field is found among others, and what follows the document is ignored."""
        others = {key: each for key, each in others.items() if key.lower() != "state"}
        body = dump({**others, "state": text, "x": others})
        self.assertEqual(state(b" " + body + b"}]x"), text)

    @given(st.binary())
    def test_anything(self, body: bytes) -> None:
        """Any bytes give a string or are refused."""
        try:
            state(body)
        except BadJSON as error:
            self.assertNotEqual(str(error), "")

    @given(st.text(alphabet='{}[]":,\\u0123eE+-.tfn aé\n'))
    def test_as_python(self, text: str) -> None:
        """What Python's own decoder takes is taken, and nothing else."""
        try:
            json.JSONDecoder().raw_decode(text.lstrip(" \t\r\n"))
        except json.JSONDecodeError:
            self.assertRaises(BadJSON, state, text.encode())
        else:
            try:
                state(text.encode())
            except BadJSON as error:
                self.assertIn("cannot unmarshal", str(error))

    def test_missing(self) -> None:
        """A field that is missing or null is empty."""
        for body in (b"{}", b"null", b'{"state":null}', b'{"x":"state"}'):
            self.assertEqual(state(body), "")

    def test_names(self) -> None:
        """A field may be written in any case and with escapes; the last one counts."""
        self.assertEqual(state(b'{"STATE":"a"}'), "a")
        self.assertEqual(state(b'{"st\\u0061te":"a"}'), "a")
        self.assertEqual(state(b'{"state":"a","State":"b","state":"c"}'), "c")
        self.assertEqual(state(b'{"state":"a","State":null}'), "a")

    def test_no_characters(self) -> None:
        """Each byte that is not UTF-8, and each half of a pair, is one U+FFFD."""
        self.assertEqual(state(b'{"state":"\xff\xe2\x82"}'), "���")
        self.assertEqual(state(b'{"state":"\\ud800\\u0041\\udc00"}'), "�A�")
        self.assertEqual(state(b'{"state":"\\ud83d\\ude00"}'), "😀")

    def test_numbers(self) -> None:
        """Numbers of any size are passed over."""
        for number in (b"1" * 5000, b"-1e999999", b"0." + b"1" * 5000):
            self.assertEqual(state(b'{"a":%b,"state":"Ready"}' % number), "Ready")

    def test_depth(self) -> None:
        """Values that are nested too deeply are refused, not followed."""
        for opening in (b"[", b'{"a":'):
            error = self.assertRaises(BadJSON, state, opening * 100_000)
            self.assertEqual(str(error), "exceeded max depth")

    def test_faults(self) -> None:
        """Faults are told in Go's words."""
        for body, text in FAULTS.items():
            error = self.assertRaises(BadJSON, state, body)
            self.assertEqual(str(error), text, body)


class QuoteTests(SynchronousTestCase):
    """Texts in messages."""

    def test_printable(self) -> None:
        """What can be printed is left as it is."""
        self.assertEqual(quote("Ready ~é😀�'"), '"Ready ~é😀�\'"')

    def test_escapes(self) -> None:
        """What cannot be printed, or would end the text, has Go's escape."""
        self.assertEqual(
            quote('"\\\a\b\f\n\r\t\v\0\x1b\x7f\x80\xa0\u2028\ufeff\ud800\U000e0001'),
            '"\\"\\\\\\a\\b\\f\\n\\r\\t\\v\\x00\\x1b\\x7f\\u0080\\u00a0\\u2028\\ufeff'
            '\\ud800\\U000e0001"',
        )

    @given(st.text())
    def test_one_line(self, text: str) -> None:
        """A quoted text is one printable line."""
        self.assertTrue(quote(text).isprintable())
