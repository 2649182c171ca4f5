"""Which instances an operator is told of, and how."""

from __future__ import annotations

from urllib.parse import quote

from twisted.trial.unittest import SynchronousTestCase

from devlxd.model.instance import Instance, InstanceType
from devlxd.model.names import InstanceName
from tests.host.talk import Talk

C1 = InstanceName("default", "c1")
VM = InstanceName("default", "vm")
L1 = InstanceName("lab", "l1")


class ListTests(SynchronousTestCase):
    """``GET`` of ``/1.0/instances`` and of one."""

    def setUp(self) -> None:
        """A container that runs, a virtual machine, and one of another project."""
        self.talk = Talk()
        create = self.talk.store.instances.create
        create(Instance(C1, config={"user.role": "web server"}))
        create(Instance(VM, type=InstanceType.VIRTUAL_MACHINE))
        create(Instance(L1))
        self.talk.lives.pids[C1] = 7

    def names(self, query: str) -> list[str]:
        """The names of those that are told of."""
        told = self.talk.get(f"/1.0/instances?recursion=1&{query}")
        return [each["name"] for each in told]

    def test_urls(self) -> None:
        """Without recursion it is told where they are."""
        urls = ["/1.0/instances/c1", "/1.0/instances/vm"]
        for query in ("", "?recursion=0", "?recursion="):
            self.assertEqual(self.talk.get(f"/1.0/instances{query}"), urls)
        self.assertEqual(self.talk.get("/1.0/instances?filter=name+eq+vm"), urls[1:])

    def test_documents(self) -> None:
        """With it they are told themselves, and twice with their states."""
        first, _ = self.talk.get("/1.0/instances?recursion=1")
        self.assertEqual(first, self.talk.get("/1.0/instances/c1"))
        self.assertNotIn("state", first)
        full, other = self.talk.get("/1.0/instances?recursion=2")
        self.assertEqual(full, self.talk.get("/1.0/instances/c1?recursion=1"))
        self.assertEqual((full["snapshots"], full["backups"]), ([], []))
        self.assertEqual((full["state"]["pid"], full["status"]), (7, "Running"))
        self.assertEqual((other["state"]["pid"], other["status"]), (0, "Stopped"))

    def test_projects(self) -> None:
        """Those of one project are told, or those of all."""
        self.assertEqual(self.names("project=lab"), ["l1"])
        self.assertEqual(self.names("all-projects=true"), ["c1", "vm", "l1"])
        self.assertEqual(
            self.talk.get("/1.0/instances?project=lab"),
            ["/1.0/instances/l1?project=lab"],
        )

    def test_type(self) -> None:
        """Those of one type are told; an unknown one is refused."""
        self.assertEqual(self.names("instance-type=virtual-machine"), ["vm"])
        self.assertEqual(self.names("instance-type=container"), ["c1"])
        refused = self.talk.refusal("GET", "/1.0/instances?instance-type=x")
        self.assertEqual(refused, (400, "Invalid instance type 'x'"))

    def test_filter(self) -> None:
        """Those that the filter wants are told; one that makes no sense is refused."""
        for text, names in (
            ("", ["c1", "vm"]),
            (" ", ["c1", "vm"]),
            ("status eq running", ["c1"]),
            ('config.user.role eq "web server"', ["c1"]),
            ("not name eq c1 and type eq virtual-machine", ["vm"]),
            ("name eq none", []),
        ):
            self.assertEqual(self.names(f"filter={quote(text)}"), names, text)
        refused = self.talk.refusal("GET", "/1.0/instances?filter=name")
        self.assertEqual(
            refused, (400, "Invalid filter: an operator is missing at its end")
        )

    def test_unknown(self) -> None:
        """One that is not there is 404; what cannot be a name is 400."""
        self.assertEqual(
            self.talk.refusal("GET", "/1.0/instances/none"),
            (404, "Instance not found"),
        )
        self.assertEqual(self.talk.refusal("GET", "/1.0/instances/a%2Fb")[0], 400)

    def test_old_name(self) -> None:
        """Clients from before there were virtual machines ask for containers."""
        whole = self.talk.get("/1.0/instances/c1")
        self.assertEqual(self.talk.get("/1.0/containers/c1"), whole)
        self.assertEqual(len(self.talk.get("/1.0/containers")), 2)
        self.assertEqual(self.talk.get("/1.0/containers/c1/state")["pid"], 7)
        self.assertEqual(self.talk.refusal("GET", "/1.0/containerss")[0], 404)
