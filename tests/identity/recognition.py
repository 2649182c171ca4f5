"""How callers are recognised, to be run on each generation of the kernel."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from twisted.internet.testing import MemoryReactor

from devlxd.errors import NotInContainer
from devlxd.identity.credentials import peer_of
from devlxd.identity.namespaces import Namespaces
from devlxd.identity.registry import Registry
from devlxd.model.identity import Located, Peer
from devlxd.model.names import InstanceName
from tests.identity import guests
from tests.identity.guests import SLEEP, STAY, UNSHARE, Transport, into
from tests.need import lacking

C1 = InstanceName("default", "c1")
C2 = InstanceName("default", "c2")

LEAVE_IT_TO_A_CHILD = """
parent = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == parent:
    os.sched_yield()
"""

HAND_OVER = """
hand = socket.socket(socket.AF_UNIX)
hand.connect(sys.argv[1])
socket.send_fds(hand, [b"x"], [connection.fileno()])
"""


class Recognition(guests.RealProcesses):
    """A caller is recognised by the pid namespace that it was born in."""

    def setUp(self) -> None:
        """Make an empty registry."""
        super().setUp()
        self.reactor = MemoryReactor()
        self.registry = Registry(Namespaces.here(self.kernel), self.reactor)
        self.addCleanup(self.registry.close)
        self.over: list[InstanceName] = []

    def register(self, name: InstanceName, pid: int) -> None:
        """Register a guest; its end is noted in ``over``."""
        self.registry.register(name, pid, lambda: self.over.append(name))

    def instance(self, name: InstanceName, *options: str) -> int:
        """Start a guest and register it."""
        init = self.guest(*options)
        self.register(name, init)
        return init

    def located(self, transport: Transport) -> Located:
        """What the peer of a connection is told."""
        with peer_of(transport, self.kernel) as peer:
            return self.registry.locate(peer)

    def is_root(self, transport: Transport) -> bool:
        """Whether the peer of a connection may speak for its instance."""
        with peer_of(transport, self.kernel) as peer:
            return self.registry.locate(peer).is_root(peer)

    def assertRefused(self, transport: Transport) -> None:
        """Fail unless the peer of a connection is in no instance."""
        refusal = self.assertRaises(NotInContainer, self.located, transport)
        self.assertEqual(refusal.text, "Process ID not found in container")

    def test_own_instance(self) -> None:
        """Each of two instances is told its own name."""
        one, two = self.instance(C1), self.instance(C2)
        self.assertEqual(self.located(self.inside(one)), Located(C1, 0))
        self.assertEqual(self.located(self.inside(two)), Located(C2, 0))

    def test_init(self) -> None:
        """The init process is in the instance, too."""
        program = self.client(*UNSHARE)
        self.addCleanup(program.end)
        self.register(C1, program.child())
        self.assertEqual(self.located(self.accept()), Located(C1, 0))

    def test_host(self) -> None:
        """A process of the host is in no instance."""
        self.instance(C1)
        self.assertRefused(self.connected())

    def test_unregistered(self) -> None:
        """A process in a pid namespace that nobody registered is in no instance."""
        self.instance(C1)
        self.assertRefused(self.inside(self.guest()))

    def test_nested(self) -> None:
        """A process in a pid namespace inside an instance's is in that instance."""
        one = self.instance(C1)
        nested = self.inside(one, "--", *UNSHARE, *UNSHARE)
        self.assertEqual(self.located(nested), Located(C1, 0))

    def test_nested_and_registered(self) -> None:
        """An instance inside another one is told its own name, as is the outer one."""
        program = self.start(*UNSHARE, *UNSHARE, *SLEEP)
        outer, inner = program.child(), program.child(2)
        self.register(C1, outer)
        self.register(C2, inner)
        self.assertEqual(self.located(self.inside(inner)), Located(C2, 0))
        self.assertEqual(self.located(self.inside(outer)), Located(C1, 0))

    def test_entered_with_its_user_namespace(self) -> None:
        """A process that was run into an instance from outside is in it."""
        one = self.instance(C1, "--user", "--map-root-user", "--mount-proc")
        entered = self.inside(one, "-U", "--preserve-credentials")
        self.assertEqual(self.located(entered), Located(C1, 0))

    def test_entering_alone(self) -> None:
        """
        A process that enters the pid namespace of an instance is not in it; only the
        children that it has afterwards are.
        """
        one = self.instance(C1)
        self.assertRefused(self.inside(one, "--no-fork"))

    def test_other_user(self) -> None:
        """A process of another user than root is in the instance, but is not root."""
        one = self.instance(C1)
        other = self.inside(one, uid=1000)
        self.assertEqual(self.located(other), Located(C1, 0))
        self.assertFalse(self.is_root(other))
        self.assertTrue(self.is_root(self.inside(one)))

    def test_map(self) -> None:
        """Root is who has uid 0 inside, whatever uid that is outside."""
        one = self.guest("--user")
        self.map_users(one, 100000)
        self.register(C1, one)
        root = self.inside(one, users=one)
        self.assertEqual(self.located(root), Located(C1, 100000))
        self.assertTrue(self.is_root(root))
        self.assertFalse(self.is_root(self.inside(one, users=one, uid=7)))

    def test_root_of_the_host_inside(self) -> None:
        """Root of the host is not root of an instance that has its own users."""
        one = self.guest("--user")
        self.map_users(one, 100000)
        self.register(C1, one)
        self.assertFalse(self.is_root(self.inside(one)))

    def test_map_not_written(self) -> None:
        """While nobody is root of an instance, nobody speaks for it; then root does."""
        one = self.instance(C1, "--user")
        self.assertRefused(self.inside(one))
        self.map_users(one, 100000)
        root = self.inside(one, users=one)
        self.assertTrue(self.is_root(root))

    def test_map_without_root(self) -> None:
        """Nobody speaks for an instance that has users, but no root."""
        one = self.instance(C1, "--user")
        Path(f"/proc/{one}/uid_map").write_text("1 100001 10\n")
        self.assertRefused(self.inside(one))

    def test_root_of_a_user_namespace_inside(self) -> None:
        """Who calls himself root inside the instance is still the user that he is."""
        one = self.instance(C1)
        own = self.start(*into(one), "unshare", "--user", *SLEEP)
        self.map_users(own.child(), 1000, 1)
        transport = self.inside(one, users=own.child())
        self.assertEqual(self.located(transport), Located(C1, 0))
        self.assertFalse(self.is_root(transport))

    def test_ended_before_accepted(self) -> None:
        """Who has connected and ended is in no instance."""
        one = self.instance(C1)
        program = self.client(*into(one))
        program.end()
        self.assertRefused(self.accept())

    def test_ended_after_accepted(self) -> None:
        """Who has ended before he was looked for is in no instance."""
        one = self.instance(C1)
        program = self.client(*into(one))
        with peer_of(self.accept(), self.kernel) as peer:
            program.end()
            self.assertRaises(NotInContainer, self.registry.locate, peer)

    def test_connection_of_the_dead(self) -> None:
        """The connection of a process that has ended is not its child's."""
        one = self.instance(C1)
        left = self.connected(*into(one), code=LEAVE_IT_TO_A_CHILD + STAY)
        self.assertRefused(left)

    def test_handed_over(self) -> None:
        """A connection is his who made it, whoever else has it."""
        one = self.instance(C1)
        connection = self.connected(*into(one), code=HAND_OVER + STAY)
        hand = self.accept().connection
        _, descriptors, _, _ = socket.recv_fds(hand, 1, 1)
        self.addCleanup(os.close, descriptors[0])
        os.write(descriptors[0], b"from the host")
        self.assertEqual(connection.connection.recv(13), b"from the host")
        self.assertEqual(self.located(connection), Located(C1, 0))

    def test_number_given_away(self) -> None:
        """Who gets the number of a peer that has ended is not taken for it."""
        one, two = self.instance(C1), self.instance(C2)
        program = self.client(*into(one))
        with peer_of(self.accept(), self.kernel) as peer:
            program.end()
            self.give_number(peer.pid, two)
            self.assertRaises(NotInContainer, self.registry.locate, peer)

    def give_number(self, pid: int, init: int) -> None:
        """Let a new process of a guest have a number that is free now."""
        code = "while read x; do cat <&3 & echo forked; done"
        last = Path("/proc/sys/kernel/ns_last_pid")
        if not last.exists():
            lacking("needs a kernel with CONFIG_CHECKPOINT_RESTORE")
        for _ in range(50):
            program = self.start(
                *into(init),
                *("sh", "-c", f"exec 3<&0; echo ready; {code}"),
            )
            last.write_text(str(pid - 1))
            program.say("fork")
            program.hear()
            if Path(f"/proc/{pid}").exists():
                return
        self.fail("the kernel did not give the number away")

    def test_end(self) -> None:
        """When its init process ends, an instance is gone, and then that is told."""
        one = self.guest()
        running: list[object] = []
        self.registry.register(
            C1, one, lambda: running.append(list(self.registry.running()))
        )
        self.assertEqual(list(self.registry.running()), [C1])
        self.kill(one)
        self.react()
        self.react()
        self.assertEqual(running, [[]])
        self.assertEqual(self.reactor.getReaders(), [])

    def react(self) -> None:
        """Tell all readers that they can read, be it true or not."""
        for reader in self.reactor.getReaders():
            reader.doRead()

    def test_end_of_one_of_two(self) -> None:
        """The end of one instance is not that of another."""
        one, two = self.instance(C1), self.instance(C2)
        self.kill(one)
        self.react()
        self.assertEqual(self.over, [C1])
        self.assertEqual(list(self.registry.running()), [C2])
        self.assertEqual(self.located(self.inside(two)), Located(C2, 0))

    def test_numbers_of_a_namespace_given_away(self) -> None:
        """
        A new namespace with the numbers of one that was registered is not taken for
        it, since they are given away only after the entry is gone.
        """
        one = self.instance(C1)
        earlier = Path(f"/proc/{one}/ns/pid").stat().st_ino
        self.kill(one)
        for _ in range(3):
            self.assertRefused(self.inside(self.guest()))
        self.react()
        later = self.guest_with_namespace(earlier)
        self.assertRefused(self.inside(later))
        self.register(C2, later)
        self.assertEqual(self.located(self.inside(later)), Located(C2, 0))

    def guest_with_namespace(self, inode: int) -> int:
        """Start guests until one has the namespace of this number."""
        for _ in range(100):
            init = self.guest()
            if Path(f"/proc/{init}/ns/pid").stat().st_ino == inode:
                return init
        return self.fail("the kernel did not give the number away")

    def test_registered_anew(self) -> None:
        """An instance that was registered anew is its new process only."""
        one = self.instance(C1)
        two = self.instance(C1)
        self.assertEqual(self.located(self.inside(two)), Located(C1, 0))
        self.assertRefused(self.inside(one))
        self.kill(one)
        self.react()
        self.assertEqual((self.over, list(self.registry.running())), ([], [C1]))

    def test_not_allowed_to_look(self) -> None:
        """Where the kernel does not let us look, nobody is in any instance."""
        one = self.instance(C1)
        with peer_of(self.inside(one), self.kernel) as peer:
            self.assertRaises(NotInContainer, self.locate_as_nobody, peer)
            self.assertEqual(self.registry.locate(peer), Located(C1, 0))

    def locate_as_nobody(self, peer: Peer) -> Located:
        """Locate a peer without the rights of root."""
        os.seteuid(65534)
        try:
            return self.registry.locate(peer)
        finally:
            os.seteuid(0)
