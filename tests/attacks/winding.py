"""
Winds the pids of its own pid namespace back, hundreds of times a second, until its
input ends.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from select import select

_FIRST = b"300"
_PAUSE = 0.002  # seconds

if __name__ == "__main__":
    print("ready", flush=True)
    with Path("/proc/sys/kernel/ns_last_pid").open("wb", buffering=0) as last:
        while not select([sys.stdin], [], [], _PAUSE)[0]:
            os.pwrite(last.fileno(), _FIRST, 0)
