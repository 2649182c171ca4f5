"""Tests of ``devlxdctl edit``."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import shlex
import signal
import subprocess
import sys
import termios
from pathlib import Path
from select import select
from typing import Any, cast

from twisted.internet.threads import deferToThread

from devlxd.client.program import Unable
from devlxd.ctl.editor import Draft, again, editor_of
from devlxd.model.instance import Profile
from devlxd.model.names import ProfileName
from tests.client.program import ROOT, Outcome
from tests.client.sockets import directory
from tests.ctl.hosting import HostTestCase, Keyboard

CTL = (sys.executable, "-m", "devlxd.ctl.cli")

PATIENCE = 15
"""Seconds after which a program that says nothing is ended."""

WEB = ProfileName("default", "web")

EDITOR = """\
import os, re, subprocess, sys
from pathlib import Path
from select import select
path, turns = Path(sys.argv[-1]), Path(__file__).with_suffix(".turns")
turn = len(turns.read_text()) if turns.exists() else 0
turns.write_text("." * (turn + 1))
text = path.read_text()
Path(__file__).with_suffix(f".saw{turn}").write_text(text)
"""
"""The beginning of an editor that does something else each time: *turn* counts."""


class EditTestCase(HostTestCase):
    """An operator with an editor, and a profile to edit."""

    def setUp(self) -> None:
        """A host, and places for files."""
        super().setUp()
        self.successResultOf(
            self.talk.store.profiles.create(Profile(WEB, "", {"user.role": "web"}))
        )
        self.place = Path(directory(self))
        self.environ = {"TMPDIR": str(self.place)}

    def editor(self, *lines: str) -> None:
        """What the editor does with *text*, which it then writes to *path*."""
        script = self.place / "editor.py"
        script.write_text(EDITOR + "\n".join([*lines, "path.write_text(text)", ""]))
        self.environ["EDITOR"] = shlex.join([sys.executable, str(script)])

    def saw(self, turn: int) -> str:
        """What was in the editor."""
        return (self.place / f"editor.saw{turn}").read_text()

    def drafts(self) -> list[str]:
        """What is left in the files that were edited."""
        return [path.read_text() for path in self.place.glob("devlxdctl-*")]

    def config(self) -> dict[str, str]:
        """What the host has."""
        return dict(self.talk.store.profiles.get(WEB).config)

    async def edit(self, answers: str = "") -> Outcome:
        """What comes of it, when this is typed."""
        return await self.ctl(
            "profile", "edit", "web", inp=Keyboard(answers), **self.environ
        )


class EditTests(EditTestCase):
    """Editing, in process."""

    async def test_edit(self) -> None:
        """What is saved is what the host has, and no file is left."""
        self.editor("text = text.replace('role: web', 'role: 010')")
        self.assertEqual(await self.edit(), Outcome(0, b"", ""))
        self.assertEqual(self.config(), {"user.role": "010"})
        self.assertEqual(self.drafts(), [])
        self.assertTrue(self.saw(0).startswith("# The profile web. Lines that"))

    async def test_nothing(self) -> None:
        """What is left as it is changes nothing."""
        self.editor()
        self.assertEqual(
            await self.edit(), Outcome(0, b"", "devlxdctl: web is left as it is\n")
        )
        self.assertEqual(self.drafts(), [])

    async def test_corrected(self) -> None:
        """What is wrong, or refused, is said, and may be edited again as it was."""
        self.editor(
            "if turn == 0: text += 'nonsense: [\\n'",
            "if turn == 1: text = text.replace('nonsense: [', 'sense: 1')",
            "if turn == 2: text = text.replace('sense: 1', '').replace('user', 'us')",
            "if turn == 3: text = text.replace('us.role', 'user.roles')",
        )
        outcome = await self.edit("\n\n\n")
        self.assertEqual((outcome.code, self.config()), (0, {"user.roles": "web"}))
        said = outcome.err.split("\n")
        self.assertRegex(said[0], "^line [0-9]+: ")
        self.assertIn("sense: a profile has no such field", said[1])
        self.assertIn("Invalid config", said[2])
        self.assertEqual(self.drafts(), [])

    async def test_saved_again(self) -> None:
        """What was refused may be saved as it is; it is tried again."""
        self.editor("if turn == 0: text = text.replace('user', 'us')")
        outcome = await self.edit("\n")
        self.assertEqual(outcome.code, 1)
        self.assertEqual(outcome.err.count("Invalid config"), 2)

    async def test_given_up(self) -> None:
        """Who gives up is told where the text is: 1."""
        self.editor("text = 'mine: [\\n'")
        outcome = await self.edit()
        self.assertEqual((outcome.code, self.drafts()), (1, ["mine: [\n"]))
        (path,) = self.place.glob("devlxdctl-web-*")
        self.assertIn(f"devlxdctl: what you wrote is in {path}\n", outcome.err)
        self.assertTrue(outcome.err.endswith("devlxdctl: web is left as it is\n"))
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    async def test_overtaken(self) -> None:
        """What others change meanwhile is shown, and lost only if one says so."""
        client = f"{sys.executable} -m devlxd.ctl.cli --socket {self.path}"
        self.editor(
            "if turn < 2:",
            f"    subprocess.run('{client} profile set web user.other=%d' % turn,",
            f"        shell=True, check=True, cwd={str(ROOT)!r})",
            "    text = re.sub('(?m)^  user.role: web', '  user.role: db', text)",
            "else:",
            "    mine = '  user.role: db\\n  user.other: mine'",
            "    text = re.sub('(?m)^  user.role: db', mine, text)",
        )
        outcome = await self.edit("\n\n")
        self.assertEqual(outcome.code, 0, outcome.err)
        self.assertEqual(self.config(), {"user.role": "db", "user.other": "mine"})
        self.assertEqual(outcome.err.count("somebody else has changed it"), 2)
        self.assertIn("# +  user.other: '0'\n", self.saw(1))
        self.assertIn("# -  user.other: '0'\n# +  user.other: '1'\n", self.saw(2))
        self.assertEqual(self.saw(2).count("by somebody else meanwhile"), 1)
        self.assertIn("role: db", self.saw(1))

    async def test_deleted(self) -> None:
        """What others have deleted meanwhile cannot be saved, and is not lost."""
        client = f"{sys.executable} -m devlxd.ctl.cli --socket {self.path}"
        self.editor(
            f"subprocess.run('{client} profile set web user.x=1 && '"
            f" '{client} profile delete web', shell=True, cwd={str(ROOT)!r})",
            "text = text.replace('role: web', 'role: db')",
        )
        outcome = await self.edit()
        self.assertEqual(outcome.code, 1)
        self.assertIn("Profile not found\n", outcome.err)
        self.assertIn("role: db", self.drafts()[0])

    async def test_no_editor(self) -> None:
        """An editor that cannot be run, or fails, changes nothing: 1."""
        for editor, complaint in (
            ("/nowhere", "cannot run the editor '/nowhere': No such file"),
            ("false", "the editor 'false' ended with 1"),
            ("rm", "cannot read "),
            ("'", "cannot understand the editor"),
            ("''", "cannot run the editor"),
            (" ", "cannot understand the editor"),
        ):
            self.environ["VISUAL"] = editor
            outcome = await self.edit()
            self.assertEqual(outcome.code, 1)
            self.assertIn(complaint, outcome.err)

    async def test_no_room(self) -> None:
        """Where no file can be written, nothing is edited: 1."""
        self.environ["TMPDIR"] = "/nowhere"
        outcome = await self.edit()
        self.assertEqual(outcome.code, 1)
        self.assertIn("cannot write a file to edit", outcome.err)

    async def test_piped(self) -> None:
        """What is no terminal is taken as the text, at once."""
        inp = io.StringIO("config: {user.role: yes}")
        await self.said("profile", "edit", "web", inp=inp)
        self.assertEqual(self.config(), {"user.role": "yes"})
        shown = io.StringIO(await self.said("profile", "show", "web"))
        await self.said("profile", "edit", "web", inp=shown)
        self.assertEqual(self.config(), {"user.role": "yes"})
        outcome = await self.ctl("profile", "edit", "web", inp=io.StringIO("x: ["))
        self.assertEqual(outcome.code, 1)
        self.assertIn("devlxdctl: standard input: line 1: ", outcome.err)


class AskTests(EditTestCase):
    """Being asked whether to edit again."""

    def test_interrupted(self) -> None:
        """Ctrl-C gives up, and SIGINT then does what it did before."""

        class Interrupting(Keyboard):
            def readline(self, *_: Any) -> Any:
                os.kill(os.getpid(), signal.SIGINT)
                return "\n"

        before = signal.getsignal(signal.SIGINT)
        self.assertFalse(again("wrong", Interrupting(), io.StringIO()))
        self.assertIs(signal.getsignal(signal.SIGINT), before)

    def test_default(self) -> None:
        """VISUAL is before EDITOR, and both may have arguments."""
        self.assertEqual(editor_of({}), ["vi"])
        self.assertEqual(editor_of({"EDITOR": "ed -s"}), ["ed", "-s"])
        self.assertEqual(editor_of({"EDITOR": "ed", "VISUAL": "vim"}), ["vim"])

    def test_not_text(self) -> None:
        """A draft that is no text any more cannot be read."""
        draft = Draft.of("x", str(self.place), "")
        draft.path.write_bytes(b"\xff")
        with self.assertRaises(Unable):
            draft.read()


class TerminalTests(EditTestCase):
    """Editing, on a terminal."""

    def typed(self, *keys: bytes) -> tuple[int, str]:
        """The exit code and all that is seen, when each question is answered so."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [*CTL, "--socket", self.path, "profile", "edit", "web"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=ROOT,
            env={**os.environ, **self.environ},
            start_new_session=True,
            preexec_fn=_take_terminal,
        ) as process:
            os.close(theirs)
            seen = b""
            waiting = list(keys)
            while chunk := _read(ours, process):
                seen += chunk
                if waiting and seen.count(b"give up] ") > len(keys) - len(waiting):
                    os.write(ours, waiting.pop(0))
            code = process.wait()
        os.close(ours)
        return code, seen.decode()

    async def test_corrected(self) -> None:
        """Enter opens the editor again, with what was written."""
        self.editor(
            "assert sys.stdin.isatty() and sys.stdout.isatty()",
            "if turn == 0: text += 'nonsense: [\\n'",
            "if turn == 1: text = text.replace('nonsense: [', '').replace('web', 'db')",
            "text = text.replace('name: db', 'name: web')",
        )
        code, seen = cast(Any, await deferToThread(self.typed, b"\n"))
        self.assertEqual((code, self.config()), (0, {"user.role": "db"}), seen)

    async def test_given_up(self) -> None:
        """Ctrl-C gives up, and says where the text is."""
        self.editor("text = 'mine: [\\n'")
        code, seen = cast(Any, await deferToThread(self.typed, b"\x03"))
        self.assertEqual((code, self.drafts()), (1, ["mine: [\n"]), seen)
        self.assertIn("what you wrote is in ", seen)
        self.assertNotIn("Traceback", seen)

    async def test_interrupted_editor(self) -> None:
        """An interrupt that an editor takes for itself does not end the command."""
        self.editor(
            "import signal, time",
            "signal.signal(signal.SIGINT, lambda *_: None)",
            "os.killpg(os.getpgrp(), signal.SIGINT)",
            "time.sleep(0.2)",
            "text = text.replace('role: web', 'role: db')",
        )
        code, seen = cast(Any, await deferToThread(self.typed))
        self.assertEqual((code, self.config()), (0, {"user.role": "db"}), seen)


def _take_terminal() -> None:
    """Have the terminal at standard input as one's own, as a shell's child has."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(terminal: int, process: subprocess.Popen[bytes]) -> bytes:
    """What is written next; nothing when nobody has the terminal any more."""
    try:
        if not select([terminal], [], [], PATIENCE)[0]:
            process.kill()
        return os.read(terminal, 4096)
    except OSError:
        return b""
