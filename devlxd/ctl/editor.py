"""The operator's editor."""

from __future__ import annotations

import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from attrs import frozen
from twisted.internet.threads import deferToThread

from devlxd.client.escapes import printable
from devlxd.client.program import Unable

__all__ = ["Draft", "again", "editor_of"]

DEFAULT_EDITOR = "vi"
"""POSIX has it everywhere."""

QUESTION = "[Enter to edit again, Ctrl-C to give up] "


def editor_of(environ: Mapping[str, str]) -> list[str]:
    """
    The editor and its arguments.

    :raises Unable: when the environment names none that makes sense.
    """
    named = environ.get("VISUAL") or environ.get("EDITOR") or DEFAULT_EDITOR
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise Unable(f"cannot understand the editor {named!r}: {error}") from error
    if not words:
        raise Unable(f"cannot understand the editor {named!r}")
    return words


@frozen
class Draft:
    """
    A file in which somebody writes.  It is there until it is dropped, whatever happens.
    """

    path: Path

    @classmethod
    def of(cls, name: str, directory: str | None, text: str) -> Draft:
        """
        A new file that only its owner may read.

        :param directory: where; ``None`` for the usual place.
        :raises Unable: when it cannot be made.
        """
        try:
            with tempfile.NamedTemporaryFile(
                "w", prefix=f"devlxdctl-{name}-", suffix=".yaml", dir=directory,
                delete=False, encoding="utf-8", newline="",
            ) as file:  # fmt: skip
                file.write(text)
        except OSError as error:
            raise Unable(f"cannot write a file to edit: {error}") from error
        return cls(Path(file.name))

    async def edit(self, editor: list[str]) -> str:
        """
        What is written once the editor has ended.

        :raises Unable: when the editor fails.
        """
        with interrupts(lambda *_: None):
            try:
                done = await deferToThread(subprocess.run, [*editor, str(self.path)])
            except OSError as error:
                problem = f"cannot run the editor {editor[0]!r}: {error.strerror}"
                raise Unable(f"{problem}; set $EDITOR") from error
        if done.returncode:
            raise Unable(f"the editor {editor[0]!r} ended with {done.returncode}")
        return self.read()

    def read(self) -> str:
        """
        What is written.

        :raises Unable: when it cannot be read.
        """
        try:
            return self.path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise Unable(f"cannot read {self.path}: {error}") from error

    def write(self, text: str) -> None:
        """Replace what is written."""
        self.path.write_text(text, "utf-8")

    def drop(self) -> None:
        """It is of no use any more."""
        self.path.unlink(missing_ok=True)


@contextmanager
def interrupts(handler: Callable[..., Any]) -> Iterator[None]:
    """
    What SIGINT does meanwhile.  A terminal sends it to all who work in it, so that one
    meant for an editor would end us, too.  A handler of ours is not inherited by the
    editor, as it would be if the signal were ignored.
    """
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def again(problem: str, inp: TextIO, err: TextIO) -> bool:
    """
    Ask whether to edit again.

    Nothing else is to be done until that is answered, so that everything waits.
    """
    try:
        # Before the question, since who reads it may be quick to answer.
        with interrupts(signal.default_int_handler):
            err.write(f"{printable(problem)}\n{QUESTION}")
            err.flush()
            answered = inp.readline()
    except KeyboardInterrupt:
        answered = ""
    if not answered:
        err.write("\n")
    return bool(answered)
