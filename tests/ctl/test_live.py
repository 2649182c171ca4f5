"""Tests of ``devlxdctl`` and instances, on the host itself."""

from __future__ import annotations

import io
from functools import partial

from twisted.internet.defer import Deferred

from devlxd.model.lifecycle import ready
from devlxd.model.names import InstanceName
from tests.client.program import Outcome
from tests.client.sockets import later
from tests.ctl.hosting import HostTestCase

C1 = InstanceName("default", "c1")


class LifeTests(HostTestCase):
    """What an operator does with an instance, from its beginning to its end."""

    async def test_config(self) -> None:
        """Its own config and that of its profiles are told apart."""
        await self.said("profile", "create", "web", "-c", "user.of=web")
        await self.said("create", "c1", "-p", "default", "-p", "web", "-c", "user.a=1")
        await self.said("set", "c1", "user.b=2", "user.a=")
        self.assertEqual(await self.said("get", "c1", "user.b"), "2")
        self.assertEqual(await self.said("get", "-e", "c1", "user.of"), "web")
        await self.failed(4, "get c1 user.of: not set", "get", "c1", "user.of")

    async def test_show(self) -> None:
        """What is shown may be given back, and changes nothing."""
        await self.said("create", "c1", "-c", "user.a=b\nc\n")
        await self.said("device", "add", "c1", "eth0", "nic", "network=br0")
        shown = await self.said("show", "c1")
        await self.said("edit", "c1", inp=io.StringIO(shown))
        self.assertEqual(await self.said("show", "c1"), shown)

    async def test_end(self) -> None:
        """It may lose its profiles, get another name, and go."""
        await self.said("create", "c1")
        await self.said("assign", "c1")
        self.assertEqual((await self.document("show", "c1"))["profiles"], [])
        await self.said("rename", "c1", "c2")
        self.assertEqual(await self.said("list", "--names"), "c2\n")
        await self.said("delete", "c2")
        self.assertEqual(await self.document("list", "--all-projects"), [])

    async def test_refused(self) -> None:
        """What the host refuses is told in its words."""
        await self.said("create", "c1")
        for code, complaint, words in (
            (1, "Invalid config: Unknown configuration key: 'x'", "set c1 x=1"),
            (1, "Instance already exists", "create c1"),
            (4, "Instance not found", "show c2"),
        ):
            command, name, *more = words.split()
            await self.failed(
                code, f"{command} {name}: {complaint}", command, name, *more
            )

    async def test_ready(self) -> None:
        """It is waited for until its guest says that it is ready."""
        await self.said("create", "c1")
        waiting = Deferred.fromCoroutine(self.ctl("wait", "c1", "--ready"))
        await self.said("register", "c1", "4711")
        await later(0.1)
        self.assertFalse(waiting.called)
        instances = self.talk.store.instances
        await instances.update(C1, partial(ready, is_ready=True))
        self.talk.host.announcer.ready(C1)
        self.assertEqual(await waiting, Outcome(0, b"", ""))
