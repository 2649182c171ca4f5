"""What a program can do, as values from which its command line is made."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from attrs import frozen

__all__ = ["Command", "Group", "no_arguments"]

C = TypeVar("C")
P = TypeVar("P")


def no_arguments(parser: ArgumentParser) -> None:
    """Most commands take none."""


@frozen
class Group:
    """
    What several commands have in common.

    :ivar words: how it is called.
    :ivar help: what it does, in a few words.
    :ivar more: what else there is to know.
    :ivar example: a line for the shell.
    """

    words: tuple[str, ...]
    help: str
    more: str
    example: str


@frozen
class Command(Group, Generic[C, P]):
    """
    One thing that can be done.

    :ivar perform: asks a client, and writes as the answers come, until it is done.
    :ivar endless: whether it is not done until nobody reads what it writes.
    """

    perform: Callable[[C, Namespace, P], Coroutine[Any, Any, None]]
    arguments: Callable[[ArgumentParser], None] = no_arguments
    endless: bool = False
