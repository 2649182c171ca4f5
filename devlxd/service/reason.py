"""What the operator is told of an error of the system."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["reason"]


def reason(error: Exception, place: Path | None = None) -> str:
    """
    What is wrong, and with what, without the ornaments of ``str(error)``.

    :param place: what it is about, if the error itself names no file.
    """
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    file = error.filename or place
    return error.strerror if file is None else f"{os.fsdecode(file)}: {error.strerror}"
