"""Processes in real containers get their own instance, and nobody else's."""

from __future__ import annotations

import subprocess

import yaml
from twisted.trial.unittest import TestCase

from tests.need import need_program
from tests.peers.container import Container
from tests.peers.service import started_service, until

_ASK = ("curl", "--silent", "--max-time", "20", "--unix-socket")


class ContainerTests(TestCase):
    """Two containers on one socket, registered by their init processes."""

    timeout = 300

    def setUp(self) -> None:
        """Start two containers and the service that knows them."""
        need_program("curl", "curl")
        self.service = started_service(self)
        self.red, self.blue = (self._container() for _ in range(2))
        self._restart(red=self.red.init, blue=self.blue.init)

    def _container(self) -> Container:
        container = Container(self.service.socket.parent)
        self.addCleanup(container.stop)
        container.start()
        return container

    def _restart(self, **inits: int) -> None:
        """Stop the service and start it with these instances."""
        self.service.stop()
        file = self.service.directory / "instances.yaml"
        instances = {
            name: {"init": init, "config": {"user.name": name}}
            for name, init in inits.items()
        }
        file.write_text(yaml.safe_dump({"instances": instances}))
        self.service.arguments = ("--instances", str(file))
        self.service.start()

    def _get(self, container: Container, path: str, *options: str) -> str:
        return container.run(*_ASK, "/dev/lxd/sock", *options, f"http://lxd{path}")

    def test_each_its_own(self) -> None:
        """
        Each container reads its own data, over the socket directory that was mounted
        before the service was started again.
        """
        for container, name in ((self.red, "red"), (self.blue, "blue")):
            self.assertEqual(self._get(container, "/1.0/config/user.name"), name)
            metadata = yaml.safe_load(self._get(container, "/1.0/meta-data"))
            self.assertEqual(metadata["local-hostname"], name)

    def test_state(self) -> None:
        """A container that says it is ready is ready, and the other is not."""
        body = ("--request", "PATCH", "--data", '{"state": "Ready"}')
        self.assertEqual(self._get(self.red, "/1.0", *body), "")
        self.assertIn('"state":"Ready"', self._get(self.red, "/1.0"))
        self.assertIn('"state":"Started"', self._get(self.blue, "/1.0"))

    def test_nested(self) -> None:
        """A process in a pid namespace within the container is in the container."""
        nested = ("unshare", "--pid", "--fork", "--mount-proc")
        url = "http://lxd/1.0/config/user.name"
        self.assertEqual(
            self.red.run(*nested, *_ASK, "/dev/lxd/sock", url),
            "red",
        )

    def test_stranger(self) -> None:
        """A process of the host, root as it may be, is in no instance."""
        result = subprocess.run(
            [*_ASK, str(self.service.socket), "--include", "http://lxd/1.0"],
            capture_output=True,
            text=True,
            check=True,
        )
        head, _, body = result.stdout.partition("\n\n")
        self.assertIn("HTTP/1.1 500 ", head)
        self.assertEqual(body, "Process ID not found in container\n")

    def test_not_root(self) -> None:
        """A user of the container that is not its root is told so."""
        answer = self.red.run(
            *("setpriv", "--reuid=65534", "--clear-groups"),
            *(*_ASK, "/dev/lxd/sock", "--include", "http://lxd/1.0/config"),
        )
        self.assertIn("HTTP/1.1 401 ", answer)
        self.assertTrue(answer.endswith("Access denied for non-root user\n"), answer)

    def test_end(self) -> None:
        """When the container ends its entry ends, and it is not ready any more."""
        body = ("--request", "PATCH", "--data", '{"state": "Ready"}')
        self._get(self.red, "/1.0", *body)
        self.red.stop()
        until(lambda: "default/red has ended" in self.service.log, "the end of red")
        again = self._container()
        self._restart(red=again.init, blue=self.blue.init)
        self.assertIn('"state":"Started"', self._get(again, "/1.0"))
        self.assertEqual(self._get(again, "/1.0/config/user.name"), "red")

    def test_deleted(self) -> None:
        """
        A container whose instance is deleted is none, and not the next one of its name.
        """
        file = self.service.directory / "instances.yaml"
        before = file.read_text()
        file.write_text("instances: {}\n")
        until(
            lambda: "default/red is forgotten" in self.service.log, "red to be deleted"
        )
        file.write_text('instances: {red: {config: {user.name: "another"}}}\n')
        until(
            lambda: "1 created, 0 changed, 0 deleted" in self.service.log, "another red"
        )
        answer = self._get(self.red, "/1.0/config/user.name")
        self.assertEqual(answer, "Process ID not found in container\n")
        file.write_text(before)
        until(
            lambda: self._get(self.red, "/1.0/config/user.name") == "red",
            "red to be registered again",
        )

    def test_restart_keeps_ready(self) -> None:
        """A container that lived through a restart of the service is still ready."""
        body = ("--request", "PATCH", "--data", '{"state": "Ready"}')
        self._get(self.red, "/1.0", *body)
        self._restart(red=self.red.init, blue=self.blue.init)
        self.assertIn('"state":"Ready"', self._get(self.red, "/1.0"))
