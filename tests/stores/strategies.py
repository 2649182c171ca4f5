"""Arbitrary instances, profiles, images, aliases and edits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, timezone
from functools import partial
from typing import TypeAlias

from attrs import evolve
from hypothesis import strategies as st

from devlxd.interfaces import IDraft
from devlxd.model.image import Alias, Image, Part
from devlxd.model.instance import Instance, InstanceType, Profile
from devlxd.model.names import AliasName, ImageName, InstanceName, ProfileName

Edit: TypeAlias = Callable[[IDraft], object]

AWKWARD = ["", "\0", "a\0b", "\u2028", "\r\n", "\x7f", '"\\', "\ufeff", "\U0001f600"]

texts = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=20
)
plain = st.text(st.characters(codec="utf-8"), max_size=8).filter(str.isprintable)
keys = plain.map(lambda text: f"user.{text or 'x'}") | st.sampled_from(
    [
        "user.user-data",
        "cloud-init.user-data",
        "cloud-init.ssh-keys.me",
        "volatile.eth0.hwaddr",
    ]
)
configs = st.dictionaries(keys, texts, max_size=4)
device_names = st.sampled_from(["eth0", "eth1", "root", "Gerät"])
devices = st.dictionaries(
    device_names,
    st.builds(
        lambda kind, rest: {**rest, "type": kind},
        st.sampled_from(["nic", "disk"]),
        st.dictionaries(st.sampled_from(["name", "path", "user.x"]), texts, max_size=2),
    ),
    max_size=2,
)
# Few, so that edits meet.
projects = st.sampled_from(["default", "p-2"])
instance_names = st.builds(InstanceName, projects, st.sampled_from(["c1", "c2"]))
profile_names = st.builds(ProfileName, projects, st.sampled_from(["default", "a", "b"]))
profile_lists = st.lists(st.sampled_from(["default", "a", "b"]), max_size=3)
zones = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))

instances = st.builds(
    Instance,
    instance_names,
    type=st.sampled_from(InstanceType),
    architecture=texts,
    description=texts,
    config=configs,
    devices=devices,
    profiles=profile_lists,
    ephemeral=st.booleans(),
    stateful=st.booleans(),
    location=texts,
    created=st.datetimes(timezones=zones),
)
profiles = st.builds(
    Profile, profile_names, description=texts, config=configs, devices=devices
)

fingerprints = st.sampled_from(["a" * 64, "b" * 64])
image_names = st.builds(ImageName, projects, fingerprints)
alias_names = st.builds(AliasName, projects, st.sampled_from(["a", "ubuntu/22.04"]))
parts = st.builds(Part, st.integers(0, 1 << 40), st.sampled_from(["", ".tar.xz"]))
times = st.datetimes(timezones=zones)
images = st.builds(
    Image,
    projects,
    fingerprints,
    parts,
    st.none() | parts,
    type=st.sampled_from(InstanceType),
    architecture=texts,
    public=st.booleans(),
    cached=st.booleans(),
    auto_update=st.booleans(),
    properties=st.dictionaries(plain.filter(bool), texts, max_size=3),
    filename=texts,
    created=times,
    expires=times,
    uploaded=times,
    last_used=times,
)
aliases = st.builds(Alias, alias_names, fingerprints, texts)


def _create_instance(instance: Instance, draft: IDraft) -> object:
    return draft.create_instance(instance).instance


def _update_instance(name: InstanceName, to: Instance, draft: IDraft) -> object:
    return draft.update_instance(
        name,
        lambda instance: evolve(to, name=name, type=instance.type),
    ).instance


def _delete_instance(name: InstanceName, draft: IDraft) -> None:
    draft.delete_instance(name)


def _create_profile(profile: Profile, draft: IDraft) -> object:
    return draft.create_profile(profile)


def _update_profile(name: ProfileName, to: Profile, draft: IDraft) -> object:
    return draft.update_profile(name, lambda _: evolve(to, name=name))


def _delete_profile(name: ProfileName, draft: IDraft) -> None:
    draft.delete_profile(name)


def _note(key: str, text: str, draft: IDraft) -> object:
    before = draft.note(key)
    draft.set_note(key, text)
    return before


def _create_image(image: Image, draft: IDraft) -> object:
    return draft.images.create(image)


def _update_image(name: ImageName, to: Image, draft: IDraft) -> object:
    def rule(old: Image) -> Image:
        return evolve(
            to,
            project=old.project,
            fingerprint=old.fingerprint,
            metadata=old.metadata,
            rootfs=old.rootfs,
            type=old.type,
        )

    return draft.images.update(name, rule)


def _delete_image(name: ImageName, draft: IDraft) -> None:
    draft.images.delete(name)


def _create_alias(alias: Alias, draft: IDraft) -> object:
    return draft.images.create_alias(alias)


def _update_alias(name: AliasName, to: Alias, draft: IDraft) -> object:
    return draft.images.update_alias(name, lambda _: evolve(to, name=name))


def _rename_alias(old: AliasName, new: AliasName, draft: IDraft) -> object:
    return draft.images.rename_alias(old, new)


def _delete_alias(name: AliasName, draft: IDraft) -> None:
    draft.images.delete_alias(name)


edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(partial, st.just(_create_instance), instances),
    st.builds(partial, st.just(_update_instance), instance_names, instances),
    st.builds(partial, st.just(_delete_instance), instance_names),
    st.builds(partial, st.just(_create_profile), profiles),
    st.builds(partial, st.just(_update_profile), profile_names, profiles),
    st.builds(partial, st.just(_delete_profile), profile_names),
    st.builds(partial, st.just(_create_image), images),
    st.builds(partial, st.just(_update_image), image_names, images),
    st.builds(partial, st.just(_delete_image), image_names),
    st.builds(partial, st.just(_create_alias), aliases),
    st.builds(partial, st.just(_update_alias), alias_names, aliases),
    st.builds(partial, st.just(_rename_alias), alias_names, alias_names),
    st.builds(partial, st.just(_delete_alias), alias_names),
    st.builds(partial, st.just(_note), st.sampled_from(["a", "\0"]), texts),
)


def _all(edits: list[Edit], draft: IDraft) -> list[object]:
    return [edit(draft) for edit in edits]


rules: st.SearchStrategy[Edit] = st.builds(
    partial, st.just(_all), st.lists(edits, min_size=1, max_size=4)
)
"""Transactions of several edits; one that is refused stops all of them."""
