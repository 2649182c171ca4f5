"""The plugin comes with the package, and goes with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.need import need_checkout
from tests.peers.service import until

_PATIENCE = 600.0  # seconds; pip may have to fetch


class InstallTests(TestCase):
    """Installing into a fresh virtual environment, with its own Twisted."""

    timeout = 900

    def setUp(self) -> None:
        """Make the environment, and a copy of the project that pip may build in."""
        self.directory = Path(tempfile.mkdtemp(prefix="devlxd-"))
        self.addCleanup(shutil.rmtree, self.directory)
        self.source = self.directory / "source"
        left_out = shutil.ignore_patterns(
            ".*", "build", "dist", "*.egg-info", "_trial*"
        )
        shutil.copytree(need_checkout(), self.source, ignore=left_out)
        self._output(
            sys.executable, "-m", "venv", "--clear", str(self.directory / "venv")
        )
        self.bin = self.directory / "venv" / "bin"

    def _output(self, *command: str) -> str:
        # What the tests themselves run in must not show in the new environment.
        hidden = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_PREFIX", "PIP_TARGET"}
        result = subprocess.run(
            command,
            cwd=self.directory,
            env={k: v for k, v in os.environ.items() if k not in hidden},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
        )
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def _pip(self, *arguments: str) -> str:
        pip = (str(self.bin / "python"), "-m", "pip", "--no-input")
        return self._output(*pip, *arguments)

    def _has_plugin(self) -> bool:
        commands = self._output(str(self.bin / "twistd"), "--help").split("Commands:")[
            1
        ]
        return any(line.split()[:1] == ["devlxd"] for line in commands.splitlines())

    def _try_readme(self) -> None:
        """Run the service by the README's first command, but for the installing."""
        (command,) = re.findall(
            r"^\$ pip install \. && (twistd .+)$",
            (self.source / "README.md").read_text(),
            re.MULTILINE,
        )
        service = subprocess.Popen(
            [str(self.bin / "twistd"), *command.split()[1:]],
            cwd=self.source,
            stdout=subprocess.DEVNULL,
        )
        try:
            until((self.source / "state" / "devlxd" / "sock").is_socket, "the socket")
            said = self._output(
                *(str(self.bin / "devlxd"), "config", "get", "user.role"),
                *("--socket", str(self.source / "state" / "devlxd" / "sock")),
            )
            self.assertEqual(said.strip(), "web")
        finally:
            service.terminate()
            service.wait()

    def test_install(self) -> None:
        """
        ``pip install .`` and a wheel each bring the plugin and the command, and
        uninstalling takes them away and leaves Twisted's own plugins.
        """
        self._pip("install", "--quiet", str(self.source))
        self.assertTrue(self._has_plugin())
        said = self._output(str(self.bin / "twistd"), "devlxd", "--version")
        self.assertEqual(said, self._output(str(self.bin / "devlxd"), "--version"))

        self._try_readme()

        self._pip("uninstall", "--yes", "devlxd")
        self.assertFalse(self._has_plugin())
        self.assertFalse((self.bin / "devlxd").exists())

        wheels = self.directory / "wheels"
        self._pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(self.source))
        (wheel,) = wheels.iterdir()
        self._pip("install", "--no-deps", str(wheel))
        self.assertTrue(self._has_plugin())

        self._pip("uninstall", "--yes", "devlxd")
        self.assertFalse(self._has_plugin())
        self._output(str(self.bin / "twistd"), "web", "--help")
