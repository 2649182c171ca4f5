"""Containers of a real LXD that this service stands beside."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import yaml
from twisted.trial.unittest import TestCase

from tests.need import need_program
from tests.peers.contained import ASK, NAME
from tests.peers.lxd import LXDHost
from tests.peers.service import started_service
from tests.peers.stage import Stage


class LXDTests(TestCase):
    """A container is the instance of its name in its project."""

    timeout = 300

    def setUp(self) -> None:
        """Start LXD, with a project, and the service beside it."""
        need_program("curl", "curl")
        self.name = f"lxd{os.getpid()}"
        directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        directory.chmod(0o711)
        self.stage = Stage()
        self.addCleanup(self.stage.strike)
        self.stage.set()
        self.lxd = LXDHost(self.stage, directory)
        self.addCleanup(self.lxd.stop)
        self.lxd.start()
        shared = ("-c", "features.images=false", "-c", "features.profiles=false")
        self.lxd.run("lxc", "project", "create", "lab", *shared)

        names = {
            f"{project}/{self.name}": {"config": {"user.name": project}}
            for project in ("default", "lab")
        }
        file = directory / "instances.yaml"
        file.write_text(yaml.safe_dump({"instances": names}))
        paths = f"--lxd-path={self.lxd.containers}"
        self.service = started_service(self, f"--instances={file}", paths)
        self.service.directory.chmod(0o711)

    def contain(self, project: str) -> None:
        """Start a container, which has the socket, until the end of the test."""
        which = (self.name, "--project", project)
        self.lxd.run("lxc", "init", "bb", *which, "-c", "security.devlxd=false")
        source = f"source={self.service.socket.parent}"
        add = ("lxc", "config", "device", "add", *which, "guestapi", "disk")
        self.lxd.run(*add, source, "path=/dev/lxd")
        self.lxd.run("lxc", "start", *which)
        self.addCleanup(self.lxd.run, "lxc", "stop", "--force", *which)

    def ask(self, project: str) -> str:
        """What root of a container reads."""
        init = self.lxd.pid(self.name, project)
        root = Path(f"/proc/{init}/uid_map").read_text().split()[1]
        become = ("setpriv", f"--reuid={root}", "--clear-groups")
        enter = ("nsenter", "--target", str(init), "--pid", *become)
        return self.stage.run(*enter, *ASK, str(self.service.socket), NAME)

    def test_projects(self) -> None:
        """Containers of the same name in two projects are two instances."""
        for project in ("default", "lab"):
            self.contain(project)
            self.assertEqual(self.ask(project), project)
        which = (self.name, "--project", "lab")
        listed = self.lxd.run("lxc", "exec", *which, "--", "/bin/ls", "/dev/lxd")
        self.assertEqual(listed.strip(), "sock")
