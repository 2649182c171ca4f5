"""Debian's own guest programs get the same from the real LXD and from us."""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import TestCase

from tests.need import need_program
from tests.peers.twins import BOOT, SOCKETS, Twins


class CloudInitTests(TestCase):
    """cloud-init in a container of LXD 5.0.2."""

    timeout = 900

    def booted(self, twins: Twins, name: str) -> tuple[Any, str]:
        """What a boot has learned, and what it has done."""
        namespaces = ("unshare", "--mount", "--uts", "--propagation", "private")
        directory = SOCKETS[name].rpartition("/")[0]
        program = ("/usr/bin/bash", "-c", BOOT.read_text(), "boot-from", directory)
        learned, _, done = twins.inside(*namespaces, *program).rpartition("}\n")
        return json.loads(learned + "}"), done

    def test_boot(self) -> None:
        """It learns the same from both, and does the same."""
        need_program("cloud-init", "cloud-init")
        twins = Twins.until_the_end_of(self, privileged=True)
        theirs, ours = (self.booted(twins, name) for name in SOCKETS)
        self.assertEqual(ours, theirs)
        learned, done = ours
        self.assertEqual(learned["v1"]["platform"], "lxd")
        self.assertEqual(learned["v1"]["local_hostname"], "c1")
        self.assertEqual(learned["ds"]["config"]["user.p"], "profile")
        self.assertEqual(done, "\nc1\nuser\n")
