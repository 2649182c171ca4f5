"""Programs in a real container fetch the host's images through the guest socket."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import yaml
from twisted.trial.unittest import TestCase

from tests.host import tarballs
from tests.need import need_program
from tests.peers.container import Container
from tests.peers.service import environment, started_service, until

_URL = "http://lxd/1.0/images"
_CURL = ("curl", "--silent", "--show-error", "--fail", "--max-time", "60")
_GUEST = (*_CURL, "--unix-socket", "/dev/lxd/sock")
_LXC = ("env", "LXD_DIR=/dev/lxd", "LXD_CONF=/tmp/lxc", "lxc", "image", "export")


class GuestImagesTests(TestCase):
    """A container that may have images."""

    timeout = 300

    def setUp(self) -> None:
        """Start it, and the service that knows it, with an image of each kind."""
        for name, package in (("curl", "curl"), ("socat", "socat"), ("wget", "wget")):
            need_program(name, package)
        need_program("lxc", "lxd-client")
        self.service = started_service(self)
        self.container = Container(self.service.socket.parent)
        self.addCleanup(self.container.stop)
        self.container.start()
        self._register()
        self.whole = tarballs.image(rootfs=os.urandom(3_000_000))
        self.unified = self._imported(self.whole)
        self.parts = (tarballs.metadata(), b"hsqs" + os.urandom(2_000_000))
        self.split = self._imported(*self.parts)

    def _register(self) -> None:
        self.service.stop()
        config = {"security.devlxd.images": "true"}
        instances = {"c1": {"init": self.container.init, "config": config}}
        file = self.service.directory / "instances.yaml"
        file.write_text(yaml.safe_dump({"instances": instances}))
        self.service.arguments = ("--instances", str(file))
        self.service.start()

    def _imported(self, *contents: bytes) -> str:
        """The fingerprint of an image that an operator has taken in, for everybody."""
        files = [self.service.directory / f"file{n}" for n in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        body = ["--data-binary", f"@{files[0]}"]
        if len(files) == 2:
            body = ["-F", f"metadata=@{files[0]}", "-F", f"rootfs=@{files[1]}"]
        host = ("--unix-socket", str(self.service.host_socket))
        headers = ("-H", "X-LXD-public: true", "-H", "Expect:")
        command = [*_CURL, *host, *headers, *body, _URL]
        subprocess.run(command, check=True, capture_output=True)
        return hashlib.sha256(b"".join(contents)).hexdigest()

    def _sha256(self, *files: str) -> str:
        """The SHA-256 of files in the container, one after the other."""
        return self.container.run("sh", "-c", f"cat {' '.join(files)} | sha256sum")[:64]

    def _export(self, fingerprint: str) -> str:
        return f"{_URL}/{fingerprint}/export"

    def test_lxc(self) -> None:
        """
        lxc takes the bytes from the guest socket.  What else it asks of a server it
        asks of another socket, over which no image comes.
        """
        said = self._other_socket()
        self.container.run(*_LXC, self.unified, "/tmp/whole")
        self.assertEqual(self._sha256("/tmp/whole.tar.gz"), self.unified)
        self.container.run("mkdir", "/tmp/split")
        self.container.run(*_LXC, self.split, "/tmp/split")
        files = f"/tmp/split/meta-{self.split}.tar.xz /tmp/split/{self.split}.squashfs"
        self.assertEqual(self._sha256(files), self.split)
        asked = said.read_bytes()
        self.assertIn(f"/1.0/images/aliases/{self.split}".encode(), asked)
        self.assertNotIn(b"/export", asked)

    def _other_socket(self) -> Path:
        """
        Another way to the operators' socket, which the container sees.

        :return: where what is said there is written.
        """
        said = self.service.directory / "said"
        socket = self.service.socket.with_name("unix.socket")
        with said.open("wb") as log:
            between = subprocess.Popen(
                [
                    *("socat", "-v", f"UNIX-LISTEN:{socket},fork"),
                    f"UNIX-CONNECT:{self.service.host_socket}",
                ],
                stderr=log,
            )
        self.addCleanup(between.wait)
        self.addCleanup(between.terminate)
        until(socket.is_socket, "socat to listen")
        return said

    def test_command(self) -> None:
        """Our own command fetches an image of one file, and one of two."""
        directory = self.service.directory / "out"
        directory.mkdir()
        self._devlxd("image", "export", self.unified, f"{directory}/whole")
        self.assertEqual((directory / "whole").read_bytes(), self.whole)
        self._devlxd("image", "export", self.split, f"{directory}/split")
        for name, content in zip(("split", "split.root"), self.parts, strict=True):
            self.assertEqual((directory / name).read_bytes(), content)
        self.assertEqual(len(list(directory.iterdir())), 3)

    def _devlxd(self, *arguments: str) -> None:
        """Run it among the container's processes, with the files of the host."""
        among = ("nsenter", "--target", str(self.container.init), "--pid")
        devlxd = (sys.executable, "-m", "devlxd.client.cli")
        command = [*among, *devlxd, "--socket", str(self.service.socket), *arguments]
        subprocess.run(command, check=True, capture_output=True, env=environment())

    def test_curl_ranges(self) -> None:
        """curl gets a range, several at once, and none of what it has."""
        url = self._export(self.unified)
        one = self.container.run(
            *_GUEST, "-r", "1000-1999", "-o", "/tmp/one", "-w", "%{http_code}", url
        )
        self.assertEqual(one, "206")
        expected = hashlib.sha256(self.whole[1000:2000]).hexdigest()
        self.assertEqual(self._sha256("/tmp/one"), expected)
        many = self.container.run(
            *_GUEST, "-r", "0-0,-1", "-o", "/tmp/many", "-w", "%{content_type}", url
        )
        self.assertTrue(many.startswith("multipart/byteranges; boundary="), many)
        self.container.run(*_GUEST, "-R", "-o", "/tmp/whole", url)
        again = ("-z", "/tmp/whole", "-o", "/tmp/again", "-w", "%{http_code}", url)
        self.assertEqual(self.container.run(*_GUEST, *again), "304")

    def test_curl_resumes(self) -> None:
        """curl goes on where it was."""
        url = self._export(self.unified)
        part = ("-r", "0-999999", "-o", "/tmp/whole")
        self.container.run(*_GUEST, *part, url)
        went_on = self.container.run(
            *_GUEST, "-C", "-", "-o", "/tmp/whole", "-w", "%{size_download}", url
        )
        self.assertEqual(int(went_on), len(self.whole) - 1_000_000)
        self.assertEqual(self._sha256("/tmp/whole"), self.unified)

    def test_wget_resumes(self) -> None:
        """So does wget, which needs socat between it and the socket."""
        self.container.run(
            *_GUEST, "-r", "0-999999", "-o", "/tmp/whole", self._export(self.unified)
        )
        between = "socat TCP-LISTEN:8000,bind=127.0.0.1,fork UNIX-CONNECT:/dev/lxd/sock"
        url = self._export(self.unified).replace("//lxd", "//127.0.0.1:8000")
        wget = f"wget -c -q --retry-connrefused -T 60 -O /tmp/whole {url}"
        self.container.run("sh", "-c", f"{between} & {wget}; result=$?; kill $!")
        self.assertEqual(self._sha256("/tmp/whole"), self.unified)

    def test_not_allowed(self) -> None:
        """An instance that may have none is refused in LXD's envelope."""
        file = self.service.directory / "instances.yaml"
        instances = {"c1": {"init": self.container.init}}
        file.write_text(yaml.safe_dump({"instances": instances}))
        until(lambda: "1 changed" in self.service.log, "the file to be applied")
        command = [word for word in _GUEST if word != "--fail"]
        said = self.container.run(*command, self._export(self.unified))
        self.assertIn('"error_code":403,"error":"Forbidden"', said)
