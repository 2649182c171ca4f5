"""
Which projects there are.

A project is there when it was made, and also when something is in it, as may be with
the instances and profiles of an instances file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from attrs import evolve, field, frozen
from twisted.internet.defer import Deferred

from devlxd.errors import BadRequest, Conflict, Forbidden, InvalidData, NoSuchProject
from devlxd.interfaces import IDraft, IImages, IInstances, IProfiles, IStore
from devlxd.model.instance import Config, Profile, frozen_config
from devlxd.model.names import DEFAULT_PROJECT, ImageName, InstanceName, ProfileName
from devlxd.model.validation import check_text, is_true

_NOTE = "projects"

# LXD's, and those that it leaves to people.
_NAMESPACES = ("backups", "features", "images", "limits", "restricted", "user")
_OWN_PROFILES = "features.profiles"

FEATURES = {
    "features.images": "true",
    "features.profiles": "true",
    "features.storage.volumes": "true",
}
"""What LXD says of a project that shares nothing with the default one."""


@frozen
class Project:
    """A project that was made, or that things are in."""

    name: str
    description: str = ""
    config: Config = field(default=FEATURES, converter=frozen_config)


@frozen
class Projects:
    """The projects of a store."""

    _store: IStore
    _instances: IInstances
    _profiles: IProfiles
    _images: IImages

    def all(self) -> list[Project]:
        """Every project, ordered by name."""
        known = self._known(self._store.note(_NOTE))
        return [known[name] for name in sorted(known)]

    def get(self, name: str) -> Project:
        """
        :raises NoSuchProject: when there is none of this name.
        """
        return _named(self._known(self._store.note(_NOTE)), name)

    def instances_in(self, name: str) -> list[InstanceName]:
        """The instances of a project."""
        names = (expanded.instance.name for expanded in self._instances.all())
        return [each for each in names if each.project == name]

    def profiles_in(self, name: str) -> list[ProfileName]:
        """The profiles of a project, its ``default`` among them."""
        names = {p.name for p in self._profiles.all() if p.name.project == name}
        return sorted({ProfileName(name, "default"), *names})

    def images_in(self, name: str) -> list[ImageName]:
        """The images of a project."""
        return [image.name for image in self._images.all() if image.project == name]

    def create(self, project: Project) -> Deferred[object]:
        """
        :return: fires when it is durable; fails with `Conflict`.
        """
        # Its name follows the rule of all names.
        ProfileName(project.name, "default")

        def rule(draft: IDraft) -> None:
            self._check_free(draft, project.name)
            _put(draft, project)

        return self._store.transact(rule)

    def update(
        self, name: str, change: Callable[[Project], Project]
    ) -> Deferred[object]:
        """
        Change a project by a rule, as `devlxd.interfaces.IInstances.update`.

        :return: fires when it is durable; fails with what the rule raised, or with
            `NoSuchProject`.
        """

        def rule(draft: IDraft) -> None:
            found = _named(self._known(draft.note(_NOTE)), name)
            _put(draft, change(found))

        return self._store.transact(rule)

    def rename(self, old: str, new: str) -> Deferred[object]:
        """
        Give a project that nothing is in another name.

        :return: fires when it is durable; fails with `Conflict` or `NoSuchProject`.
        :raises NoSuchProject: when there is none of the old name.
        :raises BadRequest: when something is in it.
        :raises Forbidden: when it is the default one.
        """
        self._check_empty(old, "renamed", "renamed")
        source, target = ProfileName(old, "default"), ProfileName(new, "default")

        def rule(draft: IDraft) -> None:
            self._check_free(draft, new)
            found = _named(self._known(draft.note(_NOTE)), old)
            profile = evolve(draft.profile(source), name=target)
            draft.update_profile(target, lambda _: profile)
            _remove(draft, old)
            _put(draft, evolve(found, name=new))

        return self._store.transact(rule)

    def delete(self, name: str) -> Deferred[object]:
        """
        :return: fires when it is durable.
        :raises NoSuchProject: when there is none of this name.
        :raises BadRequest: when something is in it.
        :raises Forbidden: when it is the default one.
        """
        self._check_empty(name, "deleted", "removed")
        return self._store.transact(lambda draft: _remove(draft, name))

    def _used(self) -> set[str]:
        used = {expanded.instance.name.project for expanded in self._instances.all()}
        for profile in self._profiles.all():
            # What was the default profile of a project stays behind, empty.
            if profile != Profile(ProfileName(profile.name.project, "default")):
                used.add(profile.name.project)
        return used | {image.project for image in self._images.all()}

    def _known(self, note: str | None) -> dict[str, Project]:
        made = _read(note)
        names = {DEFAULT_PROJECT, *made, *self._used()}
        return {name: made.get(name, Project(name)) for name in names}

    def _check_free(self, draft: IDraft, name: str) -> None:
        if name in self._known(draft.note(_NOTE)):
            raise Conflict("A project by that name already exists")

    def _check_empty(self, name: str, forbidden: str, refused: str) -> None:
        """Refuse unless nothing but its default profile is in a project."""
        self.get(name)
        if name == DEFAULT_PROJECT:
            raise Forbidden(f"The 'default' project cannot be {forbidden}")
        others = self.instances_in(name) or self.images_in(name)
        if others or len(self.profiles_in(name)) > 1:
            raise BadRequest(f"Only empty projects can be {refused}")


def checked(config: Mapping[str, str]) -> Mapping[str, str]:
    """
    A config, if a project may have it.

    :raises InvalidData: when LXD would refuse it, or when the project would share
        profiles, which none does here.
    """
    for key, value in config.items():
        check_text(key)
        check_text(value)
        namespace, _, rest = key.partition(".")
        if namespace not in _NAMESPACES or not rest:
            raise InvalidData(f"Invalid project configuration key {key!r}")
    if not is_true(config.get(_OWN_PROFILES)):
        raise InvalidData(f"{_OWN_PROFILES} must be true: projects share nothing here")
    return config


def _named(projects: Mapping[str, Project], name: str) -> Project:
    try:
        return projects[name]
    except KeyError:
        raise NoSuchProject from None


def _read(note: str | None) -> dict[str, Project]:
    documents: Mapping[str, Mapping[str, object]] = json.loads(note or "{}")
    return {
        name: evolve(Project(name), **document)  # type: ignore[arg-type]
        for name, document in documents.items()
    }


def _write(draft: IDraft, projects: Mapping[str, Project]) -> None:
    documents = {
        name: {"description": project.description, "config": dict(project.config)}
        for name, project in projects.items()
    }
    draft.set_note(_NOTE, json.dumps(documents))


def _put(draft: IDraft, project: Project) -> None:
    _write(draft, {**_read(draft.note(_NOTE)), project.name: project})


def _remove(draft: IDraft, name: str) -> None:
    projects = _read(draft.note(_NOTE))
    projects.pop(name, None)
    _write(draft, projects)
    # A profile of a later project of this name would be the same one.
    profile = ProfileName(name, "default")
    draft.update_profile(profile, lambda _: Profile(profile))
