"""Tests for `devlxd.identity.discovery`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from attrs import define, field
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactor
from twisted.logger import capturedLogs, formatEvent

from devlxd.errors import Conflict, NoSuchInstance, NotInContainer
from devlxd.identity.credentials import peer_of
from devlxd.identity.discovery import Discovery
from devlxd.identity.kernel import IKernel, Linux, Linux53, Linux65
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.identity.runtimes.known import RUNTIMES, runtimes
from devlxd.identity.runtimes.naming import Naming
from devlxd.identity.strangers import MEMORY
from devlxd.interfaces import ILocator
from devlxd.model.identity import Located, Peer
from devlxd.model.names import InstanceName
from devlxd.testing import locators
from devlxd.testing.locators import open_descriptors
from tests.identity import supervisors
from tests.identity.guests import Transport
from tests.identity.supervisors import PATH, TITLE

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")

P1 = InstanceName("pods", f"p{os.getpid()}")
"""Of a name that no other container has."""

CONMON = ("conmon", "-c", "e2be", "-n", P1.name)


@define
class Entrance:
    """
    Registers what is found, if there is such an instance.

    :ivar found: what was found, one by one.
    """

    registry: Registry
    names: Sequence[InstanceName] = (C1, P1)
    found: list[InstanceName] = field(factory=list)

    def enter(self, name: InstanceName, pid: int, lives: Callable[[], bool]) -> None:
        """As `devlxd.host.registration.Registration.found`."""
        self.found.append(name)
        if name not in self.names:
            raise NoSuchInstance
        if self.registry.pid_of(name) not in (None, pid):
            raise Conflict
        self.registry.register(name, pid, lambda: None)
        assert lives()


class Discovering(supervisors.Supervised):
    """Tests with containers that nobody has registered."""

    def setUp(self) -> None:
        """Know nobody."""
        super().setUp()
        self.clock = Clock()
        self.make(Linux())

    def make(self, kernel: IKernel) -> None:
        """Make what looks for containers, for a kernel."""
        namespaces = Namespaces.here(kernel)
        self.kernel_used = kernel
        self.registry = Registry(namespaces, MemoryReactor())
        self.addCleanup(self.registry.close)
        self.entrance = Entrance(self.registry)
        self.discovery = Discovery(
            self.registry,
            namespaces,
            runtimes(RUNTIMES, [PATH], ["/nonexistent"]),
            Naming.parse("podman:*=pods/*"),
            self.entrance.enter,
            self.clock.seconds,
        )

    def located(self, transport: Transport) -> Located:
        """What the peer of a connection is told; it costs no descriptor but its own."""
        with peer_of(transport, self.kernel_used) as peer:
            return self.discovery.locate(peer)

    def assertStranger(self, transport: Transport, reason: str) -> None:
        """Fail unless the peer of a connection is in no instance, for a reason."""
        before = open_descriptors()
        with capturedLogs() as events, self.assertRaises(NotInContainer):
            self.located(transport)
        self.assertEqual(open_descriptors(), before)
        self.assertIn(reason, " ".join(formatEvent(e) or "" for e in events))


class DiscoveryTests(Discovering):
    """A container is found by who minds it."""

    def test_found(self) -> None:
        """A process in a container is in the instance that the runtime names."""
        for kernel in (Linux(), Linux65(), Linux53()):
            self.make(kernel)
            init = self.supervisor(TITLE).child()
            self.assertEqual(self.located(self.inside(init)), Located(C1, 0))
            self.assertEqual(self.registry.pid_of(C1), init)

    def test_once(self) -> None:
        """What was found is registered, and found no more while it lives."""
        init = self.supervisor(TITLE).child()
        self.located(self.inside(init))
        with peer_of(self.inside(init)) as peer:
            self.assertEqual(self.registry.locate(peer), Located(C1, 0))
        self.assertEqual(self.entrance.found, [C1])

    def test_next_life(self) -> None:
        """When a container has ended, the next one of its name is found."""
        one = self.supervisor(TITLE).child()
        self.located(self.inside(one))
        self.kill(one)
        two = self.supervisor(TITLE).child()
        self.assertEqual(self.located(self.inside(two)), Located(C1, 0))
        self.assertEqual(self.registry.pid_of(C1), two)

    def test_mapped(self) -> None:
        """The instance may have another name than the container."""
        init = self.supervisor(*CONMON, program="conmon").child()
        self.assertEqual(self.located(self.inside(init)), Located(P1, 0))

    def test_nested(self) -> None:
        """
        A container in a container is the outer one, whatever it and who minds it are
        called.
        """
        init = self.supervisor(TITLE).child()
        victim = TITLE.replace("c1", "victim")
        nested = self.inside(init, "bash", "-c", *_calling(victim))
        self.assertEqual(self.located(nested), Located(C1, 0))
        self.assertEqual(self.entrance.found, [C1])

    def test_entering_alone(self) -> None:
        """
        A process of the host that enters the pid namespace only is not in the
        container; the children that it has afterwards are.
        """
        init = self.supervisor(TITLE).child()
        self.assertStranger(self.inside(init, "--no-fork"), "Operation not permitted")
        self.assertEqual(self.located(self.inside(init)), Located(C1, 0))

    def test_host(self) -> None:
        """A process of the host is in no container."""
        self.assertStranger(self.connected(), "Operation not permitted")

    def test_ended(self) -> None:
        """A process that has ended is in no container."""
        self.supervisor(TITLE)
        for peer in (Peer(5, 0, 0), Peer(0, 0, 0, pidfd=0)):
            self.assertRaises(NotInContainer, self.discovery.locate, peer)
        self.assertEqual(self.entrance.found, [])

    def test_look_around(self) -> None:
        """All containers that run can be found without a caller."""
        one = self.supervisor(TITLE).child()
        two = self.supervisor(*CONMON, program="conmon").child()
        self.guest()
        before = open_descriptors()
        self.discovery.look_around()
        self.assertEqual(self.registry.pid_of(C1), one)
        self.assertEqual(self.registry.pid_of(P1), two)
        self.assertEqual(open_descriptors(), before + 2)


class AttackTests(Discovering):
    """Nobody but root can say which container somebody is in."""

    def test_unsupervised(self) -> None:
        """A pid namespace of root's that no runtime has made is no instance."""
        self.assertStranger(
            self.inside(self.guest()), "its parent is no supervisor that is known"
        )

    def test_name_of_a_host_process(self) -> None:
        """A user of the host who calls a process ``[lxc monitor]`` has no instance."""
        program = self.supervisor(TITLE, kinds="users early", uid=1000)
        # Its uid in the namespace is another, which is told before it can matter.
        self.assertStranger(
            self.inside(program.child()), "its pid namespace is not root's"
        )

    def test_root_in_a_user_namespace(self) -> None:
        """Nor has who is root in a user namespace only."""
        program = self.supervisor(TITLE, kinds="users")
        self.assertStranger(
            self.inside(program.child()), "its parent is in another user namespace"
        )

    def test_given_up_rights(self) -> None:
        """Nor has who was root when it made the namespace and is root no more."""
        program = self.supervisor(TITLE, kinds="late", uid=1000)
        self.assertStranger(self.inside(program.child()), "its parent is not root")

    def test_set_user_id(self) -> None:
        """Nor has who is root by a program whose command line the user chose."""
        program = self.supervisor(TITLE, mode=0o4755)
        self.assertStranger(
            self.inside(program.child()), "its parent got its rights from its program"
        )

    def test_other_program(self) -> None:
        """Another program does not pass for a runtime's by its command line."""
        for words in (CONMON, ("systemd-nspawn", "-M", "c1")):
            program = self.supervisor(*words)
            self.assertStranger(
                self.inside(program.child()), "its parent is no supervisor"
            )
            self.clock.advance(100)

    def test_name_inside(self) -> None:
        """A process in a container that calls itself a monitor is only in that."""
        init = self.supervisor(TITLE.replace("c1", "other")).child()
        nested = self.inside(init, "bash", "-c", *_calling(TITLE))
        self.assertStranger(nested, "Instance not found")
        self.assertEqual(self.entrance.found, [InstanceName("default", "other")])

    def test_second_of_a_name(self) -> None:
        """A second container of a name is not the instance while the first one is."""
        one, two = (self.supervisor(TITLE).child() for _ in range(2))
        self.assertEqual(self.located(self.inside(one)), Located(C1, 0))
        self.assertStranger(self.inside(two), "is in no container")
        self.assertEqual(self.registry.pid_of(C1), one)

    def test_supervisor_ended(self) -> None:
        """A container without a supervisor is not found; one that was found stays."""
        found, lost = (self.supervisor(*_title(x)) for x in ("c1", "c2"))
        inits = found.child(), lost.child()
        self.located(self.inside(inits[0]))
        for program in (found, lost):
            program.process.kill()
            program.process.wait()
        with peer_of(self.inside(inits[0])) as peer:
            self.assertEqual(self.registry.locate(peer), Located(C1, 0))
        self.assertStranger(self.inside(inits[1]), "is in no container")

    def test_strangers_are_remembered(self) -> None:
        """Who was no instance is not asked about again for a moment."""
        init = self.supervisor(*_title("stranger")).child()
        for _ in range(3):
            self.assertRaises(NotInContainer, self.located, self.inside(init))
        self.assertEqual(len(self.entrance.found), 1)
        self.clock.advance(MEMORY)
        self.entrance.names = (InstanceName("default", "stranger"),)
        located = self.located(self.inside(init))
        self.assertEqual(located.name, InstanceName("default", "stranger"))

    def test_log(self) -> None:
        """Strangers get one line a minute."""
        init = self.supervisor(*_title("stranger")).child()
        with capturedLogs() as events:
            for _ in range(5):
                self.assertRaises(NotInContainer, self.located, self.inside(init))
        self.assertEqual(len(events), 1)


class ContractTests(locators.DiscerningLocatorContract, supervisors.Supervised):
    """What finds containers is a locator."""

    def setUp(self) -> None:
        """Make one that finds one instance."""
        super().setUp()
        namespaces = Namespaces.here()
        registry = Registry(namespaces, MemoryReactor())
        self.addCleanup(registry.close)
        self.discovery = Discovery(
            registry,
            namespaces,
            runtimes(["lxc"], [PATH], []),
            Naming(),
            Entrance(registry).enter,
        )

    def locator(self) -> ILocator:
        """The same one each time."""
        return self.discovery

    def known(self) -> tuple[Peer, Located]:
        """A process in a container, which is registered, with a descriptor for that."""
        peer = self.held(self.inside(self.supervisor(TITLE).child()))
        self.discovery.look_around()
        return peer, Located(C1, 0)

    def stranger(self) -> Peer:
        """A process in a pid namespace that nobody minds."""
        return self.held(self.inside(self.guest()))

    def held(self, transport: Transport) -> Peer:
        """The peer of a connection, until the test is over."""
        context = peer_of(transport)
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()


def _title(name: str) -> tuple[str]:
    return (TITLE.replace("c1", name),)


def _calling(title: str) -> tuple[str, ...]:
    """Arguments of ``bash -c`` by which a process of that name minds a nested one."""
    line = 'title=$0; (exec -a "$title" unshare --pid --fork "$@")'
    return line, title
