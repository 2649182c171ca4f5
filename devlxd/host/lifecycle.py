"""What operators are told of a change: LXD's lifecycle events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import Factory, evolve, field, frozen

from devlxd.host.documents import (
    alias_url,
    image_url,
    instance_url,
    profile_url,
    project_url,
)
from devlxd.model.change import AliasChange, Change, ImageChange, ProfileChange
from devlxd.model.event import Event, EventType
from devlxd.model.expansion import Expanded
from devlxd.model.image import NEVER, Image
from devlxd.model.instance import Instance
from devlxd.model.lifecycle import BOOT, READY
from devlxd.model.names import ImageName, InstanceName

LOCATION = "none"
"""What LXD calls the place of a server that is in no cluster."""


@frozen
class Lifecycle:
    """
    One thing that happened in somebody's life.

    :ivar action: what happened, in LXD's words: ``instance-created``.
    :ivar source: the URL of what it happened to.
    :ivar context: more about it, if anything.
    """

    action: str
    project: str
    source: str
    context: Mapping[str, object] = field(default=Factory(dict))

    def event(self) -> Event:
        """It as an event."""
        metadata: dict[str, object] = {"action": self.action, "source": self.source}
        if self.context:
            metadata["context"] = dict(self.context)
        return Event(EventType.LIFECYCLE, metadata, LOCATION, self.project)


def of_instance(change: Change) -> Iterator[Lifecycle]:
    """
    What a change of an instance is told as.

    Its life and its readiness are kept in its data, but are not told as updates;
    that it is ready is told by `readied`, since it may say so again and again.
    """
    name = change.name
    if change.after is None:
        if change.renamed_to is None:
            yield _instance("deleted", name)
    elif change.renamed_from is not None:
        yield _instance("renamed", name, {"old_name": change.renamed_from.name})
    elif change.before is None:
        yield _instance("created", name)
    else:
        if _is_updated(change.before, change.after):
            yield _instance("updated", name)
        old, new = (x.instance.config.get(BOOT) for x in (change.before, change.after))
        if old != new:
            yield _instance("started" if new else "stopped", name)


def readied(name: InstanceName) -> Lifecycle:
    """What is told when an instance says that it is ready."""
    return _instance("ready", name)


def of_profile(change: ProfileChange) -> Iterator[Lifecycle]:
    """What a change of a profile is told as."""
    what, name = _done(change), change.name
    if what is not None:
        url, context = profile_url(name), _old_name(change)
        yield Lifecycle(f"profile-{what}", name.project, url, context)


def of_project(what: str, name: str, old_name: str | None = None) -> Lifecycle:
    """
    What is told when something was done to a project.

    :param what: in LXD's words: ``created``.
    :param old_name: what it was called before.
    """
    context = {} if old_name is None else {"old_name": old_name}
    return Lifecycle(f"project-{what}", name, project_url(name), context)


def of_image(change: ImageChange) -> Iterator[Lifecycle]:
    """What a change of an image is told as; that it was used is not told."""
    if change.after is None:
        yield _image("deleted", change.name)
    elif change.before is None:
        yield _image("created", change.name, {"type": change.after.type.value})
    elif _unused(change.before) != _unused(change.after):
        yield _image("updated", change.name)


def retrieved(name: ImageName) -> Lifecycle:
    """What is told when somebody fetches an image."""
    return _image("retrieved", name)


def of_alias(change: AliasChange) -> Iterator[Lifecycle]:
    """What a change of an alias is told as."""
    what, name = _done(change), change.name
    if what is not None:
        context = _old_name(change)
        if change.after is not None and not context:
            context = {"target": change.after.target}
        yield Lifecycle(f"image-alias-{what}", name.project, alias_url(name), context)


def _done(change: ProfileChange | AliasChange) -> str | None:
    """
    What was done, in LXD's words; ``None`` for the half of a renaming that is told with
    the other one.
    """
    if change.after is None:
        return "deleted" if change.renamed_to is None else None
    if change.renamed_from is not None:
        return "renamed"
    return "created" if change.before is None else "updated"


def _old_name(change: ProfileChange | AliasChange) -> dict[str, object]:
    old = change.renamed_from
    return {} if old is None else {"old_name": old.name}


def _image(
    what: str, name: ImageName, context: Mapping[str, object] | None = None
) -> Lifecycle:
    return Lifecycle(f"image-{what}", name.project, image_url(name), context or {})


def _unused(image: Image) -> Image:
    return evolve(image, last_used=NEVER)


def _instance(
    what: str, name: InstanceName, context: Mapping[str, object] | None = None
) -> Lifecycle:
    url = instance_url(name)
    return Lifecycle(f"instance-{what}", name.project, url, context or {})


def _is_updated(before: Expanded, after: Expanded) -> bool:
    """Whether an instance has changed, but for its life and its readiness."""
    if before.profiles != after.profiles:
        return True
    old, new = before.instance, after.instance
    if old == new:
        return False
    # To copy an instance is to check it: it is done for what has changed in nothing
    # but what is not told, and not for each of thousands that share a profile.
    return _told(old) != _told(new) or old != evolve(new, config=old.config)


def _told(instance: Instance) -> dict[str, str]:
    """The config that is told of."""
    config = instance.config.items()
    return {key: value for key, value in config if key not in (BOOT, READY)}
