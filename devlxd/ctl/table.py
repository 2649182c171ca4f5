"""Tables for people, in the width of their terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from devlxd.client.escapes import printable

__all__ = ["WIDTH", "table_lines"]

WIDTH = 80
"""Columns, where there is no terminal that says so."""

GAP = "  "

LEAST = 8
"""Columns that a column of texts has in any case."""


def table_lines(
    head: Sequence[str], rows: Iterable[Sequence[str]], width: int = WIDTH
) -> Iterator[str]:
    """
    Lines of equal columns, in which long texts are cut so that they fit.

    :param head: the names of the columns.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    table = [list(head), *cells]
    widths = _fitted(
        [max(map(len, column)) for column in zip(*table, strict=True)], width
    )
    for row in table:
        parts = (
            _cut(cell, room).ljust(room) for cell, room in zip(row, widths, strict=True)
        )
        yield GAP.join(parts).rstrip()


def _fitted(widths: list[int], width: int) -> list[int]:
    """The widest columns give way first, and no further than they must."""
    room = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] <= LEAST:
            break
        widths[widest] -= 1
    return widths


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
