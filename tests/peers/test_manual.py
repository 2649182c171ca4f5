"""What the manual shows is what happens."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from twisted.trial.unittest import TestCase

from tests.need import need_checkout, need_program
from tests.peers.service import environment, started_service

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def examples(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a page, each with what it is said to print."""
    for block in _BLOCK.findall(text):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = example.partition("\n")
            yield command, output


class ManualTests(TestCase):
    """The examples with curl, on the service that the README starts."""

    timeout = 300

    def setUp(self) -> None:
        """Start what the README's first command starts."""
        need_program("curl", "curl")
        self.root = need_checkout()
        file = self.root / "examples" / "instances.yaml"
        self.service = started_service(
            self, "--instances", str(file), "--assume", "web1"
        )

    def _check(self, page: str) -> int:
        """Run the examples of a page that use curl; how many there are."""
        count = 0
        for command, expected in examples((self.root / page).read_text()):
            if not command.startswith("curl "):
                continue
            count += 1
            printed = subprocess.run(
                ["bash", "-c", command],
                capture_output=True,
                text=True,
                cwd=self.service.directory,
                env={**environment(), "SOCKET": str(self.service.socket)},
                check=True,
            ).stdout
            # A value that ends without a newline is shown with one.
            self.assertEqual(
                _UUID.sub("ID", printed).rstrip("\n"),
                _UUID.sub("ID", expected).rstrip("\n"),
                command,
            )
        return count

    def test_readme(self) -> None:
        """The README's examples print what it says."""
        self.assertEqual(self._check("README.md"), 2)

    def test_guest_api(self) -> None:
        """Those of the guest API's manual, too."""
        self.assertGreaterEqual(self._check("docs/guest-api.md"), 6)
