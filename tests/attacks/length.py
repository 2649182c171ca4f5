"""How long attacks last."""

from __future__ import annotations

import os

_FACTOR = int(os.environ.get("DEVLXD_ATTACKS", "1"))


def longer(number: int) -> int:
    """A number of things to do, or the larger one that was asked for."""
    return number * _FACTOR


def tell(**figures: object) -> None:
    """Print what was seen, when it was asked for."""
    if _FACTOR > 1:
        print(*(f"{name}={figure}" for name, figure in figures.items()))
