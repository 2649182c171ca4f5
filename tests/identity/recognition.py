"""How callers are recognised, to be run on each generation of the kernel."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from devlxd.errors import NotInContainer
from devlxd.identity.credentials import peer_of
from devlxd.model.identity import Located, Peer
from tests.identity import instances
from tests.identity.guests import SLEEP, STAY, UNSHARE, into
from tests.identity.instances import C1, C2
from tests.need import lacking

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


class Recognition(instances.Instances):
    """A caller is recognised by the pid namespace that it was born in."""

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


class HeldByTheKernel(Recognition):
    """Where the kernel keeps a pidfd of the peer, it is not the number that counts."""

    def test_number_given_away_before_accepted(self) -> None:
        """
        Who gets the number of a peer that had ended before its connection was accepted
        is not taken for it.
        """
        one, two = self.instance(C1), self.instance(C2)
        program = self.client(*into(one))
        pid = program.child()
        program.end()
        self.give_number(pid, two)
        self.assertRefused(self.accept())
