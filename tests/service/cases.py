"""Tests with a service that is a process of its own."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.service.processes import FOREGROUND, Service, twistd

C1 = """\
profiles:
  default:
    config: {user.color: blue}
instances:
  c1:
    config: {user.name: first}
"""
FILE = "--instances=instances.yaml"
ASSUME = "--assume=c1"


class ProcessCase(SynchronousTestCase):
    """Tests with a service in the foreground, and a file with an instance ``c1``."""

    def setUp(self) -> None:
        """Have a service that has not started."""
        self.service = Service.of(self)
        self.service.write("instances.yaml", C1)

    def fails(self, *options: str) -> str:
        """What is said on standard error by a service that cannot start."""
        outcome = twistd(
            self.service.directory,
            *(*FOREGROUND, "devlxd", "--state-dir=state", *options),
            prefix=self.service.prefix,
        )
        self.assertEqual(outcome.code, 1)
        self.assertNotIn("Traceback", outcome.out)
        return outcome.err
