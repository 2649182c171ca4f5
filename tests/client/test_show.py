"""Tests of devlxd.client.show."""

from __future__ import annotations

import io
import json
import os
from typing import BinaryIO, cast

from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.documents import Info, StorageDriver
from devlxd.client.escapes import printable
from devlxd.client.events import Event, Gap
from devlxd.client.show import (
    Printer,
    ReaderGone,
    Unwritable,
    device_lines,
    info_lines,
    setting_lines,
)
from tests.client.eventservice import TIME

EVENT = Event("config", TIME, {"key": "user.a", "old_value": "1", "value": "\udcff"}, 7)


class Terminal(io.BytesIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


class Narrow(io.BytesIO):
    """Takes three bytes at a time, and at first none, as a full pipe may."""

    ready = False

    def write(self, data: object) -> int | None:  # type: ignore[override]
        """Some of it."""
        if not self.ready:
            self.ready = True
            return None
        return super().write(cast(memoryview, data)[:3])


class LineTests(SynchronousTestCase):
    """What people read."""

    def test_printable(self) -> None:
        """No text can move the cursor or break its line."""
        self.assertEqual(
            printable("é\N{SNOWMAN}\n\t\x1b[31m\x9b\udcff\u202e\\"),
            "é\N{SNOWMAN}\\n\\t\\x1b[31m\\x9b\\udcff\\u202e\\",
        )

    def test_info(self) -> None:
        """What the service says stands in two columns."""
        drivers = (StorageDriver("zfs"), StorageDriver("ceph", remote=True))
        info = Info("Ready", "1.0", "container", "host1", "trusted", drivers)
        self.assertEqual(
            list(info_lines(info)),
            [
                "state:            Ready",
                "API version:      1.0",
                "instance type:    container",
                "location:         host1",
                "auth:             trusted",
                "storage drivers:  zfs, ceph (remote)",
            ],
        )

    def test_nothing_said(self) -> None:
        """Where the service says nothing stands a dash."""
        lines = list(info_lines(Info()))
        self.assertEqual(
            (lines[0], lines[-1]), ("state:            -", "storage drivers:  -")
        )

    def test_settings(self) -> None:
        """A value of several lines is indented below its key."""
        config = {
            "user.a": "one",
            "user.b": "#cloud-config\n\n  x: \x1b\n",
            "user.c": "",
            "user.d\n": "1\n2",
        }
        self.assertEqual(
            list(setting_lines(config)),
            [
                "user.a: one",
                "user.b: |",
                "  #cloud-config",
                "",
                "    x: \\x1b",
                "user.c:",
                "user.d\\n: |",
                "  1",
                "  2",
            ],
        )

    def test_devices(self) -> None:
        """Devices and their keys are sorted, each key on a line of its own."""
        devices = {"root": {"type": "disk", "path": "/"}, "eth0\r": {"x": "\n"}}
        self.assertEqual(
            list(device_lines(devices)),
            ["eth0\\r:", "  x: \\n", "root:", "  path: /", "  type: disk"],
        )


class PrinterTests(SynchronousTestCase):
    """What is written."""

    def test_lines(self) -> None:
        """Each line ends with a newline, and is UTF-8."""
        out = io.BytesIO()
        Printer(out).names(["user.a", "user.é"])
        self.assertEqual(out.getvalue(), "user.a\nuser.é\n".encode())

    def test_no_lines(self) -> None:
        """Nothing is nothing."""
        out = io.BytesIO()
        Printer(out).names([])
        Printer(out).done({"state": "Ready"})
        self.assertEqual(out.getvalue(), b"")

    def test_json(self) -> None:
        """Everything is one document of ASCII, if that is wished for."""
        info = Info(supported_storage_drivers=(StorageDriver("zfs"),))
        for show, document in (
            (lambda printer: printer.names(["user.\udcff", "é"]), ["user.\udcff", "é"]),
            (lambda printer: printer.settings({"user.a": "1"}), {"user.a": "1"}),
            (lambda printer: printer.devices({"a": {"b": "c"}}), {"a": {"b": "c"}}),
            (lambda printer: printer.done({"state": "Ready"}), {"state": "Ready"}),
            (lambda printer: printer.exact("\udcff\n"), "\udcff\n"),
            (
                lambda printer: printer.info(info),
                {
                    "state": "",
                    "api_version": "1.0",
                    "instance_type": "container",
                    "location": "none",
                    "auth": "untrusted",
                    "supported_storage_drivers": [{"name": "zfs", "remote": False}],
                },
            ),
        ):
            out = io.BytesIO()
            show(Printer(out, json=True))
            self.assertEqual(json.loads(out.getvalue().decode("ascii")), document)
            self.assertTrue(out.getvalue().endswith(b"\n"))

    def test_events(self) -> None:
        """Events are a line each; to people, what is missing is told apart."""
        out, notes = io.BytesIO(), list[str]()
        printer = Printer(out, note=notes.append)
        printer.told(EVENT)
        printer.told(Gap(3, 6))
        self.assertEqual(
            out.getvalue().decode(), "2026-11-24T06:29:44Z user.a: 1 -> \\udcff\n"
        )
        self.assertEqual(notes, ["events 4 to 5 are lost"])

    def test_json_lines(self) -> None:
        """In JSON, too, events are a line each, with no space that is not needed."""
        out = io.BytesIO()
        printer = Printer(out, json=True)
        printer.told(EVENT)
        printer.told(Gap(3, 6))
        self.assertEqual(
            out.getvalue().decode("ascii").splitlines(),
            [
                f'{{"type":"config","timestamp":"{TIME}","metadata":'
                '{"key":"user.a","old_value":"1","value":"\\udcff"},"seq":7}',
                '{"type":"gap","metadata":{"oldest":6,"since":3},"seq":5}',
            ],
        )

    def test_exact(self) -> None:
        """A value reaches a file byte by byte, and nothing is added."""
        for value in (b"", b"one", b"two\n", bytes(range(256))):
            out = io.BytesIO()
            Printer(out).exact(value.decode("utf-8", "surrogateescape"))
            self.assertEqual(out.getvalue(), value)

    def test_terminal(self) -> None:
        """On a terminal a value ends with a newline, unless it is empty."""
        for value, seen in (("", b""), ("one", b"one\n"), ("two\n", b"two\n")):
            out = Terminal()
            Printer(out).exact(value)
            self.assertEqual(out.getvalue(), seen)

    def test_in_parts(self) -> None:
        """All is written, however little is taken at a time."""
        out = Narrow()
        Printer(out).exact("0123456789")
        self.assertEqual(out.getvalue(), b"0123456789")

    def test_reader_gone(self) -> None:
        """A reader who has had enough is no fault of the output."""
        reading, writing = os.pipe()
        os.close(reading)
        with io.FileIO(writing, "w") as out:
            printer = Printer(cast(BinaryIO, out))
            self.assertRaises(ReaderGone, printer.names, ["user.a"])

    def test_full(self) -> None:
        """An output that takes no more says why."""
        with io.FileIO("/dev/full", "w") as out:
            printer = Printer(cast(BinaryIO, out))
            error = self.assertRaises(Unwritable, printer.exact, "value")
        self.assertEqual(str(error), "cannot write the output: No space left on device")

    def test_closed(self) -> None:
        """An output that was never open says so, in other words."""
        with io.FileIO(os.devnull, "r") as out:
            printer = Printer(cast(BinaryIO, out))
            error = self.assertRaises(Unwritable, printer.exact, "value")
        self.assertEqual(
            str(error), "cannot write the output: File not open for writing"
        )
