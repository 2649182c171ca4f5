"""
Which projects there are.

A project is there when it was made, and also when an instance or a profile is in it,
as those of an instances file may be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import evolve, field, frozen
from twisted.internet.defer import Deferred

from devlxd.errors import BadRequest, Conflict, NoSuchProject
from devlxd.interfaces import IDraft, IInstances, IProfiles, IStore
from devlxd.model.instance import Config, frozen_config
from devlxd.model.names import DEFAULT_PROJECT, InstanceName, ProfileName

_NOTE = "projects"

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

    def all(self) -> list[Project]:
        """Every project, ordered by name."""
        made = _read(self._store.note(_NOTE))
        names = {DEFAULT_PROJECT, *made, *self._used()}
        return [made.get(name, Project(name)) for name in sorted(names)]

    def get(self, name: str) -> Project:
        """
        :raises NoSuchProject: when there is none of this name.
        """
        for project in self.all():
            if project.name == name:
                return project
        raise NoSuchProject

    def instances_in(self, name: str) -> list[InstanceName]:
        """The instances of a project."""
        names = (expanded.instance.name for expanded in self._instances.all())
        return [each for each in names if each.project == name]

    def profiles_in(self, name: str) -> list[ProfileName]:
        """The profiles of a project, its ``default`` among them."""
        names = {p.name for p in self._profiles.all() if p.name.project == name}
        return sorted({ProfileName(name, "default"), *names})

    def create(self, project: Project) -> Deferred[object]:
        """
        :return: fires when it is durable; fails with `Conflict`.
        """
        # Its name follows the rule of all names.
        ProfileName(project.name, "default")
        if project.name in {each.name for each in self.all()}:
            raise Conflict(f"Project {project.name!r} already exists")
        return self._store.transact(lambda draft: _put(draft, project))

    def update(self, project: Project) -> Deferred[object]:
        """
        :return: fires when it is durable.
        """
        return self._store.transact(lambda draft: _put(draft, project))

    def delete(self, name: str) -> Deferred[object]:
        """
        :return: fires when it is durable.
        :raises BadRequest: when something is in it, or it is the default one.
        """
        self.get(name)
        if name == DEFAULT_PROJECT:
            raise BadRequest("The 'default' project cannot be deleted")
        if name in self._used():
            raise BadRequest("Only empty projects can be removed")
        return self._store.transact(lambda draft: _remove(draft, name))

    def _used(self) -> set[str]:
        used = {expanded.instance.name.project for expanded in self._instances.all()}
        return used | {profile.name.project for profile in self._profiles.all()}


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
