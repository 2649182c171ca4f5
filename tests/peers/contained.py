"""A service, a real container, and what that is found to be by whom it is started."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from abc import abstractmethod
from pathlib import Path
from typing import Any

import yaml
from twisted.trial.unittest import TestCase

from tests.need import need_checkout, need_program
from tests.peers.runtimes import Runtime
from tests.peers.service import Service, environment, started_service, until
from tests.peers.stage import Stage

ASK = ("curl", "--silent", "--max-time", "20", "--unix-socket")
INSIDE = "/dev/lxd/sock"
NAME = "http://lxd/1.0/config/user.name"
# Hooks of OCI have no environment.
_DEVLXDCTL = f"""\
#!/bin/sh
export PYTHONPATH={shlex.quote(environment()["PYTHONPATH"])}
export DEVLXD_HOST_SOCKET=%s
exec {sys.executable} -c 'from devlxd.ctl.cli import main; main()' "$@"
"""


class Contained(TestCase):
    """
    Tests with the service and a container, whose name no other one on this host has.
    """

    timeout = 300

    def setUp(self) -> None:
        """Start the service, with an instance of the container's name and another."""
        for program in ("curl", "cloud-init"):
            need_program(program, program)
        need_checkout()
        self.name = f"web{os.getpid()}"
        self.directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.stage = Stage()
        self.addCleanup(self.stage.strike)
        self.stage.set()
        self.service = self.served()

    def served(self, *arguments: str) -> Service:
        """A running service."""
        file = self.directory / "instances.yaml"
        config = {"user.name": self.name, "cloud-init.user-data": "#cloud-config\n{}\n"}
        names = {self.name: {"config": config}, "other": {}}
        file.write_text(yaml.safe_dump({"instances": names}))
        lxc = f"--lxc-path={self.directory}/lxc"
        service = started_service(self, f"--instances={file}", lxc, *arguments)
        # Root of a container with users of its own must get there.
        for directory in (self.directory, service.directory):
            directory.chmod(0o711)
        return service

    def contain(self, container: Runtime) -> None:
        """Start a container, which runs until the end of the test."""
        container.need()
        self.addCleanup(container.stop)
        container.start()

    def place(self) -> tuple[Stage, Path, Path, str]:
        """What containers are made of."""
        return self.stage, self.directory, self.service.socket.parent, self.name

    def asked(self, path: str, *options: str) -> Any:
        """What the host API answers."""
        socket = str(self.service.state / "unix.socket")
        url = f"http://lxd/1.0/instances/{self.name}{path}"
        answer = subprocess.run(
            [*ASK, socket, *options, url], capture_output=True, check=True
        )
        return json.loads(answer.stdout)["metadata"]

    def state(self) -> str:
        """What the host API says of the instance's life."""
        return str(self.asked("/state")["status"])

    def changed(self) -> bool:
        """Change the instance."""
        body = json.dumps({"config": {"user.time": str(time.monotonic())}})
        return bool(self.asked("", "--request", "PATCH", "--data", body) == {})

    def heard(self) -> Path:
        """A file into which all is written that operators hear of, from now on."""
        path = self.directory / "heard"
        with path.open("wb") as output:
            monitor = subprocess.Popen(
                [str(self.control()), "monitor", "--type", "lifecycle"], stdout=output
            )
        self.addCleanup(monitor.wait)
        self.addCleanup(monitor.terminate)
        # It takes a while until it listens.
        until(lambda: self.changed() and path.stat().st_size, "devlxdctl monitor")
        return path

    def control(self) -> Path:
        """A ``devlxdctl`` for hooks, which tells this service."""
        script = self.directory / "bin" / "devlxdctl"
        script.parent.mkdir()
        script.write_text(_DEVLXDCTL % (self.service.state / "unix.socket"))
        script.chmod(0o755)
        self.stage.environment = {"PATH": f"{script.parent}:{os.environ['PATH']}"}
        return script


class Found(Contained):
    """Tests that are run for each runtime."""

    def contained(self) -> Runtime:
        """The container, which runs until the end of the test."""
        container = self.container()
        self.contain(container)
        return container

    @abstractmethod
    def container(self) -> Runtime:
        """The container, not started yet."""

    def test_life(self) -> None:
        """
        The instance runs from when the container first asks until it ends, and what it
        says of itself ends with it.  Operators hear of its start and of its end.
        """
        heard = self.heard()
        container = self.contained()
        self.assertEqual(self.state(), "Stopped")
        self.assertEqual(container.run(*ASK, INSIDE, NAME), self.name)
        self.assertEqual(self.state(), "Running")
        ready = ("--request", "PATCH", "--data", '{"state": "Ready"}')
        container.run(*ASK, INSIDE, *ready, "http://lxd/1.0")
        self.assertEqual(self.state(), "Ready")
        container.stop()
        until(lambda: self.state() == "Stopped", "the end of the container")
        told = ("instance-started", "instance-ready", "instance-stopped")
        until(lambda: all(x in heard.read_text() for x in told), "the events")

    def test_processes(self) -> None:
        """
        Every process in it is in the instance: one that was run into it and lost its
        parents, one in a container of its own, and one that entered nothing but the pid
        namespace.  A process of the host that has not even entered that is in none.
        """
        container = self.contained()
        line = f"({' '.join(ASK)} {INSIDE} {NAME} >/tmp/answer 2>&1; :) & exit"
        container.run("sh", "-c", f"setsid sh -c '{line}'")
        until(
            lambda: container.run("cat", "/tmp/answer", check=False) == self.name,
            "the answer to an orphan",
        )
        for options in (
            ("--pid",),
            ("--pid", "--mount-proc"),
            ("--user", "--map-root-user", "--pid"),
        ):
            nested = ("unshare", *options, "--fork", *ASK, INSIDE, NAME)
            self.assertEqual(container.run(*nested), self.name, options)

        ask = (*ASK, str(self.service.socket), NAME)
        enter = ("nsenter", "--target", str(container.init()), "--pid")
        users = Path(f"/proc/{container.init()}/uid_map").read_text().split()[1]
        become = ("setpriv", f"--reuid={users}", "--clear-groups")
        self.assertEqual(self.stage.run(*enter, *become, *ask), self.name)
        none = "Process ID not found in container\n"
        self.assertEqual(self.stage.run(*enter, "--no-fork", *ask), none)
        self.assertEqual(self.stage.run(*ask), none)


class Booted(Found):
    """More of them, for runtimes whose containers may write to their files."""

    def test_cloud_init(self) -> None:
        """cloud-init takes the container for the instance that it is."""
        run = self.contained().run
        run("/usr/lib/cloud-init/ds-identify", "--force")
        run("cloud-init", "init", "--local")
        self.assertEqual(run("cloud-id"), "lxd\n")
        read = json.loads(run("cat", "/run/cloud-init/instance-data-sensitive.json"))
        self.assertEqual(read["v1"]["local_hostname"], self.name)
        self.assertEqual(read["ds"]["config"]["user.name"], self.name)
