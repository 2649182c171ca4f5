"""Manual pages in roff, by man(7)."""

from __future__ import annotations

from collections.abc import Iterator

from devlxd import __version__
from devlxd.ctl.outline import Operand, Option, Outline

__all__ = ["page"]


def page(outline: Outline) -> str:
    """The page of a program."""
    return "\n".join(_lines(outline)) + "\n"


def _lines(top: Outline) -> Iterator[str]:
    name = top.program
    yield f'.TH {name.upper()} 1 "" "devlxd {__version__}" "User Commands"'
    yield ".SH NAME"
    what = top.description.rstrip(".")
    yield f"{_text(name)} \\- {_text(what[:1].lower() + what[1:])}"
    yield ".SH SYNOPSIS"
    yield f".B {_text(name)}"
    yield r"[\fIOPTION\fR ...] \fICOMMAND\fR [\fIARGUMENT\fR ...]"
    yield ".SH OPTIONS"
    yield "They may stand before and after the words of a command."
    for option in top.options:
        yield from _option(option)
    yield ".SH COMMANDS"
    common = set(top.options)
    for command in top.all():
        if not command.commands:
            yield from _command(command, common)
    yield from _epilog(top.epilog)


def _command(command: Outline, common: set[Option]) -> Iterator[str]:
    own = [option for option in command.options if option not in common]
    yield ".SS"
    yield " ".join(
        [
            rf"\fB{_text(' '.join(command.words))}\fR",
            *(["[\\fIOPTION\\fR ...]"] if own else []),
            *map(_operand, command.operands),
        ]
    )
    yield from _paragraph(command.description)
    for operand in command.operands:
        yield ".TP"
        yield rf"\fI{_text(operand.metavar)}\fR"
        yield _text(operand.help)
    for option in own:
        yield from _option(option)
    yield from _example(command.epilog)


def _example(epilog: str) -> Iterator[str]:
    _, _, example = epilog.partition("\n")
    yield ".PP"
    yield ".EX"
    yield _line(f"  {example.strip()}")
    yield ".EE"


def _epilog(epilog: str) -> Iterator[str]:
    """What stands below a help: paragraphs, and lists below a title with a colon."""
    for part in epilog.strip().split("\n\n"):
        title, _, rest = part.partition("\n")
        if title.endswith(":"):
            yield f".SH {_text(title[:-1].upper())}"
            yield ".nf"
            yield from (_line(line) for line in rest.splitlines())
            yield ".fi"
        else:
            yield ".SH NOTES"
            yield from _paragraph(part)


def _option(option: Option) -> Iterator[str]:
    yield ".TP"
    flags = ", ".join(rf"\fB{_text(flag)}\fR" for flag in option.flags)
    yield flags + (rf" \fI{_text(option.metavar)}\fR" if option.metavar else "")
    yield _text(option.help)


def _operand(operand: Operand) -> str:
    shown = rf"\fI{_text(operand.metavar)}\fR" + (" ..." if operand.repeats else "")
    return f"[{shown}]" if operand.optional else shown


def _paragraph(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield _line(line)


def _line(text: str) -> str:
    # A dot or a quote that begins a line is roff's.
    escaped = _text(text)
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _text(text: str) -> str:
    """Text as it is, hyphens and all."""
    for char, written in (("\\", r"\e"), ("-", r"\-"), ("'", r"\(aq"), ("^", r"\(ha")):
        text = text.replace(char, written)
    return text.replace("`", r"\(ga").replace("~", r"\(ti")
