"""What a parser understands, as values: for manual pages and for shells."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator

from attrs import frozen

__all__ = ["Operand", "Option", "Outline", "outline_of"]


@frozen
class Operand:
    """
    What stands without dashes.

    :ivar metavar: what it is called.
    :ivar choices: the words that it may be; empty if it may be others.
    :ivar repeats: whether there may be several.
    :ivar optional: whether there may be none.
    """

    metavar: str
    help: str
    choices: tuple[str, ...]
    repeats: bool
    optional: bool


@frozen
class Option:
    """
    What stands with dashes.

    :ivar flags: how it is written.
    :ivar metavar: what its value is called; empty if it has none.
    """

    flags: tuple[str, ...]
    metavar: str
    help: str
    choices: tuple[str, ...]


@frozen
class Outline:
    """
    One parser.

    :ivar words: how it is called, after the name of the program.
    :ivar commands: the parsers below it.
    """

    program: str
    words: tuple[str, ...]
    help: str
    description: str
    epilog: str
    options: tuple[Option, ...]
    operands: tuple[Operand, ...]
    commands: tuple[Outline, ...]

    def all(self) -> Iterator[Outline]:
        """This and all that are below it, as the help has them."""
        yield self
        for command in self.commands:
            yield from command.all()


def outline_of(parser: ArgumentParser, help: str = "") -> Outline:
    """
    What a parser understands.

    :param help: the few words that a parser above it has.
    """
    program, *words = parser.prog.split()
    below = [a for a in parser._actions if isinstance(a, _SubParsersAction)]
    return Outline(
        program,
        tuple(words),
        help,
        parser.description or "",
        parser.epilog or "",
        tuple(_option(a) for a in parser._actions if a.option_strings),
        tuple(
            _operand(a)
            for a in parser._actions
            if not a.option_strings and a not in below
        ),
        tuple(command for action in below for command in _commands(action)),
    )


def _commands(action: _SubParsersAction[ArgumentParser]) -> Iterator[Outline]:
    helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
    for name, parser in action.choices.items():
        yield outline_of(parser, helps[name])


def _option(action: Action) -> Option:
    takes = "" if action.nargs == 0 else _metavar(action)
    return Option(tuple(action.option_strings), takes, _help(action), _choices(action))


def _operand(action: Action) -> Operand:
    return Operand(
        _metavar(action),
        _help(action),
        _choices(action),
        action.nargs in ("*", "+"),
        action.nargs in ("*", "?"),
    )


def _metavar(action: Action) -> str:
    if action.choices and action.metavar is None:
        return "|".join(action.choices)
    return str(action.metavar or action.dest.upper())


def _choices(action: Action) -> tuple[str, ...]:
    return tuple(action.choices or ())


def _help(action: Action) -> str:
    return "" if action.help in (None, SUPPRESS) else str(action.help)
