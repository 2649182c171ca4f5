"""
The roles of the domain.

Parts meet through these and know nothing else of each other; which concrete part
plays which role is decided in `devlxd.assembly` alone.  Each method's docstring is its
contract, and `devlxd.testing` holds a suite that checks it on every implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from twisted.internet.defer import Deferred
from zope.interface import Attribute, Interface

from devlxd.interfaces.images import IAliases, IImageDraft, IImages, IUpload
from devlxd.model.change import Change, ProfileChange
from devlxd.model.event import Page, Record
from devlxd.model.expansion import Expanded
from devlxd.model.identity import Boot, Located, Peer
from devlxd.model.instance import Instance, Profile
from devlxd.model.names import InstanceName, ProfileName

__all__ = [
    "IAliases",
    "IDraft",
    "IImageDraft",
    "IImages",
    "IInstances",
    "IJournal",
    "IListener",
    "ILocator",
    "IProfiles",
    "IRegistry",
    "IRuntime",
    "IStore",
    "IUpload",
]


class ILocator(Interface):
    """Tells which instance a process is in."""

    def locate(peer: Peer) -> Located:
        """
        The instance of a peer.  The peer's pidfd is not kept and not closed.

        :raises NotInContainer: when it is in none that this locator knows, or when it
            cannot be told with certainty.
        """


class IRegistry(ILocator):
    """Knows instances by their init process."""

    def register(name: InstanceName, pid: int, ended: Callable[[], object]) -> Boot:
        """
        Take a process and all that share its pid namespace, nested ones included, for
        an instance, until that process ends.  An instance that was registered already
        is registered anew, and its earlier *ended* is not called.

        :param pid: the init process, in our pid namespace.
        :param ended: called once, when the process has ended and the entry is gone.
        :raises BadRequest: when there is no such process, it lives in our own pid
            namespace, or its namespace is another instance's.
        """

    def resume(name: InstanceName, token: str, ended: Callable[[], object]) -> Boot:
        """
        Take the process of an earlier `Boot` for its instance again, as `register`.

        :param token: that of the boot.
        :raises BadRequest: when that process has ended, or as `register` does.
        """

    def forget(name: InstanceName) -> None:
        """
        Take no process for this instance any more; nobody is told of its end.  Nothing
        happens when it is not registered.
        """

    def running() -> Iterable[InstanceName]:
        """The instances whose init process lives."""

    def pid_of(name: InstanceName) -> int | None:
        """The init process of an instance in our pid namespace, if it lives."""


class IRuntime(Interface):
    """What is known of the lives of instances."""

    def runs(name: InstanceName) -> bool:
        """Whether an instance runs."""

    def pid_of(name: InstanceName) -> int | None:
        """The init process of an instance in our pid namespace, if it is known."""

    def register(name: InstanceName, pid: int) -> Coroutine[Deferred[Any], Any, Boot]:
        """
        Take a process for an instance's init.

        :raises Refusal: when that cannot be.
        """


class IInstances(Interface):
    """
    All instances.

    Reading is synchronous, out of memory, and sees durable data only.
    """

    def get(name: InstanceName) -> Expanded:
        """
        The present state of an instance.  It is the same object until it changes.

        :raises NoSuchInstance: when there is none of this name.
        """

    def all() -> Iterable[Expanded]:
        """Every instance, ordered by name."""

    def create(instance: Instance) -> Deferred[Expanded]:
        """
        Add an instance.  It gets a new ``volatile.uuid`` and
        ``volatile.cloud-init.instance-id`` unless it brings them.

        :return: fires when it is durable; fails with `InstanceExists`, with
            `NoSuchProfile` when it uses one that is not there, or `StoreFailure`.
        """

    def update(
        name: InstanceName, rule: Callable[[Instance], Instance]
    ) -> Deferred[Expanded]:
        """
        Change an instance by a rule that is given its latest state, so that no change
        of anyone else's is lost.  The rule may run more than once and must be pure.
        A rule that gives an equal instance writes nothing.  A change of what
        cloud-init reads gives the instance a new instance-id (SPEC: LXD does so, to
        make cloud-init run anew).

        :return: fires when the change is durable; fails with what the rule raised,
            with `NoSuchInstance`, `NoSuchProfile`, `InvalidData` when it changed the
            name or the type, or `StoreFailure`.  In all these cases nothing changed.
        """

    def delete(name: InstanceName) -> Deferred[None]:
        """
        Forget an instance.

        :return: fires when that is durable; fails with `NoSuchInstance`.
        """

    def observe(observer: Callable[[Change], object]) -> Callable[[], None]:
        """
        Hear of every later change of every instance, whoever made it, once it is
        durable: in order, one call a change, before the Deferred of who made it fires.
        What an observer raises is logged and disturbs nobody.

        :return: call it to hear no more.
        """


class IProfiles(Interface):
    """
    All profiles.  Each project has one named ``default``, which is empty until
    somebody changes it and cannot be deleted.
    """

    def get(name: ProfileName) -> Profile:
        """
        :raises NoSuchProfile: when there is none of this name.
        """

    def all() -> Iterable[Profile]:
        """Every profile that was ever written, ordered by name."""

    def used_by(name: ProfileName) -> Iterable[InstanceName]:
        """The instances that use a profile, ordered by name."""

    def create(profile: Profile) -> Deferred[Profile]:
        """
        :return: fires when it is durable; fails with `ProfileExists`.
        """

    def update(
        name: ProfileName, rule: Callable[[Profile], Profile]
    ) -> Deferred[Profile]:
        """
        Change a profile by a rule, as `IInstances.update`.  All instances that use it
        change with it in the same transaction, instance-ids included.

        :return: fires when all of it is durable; fails with what the rule raised,
            `NoSuchProfile`, `InvalidData` when the name changed, or `StoreFailure`.
        """

    def delete(name: ProfileName) -> Deferred[None]:
        """
        :return: fires when that is durable; fails with `NoSuchProfile`, or with
            `ProfileInUse` while an instance uses it and for ``default``.
        """

    def observe(observer: Callable[[ProfileChange], object]) -> Callable[[], None]:
        """
        Hear of every later change of every profile, as `IInstances.observe`.  Of what
        one transaction changed, the profiles are told first.
        """


class IJournal(Interface):
    """
    The last events of every instance.

    They are written in the transaction of the change that they are about.
    """

    def last(name: InstanceName) -> int:
        """The number of the latest durable event of an instance; 0 when none."""

    def read(name: InstanceName, since: int, limit: int) -> Deferred[Page]:
        """
        The kept events of an instance with a number above *since*, the oldest *limit*
        of them.  What was announced before the call is among them, if it is kept.
        """


class IListener(Interface):
    """Hears of one instance's events."""

    def hear(record: Record) -> object:
        """
        The next event.  It must not wait for anybody, and what it raises is logged.
        """

    def end() -> object:
        """There is nothing more to hear: the instance is gone, or may not listen."""


class IDraft(Interface):
    """
    The inside of one transaction: what there will be if it commits.

    Its methods are the synchronous forms of `IInstances` and `IProfiles`.
    """

    images: IImageDraft = Attribute("The images and aliases.")

    def instance(name: InstanceName) -> Expanded:
        """As `IInstances.get`."""

    def create_instance(instance: Instance) -> Expanded:
        """As `IInstances.create`."""

    def update_instance(
        name: InstanceName, rule: Callable[[Instance], Instance]
    ) -> Expanded:
        """As `IInstances.update`."""

    def delete_instance(name: InstanceName) -> None:
        """As `IInstances.delete`."""

    def rename_instance(old: InstanceName, new: InstanceName) -> Expanded:
        """
        Give an instance another name and a new instance-id.  Its events stay behind.

        :raises NoSuchInstance: when it is not there.
        :raises InstanceExists: when the new name is taken.
        """

    def profile(name: ProfileName) -> Profile:
        """As `IProfiles.get`."""

    def create_profile(profile: Profile) -> Profile:
        """As `IProfiles.create`."""

    def update_profile(
        name: ProfileName, rule: Callable[[Profile], Profile]
    ) -> Profile:
        """As `IProfiles.update`."""

    def delete_profile(name: ProfileName) -> None:
        """As `IProfiles.delete`."""

    def rename_profile(old: ProfileName, new: ProfileName) -> Profile:
        """
        Give a profile, and all instances that use it, another name of it.

        :raises NoSuchProfile: when it is not there.
        :raises ProfileExists: when the new name is taken.
        :raises ProfileInUse: when it is ``default``.
        """

    def used_by(name: ProfileName) -> Iterable[InstanceName]:
        """As `IProfiles.used_by`."""

    def note(key: str) -> str | None:
        """A text that was kept under a key by an earlier transaction, or ``None``."""

    def set_note(key: str, text: str) -> None:
        """Keep a text, durable like all else."""


class IStore(Interface):
    """All records and notes, changed together or not at all."""

    def transact(rule: Callable[[IDraft], object]) -> Deferred[object]:
        """
        Run a rule on a draft of everything and make its edits durable as one.

        Rules run one after the other, each on the outcome of the one before.  The
        rule must be synchronous and have no effect but on the draft.

        :return: fires with what the rule returned, once it is durable.  Fails with
            what the rule raised, or with `StoreFailure`; then nothing changed.
        """

    def note(key: str) -> str | None:
        """The durable text of `IDraft.set_note`, or ``None``."""
