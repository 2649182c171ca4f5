"""How instances begin and end, to be run on each generation of the kernel."""

from __future__ import annotations

from pathlib import Path

from devlxd.model.identity import Located
from tests.identity import instances
from tests.identity.instances import C1, C2


class Lives(instances.Instances):
    """An instance lasts as long as the process that it was registered by."""

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
