"""The endpoint that the operator names."""

from __future__ import annotations

import re
from typing import Any

from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.python.usage import UsageError

from devlxd.service.reason import reason

__all__ = ["guest_endpoint"]


def guest_endpoint(text: str, reactor: Any) -> IStreamServerEndpoint:
    """
    The endpoint of ``--guest``.

    :raises UsageError: when there is no such kind, or it lacks an argument.
    """
    try:
        endpoint: IStreamServerEndpoint = serverFromString(reactor, text)
    # Each kind has a parser of its own, some of them from other packages.
    except Exception as error:
        raise UsageError(f"--guest {text}: {_reason(error)}") from error
    return endpoint


def _reason(error: Exception) -> str:
    if isinstance(error, TypeError):
        # The arguments of an endpoint are those of a function.
        return re.sub(r"^\S+\(\) ", "", str(error))
    if isinstance(error, OSError | ValueError):
        return reason(error)
    return "no such endpoint"
