"""Images come from ``curl`` into a service that runs, and that may be killed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from tests.host.tarballs import METADATA, image
from tests.need import need_program
from tests.peers.service import Service, started_service, until

IMAGES = "http://lxd/1.0/images"
LARGE = 1 << 30
MOST = 100 << 20
"""What the service may have in memory, in bytes."""


def large_image(path: Path) -> None:
    """An image with much in it that takes no place on the disk."""
    with path.open("wb") as file:
        for name, size in (("metadata.yaml", len(METADATA)), ("rootfs/x", LARGE)):
            member = tarfile.TarInfo(name)
            member.size = size
            file.write(member.tobuf())
            if name == "metadata.yaml":
                file.write(METADATA.ljust(512, b"\0"))
        file.truncate(file.tell() + LARGE + 1024)


def peak(pid: int) -> int:
    """The most that a process has had in memory, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the kernel does not say")


class ImageUploadTests(TestCase):
    """What becomes of what curl sends."""

    timeout = 300

    def setUp(self) -> None:
        """Have curl, and start a service."""
        self.curl = need_program("curl", "curl")
        self.service = started_service(self)

    def arguments(self, service: Service, *more: str) -> list[str]:
        """A command line of curl that asks the host."""
        return [self.curl, "-s", "--unix-socket", str(service.host_socket), *more]

    def ask(self, *more: str) -> Any:
        """What the host says."""
        command = self.arguments(self.service, *more)
        out = subprocess.run(command, check=True, capture_output=True).stdout
        return json.loads(out)["metadata"]

    def left(self) -> list[str]:
        """What is in the directory of images."""
        return [entry.name for entry in (self.service.state / "images").iterdir()]

    def test_plain(self) -> None:
        """A file without a content type is an image, which a restart keeps, and so
        does the end of its process at once."""
        file = self.service.directory / "image.tar.gz"
        file.write_bytes(image())
        fingerprint = hashlib.sha256(image()).hexdigest()
        send = ("--data-binary", f"@{file}", "-H", "Content-Type:", IMAGES)
        operation = self.ask(*send)
        self.assertEqual(operation["metadata"]["fingerprint"], fingerprint)
        self.service.kill()
        self.service.start()
        self.assertEqual(self.ask(IMAGES), [f"/1.0/images/{fingerprint}"])
        out = self.service.directory / "out"
        export = f"{IMAGES}/{fingerprint[:12]}/export"
        subprocess.run(self.arguments(self.service, "-o", str(out), export), check=True)
        self.assertEqual(out.read_bytes(), image())

    def test_large(self) -> None:
        """However large an image is, the service stays small."""
        file = self.service.directory / "large.tar"
        large_image(file)
        send = ("-X", "POST", "-T", str(file), "-H", "Content-Type:", IMAGES)
        metadata = self.ask(*send)["metadata"]
        self.assertEqual(metadata["size"], str(file.stat().st_size))
        self.assertLess(peak(self.service.pid), MOST)

    def test_killed(self) -> None:
        """When the service is killed while an image comes, nothing is left of it."""
        self.assert_nothing_left(self.service.kill)

    def test_client_killed(self) -> None:
        """So it is when the client is, and the service lives on."""
        self.assert_nothing_left(lambda: None)

    def assert_nothing_left(self, kill: Any) -> None:
        """Have somebody killed in the middle of an import, and look after it."""
        send = ("-X", "POST", "-T", "-", "-H", "Content-Type:", IMAGES)
        self.sender = subprocess.Popen(
            self.arguments(self.service, *send),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        assert self.sender.stdin is not None
        with closing(self.sender.stdin):
            self.sender.stdin.write(b"x" * (5 << 20))
            self.sender.stdin.flush()
            until(self._has_come, "the image to come")
            kill()
            # It waits for its standard input, whatever has become of the service.
            self.sender.kill()
            self.sender.wait(60)
            if self.service.is_running:
                until(lambda: not self.left(), "what came to go")
            else:
                self.assertEqual(len(self.left()), 1)
                self.service.start()
        self.assertEqual(self.left(), [])
        self.assertEqual(self.ask(IMAGES), [])

    def _has_come(self) -> bool:
        files = list((self.service.state / "images").glob("incoming-*/metadata"))
        return bool(files) and files[0].stat().st_size >= 2 << 20
