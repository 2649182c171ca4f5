"""Tests of instances whose init process is known."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import (
    BadRequest,
    Conflict,
    NoSuchInstance,
    NotInContainer,
    StoreFailure,
)
from devlxd.host.instancesfile import read_manifest
from devlxd.host.registration import Registration
from devlxd.interfaces import IRegistry
from devlxd.model.identity import Boot, Peer
from devlxd.model.instance import Instance, InstanceType
from devlxd.model.lifecycle import BOOT, is_ready, ready
from devlxd.model.names import InstanceName
from devlxd.stores.store import Store
from tests.host.processes import Processes
from tests.stores.parts import Counting, uuids

T = TypeVar("T")

C1 = InstanceName("default", "c1")
GONE = InstanceName("default", "gone")


class ProcessesTests(SynchronousTestCase):
    """Tests of the registry that the tests use."""

    def test_role(self) -> None:
        """It is an `IRegistry` that knows its processes while they live."""
        processes = Processes({10: "first"})
        self.assertTrue(verifyObject(IRegistry, processes))
        processes.register(C1, 10, lambda: None)
        self.assertEqual(processes.locate(Peer(10, 0, 0)).name, C1)
        self.assertEqual(processes.running(), [C1])
        processes.end(10)
        self.assertRaises(NotInContainer, processes.locate, Peer(10, 0, 0))


class RegistrationTests(SynchronousTestCase):
    """Tests of `Registration`."""

    def setUp(self) -> None:
        self.backend = Counting()
        self.store = Store(self.backend, uuids())
        self.processes = Processes({10: "first", 20: "second"})
        self.registration = Registration(self.processes, self.store.instances)
        self.successResultOf(self.store.instances.create(Instance(C1)))

    def test_deleted(self) -> None:
        """The processes of an instance that is deleted are not the next one's."""
        self.store.instances.observe(self.registration.forget_deleted)
        self.run_through(self.registration.register(C1, 10))
        self.store.instances.update(C1, lambda old: evolve(old, description="x"))
        self.assertEqual(list(self.processes.running()), [C1])
        self.store.instances.delete(C1)
        self.store.instances.create(Instance(C1))
        self.assertEqual(list(self.processes.running()), [])
        self.assertRaises(NotInContainer, self.processes.locate, Peer(10, 0, 0))

    def run_through(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.successResultOf(Deferred.fromCoroutine(coroutine))

    def fails(self, coroutine: Coroutine[Any, Any, object], *kinds: type) -> None:
        self.failureResultOf(Deferred.fromCoroutine(coroutine), *kinds)

    def instance(self) -> Instance:
        return self.store.instances.get(C1).instance

    def say_ready(self) -> None:
        rule = partial(ready, is_ready=True)
        self.successResultOf(self.store.instances.update(C1, rule))

    def test_register(self) -> None:
        """A registered instance is known by its process and not ready yet."""
        self.say_ready()
        boot = self.run_through(self.registration.register(C1, 10))
        self.assertEqual(boot, Boot(10, "first"))
        self.assertEqual(self.processes.running(), [C1])
        self.assertEqual(self.instance().config[BOOT], "first")
        self.assertFalse(is_ready(self.instance()))

    def test_lived_on(self) -> None:
        """An instance that is registered again in the same life stays ready."""
        self.run_through(self.registration.register(C1, 10))
        self.say_ready()
        written = len(self.backend.written)
        again = Registration(Processes({10: "first"}), self.store.instances)
        self.run_through(again.register(C1, 10))
        self.assertTrue(is_ready(self.instance()))
        self.assertEqual(len(self.backend.written), written)

    def test_restarted(self) -> None:
        """An instance that is registered in another life is not ready."""
        self.run_through(self.registration.register(C1, 10))
        self.say_ready()
        self.run_through(self.registration.register(C1, 20))
        self.assertFalse(is_ready(self.instance()))
        self.assertEqual(self.instance().config[BOOT], "second")

    def test_resumed(self) -> None:
        """An instance that lived on while the service did not is known, and ready."""
        self.run_through(self.registration.register(C1, 10))
        self.say_ready()
        written = len(self.backend.written)
        processes = Processes({10: "first"})
        again = Registration(processes, self.store.instances)
        self.run_through(again.resume())
        self.assertEqual(processes.running(), [C1])
        self.assertTrue(is_ready(self.instance()))
        self.assertEqual(len(self.backend.written), written)
        processes.end(10)
        self.assertFalse(is_ready(self.instance()))

    def test_not_resumed(self) -> None:
        """One that ended while the service was not there is in no life any more."""
        self.run_through(self.registration.register(C1, 10))
        self.say_ready()
        processes = Processes({10: "another", 20: "second"})
        with capturedLogs() as events:
            again = Registration(processes, self.store.instances)
            self.run_through(again.resume())
        self.assertEqual(processes.running(), [])
        self.assertFalse(is_ready(self.instance()))
        self.assertNotIn(BOOT, self.instance().config)
        self.assertEqual(
            [formatEvent(event) for event in events],
            ["default/c1 has ended meanwhile: No such process"],
        )

    def test_never_lived(self) -> None:
        """One that never lived is left as it is."""
        written = len(self.backend.written)
        self.run_through(self.registration.resume())
        self.assertEqual(self.processes.running(), [])
        self.assertEqual(len(self.backend.written), written)

    def test_ended(self) -> None:
        """When the process has ended, the instance is not ready and in no life."""
        self.run_through(self.registration.register(C1, 10))
        self.say_ready()
        self.processes.end(10)
        self.assertFalse(is_ready(self.instance()))
        self.assertNotIn(BOOT, self.instance().config)

    def test_unknown_instance(self) -> None:
        """Nothing is registered for an instance that does not exist."""
        self.fails(self.registration.register(GONE, 10), NoSuchInstance)
        self.assertEqual(self.processes.running(), [])

    def test_unknown_process(self) -> None:
        """A process that cannot be registered changes nothing."""
        written = len(self.backend.written)
        self.fails(self.registration.register(C1, 99), BadRequest)
        self.assertEqual(len(self.backend.written), written)

    def test_not_written(self) -> None:
        """When the start cannot be written down, that is told, and may be repeated."""
        self.backend.failure = OSError()
        self.fails(self.registration.register(C1, 10), StoreFailure)
        self.flushLoggedErrors(OSError)
        self.backend.failure = None
        self.run_through(self.registration.register(C1, 10))
        self.assertEqual(self.instance().config[BOOT], "first")

    def test_deleted_meanwhile(self) -> None:
        """The end of an instance that was deleted meanwhile disturbs nobody."""
        self.run_through(self.registration.register(C1, 10))
        self.successResultOf(self.store.instances.delete(C1))
        self.processes.end(10)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_end_not_written(self) -> None:
        """When the end cannot be written down, that is logged."""
        self.run_through(self.registration.register(C1, 10))
        self.backend.failure = OSError()
        with capturedLogs() as events:
            self.processes.end(10)
        self.assertIn(
            "Recording the end of default/c1 failed", map(formatEvent, events)
        )
        self.assertEqual(len(self.flushLoggedErrors(StoreFailure)), 1)
        self.flushLoggedErrors(OSError)

    def test_stated(self) -> None:
        """All whose init process a file states are registered."""
        other = InstanceName("lab", "c1")
        self.successResultOf(self.store.instances.create(Instance(other)))
        document = read_manifest(
            "instances: {c1: {init: 20}, lab/c1: {init: 10}, other: {}}"
        )
        with capturedLogs() as events:
            self.run_through(self.registration.register_stated(document, "F", {}))
        self.assertEqual(self.processes.running(), [C1, other])
        self.assertEqual(events, [])

    def test_stated_in_vain(self) -> None:
        """Those that cannot be registered are warned of, and the others are."""
        document = read_manifest(
            "instances:\n"
            "  lab/c2: {config: {user.a: 1}, init: 10}\n"
            "  c2:\n"
            "    init: 99\n"
            "  c1: {init: 20}\n"
        )
        c2 = InstanceName("default", "c2")
        self.successResultOf(self.store.instances.create(Instance(c2)))
        with capturedLogs() as events:
            self.run_through(self.registration.register_stated(document, "F", {}))
        self.assertEqual(
            [(event["log_level"], formatEvent(event)) for event in events],
            [
                (LogLevel.warn, "F:2: lab/c2 is not registered: Instance not found"),
                (LogLevel.warn, "F:4: default/c2 is not registered: No such process"),
            ],
        )
        self.assertEqual(self.processes.running(), [C1])

    def test_stated_again(self) -> None:
        """What was stated before is not registered again, be it that it has ended."""
        self.run_through(self.registration.register(C1, 10))
        self.processes.end(10)
        document = read_manifest("instances: {c1: {init: 10}}")
        with capturedLogs() as events:
            stated = self.registration.register_stated(document, "F", {C1: 10})
            self.run_through(stated)
            self.assertEqual((self.processes.running(), events), ([], []))
            stated = self.registration.register_stated(document, "F", {C1: 20})
            self.run_through(stated)
        self.assertEqual(len(events), 1)

    def find(self, name: InstanceName = C1, pid: int = 10, lives: bool = True) -> None:
        """Have a runtime find a process."""
        self.registration.found(name, pid, lambda: lives)

    def test_found(self) -> None:
        """What a runtime has found is known at once, and has started a new life."""
        self.say_ready()
        self.find()
        self.assertEqual(self.processes.running(), [C1])
        self.assertEqual(self.instance().config[BOOT], "first")
        self.assertFalse(is_ready(self.instance()))
        self.processes.end(10)
        self.assertNotIn(BOOT, self.instance().config)

    def test_found_twice(self) -> None:
        """An instance that is a process already does not become another one."""
        self.find()
        self.find()
        self.assertRaises(Conflict, self.find, pid=20)
        self.assertEqual(self.processes.pid_of(C1), 10)

    def test_found_stranger(self) -> None:
        """A container is no instance that is not there, or is no container."""
        vm = InstanceName("default", "vm")
        instance = Instance(vm, type=InstanceType.VIRTUAL_MACHINE)
        self.successResultOf(self.store.instances.create(instance))
        self.assertRaises(NoSuchInstance, self.find, GONE)
        self.assertRaises(BadRequest, self.find, vm)
        self.assertEqual(self.processes.running(), [])

    def test_found_too_late(self) -> None:
        """
        A process that has ended when it was found may have left its number to another
        one, which is not taken for the instance; that has ended, too.
        """
        self.run_through(self.registration.register(C1, 10))
        self.say_ready()
        self.processes.forget(C1)
        self.assertRaises(BadRequest, self.find, pid=20, lives=False)
        self.assertEqual(self.processes.running(), [])
        self.assertNotIn(BOOT, self.instance().config)
        self.assertFalse(is_ready(self.instance()))

    def test_start_not_written(self) -> None:
        """When the start cannot be written down that is logged; it is known still."""
        self.backend.failure = OSError()
        with capturedLogs() as events:
            self.find()
        self.assertIn(
            "Recording the start of default/c1 failed", map(formatEvent, events)
        )
        self.assertEqual(self.processes.running(), [C1])
        self.assertEqual(len(self.flushLoggedErrors(StoreFailure)), 1)
        self.flushLoggedErrors(OSError)
