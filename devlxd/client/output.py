"""What a command writes: lines for people, or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import BinaryIO

from attrs import frozen

from devlxd.client.escapes import printable

__all__ = ["Output", "ReaderGone", "Unwritable"]


class ReaderGone(Exception):
    """Who reads the output has closed it, as ``head`` does when it has enough."""


class Unwritable(Exception):
    """The output cannot be written; the text says why."""


@frozen
class Output:
    """
    Writes answers, all of each, at once.

    :ivar json: whether as JSON instead of lines for people.
    :ivar note: tells people what is no part of the answer.
    :raises ReaderGone: from every method, when nobody reads any more.
    :raises Unwritable: from every method, when the output has another fault.
    """

    out: BinaryIO
    json: bool = False
    note: Callable[[str], object] = lambda _: None

    def names(self, names: list[str]) -> None:
        """Names, one a line."""
        self.show(names, map(printable, names))

    def done(self, document: object) -> None:
        """Nothing, but to a program what was done."""
        self.show(document, ())

    def happened(self, document: object, lines: Iterable[str]) -> None:
        """One of many things, a line each in JSON, too."""
        if self.json:
            self.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")
        else:
            self.show(document, lines)

    def exact(self, value: str) -> None:
        """
        A value to the byte, so that a file or a pipe receives what the host has.  On a
        terminal a newline follows if it has none, for the sake of the prompt.
        """
        if self.json:
            self.show(value, ())
            return
        data = value.encode("utf-8", "surrogateescape")
        if data and not data.endswith(b"\n") and self.out.isatty():
            data += b"\n"
        self.write(data)

    def write(self, data: bytes) -> None:
        """All of these bytes."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self.out.write(rest) :]
        except BrokenPipeError as error:
            raise ReaderGone from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unwritable(f"cannot write the output: {reason}") from error

    def show(self, document: object, lines: Iterable[str]) -> None:
        """Lines, or to a program a document."""
        # Without escapes for what is not ASCII, no surrogate could be written.
        whole = [json.dumps(document, indent=2)] if self.json else lines
        self.write("".join(f"{line}\n" for line in whole).encode())
