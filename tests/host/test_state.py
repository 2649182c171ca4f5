"""What the runtime says of an instance, what it is told, and what is not kept here."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.instance import Instance
from devlxd.model.names import InstanceName
from tests.host.talk import Talk

C1 = InstanceName("default", "c1")
URL = "/1.0/instances/c1"
INIT = "/1.0/devlxd/instances/c1/init"


class StateCase(SynchronousTestCase):
    """A host with an instance that does not run."""

    def setUp(self) -> None:
        """Make it."""
        self.talk = Talk()
        self.talk.store.instances.create(Instance(C1))


class StateTests(StateCase):
    """``/1.0/instances/NAME/state``."""

    def test_state(self) -> None:
        """It runs while its init process lives."""
        self.assertEqual(self.talk.get(f"{URL}/state")["status"], "Stopped")
        self.talk.lives.pids[C1] = 7
        state = self.talk.get(f"{URL}/state")
        self.assertEqual((state["status"], state["pid"]), ("Running", 7))
        unknown = self.talk.refusal("GET", "/1.0/instances/c2/state")
        self.assertEqual(unknown, (404, "Instance not found"))

    def test_not_ours(self) -> None:
        """Nobody is started or stopped here, and the text says who does that."""
        for action, pid in (("start", None), ("stop", 7), ("restart", 7)):
            self.talk.lives.pids = {} if pid is None else {C1: pid}
            status, text = self.change(action)
            self.assertEqual(status, 400)
            self.assertIn("their runtime's business: use lxc-start", text)

    def test_in_vain(self) -> None:
        """What makes no sense as things are is refused as in LXD."""
        self.assertEqual(self.change("stop"), (400, "The instance is already stopped"))
        self.assertEqual(self.change("freeze"), (400, "The instance is not running"))
        self.talk.lives.pids[C1] = 7
        self.assertEqual(self.change("start"), (400, "The instance is already running"))

    def test_nonsense(self) -> None:
        """An action that there is not, and an instance that there is not."""
        self.assertEqual(self.change("fly"), (400, 'Unknown action: "fly"'))
        self.assertEqual(
            self.talk.refusal("PUT", "/1.0/instances/c2/state", {"action": "start"}),
            (404, "Instance not found"),
        )

    def change(self, action: str) -> tuple[int, str]:
        """What an action is refused with."""
        document = {"action": action, "timeout": -1, "force": False}
        return self.talk.refusal("PUT", f"{URL}/state", document)


class InitTests(StateCase):
    """``/1.0/devlxd/instances/NAME/init``."""

    def test_registered(self) -> None:
        """A process is taken for the init of an instance, which then runs."""
        self.assertEqual(self.talk.get(INIT), {"pid": 0})
        self.assertEqual(self.talk.succeed("PUT", INIT, {"pid": 7}), {})
        self.assertEqual(self.talk.get(INIT), {"pid": 7})
        self.assertEqual(self.talk.get(URL)["status"], "Running")

    def test_nonsense(self) -> None:
        """An instance that there is not, and a pid that is none."""
        for document in ({"pid": "7"}, {"pid": True}):
            self.assertEqual(
                self.talk.refusal("PUT", INIT, document),
                (400, "Invalid pid: not a number"),
            )
        self.assertEqual(
            self.talk.refusal("GET", "/1.0/devlxd/instances/c2/init"),
            (404, "Instance not found"),
        )


class NothingTests(StateCase):
    """What clients ask for and is not kept here."""

    def test_of_instances(self) -> None:
        """An instance has no snapshots, backups and logs; a stranger is 404."""
        for what in ("snapshots", "backups", "logs"):
            self.assertEqual(self.talk.get(f"{URL}/{what}?recursion=1"), [])
            refused = self.talk.refusal("GET", f"/1.0/instances/c2/{what}")
            self.assertEqual(refused, (404, "Instance not found"))
        self.assertEqual(
            self.talk.refusal("GET", f"{URL}/metadata"), (404, "Not Found")
        )

    def test_of_the_host(self) -> None:
        """There are no images, networks and storage pools."""
        for what in ("images", "images/aliases", "networks", "storage-pools"):
            self.assertEqual(self.talk.get(f"/1.0/{what}?recursion=1&filter="), [])
        self.assertEqual(
            self.talk.refusal("GET", "/1.0/images/x"), (404, "Image not found")
        )
        self.assertEqual(
            self.talk.refusal("GET", "/1.0/images/aliases/x"),
            (404, "Image alias not found"),
        )
