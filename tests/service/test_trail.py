"""The way that leads to a file."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.internet.testing import MemoryReactor
from twisted.trial.unittest import SynchronousTestCase

from devlxd.service.inotify import DELETE, Inotify, Notification
from devlxd.service.trail import WatchedTrail, trail
from tests.service.places import directory


class TrailTests(SynchronousTestCase):
    """`trail` gives each name that is looked up, and where."""

    def setUp(self) -> None:
        """Have a directory, whose own way is of no interest."""
        self.directory = directory(self).resolve()
        self.before = len(self.directory.parts) - 1

    def trail(self, path: str) -> list[str]:
        """That of a path in the directory, as paths in it."""
        steps = list(trail(self.directory / path))[self.before :]
        return [str(self.shown(here) / os.fsdecode(name)) for here, name in steps]

    def shown(self, path: Path) -> Path:
        """A path as one in the directory, if it is."""
        inside = path.is_relative_to(self.directory)
        return path.relative_to(self.directory) if inside else path

    def make(self, *files: str, **links: str) -> None:
        """Make files, with their directories, and links."""
        for file in files:
            path = self.directory / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        for name, target in links.items():
            (self.directory / name).symlink_to(target)

    def test_root(self) -> None:
        """It begins at the root."""
        steps = list(trail(self.directory / "x"))
        self.assertEqual(steps[0], (Path("/"), os.fsencode(self.directory.parts[1])))
        self.assertEqual(steps[-1], (self.directory, b"x"))
        self.assertEqual(list(trail(Path("/"))), [])

    def test_plain(self) -> None:
        """Each directory is one in which the next name is looked up."""
        self.make("a/b/x")
        self.assertEqual(self.trail("a/b/x"), ["a", "a/b", "a/b/x"])

    def test_not_there(self) -> None:
        """It ends with what is not there, or is no directory though it should be."""
        self.make("a/x")
        self.assertEqual(self.trail("a/b/c/x"), ["a", "a/b"])
        self.assertEqual(self.trail("a/x/y"), ["a", "a/x"])

    def test_links(self) -> None:
        """Links are followed, relative and absolute ones, of directories and files."""
        self.make("a/x", link="a/x", up="a/../link", far=f"{self.directory}/a")
        self.assertEqual(self.trail("link"), ["link", "a", "a/x"])
        self.assertEqual(self.trail("up"), ["up", "a", "link", "a", "a/x"])
        above = [*reversed(self.directory.parents), self.directory]
        self.assertEqual(self.trail("far/x"), ["far", *map(str, above[1:]), "a", "a/x"])

    def test_up(self) -> None:
        """The parent of a link's target is meant where it is followed by two dots."""
        self.make("a/b/y", "a/x", link="a/b")
        self.assertEqual(self.trail("link/../x"), ["link", "a", "a/b", "a/x"])

    def test_mount(self) -> None:
        """The switch of a volume that Kubernetes makes of a ConfigMap is on it."""
        self.make("v/..1/x")
        (self.directory / "v/..data").symlink_to("..1")
        (self.directory / "v/x").symlink_to("..data/x")
        self.assertEqual(
            self.trail("v/x"), ["v", "v/x", "v/..data", "v/..1", "v/..1/x"]
        )

    def test_circle(self) -> None:
        """It does not go round in circles for ever."""
        self.make(a="b", b="a")
        self.assertLess(len(self.trail("a")), 50)

    def test_lookup(self) -> None:
        """A name is given before it is looked up."""
        self.make("a/x", "b/x", link="a")
        steps = trail(self.directory / "link/x")
        while (step := next(steps)) != (self.directory, b"link"):
            pass
        (self.directory / "link").unlink()
        (self.directory / "link").symlink_to("b")
        self.assertEqual(list(steps)[-1], (self.directory / "b", b"x"), step)


class Late(Inotify):
    """One that is told of a directory when that has just gone."""

    def add(self, path: Path, mask: int) -> int:
        """Watch, too late."""
        if path.name == "going":
            path.rmdir()
        return super().add(path, mask)


class WatchedTrailTests(SynchronousTestCase):
    """`WatchedTrail` watches what `trail` gives."""

    def test_gone(self) -> None:
        """
        A directory that goes in that very moment is nothing to complain of: the one
        that it was in tells.
        """
        heard: list[Notification] = []
        reactor = MemoryReactor()
        inotify = Late.opened(reactor, heard.extend)
        self.addCleanup(inotify.close)
        path = directory(self).resolve() / "going" / "x"
        path.parent.mkdir()
        watched = WatchedTrail(inotify, path)
        watched.place()
        inotify.doRead()
        (notification,) = filter(watched.concerns, heard)
        self.assertEqual(
            (notification.mask & DELETE, notification.name), (DELETE, b"going")
        )
