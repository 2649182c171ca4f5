"""The server itself, what runs on it, and who may ask."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import BadRequest
from devlxd.host.documents import (
    instance_document,
    instance_etag,
    state_document,
    time_of,
)
from devlxd.host.registration import Registration
from devlxd.host.runtime import Registered, Supposed
from devlxd.interfaces import IRuntime
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance, Profile
from devlxd.model.lifecycle import ready
from devlxd.model.names import InstanceName, ProfileName
from tests.host.processes import Processes
from tests.host.talk import Talk

C1 = InstanceName("default", "c1")
C2 = InstanceName("lab", "c2")


class ServerTests(SynchronousTestCase):
    """``/`` and ``/1.0``."""

    def test_server(self) -> None:
        """Clients find what they look for."""
        talk = Talk()
        self.assertEqual(talk.get("/"), ["/1.0"])
        server = talk.get("/1.0")
        self.assertEqual((server["api_version"], server["auth"]), ("1.0", "trusted"))
        self.assertIn("instances", server["api_extensions"])
        environment = server["environment"]
        self.assertEqual(environment["server_pid"], os.getpid())
        self.assertEqual(environment["server_name"], "host")

    def test_form(self) -> None:
        """Paths and methods that are not there are refused in LXD's form."""
        talk = Talk()
        self.assertEqual(talk.refusal("GET", "/1.0/nope"), (404, "Not Found"))
        self.assertEqual(talk.refusal("PUT", "/1.0"), (501, "Not Implemented"))


class RuntimeTests(SynchronousTestCase):
    """What is known of the lives of instances."""

    def test_registered(self) -> None:
        """An instance runs while its init process is registered."""
        talk, processes = Talk(), Processes({7: "life"})
        talk.store.instances.create(Instance(C1))
        registration = Registration(processes, talk.store.instances)
        runtime = Registered(processes, registration)
        verifyObject(IRuntime, runtime)
        self.assertFalse(runtime.runs(C1))
        done = Deferred.fromCoroutine(runtime.register(C1, 7))
        self.assertEqual(self.successResultOf(done).pid, 7)
        self.assertTrue(runtime.runs(C1))
        self.assertEqual(runtime.pid_of(C1), 7)

    def test_supposed(self) -> None:
        """With ``--assume`` that instance runs, and none can be registered."""
        runtime = Supposed(C1)
        verifyObject(IRuntime, runtime)
        self.assertEqual([runtime.runs(name) for name in (C1, C2)], [True, False])
        self.assertIs(runtime.pid_of(C1), None)
        done = Deferred.fromCoroutine(runtime.register(C2, 7))
        self.failureResultOf(done, BadRequest)


class DocumentTests(SynchronousTestCase):
    """Instances in LXD's form."""

    def setUp(self) -> None:
        """An instance with a profile."""
        profile = Profile(ProfileName("lab", "p"), config={"user.p": "1"})
        created = datetime(2026, 1, 2, 4, tzinfo=timezone(timedelta(hours=1)))
        self.instance = Instance(
            C2, config={"user.a": "2"}, profiles=("p",), created=created
        )
        self.expanded = Expanded(self.instance, (profile,))

    def test_instance(self) -> None:
        """It has its own config and the expanded one, and its times in UTC."""
        document = instance_document(self.expanded, runs=False)
        self.assertEqual(document["config"], {"user.a": "2"})
        self.assertEqual(document["expanded_config"], {"user.a": "2", "user.p": "1"})
        self.assertEqual(document["created_at"], "2026-01-02T03:00:00Z")
        self.assertEqual((document["name"], document["project"]), ("c2", "lab"))
        self.assertEqual(document["status"], "Stopped")

    def test_status(self) -> None:
        """It is ready only while it runs."""
        is_ready = ready(self.instance, True)
        for instance, pid, status, code in (
            (self.instance, None, "Stopped", 102),
            (self.instance, 7, "Running", 103),
            (is_ready, None, "Stopped", 102),
            (is_ready, 7, "Ready", 113),
        ):
            state = state_document(instance, pid is not None, pid)
            self.assertEqual((state["status"], state["status_code"]), (status, code))
            self.assertEqual(state["pid"], pid or 0)

    def test_etag(self) -> None:
        """The etag changes with what ``PUT`` can change, and with nothing else."""
        etag = instance_etag(self.instance)
        self.assertEqual(etag, instance_etag(evolve(self.instance, location="x")))
        for changed in (
            evolve(self.instance, description="x"),
            evolve(self.instance, config={}),
            evolve(self.instance, profiles=()),
        ):
            self.assertNotEqual(etag, instance_etag(changed))

    def test_time(self) -> None:
        """Times are LXD's."""
        self.assertEqual(
            time_of(datetime(2026, 1, 1, tzinfo=UTC)), "2026-01-01T00:00:00Z"
        )
