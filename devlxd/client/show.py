"""How answers look: to people on 80 columns, and to programs as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

from attrs import asdict, frozen

from devlxd.client.documents import Info, StorageDriver
from devlxd.client.escapes import printable
from devlxd.client.eventlines import event_line, gap_line
from devlxd.client.events import Gap, Told, document

__all__ = [
    "Printer",
    "ReaderGone",
    "Unwritable",
    "device_lines",
    "info_lines",
    "setting_lines",
]


class ReaderGone(Exception):
    """Who reads the output has closed it, as ``head`` does when it has enough."""


class Unwritable(Exception):
    """The output cannot be written; the text says why."""


def info_lines(info: Info) -> Iterable[str]:
    """What the service says, in two columns."""
    rows = {
        "state": info.state,
        "API version": info.api_version,
        "instance type": info.instance_type,
        "location": info.location,
        "auth": info.auth,
        "storage drivers": ", ".join(map(_driver, info.supported_storage_drivers)),
    }
    for name, value in rows.items():
        yield f"{name + ':':18}{printable(value) or '-'}"


def setting_lines(config: Mapping[str, str]) -> Iterable[str]:
    """Keys and values; a value of several lines is indented below its key."""
    for key, value in config.items():
        if "\n" not in value:
            yield f"{printable(key)}: {printable(value)}".rstrip()
            continue
        yield f"{printable(key)}: |"
        for line in value.removesuffix("\n").split("\n"):
            yield f"  {printable(line)}".rstrip()


def device_lines(devices: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    """Each device by name, and its keys indented below it."""
    for name, device in sorted(devices.items()):
        yield f"{printable(name)}:"
        for key, value in sorted(device.items()):
            yield f"  {printable(key)}: {printable(value)}".rstrip()


@frozen
class Printer:
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

    def info(self, info: Info) -> None:
        """What a service says."""
        self._show(asdict(info), info_lines(info))

    def names(self, names: list[str]) -> None:
        """Names, one a line."""
        self._show(names, map(printable, names))

    def settings(self, config: Mapping[str, str]) -> None:
        """Keys with their values."""
        self._show(config, setting_lines(config))

    def devices(self, devices: Mapping[str, Mapping[str, str]]) -> None:
        """Devices with their keys."""
        self._show(devices, device_lines(devices))

    def told(self, told: Told) -> None:
        """An event, a line each in JSON, too; to people, what is missing is a note."""
        if self.json:
            self.write(
                json.dumps(document(told), separators=(",", ":")).encode() + b"\n"
            )
        elif isinstance(told, Gap):
            self.note(gap_line(told))
        else:
            self._show(None, [event_line(told)])

    def done(self, document: object) -> None:
        """Nothing, but to a program what was done."""
        self._show(document, ())

    def exact(self, value: str) -> None:
        """
        A value to the byte, so that a file or a pipe receives what the host has.  On a
        terminal a newline follows if it has none, for the sake of the prompt.
        """
        if self.json:
            self._show(value, ())
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

    def _show(self, document: object, lines: Iterable[str]) -> None:
        # Without escapes for what is not ASCII, no surrogate could be written.
        whole = [json.dumps(document, indent=2)] if self.json else lines
        self.write("".join(f"{line}\n" for line in whole).encode())


def _driver(driver: StorageDriver) -> str:
    return driver.name + (" (remote)" if driver.remote else "")
