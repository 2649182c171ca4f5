"""An edit of the instances file reaches those that listen in the instance."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from threading import Timer
from typing import IO, Any

from twisted.trial.unittest import TestCase

from tests.need import need_program
from tests.peers.service import Service, started_service, until

_PATIENCE = 60.0  # seconds; the machine may be busy

FILE = """\
profiles:
  default:
    config: {user.color: blue}
    devices:
      eth0: {type: nic, network: lxdbr0}
instances:
  web1:
    config: {user.role: web, user.zone: a}
  web2: {}
"""


class Listener:
    """A ``curl`` that listens to the events of a service's guests."""

    def __init__(self, test: TestCase, service: Service) -> None:
        curl = need_program("curl", "curl")
        self._process = subprocess.Popen(
            [
                *(curl, "-N", "--silent", "--show-error", "--verbose"),
                *("--unix-socket", str(service.socket), "http://x/1.0/events"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        test.addCleanup(self._end)
        # Once there is the head of the answer, every later event is heard.
        while self._line(self._process.stderr).strip() != b"<":
            pass

    def hear(self, count: int) -> list[str]:
        """The next events, each in a few words."""
        return [
            _words(json.loads(self._line(self._process.stdout))) for _ in range(count)
        ]

    def _line(self, stream: IO[bytes] | None) -> bytes:
        assert stream is not None
        watchdog = Timer(_PATIENCE, self._process.kill)
        watchdog.start()
        line = stream.readline()
        watchdog.cancel()
        assert line, "curl has ended"
        return line

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()


def _words(event: dict[str, Any]) -> str:
    told = event["metadata"]
    if event["type"] == "config":
        return f"{told['key']}: {told['old_value']} -> {told['value']}"
    return f"{told['name']} {told['action']}: {' '.join(told['config'].values())}"


class EditedFileTests(TestCase):
    """Each edit of the file becomes the events of what it changes."""

    timeout = 300

    def setUp(self) -> None:
        """Have a service with a file, and somebody who listens in ``web1``."""
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.file = self.directory.resolve() / "instances.yaml"
        self.file.write_text(FILE)
        self.service = started_service(
            self, "--instances", str(self.file), "--assume", "web1"
        )
        self.listener = Listener(self, self.service)

    def replace(self, *replacements: tuple[str, str]) -> None:
        """Edit the file as an editor does: a new one takes its name."""
        text = self.file.read_text()
        for old, new in replacements:
            self.assertIn(old, text)
            text = text.replace(old, new)
        new_file = self.file.with_suffix(".new")
        new_file.write_text(text)
        new_file.rename(self.file)

    def logs(self, words: str) -> None:
        """Wait until the log has something."""
        until(lambda: words in self.service.log, f"{words!r} in the log")

    def test_instance(self) -> None:
        """Config and devices of an instance, config first, each in its order."""
        self.replace(
            (
                "{user.role: web, user.zone: a}",
                "{user.a: new, user.role: db}\n"
                "    devices:\n"
                "      data: {type: disk, path: /srv, source: /data}\n"
                "      eth0: {type: nic, network: other}",
            )
        )
        self.assertEqual(
            self.listener.hear(6),
            [
                "user.a:  -> new",
                "user.role: web -> db",
                "user.zone: a -> ",
                "eth0 removed: lxdbr0 nic",
                "data added: /srv /data disk",
                "eth0 added: other nic",
            ],
        )
        self.logs("0 created, 1 changed, 0 deleted")

    def test_profile(self) -> None:
        """A profile's edit reaches the instance that uses it."""
        self.replace(("color: blue", "color: red"), ("lxdbr0", "br1"))
        self.assertEqual(
            self.listener.hear(3),
            [
                "user.color: blue -> red",
                "eth0 removed: lxdbr0 nic",
                "eth0 added: br1 nic",
            ],
        )

    def test_others(self) -> None:
        """What happens to other instances does not."""
        self.replace(("web2: {}", "web2: {config: {user.x: y}}\n  web3: {}"))
        self.logs("1 created, 1 changed, 0 deleted")
        self.replace(("role: web", "role: db"))
        self.assertEqual(self.listener.hear(1), ["user.role: web -> db"])

    def test_broken(self) -> None:
        """
        A broken edit gives none, and the log has its line and the reason; the next one
        gives the difference to what was applied before.
        """
        self.replace(("role: web", "role: db"), ("  web2: {}", "  web2: {confg: {}}"))
        said = f"{self.file}:9: unknown key 'confg'; did you mean 'config'?"
        self.logs(said)
        self.replace(("{confg: {}}", "{profiles: [nope]}"))
        self.logs(f"{self.file}:9: no profile default/nope, neither here nor in the")
        self.replace(("{profiles: [nope]}", "{}"), ("zone: a", "zone: b"))
        self.assertEqual(
            self.listener.hear(2), ["user.role: web -> db", "user.zone: a -> b"]
        )
        self.assertEqual(self.service.log.count(said), 1)

    def test_in_place(self) -> None:
        """A file that is written in place, many times, ends as it was written last."""
        for number in range(50):
            self.file.write_text(FILE.replace("zone: a", f"zone: {number}"))
        heard: list[str] = []
        while not heard or not heard[-1].endswith("-> 49"):
            heard += self.listener.hear(1)
        self.assertEqual({words.partition(":")[0] for words in heard}, {"user.zone"})

    def test_stop(self) -> None:
        """The service stops while edits come, and says nothing of a fault."""
        self.replace(("role: web", "role: db"))
        self.service.stop()
        self.assertNotIn("Traceback", self.service.log)
        self.assertIn("Server Shut Down", self.service.log)
