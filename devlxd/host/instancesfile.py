"""
The file of ``--instances``: profiles and instances as LXD's documents, by name.

The form is in ``docs/instances-file.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias, TypeVar

from attrs import define, field, frozen

from devlxd.host.yamltree import Branch, parsed
from devlxd.model.instance import Config, Device, Devices
from devlxd.model.manifest import Manifest
from devlxd.model.names import InstanceName, ProfileName, QualifiedName
from devlxd.model.stated import (
    INSTANCE_FIELDS,
    PROFILE_FIELDS,
    Field,
    StatedInstance,
    StatedProfile,
)
from devlxd.model.validation import check_config, check_devices, check_text

# Written into a pasted document by LXD, and the same as the key that it stands under.
_NAMING = ("name", "project")
_MAPS = ("config", "devices")
# Of pid_t; the kernel allows fewer.
_LAST_PID = 2**31 - 1
_NUMBER = re.compile("[1-9][0-9]{0,9}")

Place: TypeAlias = tuple[str, ...]
"""A way from the root by keys, where ``web1`` is called ``default/web1``."""

N = TypeVar("N", bound=QualifiedName)
S = TypeVar("S", bound=StatedProfile)


@frozen
class Document:
    """
    A file that was read.

    :ivar manifest: what it states.
    :ivar inits: the init processes of the instances that it says run.
    :ivar lines: where each entry and each key of it is.
    """

    manifest: Manifest
    inits: Mapping[InstanceName, int]
    lines: Mapping[Place, int]

    def line_of(self, *place: str) -> int | None:
        """The line of a place, or else of the nearest that it is within."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)


def read_manifest(text: str) -> Document:
    """
    :raises BadFile: on the first thing in the text that is wrong.
    """
    reading = _Reading()
    parts = reading.keyed(parsed(text), ("profiles", "instances"), ())
    manifest = Manifest(
        profiles=reading.profiles(parts.get("profiles")),
        instances=reading.instances(parts.get("instances")),
    )
    return Document(manifest, reading.inits, reading.lines)


@define
class _Reading:
    """One walk through a file, noting where things are."""

    lines: dict[Place, int] = field(factory=dict)
    inits: dict[InstanceName, int] = field(factory=dict)

    def profiles(self, part: Branch | None) -> dict[ProfileName, StatedProfile]:
        entries = self._entries(part, "profiles", ProfileName)
        return {name: self._profile(name, entry) for name, entry in entries.items()}

    def instances(self, part: Branch | None) -> dict[InstanceName, StatedInstance]:
        entries = self._entries(part, "instances", InstanceName)
        return {name: self._instance(name, entry) for name, entry in entries.items()}

    def _entries(
        self, part: Branch | None, kind: str, parse: type[N]
    ) -> dict[N, Branch]:
        found: dict[N, Branch] = {}
        for text, key, value in part.pairs() if part else ():
            with key.blamed():
                name = parse.parse(text)
            if name in found:
                raise key.bad(f"{name} is there twice")
            self.lines[kind, str(name)] = key.line
            found[name] = value
        return found

    def _profile(self, name: ProfileName, entry: Branch) -> StatedProfile:
        place = ("profiles", str(name))
        known = (*PROFILE_FIELDS, *_MAPS, *_NAMING, "used_by")
        found = self.keyed(entry, known, place)
        return self._stated(StatedProfile, PROFILE_FIELDS, name, found, place)

    def _instance(self, name: InstanceName, entry: Branch) -> StatedInstance:
        place = ("instances", str(name))
        known = (*INSTANCE_FIELDS, *_MAPS, *_NAMING, "init")
        found = self.keyed(entry, known, place)
        if "init" in found:
            self.inits[name] = _pid(found["init"])
        return self._stated(StatedInstance, INSTANCE_FIELDS, name, found, place)

    def keyed(
        self, branch: Branch, known: Sequence[str], place: Place
    ) -> dict[str, Branch]:
        """The values of a map that has these keys and no others, if any."""
        found = {}
        for text, key, value in branch.pairs():
            if text not in known:
                raise key.bad(_unknown(text, known))
            self.lines[(*place, text)] = key.line
            if not value.is_null:
                found[text] = value
        return found

    def _stated(
        self,
        kind: type[S],
        forms: Mapping[str, Field],
        name: QualifiedName,
        found: Mapping[str, Branch],
        place: Place,
    ) -> S:
        _check_naming(name, found)
        return kind(
            config=self._config(found.get("config"), (*place, "config")),
            devices=self._devices(found.get("devices"), (*place, "devices")),
            **{
                form.attribute: self._field(form, found[key], (*place, key))
                for key, form in forms.items()
                if key in found
            },
        )

    def _field(self, form: Field, value: Branch, place: Place) -> Any:
        if form.many:
            return tuple(self._item(form, item, place) for item in value.items())
        with value.blamed():
            return form.read(value.text())

    def _item(self, form: Field, item: Branch, place: Place) -> Any:
        text = item.text()
        self.lines[(*place, text)] = item.line
        with item.blamed():
            return form.read(text)

    def _config(self, branch: Branch | None, place: Place) -> Config:
        return self._texts(branch, place, check_config) if branch else {}

    def _devices(self, branch: Branch | None, place: Place) -> Devices:
        found: dict[str, Device] = {}
        for name, key, value in branch.pairs() if branch else ():
            self.lines[(*place, name)] = key.line
            if not value.is_null:
                found[name] = self._texts(value, (*place, name), _check_texts)
                with key.blamed():
                    check_devices({name: found[name]})
        return found

    def _texts(
        self, branch: Branch, place: Place, check: Callable[[Config], object]
    ) -> dict[str, str]:
        """A map of texts, each pair of which passes a check."""
        found = {}
        for text, key, value in branch.pairs():
            self.lines[(*place, text)] = key.line
            if not value.is_null:
                found[text] = value.text()
            with key.blamed():
                check({text: found.get(text, "")})
        return found


def _check_texts(device: Device) -> None:
    for text in (*device.keys(), *device.values()):
        check_text(text)


def _check_naming(name: QualifiedName, found: Mapping[str, Branch]) -> None:
    """That the names in a pasted document are those of the entry that it is in."""
    right = {"name": (name.name, str(name)), "project": (name.project,)}
    for key, texts in right.items():
        if key in found and found[key].text() not in texts:
            raise found[key].bad(
                f"the {key} of {name} must be {texts[0]!r} or left out"
            )


def _pid(value: Branch) -> int:
    text = value.text()
    if _NUMBER.fullmatch(text) is None or int(text) > _LAST_PID:
        raise value.bad(f"Invalid pid {text!r}: must be a positive number")
    return int(text)


def _unknown(key: str, known: Sequence[str]) -> str:
    close = get_close_matches(key, known, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
    return f"unknown key {key!r}; {hint}"
