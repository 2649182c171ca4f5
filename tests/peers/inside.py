"""Programs of this machine, for a virtual machine that has nothing but busybox."""

from __future__ import annotations

import json
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.peers.service import environment

_LIBRARY = re.compile(r"(/\S+) \(0x")

# Imports what the devlxd command does, and what Twisted imports when it runs.
_MODULES = """\
import json, sys
import devlxd.client.cli, encodings.idna
from twisted.internet import epollreactor, reactor, task, threads
from twisted.logger import _file, _stdlib
files = {getattr(module, "__file__", None) for module in sys.modules.values()}
# A reactor is in the place of its module.
files.add(task.__file__.replace("task.py", "reactor.py"))
print(json.dumps(sorted(filter(None, files))))
"""


def python_in(root: Path) -> str:
    """
    Put the devlxd command into a directory that will be the root of a machine.

    :return: a line for its shell that defines ``devlxd``.
    """
    said = subprocess.run(
        [sys.executable, "-c", _MODULES],
        capture_output=True,
        check=True,
        env=environment(),
        cwd="/",
    )
    program, files = Path(sys.executable).resolve(), map(Path, json.loads(said.stdout))
    sources: list[Path] = []
    natives = [program]
    for file in files:
        (sources if file.suffix == ".py" else natives).append(file)
    _copy([*sources, *natives, *_libraries(natives)], root)
    for file in sources:
        _compile(file, root)
    places = [environment()["PYTHONPATH"], *(x for x in sys.path if x.startswith("/"))]
    settings = f"PYTHONHOME={sys.base_prefix} PYTHONPATH={':'.join(places)}"
    return f'devlxd() {{ {settings} {program} -m devlxd.client.cli "$@"; }}\n'


def program_in(root: Path, program: str) -> None:
    """Put a program, and what it is linked to, into such a directory."""
    path = Path(program).resolve()
    _copy([path, *_libraries([path])], root)
    (root / "bin").mkdir(exist_ok=True)
    (root / "bin" / Path(program).name).symlink_to(path)


def _copy(files: Iterable[Path], root: Path) -> None:
    for file in files:
        target = root / file.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


def _compile(file: Path, root: Path) -> None:
    """Spare the machine the compiler: it is slow, and knows no times of files."""
    name = f"{file.stem}.{sys.implementation.cache_tag}.pyc"
    target = root / file.relative_to("/").parent / "__pycache__" / name
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(file), str(target), invalidation_mode=unchecked)


def _libraries(files: Iterable[Path]) -> Iterator[Path]:
    """The shared libraries that files are linked to."""
    said = subprocess.run(
        ["ldd", *files], capture_output=True, text=True, check=True
    ).stdout
    for path in sorted(set(_LIBRARY.findall(said))):
        yield Path(path)
