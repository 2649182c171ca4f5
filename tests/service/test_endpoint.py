"""What ``--guest`` may be."""

from __future__ import annotations

from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.internet.testing import MemoryReactor
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.service.endpoint import guest_endpoint


class GuestEndpointTests(SynchronousTestCase):
    """`guest_endpoint` understands Twisted's endpoint strings."""

    def test_endpoint(self) -> None:
        """It gives an endpoint on the reactor that it was given."""
        reactor = MemoryReactor()
        endpoint = guest_endpoint("tcp:80", reactor)
        verifyObject(IStreamServerEndpoint, endpoint)
        self.assertEqual(reactor.tcpServers, [])

    def test_mistakes(self) -> None:
        """What is no endpoint is refused in one line, whatever its parser raises."""
        for text, reason in {
            "nope:x": "Unknown endpoint type: 'nope'",
            "tcp:x": "invalid literal for int() with base 10: 'x'",
            "unix:x:mode=9": "invalid literal for int() with base 8: '9'",
            "tcp": "missing 1 required positional argument: 'port'",
            "tcp:1:x=2": "got an unexpected keyword argument 'x'",
            "ssl:1:privateKey=/nope": "/nope: No such file or directory",
            "x=y": "no such endpoint",
            "tcp:\\": "no such endpoint",
        }.items():
            with self.assertRaises(UsageError) as caught:
                guest_endpoint(text, MemoryReactor())
            self.assertEqual(str(caught.exception), f"--guest {text}: {reason}")
