"""Make what an instances file states true, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar, cast

from attrs import define, field, frozen
from twisted.internet.defer import Deferred

from devlxd.errors import (
    InvalidData,
    NoSuchInstance,
    NoSuchProfile,
    Refusal,
)
from devlxd.host.instancesfile import Document
from devlxd.host.yamltree import BadFile
from devlxd.interfaces import IDraft, IStore
from devlxd.model.instance import Instance, Profile
from devlxd.model.manifest import Edit, Manifest, applied, difference
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.record import from_json, to_json
from devlxd.model.stated import StatedProfile

LAST_APPLIED = "instances-file"
"""The key of the note in which the store keeps what was last applied."""

N = TypeVar("N", InstanceName, ProfileName)
S = TypeVar("S", bound=StatedProfile)
V = TypeVar("V", Instance, Profile)


@frozen
class Summary:
    """How many profiles and instances were created, changed and deleted."""

    created: int = 0
    changed: int = 0
    deleted: int = 0


def apply(
    store: IStore, document: Document, now: datetime, architecture: str
) -> Deferred[Summary]:
    """
    Do what the file asks for since it was last applied: all of it or nothing.

    :param now: the creation time of what is created and does not state one.
    :param architecture: that of instances that do not state one.
    :return: fires when it is durable; fails with `BadFile` when the file asks for what
        cannot be, or with `StoreFailure`.
    """

    def rule(draft: IDraft) -> Summary:
        return _Application(draft, document, now, architecture).run()

    return cast("Deferred[Summary]", store.transact(rule))


@frozen
class _Shelf(Generic[N, V]):
    """
    Where a draft holds its instances, or its profiles.

    :ivar kind: its name in the file.
    :ivar get: raises `Refusal` when there is no such thing, as `IDraft` has it.
    """

    kind: str
    get: Callable[[N], V]
    create: Callable[[V], object]
    update: Callable[[N, Callable[[V], V]], object]
    delete: Callable[[N], None]

    def find(self, name: N) -> V | None:
        try:
            return self.get(name)
        except (NoSuchInstance, NoSuchProfile):
            return None

    def put(self, name: N, live: V | None, wanted: V | None) -> None:
        if wanted is None:
            self.delete(name)
        elif live is None:
            self.create(wanted)
        else:
            self.update(name, lambda _: wanted)


@define
class _Application:
    """One file's being applied to one draft."""

    draft: IDraft
    document: Document
    now: datetime
    architecture: str
    counts: Counter[str] = field(factory=Counter)

    def run(self) -> Summary:
        last, now = self._last(), self.document.manifest
        edits = difference(last, now)
        # A profile must be there before an instance can use it, and until none does.
        for edit in edits.profiles:
            if edit.says is not None:
                self._put(self._profiles, edit, Profile(edit.name))
        for each in edits.instances:
            self._put(self._instances, each, self._blank(each.name))
        for edit in edits.profiles:
            if edit.says is None:
                self._put(self._profiles, edit, Profile(edit.name))
        if edits:
            self.draft.set_note(LAST_APPLIED, to_json(now))
        return Summary(**self.counts)

    def _last(self) -> Manifest:
        text = self.draft.note(LAST_APPLIED)
        try:
            return Manifest() if text is None else from_json(text)
        except InvalidData as error:
            raise BadFile(None, error.text) from None

    @property
    def _profiles(self) -> _Shelf[ProfileName, Profile]:
        draft = self.draft
        return _Shelf(
            "profiles",
            draft.profile,
            draft.create_profile,
            draft.update_profile,
            draft.delete_profile,
        )

    @property
    def _instances(self) -> _Shelf[InstanceName, Instance]:
        draft = self.draft
        return _Shelf(
            "instances",
            lambda name: draft.instance(name).instance,
            draft.create_instance,
            draft.update_instance,
            draft.delete_instance,
        )

    def _blank(self, name: InstanceName) -> Instance:
        return Instance(name, architecture=self.architecture, created=self.now)

    def _put(self, shelf: _Shelf[N, V], edit: Edit[N, S], blank: V) -> None:
        live = shelf.find(edit.name)
        wanted = applied(edit, live, blank)
        if wanted == live:
            return
        if isinstance(wanted, Instance):
            self._check_type(live, wanted)
            self._supply_profiles(wanted)
        done = "deleted" if not wanted else "changed" if live else "created"
        try:
            shelf.put(edit.name, live, wanted)
        except Refusal as refusal:
            reason = f"{edit.name} cannot be {done}: {refusal.text}"
            raise self._bad(reason, shelf.kind, str(edit.name)) from None
        self.counts[done] += 1

    def _check_type(self, live: object, wanted: Instance) -> None:
        if isinstance(live, Instance) and live.type is not wanted.type:
            raise self._bad(
                f"the type of {live.name} cannot change from {live.type.value} to "
                f"{wanted.type.value}: delete it first",
                *("instances", str(live.name), "type"),
            )

    def _supply_profiles(self, instance: Instance) -> None:
        """
        See that what an instance uses is there.  A profile that other hands deleted
        since the file was last applied is there again when it is needed.
        """
        for name in instance.profile_names:
            if self._profiles.find(name) is None:
                stated = self.document.manifest.profiles.get(name)
                if stated is None:
                    raise self._bad(
                        f"no profile {name}, neither here nor in the store",
                        *("instances", str(instance.name), "profiles", name.name),
                    )
                self._put(self._profiles, Edit(name, None, stated), Profile(name))

    def _bad(self, reason: str, *place: str) -> BadFile:
        return BadFile(self.document.line_of(*place), reason)
