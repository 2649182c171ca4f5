"""The project's own files agree with each other."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.need import need_checkout

_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def needed_packages(root: Path) -> Iterator[str]:
    """The Debian packages that tests say they need."""
    for path in (root / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "need_program"
                and isinstance(node.args[-1], ast.Constant)
            ):
                yield str(node.args[-1].value)


class ProjectTests(SynchronousTestCase):
    """Lists that must be complete."""

    def setUp(self) -> None:
        """Find the project."""
        self.root = need_checkout()

    def test_unit(self) -> None:
        """tox runs every package and module of tests, some with real peers."""
        tox = configparser.ConfigParser()
        tox.read(self.root / "tox.ini")
        run, real = (
            set(re.findall(r"tests\.\w+", tox[f"testenv:{name}"]["commands"]))
            for name in ("unit", "peers")
        )
        self.assertEqual(real, {"tests.peers", "tests.attacks"})
        packages = {p.parent.name for p in self.root.glob("tests/*/__init__.py")}
        modules = {path.stem for path in self.root.glob("tests/test_*.py")}
        expected = {f"tests.{name}" for name in packages | modules}
        self.assertEqual(run, expected - real)

    def test_debian_packages(self) -> None:
        """What tests need of Debian is what ``.ci/run`` installs."""
        install = (self.root / ".ci" / "run").read_text().split()
        missing = set(needed_packages(self.root)) - set(install)
        self.assertEqual(missing, set())

    def test_links(self) -> None:
        """Every link of the manual leads to a file."""
        pages = [self.root / "README.md", *(self.root / "docs").glob("*.md")]
        dead = [
            f"{page.name}: {link}"
            for page in pages
            for link in _LINK.findall(page.read_text())
            if not (page.parent / link).exists()
        ]
        self.assertEqual(dead, [])

    def test_dependencies(self) -> None:
        """docs/dependencies.md has each dependency, with the same lower bound."""
        setup = (self.root / "setup.py").read_text()
        pinned = re.findall(r'^ +"([\w.]+)>=([\d.]+)",$', setup, re.MULTILINE)
        page = (self.root / "docs" / "dependencies.md").read_text()
        told = re.findall(r"^\| ([\w.]+) >= ([\d.]+) \|", page, re.MULTILINE)
        self.assertEqual(
            sorted((name.lower(), bound) for name, bound in pinned),
            sorted((name.lower(), bound) for name, bound in told),
        )
