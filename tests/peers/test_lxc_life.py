"""Debian's ``lxc`` and the lives of instances, which run elsewhere."""

from __future__ import annotations

import json
import re

from tests.peers.lxc import LxcTestCase
from tests.peers.service import until

_TABLE = """\
+------+---------+------+------+-----------------------+-----------+
| NAME |  STATE  | IPV4 | IPV6 |         TYPE          | SNAPSHOTS |
+------+---------+------+------+-----------------------+-----------+
| c1   | STOPPED |      |      | CONTAINER (EPHEMERAL) | 0         |
+------+---------+------+------+-----------------------+-----------+
| v1   | STOPPED |      |      | VIRTUAL-MACHINE       | 0         |
+------+---------+------+------+-----------------------+-----------+
"""
_THEIRS = "use lxc-start, machinectl, podman, virsh"


class LifeTests(LxcTestCase):
    """Instances from their beginning to their end."""

    def _names(self, wish: str = "") -> str:
        return self.lxc_does(f"list {wish} -c n --format csv").replace("\n", " ")

    def test_made(self) -> None:
        """They are made with what is said of them, and with a name if none is said."""
        self.lxc_does(
            "profile create p1",
            "init --empty c1 -c user.a=1 -c user.b=2 -p default -p p1 --ephemeral",
            "init --empty v1 --vm --no-profiles",
            "profile device add p1 root disk path=/",
            "init --empty c2 -p p1 -d root,size=1GiB",
        )
        self.lxc_says(
            ("config device get c2 root size", "1GiB\n"),
            ("delete c2", ""),
            ("list", _TABLE),
            ("list -c nP --format csv", 'c1,"default\np1"\nv1,\n'),
            ("config get c1 user.b", "2\n"),
        )
        said = self.lxc_does("init --empty")
        self.assertIn("Instance name is: instance-", said)
        self.lxc_fails("init --empty c1", "Instance already exists")
        self.lxc_fails("init nope c2", "Image not found")
        self.lxc_fails("launch nope c2", "Image not found")
        self.lxc_fails("init --empty c2 -p nope", "Requested profile")

    def test_list(self) -> None:
        """They are found by what they are, and told in each of lxc's forms."""
        self.lxc_does("init --empty c1 -c user.role=web", "init --empty c2 --vm")
        self.assertEqual(self._names(), "c1 c2 ")
        self.assertEqual(self._names("user.role=web"), "c1 ")
        self.assertEqual(self._names("c2"), "c2 ")
        self.assertEqual(self._names("type=virtual-machine"), "c2 ")
        self.assertEqual(self._names("name=c2 user.role=web"), "")
        [one, two] = json.loads(self.lxc_does("list --format json"))
        self.assertEqual((one["name"], two["type"]), ("c1", "virtual-machine"))
        self.assertEqual(one["state"]["status"], "Stopped")
        self.assertIn("  name: c2\n", self.lxc_does("list --format yaml"))
        columns = self.lxc_does("list c1 -c nsabdDfFlmMNpPStu46 --format csv")
        self.assertTrue(columns.startswith("c1,STOPPED,x86_64,"), columns)

    def test_running(self) -> None:
        """One runs while its registered init process does, be the service restarted."""
        self.lxc_does("init --empty c1", "init --empty c2")
        init = self.lxc_registers("c1")
        pid = init.child()
        self.lxc_says(
            ("list -c nsp --format csv", f"c1,RUNNING,{pid}\nc2,STOPPED,\n"),
            ("list status=running -c n --format csv", "c1\n"),
        )
        info = self.lxc_does("info c1")
        self.assertIn("Name: c1\nStatus: RUNNING\nType: container\n", info)
        self.assertIn(f"PID: {pid}\n", info)
        self.service.stop()
        self.service.start()
        self.assertEqual(self._names("status=running"), "c1 ")
        init.end()
        until(lambda: self._names("status=running") == "", "the end of c1")
        self.assertNotIn("PID:", self.lxc_does("info c1"))

    def test_not_ours(self) -> None:
        """Starting and stopping is refused, with a word of who does it."""
        self.lxc_does("init --empty c1", "init --empty c2")
        self.lxc_registers("c1")
        for command, running, stopped in (
            ("start", "The instance is already running", _THEIRS),
            ("stop", _THEIRS, "The instance is already stopped"),
            ("stop --force", _THEIRS, "The instance is already stopped"),
            ("restart", _THEIRS, "The instance is not running"),
            ("pause", _THEIRS, "The instance is not running"),
        ):
            self.lxc_fails(f"{command} c1", running)
            self.lxc_fails(f"{command} c2", stopped)

    def test_renamed(self) -> None:
        """They are renamed and copied; one that runs keeps its name."""
        self.lxc_does("init --empty c1 -c user.a=1")
        self.lxc_says(("rename c1 c2", ""), ("move c2 c3", ""), ("copy c3 c4", ""))
        self.lxc_says(("config get c4 user.a", "1\n"))
        self.assertEqual(self._names(), "c3 c4 ")
        self.lxc_fails("rename c3 c4", "Instance already exists")
        self.lxc_registers("c3")
        self.lxc_fails("rename c3 c5", "Renaming of running instance not allowed")

    def test_deleted(self) -> None:
        """They are deleted, but for one that runs, by whatever force."""
        self.lxc_does("init --empty c1", "init --empty c2", "init --empty c3")
        init = self.lxc_registers("c1")
        self.lxc_fails("delete c1", "The instance is currently running")
        self.lxc_fails("delete --force c1", _THEIRS)
        self.lxc_fails("query -X DELETE /1.0/instances/c1", "Instance is running")
        self.lxc_says(("delete c2", ""), ("delete -f c3", ""))
        init.end()
        until(lambda: self.lxc.run("delete c1").code == 0, "c1 to be deleted")
        self.assertEqual(self._names(), "")
        self.lxc_fails("delete c1", "Instance not found")


class ServerTests(LxcTestCase):
    """What is around instances."""

    def test_projects(self) -> None:
        """Projects keep their instances apart."""
        self.lxc_does("init --empty c1")
        self.lxc_says(("project create lab", "Project lab created\n"))
        self.lxc_does("init --empty l1 --project lab")
        self.lxc_says(
            ("list --project lab -c n --format csv", "l1\n"),
            ("list --all-projects -c en --format csv", "default,c1\nlab,l1\n"),
            ("project switch lab", ""),
            ("list -c n --format csv", "l1\n"),
            ("project switch default", ""),
        )
        self.lxc_fails("project delete lab", "Only empty projects can be removed")
        self.lxc_fails("project rename lab shop", "Only empty projects can be renamed")
        self.lxc_does("delete l1 --project lab", "profile set default user.a=1")
        self.lxc_does("profile set default user.a=1 --project lab")
        self.lxc_says(
            ("project rename lab shop", "Project lab renamed to shop\n"),
            ("profile get default user.a --project shop", "1\n"),
            ("project delete shop", "Project shop deleted\n"),
        )

    def test_project_config(self) -> None:
        """They have a config and a description of their own."""
        self.lxc_does("project create lab -c user.x=1")
        self.lxc_says(
            ("project get lab user.x", "1\n"),
            ("project set lab user.a=1", ""),
            ("project unset lab user.x", ""),
        )
        shown = self.lxc_does("project show lab")
        self.assertIn('  user.a: "1"\ndescription: ""\nname: lab\n', shown)
        edited = shown.replace('description: ""', "description: A laboratory")
        self.lxc_does("project edit lab", given=edited)
        self.lxc_says(("project show lab", edited))
        self.assertIn("| A laboratory | 1 ", self.lxc_does("project list"))

    def test_operations(self) -> None:
        """What has been done can be looked up, and not undone."""
        self.lxc_does("init --empty c1")
        listed = self.lxc_does("operation list")
        self.assertIn("| TASK | Creating instance | SUCCESS | NO ", listed)
        ident = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", listed)[0]
        shown = self.lxc_does(f"operation show {ident}")
        self.assertIn("  instances:\n  - /1.0/instances/c1\n", shown)
        self.lxc_fails(f"operation delete {ident}", "can't be cancelled")

    def test_restart(self) -> None:
        """All is there again when the service was started again, killed or not."""
        self.lxc_does("project create lab", "init --empty c1 -c user.a=1")
        before = [self.lxc_does(what) for what in ("config show c1", "project list")]
        self.service.stop()
        self.lxc_fails("list", "dial unix")
        self.service.start()
        after = [self.lxc_does(what) for what in ("config show c1", "project list")]
        self.assertEqual(after, before)

    def test_server(self) -> None:
        """The server tells of itself, and what it is not is refused in a line."""
        self.assertIn("Server version: ", self.lxc_does("version"))
        self.assertIn("  server: devlxd\n", self.lxc_does("info"))
        self.lxc_does("image list", "image alias list", "init --empty c1")
        for command, text in (
            ("snapshot c1", "Not Implemented"),
            ("restore c1 s", "Instance snapshot not found"),
            ("exec c1 true", "Not Found"),
            ("file pull c1/x .", "Not Found"),
            ("publish c1", "Images come as files here"),
            ("config metadata show c1", 'required "container_edit_metadata"'),
            ("network list", 'required "network"'),
            ("storage list", 'required "storage"'),
            ("image info x", "Image not found"),
        ):
            self.lxc_fails(command, text)
