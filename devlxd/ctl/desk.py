"""What a command of ``devlxdctl`` has to work with, beside the host."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from io import UnsupportedOperation
from typing import TextIO

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from devlxd.client.failures import ServiceFailure
from devlxd.client.output import Output
from devlxd.client.program import Shell, Unable
from devlxd.client.progress import Progress
from devlxd.ctl.table import WIDTH, table_lines

__all__ = ["Desk", "said"]


def said(failure: Exception) -> str:
    """A failure without the advice, which is for those who are in a guest."""
    return failure.fact if isinstance(failure, ServiceFailure) else str(failure)


@frozen
class Desk:
    """
    Where an operator sits.

    :ivar patience: seconds that a command which waits may wait; ``None`` for ever.
    :ivar parsers: the parsers of the programs that there are, by their names.
    """

    output: Output
    shell: Shell
    reactor: IReactorTime
    patience: float | None
    parsers: Callable[[], Sequence[ArgumentParser]]

    def table(
        self, document: object, head: Sequence[str], rows: Iterable[Sequence[str]]
    ) -> None:
        """Rows for people, or a document for programs."""
        self.output.show(document, table_lines(head, rows, self.columns))

    @property
    def progress(self) -> Progress:
        """Shows people how far something is."""
        return Progress(self.shell.err, self.reactor.seconds)

    @property
    def columns(self) -> int:
        """How wide the terminal is."""
        try:
            return os.get_terminal_size(self.shell.out.fileno()).columns or WIDTH
        except (OSError, UnsupportedOperation):
            return WIDTH

    @property
    def interactive(self) -> bool:
        """Whether somebody sits here who can be asked."""
        inp = self.shell.inp
        return inp is not None and inp.isatty()

    @property
    def inp(self) -> TextIO:
        """
        Standard input.

        :raises Unable: when there is none.
        """
        if self.shell.inp is None:
            raise Unable("standard input is closed")
        return self.shell.inp

    def read(self) -> str:
        """
        All of standard input.

        :raises Unable: when it cannot be read.
        """
        try:
            return self.inp.read()
        except (OSError, ValueError) as error:
            raise Unable(f"cannot read standard input: {error}") from error
