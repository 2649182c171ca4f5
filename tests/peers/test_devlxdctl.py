"""``devlxdctl`` manages a service as its users run both."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.identity.guests import into
from tests.need import need_checkout
from tests.peers.listener import Listener
from tests.peers.lxc import started_init
from tests.peers.service import environment, started_service, until
from tests.peers.test_manual import examples

_FUNCTION = 'devlxdctl() { "$PYTHON" -m devlxd.ctl.cli "$@"; }\n'
_PATIENCE = 60.0  # seconds; the machine may be busy
_CTL = (sys.executable, "-m", "devlxd.ctl.cli")
_DEVLXD = (sys.executable, "-m", "devlxd.client.cli")
_EXPANDED = """\
config:
  user.a: '1'
  user.p: '7'
devices:
  eth0:
    network: lxdbr0
    type: nic
"""


class CtlTestCase(SynchronousTestCase):
    """A service with nothing in its store."""

    def setUp(self) -> None:
        """Serve."""
        self.service = started_service(self)

    def shell(self, script: str, given: str = "") -> str:
        """What a script prints in which ``devlxdctl`` is known, failures included."""
        return subprocess.run(
            ["bash", "-c", f"{_FUNCTION}{{ {script}\n}} 2>&1"],
            input=given,
            stdout=subprocess.PIPE,
            text=True,
            timeout=_PATIENCE,
            cwd=self.service.directory,
            env={
                **environment(),
                "PYTHON": sys.executable,
                "DEVLXD_HOST_SOCKET": str(self.service.host_socket),
            },
            check=False,
        ).stdout

    def say(self, *script: tuple[str, str]) -> None:
        """Run commands of ``devlxdctl``, and compare what each says."""
        for command, seen in script:
            self.assertEqual(self.shell(f"devlxdctl {command}"), seen, command)

    def begin(self, *words: str, **others: Any) -> subprocess.Popen[str]:
        """A command of ``devlxdctl`` that goes on."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **others}
        return subprocess.Popen(
            [*_CTL, "--state-dir", str(self.service.state), *words],
            text=True,
            env=environment(),
            **pipes,
        )


class ManualTests(CtlTestCase):
    """``docs/devlxdctl.md``."""

    def test_examples(self) -> None:
        """Each example prints what it shows, one after the other."""
        page = (need_checkout() / "docs" / "devlxdctl.md").read_text()
        script = list(examples(page))
        self.assertGreaterEqual(len(script), 8)
        for command, expected in script:
            # On a terminal a newline follows, and this is none.
            self.assertEqual(
                self.shell(command).rstrip("\n"), expected.rstrip("\n"), command
            )


class DataTests(CtlTestCase):
    """What instances and profiles say."""

    def test_instance(self) -> None:
        """An instance is made, changed, shown, edited, renamed and deleted."""
        self.say(
            ("create c1 --no-profiles --type virtual-machine --description Text", ""),
            ("set c1 user.a=1 user.b=2", ""),
            ("set c1 user.b= user.c=3", ""),
            ("unset c1 user.c", ""),
            ("get c1 user.a", "1"),
            ("get c1 user.b", "devlxdctl: get c1 user.b: not set\n"),
            ("rename c1 c2", ""),
            ("list --names", "c2\n"),
        )
        text = "#cloud-config\n- <é>\n"
        self.shell("devlxdctl set c2 cloud-init.user-data=-", given=text)
        self.say(("get c2 cloud-init.user-data", text))
        shown = self.shell("devlxdctl show c2")
        self.assertIn("type: virtual-machine\n", shown)
        edited = shown.replace("description: Text", "description: Other")
        self.assertEqual(self.shell("devlxdctl edit c2", given=edited), "")
        self.say(("show c2", edited), ("delete c2", ""), ("list --names", ""))

    def test_profiles(self) -> None:
        """A profile gives what it has to those to whom it is assigned."""
        self.say(
            ("create c1 --config user.a=1", ""),
            ("profile create web -c user.p=7", ""),
            ("profile device add web eth0 nic network=lxdbr0 mtu=9", ""),
            ("profile device set web eth0 mtu=", ""),
            ("assign c1 default web", ""),
            ("get --expanded c1 user.p", "7"),
        )
        shown = self.shell("devlxdctl show --expanded c1").splitlines(keepends=True)
        told = "".join(line for line in shown if "volatile." not in line)
        self.assertEqual(told, _EXPANDED)
        self.say(
            ("profile rename web www", ""),
            ("profile list", "NAME     DESCRIPTION  USED BY\n"
             "default               1\nwww                   1\n"),
            (
                "profile delete www",
                "devlxdctl: profile delete www: Profile is currently in use\n",
            ),
            ("assign c1", ""),
            ("profile delete www", ""),
        )  # fmt: skip

    def test_restart(self) -> None:
        """All is there again when the service was started again."""
        self.say(("create c1 -c user.a=1", ""), ("device add c1 eth0 nic", ""))
        shown = self.shell("devlxdctl show c1")
        self.service.stop()
        self.assertIn("no such socket", self.shell("devlxdctl list"))
        self.assertEqual(self.shell("devlxdctl list 2>/dev/null; echo $?"), "3\n")
        self.service.start()
        self.say(("show c1", shown))


class LifeTests(CtlTestCase):
    """What a guest does, and those who wait for it."""

    def setUp(self) -> None:
        """An instance with a living init process."""
        super().setUp()
        self.init = started_init(self)
        self.say(
            ("create c1 --no-profiles", ""), (f"register c1 {self.init.child()}", "")
        )

    def _status(self) -> str:
        """The word for what the instance does."""
        [document] = json.loads(self.shell("devlxdctl --json list"))
        return str(document["status"])

    def _ready(self) -> None:
        """Have the guest say that it is ready."""
        command = (*into(self.init.child()), *_DEVLXD, "ready")
        socket = ("--socket", str(self.service.socket))
        subprocess.run([*command, *socket], env=environment(), check=True)

    def test_life(self) -> None:
        """It runs, keeps its name, is waited for until it is ready, and ends."""
        self.assertEqual(self._status(), "Running")
        self.say(
            (
                "rename c1 c2",
                "devlxdctl: rename c1: Renaming of running instance not allowed\n",
            ),
            ("delete c1", "devlxdctl: delete c1: Instance is running\n"),
            (
                "wait c1 --ready --timeout 0.5; echo $?",
                "devlxdctl: c1 is not ready after 0.5 s\n6\n",
            ),
        )
        waiting = self.begin("wait", "c1", "--ready")
        self._ready()
        self.assertEqual(waiting.communicate(timeout=_PATIENCE)[0], "")
        self.assertEqual(waiting.returncode, 0)
        self.assertEqual(self._status(), "Ready")
        self.init.end()
        until(lambda: self._status() == "Stopped", "the end of c1")
        self.say(("delete c1", ""))

    def test_refused(self) -> None:
        """What is not the init process of an instance is not taken for one."""
        ours, theirs = self.shell("echo $PPID").strip(), self.init.child()
        self.say(
            ("create c2", ""),
            (
                f"register c2 {theirs}",
                f"devlxdctl: register c2: Process {theirs} is the init of default/c1\n",
            ),
        )
        outcome = self.shell(f"devlxdctl register c2 {ours}; echo $?")
        self.assertTrue(outcome.startswith("devlxdctl: register c2: "), outcome)
        self.assertTrue(outcome.endswith("\n1\n"), outcome)

    def test_monitor(self) -> None:
        """A monitor tells what happens, and goes on when the service was restarted."""
        words = ("monitor", "--json", "--type", "lifecycle")
        monitor = Listener.by(
            self, lambda out: self.begin(*words, stdout=out, stderr=subprocess.DEVNULL)
        )
        self._probe(monitor)
        self._ready()
        self._hears(monitor, "instance-ready")
        self.service.stop()
        self.service.start()
        self._probe(monitor)
        self.init.end()
        self.say(("create c2", ""))
        self._hears(monitor, "instance-created")

    def _probe(self, monitor: Listener) -> None:
        """Wait until it listens, of which it says nothing itself."""
        monitor.begin(
            lambda: self.say(("set c1 user.probe=1", ""), ("unset c1 user.probe", ""))
        )

    def _hears(self, monitor: Listener, action: str) -> None:
        """Wait for an event; changes that were made for a probe are not looked at."""
        heard = ""
        while heard in ("", "instance-updated", "instance-stopped"):
            [event] = monitor.next(1)
            heard = event["metadata"]["action"]
        self.assertEqual(heard, action)
