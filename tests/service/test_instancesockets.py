"""Instances that have a socket of their own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from attrs import evolve
from twisted.internet import reactor as real_reactor
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import TestCase

from devlxd.errors import CannotStart
from devlxd.events.feed import Feed
from devlxd.events.sink import Backlog
from devlxd.guest.api import guest_api
from devlxd.guest.door import Door
from devlxd.identity.assumed import Assumed
from devlxd.interfaces import IDraft
from devlxd.model.instance import Instance, InstanceType
from devlxd.model.names import InstanceName
from devlxd.service.instancehomes import InstanceHomes
from devlxd.service.instancesockets import InstanceSockets
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from devlxd.web.bounds import Bounds
from devlxd.web.dialects import Plain
from devlxd.web.site import Site
from tests.service.places import directory, mode
from tests.service.processes import ask
from tests.stores.imageparts import images_of

VM = InstanceType.VIRTUAL_MACHINE
C1, VM1, VM2 = (InstanceName("default", name) for name in ("c1", "vm1", "vm2"))
_reactor: Any = real_reactor


def vm(name: InstanceName) -> Instance:
    """A virtual machine that can tell its name."""
    return Instance(name, VM, profiles=(), config={"user.name": str(name)})


class SocketsCase(TestCase):
    """Sockets of the instances of a store in memory."""

    limit = 2

    def setUp(self) -> None:
        """Have a store with a container and a virtual machine."""
        uuids = (f"uuid-{number}" for number in count())
        self.store = Store(Memory(), lambda: next(uuids), lambda: 10**18)
        self.homes = InstanceHomes(directory(self) / "instances")
        instances = self.store.instances
        feed = Feed(self.store.journal, _reactor, lambda: 10**18, Backlog())
        images = images_of(self, self.store)
        api = guest_api(instances, images, feed, Plain(), "host")
        self.door = Door(Assumed(C1), instances, self.limit)
        self.site = Site(api, self.door, Plain(), Bounds(), _reactor)
        self.site.noisy = False
        for each in (Instance(C1, profiles=()), vm(VM1)):
            instances.create(each)

    def sockets(self, *types: InstanceType, most: int = 9) -> InstanceSockets:
        """What has not started."""
        instances = self.store.instances
        return InstanceSockets(
            self.homes, types, instances, self.site, self.door, most, _reactor
        )

    def start(self, *types: InstanceType, most: int = 9) -> list[str]:
        """
        Start, until the test ends.

        :return: what was logged.
        """
        self.service = self.sockets(*types, most=most)
        said = self.logged(self.service.startService)
        self.addCleanup(self.site.drain)
        self.addCleanup(self.stop)
        return said

    def stop(self) -> Any:
        """Stop, unless it has."""
        return self.service.stopService() if self.service.running else None

    def logged(self, act: Callable[[], object]) -> list[str]:
        """What is logged meanwhile."""
        with capturedLogs() as events:
            act()
        said = [str(formatEvent(event)) for event in events]
        return [line.replace(str(self.homes.path), "HOMES") for line in said]

    def path(self, name: InstanceName) -> Path:
        """Where the socket of an instance is."""
        return self.homes.socket_of(name)

    async def name_of(self, path: Path) -> str:
        """What a caller of a socket is told that its name is."""
        return await deferToThread(ask, path, "/1.0/config/user.name")


class ServingTests(SocketsCase):
    """Whoever connects is the instance."""

    async def test_served(self) -> None:
        """Callers of a socket get what is told to its instance, and to no other."""
        self.store.instances.create(vm(VM2))
        said = self.start(VM)
        self.assertEqual(said, ["Instances have sockets of their own in HOMES: 2"])
        for name in (VM1, VM2):
            self.assertEqual(await self.name_of(self.path(name)), str(name))
        self.assertFalse(self.path(C1).exists())

    async def test_limit(self) -> None:
        """An instance holds so many connections there, and others theirs."""
        self.store.instances.create(vm(VM2))
        self.start(VM)
        for _ in range(self.limit):
            held = socket.socket(socket.AF_UNIX)
            self.addCleanup(held.close)
            held.connect(str(self.path(VM1)))
        with self.assertRaises(AssertionError) as caught:
            await self.name_of(self.path(VM1))
        self.assertIn("503", str(caught.exception))
        self.assertEqual(await self.name_of(self.path(VM2)), str(VM2))

    def test_types(self) -> None:
        """Instances of other types have none; without any nothing is said."""
        self.assertEqual(self.start(), [])
        self.assertEqual(list(self.homes.path.iterdir()), [])

    def test_all(self) -> None:
        """All may have one."""
        self.start(*InstanceType)
        self.assertTrue(self.path(C1).is_socket())
        self.assertTrue(self.path(VM1).is_socket())

    def test_open_files(self) -> None:
        """A port is an open file in the place of a connection."""
        self.start(VM)
        self.assertEqual(self.site.numPorts, 1)


class FollowingTests(SocketsCase):
    """Sockets come and go with their instances."""

    def setUp(self) -> None:
        """Start."""
        super().setUp()
        self.start(VM)

    async def test_created(self) -> None:
        """A new virtual machine has one, and a new container has none."""
        await self.store.instances.create(vm(VM2))
        await self.store.instances.create(
            Instance(InstanceName("default", "c2"), profiles=())
        )
        self.assertEqual(await self.name_of(self.path(VM2)), str(VM2))
        self.assertEqual(len(list(self.homes.path.iterdir())), 2)

    async def test_changed(self) -> None:
        """A change leaves it as it is."""
        number = self.path(VM1).stat().st_ino

        def rename(old: Instance) -> Instance:
            return evolve(old, config={**old.config, "user.name": "other"})

        await self.store.instances.update(VM1, rename)
        self.assertEqual(self.path(VM1).stat().st_ino, number)
        self.assertEqual(await self.name_of(self.path(VM1)), "other")

    async def test_deleted(self) -> None:
        """Nothing of it is left when the instance is gone, and nobody listens."""
        with socket.socket(socket.AF_UNIX) as early:
            early.setblocking(False)
            early.connect(str(self.path(VM1)))
            await self.store.instances.delete(VM1)
            await deferLater(_reactor, 0.05)
            early.setblocking(True)
            self.assertRaises(ConnectionResetError, early.recv, 1)
        self.assertEqual(list(self.homes.path.iterdir()), [])
        self.assertEqual(self.site.numPorts, 0)

    async def test_again(self) -> None:
        """The next instance of a name has another socket, in another directory."""
        self.path(VM1).parent.chmod(0o755)

        def replace(draft: IDraft) -> None:
            draft.delete_instance(VM1)
            draft.create_instance(evolve(vm(VM1), config={"user.name": "new"}))

        await self.store.transact(replace)
        self.assertEqual(await self.name_of(self.path(VM1)), "new")
        self.assertEqual(mode(self.path(VM1).parent), 0o700)
        self.assertEqual(self.site.numPorts, 1)

    async def test_at_once(self) -> None:
        """An instance that is deleted and made again at once keeps its socket."""
        await self.store.instances.delete(VM1)
        await self.store.instances.create(vm(VM1))
        await deferLater(_reactor, 0.05)
        self.assertEqual(await self.name_of(self.path(VM1)), str(VM1))

    async def test_renamed(self) -> None:
        """The directory goes to another name with its instance, whoever's it is."""
        for new in (InstanceName("default", "a1"), InstanceName("lab", "z1"), VM1):
            (old,) = self.homes.path.iterdir()
            old.chmod(0o750)
            name = InstanceName(*old.name.split("_", 1))

            def rename(
                draft: IDraft, name: InstanceName = name, new: InstanceName = new
            ) -> None:
                draft.rename_instance(name, new)

            await self.store.transact(rename)
            self.assertEqual(await self.name_of(self.path(new)), str(VM1))
            self.assertEqual(list(self.homes.path.iterdir()), [self.path(new).parent])
            self.assertEqual(mode(self.path(new).parent), 0o750)
            self.assertEqual(self.site.numPorts, 1)

    async def test_swapped(self) -> None:
        """Two instances that take each other's name have sockets by their new ones."""
        await self.store.instances.create(vm(VM2))

        def swap(draft: IDraft) -> None:
            other = InstanceName("default", "other")
            draft.rename_instance(VM1, other)
            draft.rename_instance(VM2, VM1)
            draft.rename_instance(other, VM2)

        await self.store.transact(swap)
        await deferLater(_reactor, 0.05)
        self.assertEqual(await self.name_of(self.path(VM1)), str(VM2))
        self.assertEqual(await self.name_of(self.path(VM2)), str(VM1))

    async def test_stopped(self) -> None:
        """At the end the sockets go, their directories stay, and nothing is heard."""
        await self.service.stopService()
        self.assertFalse(self.path(VM1).exists())
        self.assertTrue(self.path(VM1).parent.is_dir())
        await self.store.instances.create(vm(VM2))
        self.assertFalse(self.path(VM2).parent.exists())
        self.assertEqual(self.site.numPorts, 0)

    async def test_restarted(self) -> None:
        """The next start finds the directories, given away as they may be."""
        await self.service.stopService()
        home = self.path(VM1).parent
        home.chmod(0o710)
        number = home.stat().st_ino
        self.start(VM)
        self.assertEqual(await self.name_of(self.path(VM1)), str(VM1))
        self.assertEqual((home.stat().st_ino, mode(home)), (number, 0o710))

    async def test_connection_stays(self) -> None:
        """Who was connected is refused when the instance is another one."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.path(VM1)))
            await deferLater(_reactor, 0.05)
            await self.store.instances.delete(VM1)
            await self.store.instances.create(vm(VM1))
            connection.sendall(b"GET /1.0 HTTP/1.0\r\n\r\n")
            answer = await deferToThread(connection.recv, 4096)
        self.assertTrue(answer.startswith(b"HTTP/1.0 500 "), answer)


class StartTests(SocketsCase):
    """What is there at the start."""

    def left(self, *names: InstanceName) -> None:
        """A service that was killed has left these."""
        self.homes.make()
        for name in names:
            self.homes.listen(name).close()

    async def test_killed(self) -> None:
        """What a killed service left is used, or removed if the instance is gone."""
        self.left(VM1, VM2, C1)
        self.start(VM)
        self.assertEqual(await self.name_of(self.path(VM1)), str(VM1))
        self.assertEqual(list(self.homes.path.iterdir()), [self.path(VM1).parent])

    def test_not_ours(self) -> None:
        """What somebody put into the directory of an instance that is gone stays."""
        self.left(VM2)
        self.path(VM2).with_name("qmp").write_text("")
        said = self.start(VM)
        self.assertEqual(
            said[0], "Left as it was: HOMES/default_vm2: Directory not empty"
        )
        self.assertEqual(
            [each.name for each in self.path(VM2).parent.iterdir()], ["qmp"]
        )

    def test_no_directory(self) -> None:
        """Where there can be no directory for them, the service does not start."""
        self.homes.path.write_text("")
        service = self.sockets(VM)
        with self.assertRaises(CannotStart) as caught:
            service.startService()
        self.assertEqual(str(caught.exception), f"{self.homes.path}: Not a directory")
        self.assertFalse(service.running)
        self.successResultOf(service.stopService())

    async def test_failing(self) -> None:
        """One that cannot be opened is logged, and others are open."""
        long = InstanceName("p" * 63, "n" * 63)
        self.store.instances.create(vm(long))
        said = self.start(VM)
        self.assertEqual(
            said[0],
            f"{long} has no socket: the path of its socket would exceed 107 bytes",
        )
        self.assertEqual(await self.name_of(self.path(VM1)), str(VM1))
        self.assertEqual(self.logged(lambda: self.store.instances.delete(long)), [])

    def test_most(self) -> None:
        """There are not more than there may be."""
        self.store.instances.create(vm(VM2))
        said = self.start(VM, most=1)
        self.assertEqual(
            said,
            [
                f"{VM2} has no socket: there are as many as may be; raise LimitNOFILE",
                "Instances have sockets of their own in HOMES: 1",
            ],
        )
