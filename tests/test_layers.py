"""
The layers of the package, and tests that they are kept.

Who may import whom is written down here, once; `docs/architecture.md` says why.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import devlxd
from tests.architecture import Module, Rules, missing_words, modules_of

_DOMAIN = ("errors", "model", "interfaces")
_CONCRETE = ("web", "identity", "stores", "events", "guest", "host")

MAY_IMPORT = {
    # 0: what everybody knows.  The root module holds the version and nothing else.
    "": (),
    "errors": (),
    "jsonline": (),
    # 1: values and rules.
    "model": ("errors",),
    # 2: the roles of the parts.
    "interfaces": ("errors", "model"),
    # 3: parts that play a role and know no other part.
    "identity": _DOMAIN,
    "stores": _DOMAIN,
    "events": (*_DOMAIN, "jsonline"),
    # It knows HTTP and no instance.
    "web": ("errors", "jsonline"),
    # 4: the surfaces.  They know stores and locators by their roles alone.
    "guest": (*_DOMAIN, "web", "events", "identity.credentials"),
    "host": (*_DOMAIN, "web", "events", "identity.credentials"),
    # For programs in guests, where there is no service.
    "client": ("errors",),
    # For operators; it talks to the service as anybody could.
    "ctl": ("errors", "client"),
    # 5: what others test their own parts with.
    "testing": (*_DOMAIN, *_CONCRETE, "client"),
    # 6: where the concrete parts meet.
    "service": (*_DOMAIN, *_CONCRETE),
    "options": (*_DOMAIN, *_CONCRETE, "service"),
    "assembly": (*_DOMAIN, *_CONCRETE, "service", "options"),
    "tap": (*_DOMAIN, *_CONCRETE, "service", "options", "assembly"),
}
"""What each part may import of the package, beside itself."""

OUTSIDERS = {
    "": ("twisted",),
    "errors": ("twisted", "zope"),
    "jsonline": ("twisted", "zope"),
    "model": ("twisted", "zope"),
}
"""The packages of others that a part may not import."""

MOST_LINES = 400

PACKAGE = Path(devlxd.__file__).parent

# One line, what it imports, and into which module it is planted.
PLANTS = (
    ("import devlxd.tap", "devlxd.tap", "model/names.py"),
    ("import os, devlxd.tap as t", "devlxd.tap", "errors.py"),
    ("from devlxd import tap", "devlxd.tap", "model/names.py"),
    ("from devlxd import __version__, tap", "devlxd.tap", "web/site.py"),
    ("from devlxd.tap import makeService", "devlxd.tap.makeService", "guest/api.py"),
    ("def f() -> None: import devlxd.tap", "devlxd.tap", "options.py"),
    ("if TYPE_CHECKING: from devlxd import host", "devlxd.host", "guest/api.py"),
    ("from .. import tap", "devlxd.tap", "model/names.py"),
    ("from .. import tap", "devlxd.tap", "model/__init__.py"),
    ("from ..tap import makeService", "devlxd.tap.makeService", "web/site.py"),
    ("from . import errors", "devlxd.errors", "__init__.py"),
    ("from .model import names", "devlxd.model.names", "errors.py"),
    ("from devlxd.identity import chain", "devlxd.identity.chain", "stores/memory.py"),
    ("from devlxd.identity import chain", "devlxd.identity.chain", "guest/api.py"),
    ("from devlxd.stores import *", "devlxd.stores.*", "host/manifest.py"),
    ("from devlxd.model import names", "devlxd.model.names", "client/guest.py"),
    ("from devlxd.model import names", "devlxd.model.names", "web/site.py"),
    ("from twisted.internet import defer", "twisted.internet.defer", "model/names.py"),
    ("import twisted", "twisted", "model/names.py"),
)

# Lines that break no rule wherever they are.
HARMLESS = (
    "from devlxd import __version__",
    "from devlxd.errors import Refusal",
    "import devlxdish.tap",
    "from . import tapestry",
    "import twistedness",
    "x = 'import devlxd.tap'  # from devlxd import tap",
)


RULES = Rules(MAY_IMPORT, OUTSIDERS)


class LayersTests(SynchronousTestCase):
    """Tests of who imports whom."""

    def setUp(self) -> None:
        """Make a copy of the package, to plant something in."""
        self.copy = Path(self.mktemp()) / "devlxd"
        shutil.copytree(PACKAGE, self.copy, ignore=shutil.ignore_patterns("*.pyc"))

    def plant(self, line: str, place: str) -> int:
        """
        Add a line to a module of the copy.

        :return: its number.
        """
        path = self.copy / place
        text = path.read_text()
        path.write_text(f"{text}{line}\n")
        self.addCleanup(path.write_text, text)
        return len(text.splitlines()) + 1

    def test_package(self) -> None:
        """The package keeps its layers."""
        self.assertEqual(RULES.broken(PACKAGE), [])

    def test_planted(self) -> None:
        """An import that goes up or sideways is reported where it is, however it is
        written."""
        before = RULES.broken(self.copy)
        for line, target, place in PLANTS:
            number = self.plant(line, place)
            part = place.partition("/")[0].removesuffix(".py").strip("_")
            who = part if part != "init" else "devlxd"
            self.assertEqual(
                [x for x in RULES.broken(self.copy) if x not in before],
                [f"devlxd/{place}:{number}: {who} must not import {target}"],
            )
            self.doCleanups()

    def test_harmless(self) -> None:
        """What only looks like such an import is not reported."""
        before = RULES.broken(self.copy)
        for line in HARMLESS:
            self.plant(line, "model/names.py")
        self.assertEqual(RULES.broken(self.copy), before)

    def test_unknown(self) -> None:
        """A part that is in no layer is reported, module or package, and whoever
        imports it."""
        before = RULES.broken(self.copy)
        (self.copy / "novelty").mkdir()
        (self.copy / "novelty" / "__init__.py").write_text("")
        (self.copy / "extra.py").write_text("import devlxd.tap\n")
        number = self.plant("import devlxd.extra", "tap.py")
        self.assertEqual(
            {x for x in RULES.broken(self.copy) if x not in before},
            {
                "devlxd/extra.py:1: 'extra' is in no layer",
                "devlxd/novelty/__init__.py:1: 'novelty' is in no layer",
                f"devlxd/tap.py:{number}: tap must not import devlxd.extra",
            },
        )

    def test_downwards(self) -> None:
        """The rules name parts that have rules themselves, and no two parts may import
        each other, not even by way of others."""
        above: set[str] = set()
        for part, allowed in reversed(MAY_IMPORT.items()):
            above.add(part)
            self.assertLessEqual(
                {x.partition(".")[0] for x in allowed}, set(MAY_IMPORT)
            )
            self.assertEqual(above.intersection(allowed), set())


class WordsTests(SynchronousTestCase):
    """Tests of what the source says about itself."""

    def test_package(self) -> None:
        """Every module, public class and public function says what it is, and every
        function has annotations."""
        self.assertEqual(missing_words(modules_of(PACKAGE)), [])

    def test_length(self) -> None:
        """No module is longer than one can take in."""
        lengths = {x.place: len(x.text.splitlines()) for x in modules_of(PACKAGE)}
        self.assertEqual({k: n for k, n in lengths.items() if n > MOST_LINES}, {})

    def test_missing(self) -> None:
        """What lacks its words is reported where it is."""
        text = '''
class A:
    def f(self, x, *a: int, **k: int) -> None:
        """Said."""
        def inner(): pass
    async def g(cls, y: int): pass
    def _private(self) -> None: pass
    class B: pass
    @p.setter
    def p(self, x: int) -> None: pass
    def told(self) -> None: pass
class _C:
    def h(self, *, z=1) -> None: pass
'''
        role = '''
"""Roles."""
class IRole(Interface):
    """A role."""
    def told() -> None:
        """The contract."""
'''
        modules = [
            Module("devlxd.roles", "devlxd/roles.py", role, is_package=False),
            Module("devlxd.x", "devlxd/x.py", text, is_package=False),
        ]
        self.assertEqual(
            [x.removeprefix("devlxd/x.py:") for x in missing_words(modules)],
            [
                "1: no docstring",
                "2: A has no docstring",
                "6: g has no docstring",
                "8: B has no docstring",
                "3: f is not annotated",
                "6: g is not annotated",
                "13: h is not annotated",
                "5: inner is not annotated",
            ],
        )
