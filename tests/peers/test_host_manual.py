"""What the manual of the host API shows is what happens."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests.client.sockets import directory
from tests.host.talk import Talk
from tests.need import need_checkout, need_program
from tests.peers.test_manual import examples

_reactor: Any = reactor

# What differs from one run to the next.
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|uuid-\d+"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z"), "TIME"),
)


def _steady(text: str) -> str:
    for varying, word in _VARYING:
        text = varying.sub(word, text)
    return text.rstrip("\n")


class HostManualTests(TestCase):
    """The examples with curl, on a real socket."""

    timeout = 60

    def setUp(self) -> None:
        """Serve."""
        need_program("curl", "curl")
        self.page = (need_checkout() / "docs" / "host-api.md").read_text()
        self.talk = Talk(clock=_reactor)
        self.addCleanup(self.talk.site.drain)
        self.socket = Path(directory(self)) / "unix.socket"
        port = _reactor.listenUNIX(str(self.socket), self.talk.site, mode=0o600)
        self.addCleanup(port.stopListening)

    async def test_examples(self) -> None:
        """Each prints what it says, one after the other."""
        environ = {**os.environ, "SOCKET": str(self.socket)}
        script = list(examples(self.page))
        self.assertGreaterEqual(len(script), 8)
        for command, expected in script:
            out, err, code = await getProcessOutputAndValue(
                "/bin/bash", ["-c", command], environ
            )
            self.assertEqual(code, 0, err)
            self.assertEqual(_steady(out.decode()), _steady(expected), command)
