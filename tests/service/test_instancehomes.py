"""Where the sockets of instances are."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.names import InstanceName
from devlxd.service.instancehomes import InstanceHomes
from devlxd.service.reason import reason
from tests.service.places import directory, mode

VM1 = InstanceName("default", "vm1")
VM2 = InstanceName("lab", "vm_2")


def connects(path: Path) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class HomesTests(SynchronousTestCase):
    """`InstanceHomes` makes, moves and removes them."""

    def setUp(self) -> None:
        """Have a place for them."""
        self.homes = InstanceHomes(directory(self) / "instances")
        self.homes.make()

    def listen(self, name: InstanceName) -> Path:
        """Where a socket listens from now on."""
        self.addCleanup(self.homes.listen(name).close)
        return self.homes.socket_of(name)

    def fails(self, text: str, act: object, *arguments: object) -> None:
        """Something cannot be done, for this reason."""
        assert callable(act)
        with self.assertRaises(OSError) as caught:
            act(*arguments)
        said = reason(caught.exception)
        self.assertEqual(said.replace(str(self.homes.path), "HOMES"), text)

    def test_names(self) -> None:
        """The directory of an instance has the name of its monitor in LXD."""
        place = self.homes.socket_of(VM2).relative_to(self.homes.path)
        self.assertEqual(place, Path("lab_vm_2/sock"))

    def test_modes(self) -> None:
        """Whatever the umask, only our user may enter, and whoever may may connect."""
        for umask in (0o000, 0o077):
            self.addCleanup(os.umask, os.umask(umask))
            homes = InstanceHomes(directory(self) / "instances")
            homes.make()
            self.addCleanup(homes.listen(VM1).close)
            path = homes.socket_of(VM1)
            modes = [mode(each) for each in (homes.path, path.parent, path)]
            self.assertEqual(modes, [0o711, 0o700, 0o666])

    def test_listen(self) -> None:
        """A socket listens, and nothing is beside it."""
        path = self.listen(VM1)
        self.assertTrue(connects(path))
        self.assertEqual(list(path.parent.iterdir()), [path])
        self.assertEqual(list(self.homes.path.iterdir()), [path.parent])

    def test_linked(self) -> None:
        """A hypervisor may have a name of its own for it, as ``v.sock_80``."""
        link = self.homes.path.parent / "v.sock_80"
        link.symlink_to(self.listen(VM1))
        self.assertTrue(connects(link))

    def test_again(self) -> None:
        """A socket that was left is replaced; the directory stays as it is."""
        path = self.listen(VM1)
        path.parent.chmod(0o710)
        home = path.parent.stat()
        self.listen(VM1)
        self.assertTrue(connects(path))
        self.assertEqual(path.parent.stat().st_ino, home.st_ino)
        self.assertEqual(mode(path.parent), 0o710)

    def test_draft_left(self) -> None:
        """A service that was killed while it made a socket is no obstacle."""
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(self.homes.path / ".sock"))
        self.assertTrue(connects(self.listen(VM1)))

    def test_link(self) -> None:
        """Where its owner has put a link, nothing is done to what that leads to."""
        path = self.listen(VM1)
        target = self.homes.path.parent / "target"
        target.write_text("")
        target.chmod(0o600)
        path.unlink()
        path.symlink_to(target)
        taken = "HOMES/default_vm1/sock: is there, and is no socket"
        for act in (self.homes.listen, self.homes.remove_socket, self.homes.remove):
            self.fails(taken, act, VM1)
        self.assertEqual((mode(target), target.read_text()), (0o600, ""))

    def test_file(self) -> None:
        """What is no socket is not replaced, and no draft is left."""
        path = self.homes.socket_of(VM1)
        path.parent.mkdir()
        path.write_text("mine")
        self.fails(
            "HOMES/default_vm1/sock: is there, and is no socket", self.homes.listen, VM1
        )
        self.assertEqual(path.read_text(), "mine")

    def test_long(self) -> None:
        """A path that no socket can have is told, and nothing made."""
        name = InstanceName("p" * 63, "n" * 63)
        self.fails(
            "the path of its socket would exceed 107 bytes", self.homes.listen, name
        )
        self.assertEqual(list(self.homes.path.iterdir()), [])

    def test_default_place(self) -> None:
        """In /var/lib/devlxd every name fits that is in the default project."""
        homes = InstanceHomes(Path("/var/lib/devlxd/instances"))
        path = homes.socket_of(InstanceName("default", "n" * 63))
        self.assertLessEqual(len(bytes(path)), 107)

    def test_remove(self) -> None:
        """A directory goes with its socket, also when either is gone already."""
        for obstacle in ("sock", "", None):
            path = self.listen(VM1)
            if obstacle == "sock":
                path.unlink()
            elif obstacle == "":
                self.homes.remove(VM1)
            self.homes.remove(VM1)
            self.assertFalse(path.parent.exists())

    def test_remove_used(self) -> None:
        """A directory in which there is something else stays, without the socket."""
        path = self.listen(VM1)
        path.with_name("qmp").write_text("")
        self.fails("HOMES/default_vm1: Directory not empty", self.homes.remove, VM1)
        self.assertFalse(path.exists())

    def test_remove_socket(self) -> None:
        """A socket can go alone."""
        path = self.listen(VM1)
        self.homes.remove_socket(VM1)
        self.assertEqual(list(path.parent.iterdir()), [])
        self.homes.remove_socket(VM1)

    def test_move(self) -> None:
        """A directory goes to another name as it is; without one nothing happens."""
        path = self.listen(VM1)
        path.parent.chmod(0o750)
        self.homes.move(VM1, VM2)
        self.homes.move(VM1, VM2)
        self.assertFalse(path.parent.exists())
        self.assertEqual(mode(self.homes.socket_of(VM2).parent), 0o750)
        self.assertTrue(connects(self.listen(VM2)))

    def test_others(self) -> None:
        """It is told which directories are of no known instance."""
        self.listen(VM1)
        self.listen(VM2)
        (self.homes.path / "note").write_text("")
        self.assertEqual(
            list(self.homes.others([VM1])), [self.homes.socket_of(VM2).parent]
        )
