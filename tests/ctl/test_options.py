"""Tests of the command line of ``devlxdctl``, its manual page and its completion."""

from __future__ import annotations

import io
import json
import os
import pty
import shlex
import sys
import termios
from pathlib import Path

from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import SynchronousTestCase, TestCase

from devlxd.client.parsers import Leave
from devlxd.ctl.cli import PROGRAM, parsers
from devlxd.ctl.commands import COMMANDS
from devlxd.ctl.manual import page
from devlxd.ctl.options import parse, socket_of
from devlxd.ctl.outline import Outline, outline_of
from tests.client.program import ROOT, Outcome, outcome
from tests.client.sockets import directory
from tests.ctl.hosting import HostTestCase, command
from tests.need import need_program


class ParseTests(SynchronousTestCase):
    """Command lines."""

    def leave(self, *arguments: str) -> Leave:
        """Why nothing is to be done."""
        with self.assertRaises(Leave) as caught:
            parse(arguments)
        leave: Leave = caught.exception
        return leave

    def test_examples(self) -> None:
        """Each example begins with a command line that is understood."""
        for each in COMMANDS:
            example = each.example
            if example.startswith("eval"):
                example = example.removeprefix('eval "$(').removesuffix(')"')
            _, *words = shlex.split(example.replace('"$(lxc-info -pH -n c1)"', "1"))
            self.assertIs(parse(words).command, each, each.example)

    def test_wrong(self) -> None:
        """A wrong command line is complained of in one line."""
        for words, complaint in (
            ("set c1 x", "not KEY=VALUE: 'x'; see devlxdctl set --help"),
            ("set c1 =x", "not KEY=VALUE: '=x'"),
            ("register c1 0", "not the number of a process: '0'"),
            ("register c1 x", "not the number of a process: 'x'"),
            ("wait c1", "required: --ready"),
            ("profile device", "see devlxdctl profile device --help"),
            ("monitor --type config", "invalid choice: 'config'"),
        ):
            leave = self.leave(*words.split())
            self.assertEqual((leave.code, leave.out), (2, ""))
            self.assertIn(complaint, leave.complaint)
            self.assertRegex(leave.complaint, r"\Adevlxdctl: [^\n]*\n\Z")

    def test_width(self) -> None:
        """Help fits on 80 columns."""
        self.patch(os, "environ", {**os.environ, "COLUMNS": "80"})
        for words in ((), *(each.words for each in COMMANDS)):
            for line in self.leave(*words, "--help").out.splitlines():
                self.assertLess(len(line), 80, line)

    def test_socket(self) -> None:
        """The command line says where the socket is, or else the environment."""
        environ = {"DEVLXD_HOST_SOCKET": "/e"}
        for words, variables, path in (
            ("list", {}, "/var/lib/devlxd/unix.socket"),
            ("list", environ, "/e"),
            ("list", {"DEVLXD_HOST_SOCKET": ""}, "/var/lib/devlxd/unix.socket"),
            ("list --state-dir /s", environ, "/s/unix.socket"),
            ("list --state-dir /s --socket /x", environ, "/x"),
        ):
            self.assertEqual(socket_of(parse(words.split()), variables), path)


class FailureTests(TestCase):
    """What is said to operators, and not to guests."""

    async def test_advice(self) -> None:
        """That there is no service is told with what to do: 3."""
        self.assertEqual(
            await command("--socket", "/nowhere", "list"),
            Outcome(
                3,
                b"",
                "devlxdctl: /nowhere: no such socket; is the service running?  "
                "Else say --socket or --state-dir\n",
            ),
        )
        self.assertEqual(
            (await command("--socket", __file__, "list")).err,
            f"devlxdctl: {__file__}: not a stream socket; "
            "give the path of the service's socket\n",
        )

    async def test_closed_input(self) -> None:
        """A program without standard input misses it only if it is to be read: 1."""
        script = '"$PYTHON" -m devlxd.ctl.cli "$@" <&-'
        for words, said in (
            (("completion", "bash"), (0, "")),
            (("create", "c1", "-c", "a=-"), (1, "standard input is closed\n")),
        ):
            got = await outcome(
                "/bin/sh", "-c", script, "sh", *words, PYTHON=sys.executable
            )
            self.assertEqual((got.code, got.err.removeprefix("devlxdctl: ")), said)


class WidthTests(HostTestCase):
    """Tables on a terminal."""

    async def test_terminal(self) -> None:
        """A table has the width of its terminal; one without size has 80 columns."""
        await self.said("profile", "create", "p", "--description", "d" * 100)
        for columns, width in ((40, 40), (0, 80)):
            ours, theirs = pty.openpty()
            self.addCleanup(os.close, ours)
            termios.tcsetwinsize(theirs, (24, columns))
            with io.FileIO(theirs, "w") as out:
                await self.ctl("profile", "list", out=out)
            lines = os.read(ours, 4096).decode().splitlines()
            self.assertEqual(max(map(len, lines)), width)


class ManualTests(TestCase):
    """Manual pages."""

    def pages(self) -> dict[str, tuple[Outline, str]]:
        """The outline and the page of each program."""
        outlines = [outline_of(parser) for parser in parsers()]
        return {each.program: (each, page(each)) for each in outlines}

    def test_complete(self) -> None:
        """Every command, option and operand is there, of both programs."""
        pages = self.pages()
        self.assertEqual(list(pages), ["devlxdctl", "devlxd"])
        for outline, text in pages.values():
            plain = text.replace("\\-", "-")
            for each in outline.all():
                for option in each.options:
                    for flag in option.flags:
                        self.assertIn(rf"\fB{flag}\fR", plain)
                for operand in each.operands:
                    self.assertIn(rf"\fI{operand.metavar}\fR", plain)
                if not each.commands:
                    self.assertIn(rf"\fB{' '.join(each.words)}\fR", plain)

    async def test_man(self) -> None:
        """man takes them without a warning."""
        man = need_program("man", "man-db")
        for name, (_, text) in self.pages().items():
            path = Path(directory(self)) / f"{name}.1"
            path.write_text(text)
            out, err, code = await getProcessOutputAndValue(
                man,
                ["--warnings", "-E", "UTF-8", "-l", str(path)],
                {**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
            )
            self.assertEqual((code, err), (0, b""))
            self.assertIn(b"exit codes".upper(), out.upper())

    async def test_written(self) -> None:
        """The command prints its own page, or writes all of them."""
        place = directory(self)
        said = await command("manual")
        self.assertEqual(said.out.decode(), self.pages()["devlxdctl"][1])
        said = await command("--json", "manual", "--directory", place)
        self.assertEqual(json.loads(said.out), ["devlxd.1", "devlxdctl.1"])
        for name, (_, text) in self.pages().items():
            self.assertEqual(Path(place, f"{name}.1").read_text(), text)

    async def test_unwritten(self) -> None:
        """Where they cannot be written, that is told: 1."""
        self.assertEqual(
            await command("manual", "--directory", "/nowhere"),
            Outcome(
                1,
                b"",
                "devlxdctl: cannot write /nowhere/devlxdctl.1: "
                "No such file or directory\n",
            ),
        )


BASH = """
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_devlxdctl
printf '%s\\n' "${COMPREPLY[@]}"
"""

ZSH = """
compdef() { :; }
compadd() { shift; printf '%s\\n' "$@"; }
_files() { print FILES; }
"""


FISH = "function __fish_complete_path; echo FILES; end"


class CompletionTests(HostTestCase):
    """What shells complete, by the scripts themselves."""

    async def script(self, shell: str) -> str:
        """The script, where the program is to be found."""
        path = Path(directory(self)) / "devlxdctl"
        run = shlex.join([sys.executable, "-m", "devlxd.ctl.cli"])
        path.write_text(f'#!/bin/sh\ncd {ROOT} && exec {run} "$@"\n')
        path.chmod(0o755)
        self.environ = {**os.environ, "PATH": f"{path.parent}:{os.environ['PATH']}"}
        return await self.said("completion", shell)

    async def run_shell(self, *argv: str) -> list[str]:
        """The lines that a shell writes; it complains of nothing."""
        out, err, code = await getProcessOutputAndValue(argv[0], argv[1:], self.environ)
        self.assertEqual((code, err), (0, b""))
        return str(out.decode()).split()

    async def bash(self, *words: str) -> list[str]:
        """What bash offers for the last of some words."""
        script = await self.script("bash") + BASH
        bash = need_program("bash", "bash")
        return await self.run_shell(bash, "-c", script, "bash", "devlxdctl", *words)

    async def zsh(self, *words: str) -> list[str]:
        """What zsh is offered after some words."""
        script = ZSH + await self.script("zsh")
        typed = 'words=("$@") CURRENT=$#\n_devlxdctl\n'
        zsh = need_program("zsh", "zsh")
        return await self.run_shell(
            *(zsh, "-f", "-c", script + typed, "zsh", "devlxdctl", *words)
        )

    async def fish(self, *words: str) -> list[str]:
        """What fish offers for the last of some words."""
        path = Path(directory(self)) / "devlxdctl.fish"
        path.write_text(await self.script("fish"))
        line = shlex.join(["devlxdctl", *words]).removesuffix("''")
        fish = need_program("fish", "fish")
        ask = f"{FISH}; source {path}; complete -C {shlex.quote(line)}"
        return await self.run_shell(fish, "--no-config", "-c", ask)

    async def test_bash(self) -> None:
        """bash completes commands, options, choices and names."""
        self.assertEqual(await self.bash("pro"), ["profile"])
        self.assertIn("device", await self.bash("profile", ""))
        self.assertEqual(await self.bash("--socket", "/x", "mon"), ["monitor"])
        self.assertEqual(await self.bash("profile", "show", "--js"), ["--json"])
        self.assertIn("lifecycle", await self.bash("monitor", "--type", ""))
        where = ("--socket", self.path)
        self.assertEqual(await self.bash(*where, "profile", "show", "d"), ["default"])
        self.assertEqual(await self.bash("--state-dir", "/us"), ["/usr"])
        self.assertEqual(await self.bash("create", "c1", "--description", ""), [])

    async def test_zsh(self) -> None:
        """zsh does likewise; it picks what fits by itself."""
        self.assertIn("profile", await self.zsh(""))
        self.assertIn("device", await self.zsh("profile", ""))
        where = ("--socket", self.path)
        self.assertIn("default", await self.zsh(*where, "profile", "show", ""))
        self.assertEqual(await self.zsh("--socket", ""), ["FILES"])

    async def test_fish(self) -> None:
        """fish does likewise."""
        self.assertEqual(await self.fish("pro"), ["profile"])
        self.assertIn("device", await self.fish("profile", ""))
        where = ("--socket", self.path)
        self.assertEqual(await self.fish(*where, "profile", "show", "d"), ["default"])
        self.assertEqual(await self.fish("--state-dir", ""), ["FILES"])

    def test_name(self) -> None:
        """The command has the name that the scripts complete."""
        self.assertEqual(PROGRAM.name, parsers()[0].prog)
