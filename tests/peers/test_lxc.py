"""Debian's ``lxc`` manages the data of instances."""

from __future__ import annotations

import os
import shlex
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.client.sockets import directory
from tests.host.talk import Talk
from tests.need import need_program

_reactor: Any = reactor

_EDITED = """\
architecture: x86_64
config:
  user.foo: edited
description: Text
devices: {}
ephemeral: false
profiles:
- default
stateful: false
"""
_SHOWN = """\
architecture: x86_64
config:
  user.foo: edited
  volatile.cloud-init.instance-id: ID
  volatile.uuid: ID
devices: {}
ephemeral: false
profiles:
- default
stateful: false
description: Text
"""
_NIC = "eth0:\n  name: eth0\n  nictype: bridged\n  type: nic\n"


@frozen
class Outcome:
    """
    What a command has said.

    :ivar code: its exit code.
    """

    out: str
    err: str
    code: int


class _Run(ProcessProtocol):
    """A running command that is given a text to read."""

    def __init__(self, given: str) -> None:
        self.given = given.encode()
        self.out = self.err = b""
        self.ended: Deferred[Outcome] = Deferred()

    def connectionMade(self) -> None:
        """Give it the text."""
        transport: Any = self.transport
        transport.write(self.given)
        transport.closeStdin()

    def outReceived(self, data: bytes) -> None:
        """Keep what it says."""
        self.out += data

    def errReceived(self, data: bytes) -> None:
        """Keep what it complains of."""
        self.err += data

    def processEnded(self, reason: Failure) -> None:
        """It is over."""
        status: Any = reason.value
        out, err = self.out.decode(), self.err.decode()
        self.ended.callback(Outcome(out, err, status.exitCode))


class LxcTests(TestCase):
    """The real client, and a host on a real socket."""

    timeout = 120

    def setUp(self) -> None:
        """Serve."""
        self.lxc = need_program("lxc", "lxd-client")
        self.talk = Talk(clock=_reactor)
        self.addCleanup(self.talk.site.drain)
        self.home = Path(directory(self))
        (self.home / "config").mkdir()
        listen = partial(_reactor.listenUNIX, str(self.home / "unix.socket"))
        port = listen(self.talk.site, mode=0o600)
        self.addCleanup(port.stopListening)

    async def run_lxc(self, command: str, given: str = "") -> Outcome:
        """Run a command, with a text to read."""
        environ = {
            "LXD_DIR": str(self.home),
            "LXD_CONF": str(self.home / "config"),
            "HOME": str(self.home),
            "PATH": os.environ.get("PATH", ""),
        }
        run = _Run(given)
        argv = [self.lxc, *shlex.split(command)]
        _reactor.spawnProcess(run, self.lxc, argv, environ)
        return await run.ended

    async def lxc_says(self, *script: tuple[str, str]) -> None:
        """Run commands that succeed, and compare what each says."""
        for command, out in script:
            outcome = await self.run_lxc(command)
            self.assertEqual(outcome.code, 0, f"{command}: {outcome.err}")
            self.assertEqual(outcome.out, out, command)

    async def lxc_does(self, *commands: str) -> None:
        """Run commands that succeed, whatever they say."""
        for command in commands:
            outcome = await self.run_lxc(command)
            self.assertEqual(outcome.code, 0, f"{command}: {outcome.err}")

    async def lxc_fails(self, command: str, text: str) -> None:
        """Run a command that fails with a text."""
        outcome = await self.run_lxc(command)
        self.assertNotEqual(outcome.code, 0, command)
        self.assertIn(text, outcome.err, command)

    async def test_config(self) -> None:
        """Keys are set, read and unset."""
        await self.lxc_does("init --empty c1 -c user.a=1")
        await self.lxc_says(
            ("config set c1 user.foo bar", ""),
            ("config set c1 user.foo=baz user.b=2", ""),
            ("config get c1 user.foo", "baz\n"),
            ("config unset c1 user.b", ""),
            ("config get c1 user.b", "\n"),
            ("list user.foo=baz -c n --format csv", "c1\n"),
        )
        await self.lxc_fails("config set c1 usr.foo=bar", "Unknown configuration key")
        await self.lxc_fails("config set c9 user.a=1", "Instance not found")
        await self.lxc_fails("config set c1 volatile.uuid=x", "cannot be changed")

    async def test_edit(self) -> None:
        """An edited document replaces what was there, but for the ids."""
        await self.lxc_does("init --empty c1 -c user.a=1")
        outcome = await self.run_lxc("config edit c1", _EDITED)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        shown = (await self.run_lxc("config show c1")).out
        ids = {line.split()[-1] for line in shown.splitlines() if "volatile" in line}
        for each in ids:
            shown = shown.replace(each, "ID")
        self.assertEqual(shown, _SHOWN)

    async def test_devices(self) -> None:
        """Devices come, change and go."""
        await self.lxc_does("init --empty c1")
        await self.lxc_says(
            (
                "config device add c1 eth0 nic name=eth0 nictype=bridged",
                "Device eth0 added to c1\n",
            ),
            ("config device set c1 eth0 mtu 1400", ""),
            ("config device get c1 eth0 mtu", "1400\n"),
            ("config device unset c1 eth0 mtu", ""),
            ("config device list c1", "eth0\n"),
            ("config device show c1", _NIC),
            ("config device remove c1 eth0", "Device eth0 removed from c1\n"),
            ("config device show c1", "{}\n"),
        )

    async def test_profiles(self) -> None:
        """Profiles are made, changed, given to instances and taken from them."""
        await self.lxc_does("init --empty c1", "profile create p1")
        await self.lxc_says(
            ("profile set p1 user.p 7", ""),
            ("profile add c1 p1", "Profile p1 added to c1\n"),
            ("list -c nP --format csv", 'c1,"default\np1"\n'),
            (
                "query /1.0/profiles",
                '[\n\t"/1.0/profiles/default",\n\t"/1.0/profiles/p1"\n]\n\n',
            ),
            ("profile assign c1 p1", "Profiles p1 applied to c1\n"),
            ("profile remove c1 p1", "Profile p1 removed from c1\n"),
            ("list -c nP --format csv", "c1,\n"),
            ("profile copy p1 p2", ""),
            ("profile rename p2 p3", "Profile p2 renamed to p3\n"),
            ("profile get p3 user.p", "7\n"),
            ("profile delete p3", "Profile p3 deleted\n"),
        )
        await self.lxc_fails("profile add c1 p3", "Requested profile")

    async def test_life(self) -> None:
        """Instances are listed, told of, renamed, copied and deleted."""
        await self.lxc_does("init --empty c1 --vm", "rename c1 c2", "copy c2 c3")
        path = "/1.0/devlxd/instances/c2/init"
        await self.lxc_does(f"query -X PUT -d '{{\"pid\": 7}}' {path}")
        await self.lxc_says(
            (
                "list -c nst --format csv",
                "c2,RUNNING,VIRTUAL-MACHINE\nc3,STOPPED,VIRTUAL-MACHINE\n",
            ),
            ("list status=running -c n --format csv", "c2\n"),
            ("list name=c3 type=virtual-machine -c n --format csv", "c3\n"),
        )
        info = (await self.run_lxc("info c2")).out
        self.assertIn("Status: RUNNING\nType: virtual-machine\n", info)
        self.assertIn("PID: 7\n", info)
        await self.lxc_fails("rename c2 c4", "Renaming of running instance not allowed")
        await self.lxc_fails("delete c2", "The instance is currently running")
        await self.lxc_fails("start c3", "use lxc-start, machinectl, podman, virsh")
        await self.lxc_fails("stop c3", "The instance is already stopped")
        await self.lxc_fails("init nope c4", "Image not found")
        self.talk.lives.pids.clear()
        await self.lxc_says(("delete c2", ""), ("delete -f c3", ""))
        await self.lxc_says(("list -c n --format csv", ""))

    async def test_projects(self) -> None:
        """Projects are made, changed and deleted, and keep their instances apart."""
        await self.lxc_does("init --empty c1")
        await self.lxc_says(("project create lab", "Project lab created\n"))
        await self.lxc_does("init --empty l1 --project lab", "project list")
        await self.lxc_says(
            ("list --project lab -c n --format csv", "l1\n"),
            ("list --all-projects -c en --format csv", "default,c1\nlab,l1\n"),
            ("project set lab user.a=1", ""),
            ("project get lab user.a", "1\n"),
        )
        await self.lxc_fails("project delete lab", "Only empty projects can be removed")
        await self.lxc_does("delete l1 --project lab")
        await self.lxc_says(("project delete lab", "Project lab deleted\n"))

    async def test_nothing(self) -> None:
        """What is not kept here is empty, or refused with a word of why."""
        await self.lxc_does("version", "info", "image list", "operation list")
        await self.lxc_does("init --empty c1")
        await self.lxc_fails("snapshot c1", "Not Implemented")
        await self.lxc_fails("restore c1 s", "Instance snapshot not found")
        await self.lxc_fails("image info x", "Image not found")
