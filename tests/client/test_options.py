"""Tests of devlxd.client.options and devlxd.client.commands."""

from __future__ import annotations

import os
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from devlxd import __version__
from devlxd.client.commands import COMMANDS
from devlxd.client.options import Leave, default_socket, parse


class ParseTests(SynchronousTestCase):
    """Command lines."""

    def leave(self, *arguments: str) -> Leave:
        """Why nothing is to be done."""
        with self.assertRaises(Leave) as caught:
            parse(arguments)
        leave: Leave = caught.exception
        return leave

    def understood(self, *arguments: str) -> dict[str, object]:
        """The options of a command line, and the words of its command."""
        options = vars(parse(arguments))
        return {**options, "command": options["command"].words}

    def test_defaults(self) -> None:
        """Without options the default socket has ten seconds to answer."""
        self.assertEqual(
            self.understood("info"),
            {"socket": None, "timeout": 10.0, "json": False, "command": ("info",)},
        )

    def test_options(self) -> None:
        """Options may stand before, amid and after the words of a command."""
        self.assertEqual(
            self.understood(
                "--socket", "/s", "config", "--timeout", ".5", "get", "user.x", "--json"
            ),
            {
                "socket": "/s",
                "timeout": 0.5,
                "json": True,
                "command": ("config", "get"),
                "key": "user.x",
            },
        )

    def test_events(self) -> None:
        """Of events one may ask for some types, and for those after a number."""
        self.assertEqual(
            self.understood("events"),
            {
                "socket": None,
                "timeout": 10.0,
                "json": False,
                "types": (),
                "since": None,
                "command": ("events",),
            },
        )
        options = parse(["events", "--type", "device,config", "--since", "7"])
        self.assertEqual((options.types, options.since), ("device,config", 7))

    def test_last_wins(self) -> None:
        """Of an option that is given twice, the last counts."""
        options = parse(["--socket", "/a", "info", "--socket", "/b"])
        self.assertEqual(options.socket, "/b")

    def test_all_commands(self) -> None:
        """Each command is understood by its words."""
        for command in COMMANDS:
            arguments = [*command.words]
            if command.words in {("config", "get"), ("image", "export")}:
                arguments.append("user.x")
            if command.words == ("agent",):
                arguments += ["--to", "unix:/x"]
            self.assertIs(parse(arguments).command, command)

    def test_examples(self) -> None:
        """Each example begins with a command line that is understood."""
        for command in COMMANDS:
            words = []
            for word in command.example.split()[1:]:
                if word in {"|", ">", "&&"}:
                    break
                words.append(word)
            self.assertIs(parse(words).command, command)

    def test_wrong(self) -> None:
        """A wrong command line is complained of in one line, which names the help."""
        for arguments, complaint in (
            ([], "the following arguments are required: COMMAND; see devlxd --help"),
            (["config"], "see devlxd config --help"),
            (["config", "get"], "required: KEY; see devlxd config get --help"),
            (["nothing"], "invalid choice: 'nothing'"),
            (["info", "more"], "unrecognized arguments: more"),
            (["--js", "info"], "unrecognized arguments: --js"),
            (["info", "--socket"], "expected one argument"),
            (["info", "--timeout", "soon"], "not a number of seconds above 0: 'soon'"),
            (["info", "--timeout", "0"], "not a number of seconds above 0: '0'"),
            (["info", "--timeout", "-1"], "argument --timeout"),
            (["info", "--timeout", "inf"], "not a number of seconds above 0: 'inf'"),
            (["events", "--type", "devices"], "no type of events: 'devices'"),
            (["events", "--type", ""], "no type of events: ''"),
            (["events", "--since", "-1"], "not the number of an event: '-1'"),
            (["events", "--since", "latest"], "not the number of an event: 'latest'"),
            (["agent"], "required: --to; see devlxd agent --help"),
            (["agent", "--to", "x"], "not vsock:CID:PORT, tcp:HOST:PORT or unix:PATH"),
            (["info", "--timeout", "nan"], "not a number of seconds above 0: 'nan'"),
        ):
            leave = self.leave(*arguments)
            self.assertEqual((leave.code, leave.out), (2, ""))
            self.assertIn(complaint, leave.complaint)
            self.assertTrue(leave.complaint.startswith("devlxd: "))
            self.assertEqual(leave.complaint.count("\n"), 1)

    def test_version(self) -> None:
        """The version is told."""
        leave = self.leave("--version")
        self.assertEqual(
            (leave.code, leave.out, leave.complaint),
            (0, f"devlxd {__version__}\n", ""),
        )

    def test_help(self) -> None:
        """The help names every command and every exit code."""
        leave = self.leave("--help")
        self.assertEqual((leave.code, leave.complaint), (0, ""))
        for command in COMMANDS:
            self.assertIn(f"    {command.words[0]} ", leave.out)
        for code in (0, 1, 2, 3, 4, 5, 6, 130):
            self.assertRegex(leave.out, rf"\n  {code}  \w")

    def test_command_help(self) -> None:
        """The help of each command, and of each group of them, has an example."""
        groups = {command.words[:-1] for command in COMMANDS} - {()}
        for words in (*groups, *(command.words for command in COMMANDS)):
            leave = self.leave(*words, "--help")
            self.assertEqual((leave.code, leave.complaint), (0, ""))
            self.assertIn("\nexample:\n  devlxd ", leave.out)

    def test_width(self) -> None:
        """Help fits on 80 columns."""
        # The formatter of argparse asks the environment, whatever the tests run on.
        self.patch(os, "environ", {**os.environ, "COLUMNS": "80"})
        for words in ((), *(command.words for command in COMMANDS)):
            for line in self.leave(*words, "--help").out.splitlines():
                self.assertLess(len(line), 80, line)


class DefaultSocketTests(SynchronousTestCase):
    """Where the socket is when the command line does not say it."""

    def found(self, *paths: str, **environ: str) -> str:
        """Where it is, when these paths are there."""
        exists: Callable[[str], bool] = paths.__contains__
        return default_socket(environ, exists)

    def test_lxd(self) -> None:
        """LXD's place comes first."""
        self.assertEqual(
            self.found("/dev/lxd/sock", "/dev/incus/sock"), "/dev/lxd/sock"
        )

    def test_incus(self) -> None:
        """An instance of Incus has the socket in another place."""
        self.assertEqual(self.found("/dev/incus/sock"), "/dev/incus/sock")

    def test_none(self) -> None:
        """Where neither is there, LXD's is spoken of."""
        self.assertEqual(self.found(), "/dev/lxd/sock")

    def test_environment(self) -> None:
        """The environment has precedence, unless it is empty."""
        self.assertEqual(self.found("/dev/lxd/sock", DEVLXD_SOCKET="/s"), "/s")
        self.assertEqual(self.found(DEVLXD_SOCKET=""), "/dev/lxd/sock")
