"""How the values of options are read: each from its text, or not, and why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from grp import getgrnam
from pathlib import Path

from twisted.internet.endpoints import quoteStringArgument

from devlxd.errors import InvalidData
from devlxd.guest.compat import Compat
from devlxd.guest.servers import SERVERS
from devlxd.identity.runtimes.known import RUNTIMES
from devlxd.model.instance import InstanceType
from devlxd.model.names import InstanceName
from devlxd.service.readfile import ReadFile

NO_RUNTIME = "none"
"""Says that no runtime is to be believed."""

_SUN_PATH = 107
"""Bytes of a UNIX socket's path, unix(7)."""

_LONGEST_HEAD = 1 << 20
"""What Twisted's parser takes, whatever it is told."""

_LONGEST_NAME = max((server.directory for server in SERVERS.values()), key=len)
"""Of the directory that the guest socket is in."""

_RELATIVE = re.compile(r"(unix:(?:address=)?)(?!/|\w+=)(.+)", re.DOTALL)
"""An endpoint on a UNIX socket without an absolute path."""

_TYPES = {
    "none": frozenset[InstanceType](),
    "vm": frozenset({InstanceType.VIRTUAL_MACHINE}),
    "all": frozenset(InstanceType),
}


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of these words."""

    def convert(text: str) -> str:
        if text not in words:
            *others, last = words
            raise ValueError(f"must be {', '.join(others)} or {last}")
        return text

    return convert


def types(text: str) -> frozenset[InstanceType]:
    """Some of the two types of instances."""
    return _TYPES[one_of(*_TYPES)(text)]


def compat(text: str) -> Compat:
    """A server that this one can answer like."""
    return SERVERS[one_of(*SERVERS)(text)]


def mode(text: str) -> int:
    """The mode of a file."""
    if re.fullmatch("[0-7]{1,4}", text) is None or int(text, 8) > 0o777:
        raise ValueError("must be an octal mode from 0 to 0777")
    return int(text, 8)


def group(text: str) -> int:
    """The id of a group that is told by its name or its id."""
    if re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    try:
        return getgrnam(text).gr_gid
    except KeyError:
        raise ValueError("there is no such group") from None


def count(text: str) -> int:
    """A number of things, of which there is one at least."""
    if re.fullmatch("[0-9]{1,18}", text) is None or int(text) == 0:
        raise ValueError("must be a whole number above 0")
    return int(text)


def head_size(text: str) -> int:
    """The size of a request's head."""
    size = count(text)
    if size > _LONGEST_HEAD:
        raise ValueError(f"must be {_LONGEST_HEAD} at the most")
    return size


def seconds(text: str) -> float:
    """A time that passes."""
    try:
        time = float(text)
    except ValueError:
        raise ValueError("must be a number of seconds above 0") from None
    if not 0 < time < float("inf"):
        raise ValueError("must be a number of seconds above 0")
    return time


def instance(text: str) -> InstanceName:
    """``NAME`` or ``PROJECT/NAME``."""
    try:
        return InstanceName.parse(text)
    except InvalidData as error:
        raise ValueError(error.text) from None


def runtimes(text: str) -> tuple[str, ...]:
    """Names of runtimes, with commas between; ``none`` for none."""
    names = () if text == NO_RUNTIME else tuple(dict.fromkeys(text.split(",")))
    if not set(RUNTIMES).issuperset(names):
        known = ", ".join(RUNTIMES)
        raise ValueError(f"must be {NO_RUNTIME}, or some of {known}, with commas")
    return names


def directories(text: str) -> tuple[str, ...]:
    """Absolute paths of directories, with colons between, as they were written."""
    paths = tuple(text.split(":"))
    if not all(path.startswith("/") for path in paths):
        raise ValueError("must be absolute paths with colons between")
    return paths


def directory(text: str) -> Path:
    """The absolute path of a directory that can hold the guest socket."""
    path = Path(_filled(text)).absolute()
    if len(bytes(path / _LONGEST_NAME / "sock")) > _SUN_PATH:
        raise ValueError(f"the path of its socket would exceed {_SUN_PATH} bytes")
    return path


def endpoint(text: str) -> str:
    """A Twisted endpoint, with the path of its UNIX socket, if any, made absolute."""
    relative = _RELATIVE.fullmatch(_filled(text))
    if relative is None:
        return text
    kind, path = relative.groups()
    return f"{kind}{quoteStringArgument(str(Path.cwd()))}/{path}"


def instances_file(text: str) -> ReadFile:
    """
    A file, read.

    :raises BadFile: when that is possible, but not what is expected.
    """
    path = Path(_filled(text)).absolute()
    try:
        return ReadFile.of(path, path.read_bytes())
    except OSError as error:
        raise ValueError(error.strerror) from error


def _filled(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text
