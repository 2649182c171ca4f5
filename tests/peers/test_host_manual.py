"""What the manual of the host API shows is what happens."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable

from twisted.trial.unittest import SynchronousTestCase

from tests.need import need_checkout, need_program
from tests.peers.lxc import started_init
from tests.peers.service import environment, started_service
from tests.peers.test_manual import examples

# What differs from one run to the next.
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z"), "TIME"),
)
# The init process of the manual, of which a test needs a real one.
_INIT = "4711"


def _steady(text: str) -> str:
    for varying, word in _VARYING:
        text = varying.sub(word, text)
    return text.rstrip("\n")


class HostManualTests(SynchronousTestCase):
    """The examples with curl, on the socket of a service."""

    def setUp(self) -> None:
        """Serve."""
        need_program("curl", "curl")
        self.page = (need_checkout() / "docs" / "host-api.md").read_text()
        self.service = started_service(self)

    def _check(self, script: Iterable[tuple[str, str]]) -> int:
        """Run commands, and compare what they print; how many there were."""
        count = 0
        for command, expected in script:
            printed = subprocess.run(
                ["bash", "-c", command],
                capture_output=True,
                text=True,
                env={**environment(), "SOCKET": str(self.service.host_socket)},
                check=True,
            ).stdout
            self.assertEqual(_steady(printed), _steady(expected), command)
            count += 1
        return count

    def test_examples(self) -> None:
        """Each prints what it says, one after the other."""
        script = examples(self.page)
        data = [each for each in script if "/init" not in each[0]]
        self.assertGreaterEqual(self._check(data), 6)

    def test_registration(self) -> None:
        """So do those that are about an init process, with a real one."""
        page = self.page.replace(_INIT, str(started_init(self).child()))
        script = list(examples(page))
        named = [each for each in script if "/init" in each[0]]
        self.assertEqual(self._check([script[0], *named]), 3)
