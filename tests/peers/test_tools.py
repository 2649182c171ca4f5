"""Clients that people have: curl, socat and the devlxd command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.need import need_program
from tests.peers.service import environment, started_service

_FILE = """\
instances:
  web1:
    config:
      user.role: web
      user.large: "{large}"
    devices:
      eth0: {{type: nic, hwaddr: "00:16:3e:00:00:01"}}
"""
_LARGE = "0123456789abcdef" * 4096


class ToolTests(TestCase):
    """Each against a service for which everybody is one instance."""

    timeout = 300

    def setUp(self) -> None:
        """Start the service."""
        file = Path(self.mktemp()).absolute()
        file.write_text(_FILE.format(large=_LARGE))
        self.service = started_service(
            self, "--instances", str(file), "--assume", "web1"
        )

    def _output(self, *command: str, given: str = "") -> str:
        result = subprocess.run(
            command,
            input=given.encode(),
            capture_output=True,
            env=environment(),
            timeout=60,
            check=True,
        )
        return result.stdout.decode()

    def _curl(self, *arguments: str) -> str:
        curl = need_program("curl", "curl")
        socket = ("--unix-socket", str(self.service.socket))
        return self._output(curl, "--silent", "--show-error", *socket, *arguments)

    def test_curl(self) -> None:
        """curl reads metadata, values large and small, and the head alone."""
        self.assertIn("local-hostname: web1\n", self._curl("http://x/1.0/meta-data"))
        self.assertEqual(self._curl("http://x/1.0/config/user.role"), "web")
        self.assertEqual(self._curl("http://x/1.0/config/user.large"), _LARGE)
        self.assertEqual(
            self._curl("--http1.0", "http://x/1.0/config/user.large"), _LARGE
        )
        head = self._curl("--head", "http://x/1.0/config/user.role")
        self.assertIn("Content-Length: 3\r\n", head)
        self.assertNotIn("Server:", head)

    def test_curl_keeps_alive(self) -> None:
        """curl uses one connection for many requests."""
        urls = ["http://x/1.0/config/user.role"] * 20
        said = self._curl(*urls, "--write-out", "%{num_connects} ")
        self.assertEqual(said, "web1 " + "web0 " * 19)

    def test_curl_patch(self) -> None:
        """What ``curl -d`` sends, of whatever content type, is understood."""
        self._curl("-X", "PATCH", "-d", '{"state":"Ready"}', "http://x/1.0")
        self.assertIn('"state":"Ready"', self._curl("http://x/1.0"))

    def test_socat(self) -> None:
        """socat, which closes its side when its input ends, gets its answer."""
        socat = need_program("socat", "socat")
        request = "GET /1.0/config/user.role HTTP/1.1\r\nHost: x\r\n\r\n"
        address = f"UNIX-CONNECT:{self.service.socket}"
        answer = self._output(socat, "-t10", "-", address, given=request)
        self.assertTrue(answer.startswith("HTTP/1.1 200 OK\r\n"), answer)
        self.assertTrue(answer.endswith("\r\n\r\nweb"), answer)

    def _devlxd(self, *arguments: str) -> str:
        module = (sys.executable, "-m", "devlxd.client.cli")
        return self._output(*module, "--socket", str(self.service.socket), *arguments)

    def test_devlxd(self) -> None:
        """The devlxd command tells all that there is, and says when it is ready."""
        self.assertEqual(self._devlxd("config", "get", "user.role").strip(), "web")
        devices = json.loads(self._devlxd("devices", "--json"))
        self.assertEqual(devices["eth0"]["type"], "nic")
        self.assertIn("web1", self._devlxd("metadata"))
        self._devlxd("ready")
        self.assertEqual(json.loads(self._devlxd("info", "--json"))["state"], "Ready")
