"""Debian's own guest programs get the same from the real LXD and from us."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from tests.host import tarballs
from tests.need import need_program
from tests.peers.reallxd import NAME
from tests.peers.service import until
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


_EXPORT = """\
set -e
mkdir -p /dev/lxd "/tmp/$1"
mount --bind "$(dirname "$2")" /dev/lxd
export LXD_DIR=/dev/lxd LXD_CONF=/tmp/lxc
lxc image export "$3" "/tmp/$1" >&2
cd "/tmp/$1"
cat $(ls | sort -r) | sha256sum
ls
"""


class LxcTests(TestCase):
    """``lxc`` in a container of LXD 5.0.2."""

    timeout = 600

    def setUp(self) -> None:
        """Start both, with a way to the operators' sockets that the container sees."""
        need_program("socat", "socat")
        self.twins = Twins.until_the_end_of(self)
        self.twins.change("config", "set", NAME, "security.devlxd.images=true")
        lxd, service = self.twins.lxd, self.twins.service
        self.said = {
            "lxd": self.forwarded(lxd.home / "devlxd", lxd.home),
            "ours": self.forwarded(service.socket.parent, service.state),
        }

    def forwarded(self, directory: Path, daemon: Path) -> Path:
        """
        Another way to an operators' socket.

        :param directory: where it is to be.
        :return: where what is said there is written.
        """
        said = self.twins.lxd.directory / f"said-{daemon.name}"
        socket = directory / "unix.socket"
        with said.open("wb") as log:
            between = subprocess.Popen(
                [
                    *("socat", "-v", f"UNIX-LISTEN:{socket},fork,mode=666"),
                    f"UNIX-CONNECT:{daemon / 'unix.socket'}",
                ],
                stderr=log,
            )
        self.addCleanup(socket.unlink, missing_ok=True)
        self.addCleanup(between.wait)
        self.addCleanup(between.terminate)
        until(socket.is_socket, "socat to listen")
        return said

    def exported(self, name: str, fingerprint: str) -> list[str]:
        """The SHA-256 of what comes of an image, and the names of its files."""
        program = ("unshare", "--mount", "/usr/bin/bash", "-c", _EXPORT, "export")
        place = f"{name}-{fingerprint[:9]}"
        said = self.twins.inside(*program, place, SOCKETS[name], fingerprint)
        return said.replace("  -", "").split()

    def test_export(self) -> None:
        """It fetches the same files from both, by the guest socket and no other."""
        for parts in (
            (tarballs.image(rootfs=os.urandom(300_000)),),
            (tarballs.metadata(), b"hsqs" + os.urandom(300_000)),
        ):
            fingerprint = self.twins.import_image(*parts)
            theirs, ours = (self.exported(name, fingerprint) for name in SOCKETS)
            self.assertEqual(ours, theirs)
            whole = hashlib.sha256(b"".join(parts)).hexdigest()
            self.assertEqual((ours[0], len(ours[1:])), (whole, len(parts)))
        for said in self.said.values():
            self.assertIn(b"/1.0/images/", said.read_bytes())
            self.assertNotIn(b"/export", said.read_bytes())
