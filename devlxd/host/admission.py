"""Whether an operator may ask, and what the routes of the host API know."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, cast

from attrs import define, field, frozen
from twisted.web.iweb import IRequest
from zope.interface import implementer

from devlxd.errors import Forbidden
from devlxd.host.announcer import Announcer
from devlxd.host.bodies import parameter
from devlxd.host.documents import instance_url
from devlxd.host.door import Operator
from devlxd.host.operations import Operations
from devlxd.host.projectlist import Projects
from devlxd.interfaces import (
    IAliases,
    IImages,
    IInstances,
    IProfiles,
    IRuntime,
    IStore,
)
from devlxd.model.names import DEFAULT_PROJECT, InstanceName, ProfileName
from devlxd.web.interfaces import IAdmission
from devlxd.web.replies import Accepted


def _new_name() -> str:
    return f"instance-{token_hex(4)}"


@frozen
class Host:
    """
    What there is to manage.

    :ivar server: the host's name.
    :ivar announcer: tells operators what happens.
    :ivar architecture: of new instances of which nobody says one.
    :ivar new_name: makes the names of new instances to which nobody gives one.
    """

    store: IStore
    instances: IInstances
    profiles: IProfiles
    projects: Projects
    runtime: IRuntime
    operations: Operations
    server: str
    announcer: Announcer
    images: IImages
    aliases: IAliases
    architecture: str = field(factory=platform.machine)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_name: Callable[[], str] = _new_name


@frozen
class Caller:
    """
    The caller of a route: somebody who may manage all of the host.

    :ivar project: the one that the request is about.
    :ivar all_projects: whether it is about all of them.
    """

    host: Host
    operator: Operator
    project: str
    all_projects: bool = False

    def profile(self, name: str) -> ProfileName:
        """
        The full name of a profile of the project.

        :raises InvalidData: when it cannot be one.
        """
        return ProfileName(self.project, name)

    def instance(self, name: str) -> InstanceName:
        """
        The full name of an instance of the project.

        :raises InvalidData: when it cannot be one.
        """
        return InstanceName(self.project, name)

    def accepted(self, description: str, name: InstanceName) -> Accepted:
        """
        The answer about an operation on an instance that has succeeded.

        :param description: in LXD's words: ``Creating instance``.
        """
        return self.done(description, {"instances": [instance_url(name)]})

    def done(
        self,
        description: str,
        resources: Mapping[str, Sequence[str]],
        metadata: Mapping[str, object] | None = None,
    ) -> Accepted:
        """The answer about any operation that has succeeded."""
        operation = self.host.operations.add(description, resources, metadata)
        return Accepted(operation.document(), operation.url)


@implementer(IAdmission)
@define(eq=False)
class HostAdmission:
    """Admits whom the door trusts."""

    _host: Host

    def identify(self, request: IRequest) -> None:
        """
        :raises Forbidden: when the peer may not manage this host.
        """
        _operator_of(request)

    def admit(self, request: IRequest, path: str = "") -> Caller:
        """
        :raises Forbidden: when the peer may not manage this host.
        :raises NoSuchProject: when the request is about one that is not there.
        """
        operator = _operator_of(request)
        project = parameter(request, "project") or DEFAULT_PROJECT
        if project != DEFAULT_PROJECT:
            self._host.projects.get(project)
        all_projects = parameter(request, "all-projects") in ("true", "1")
        return Caller(self._host, operator, project, all_projects)


def _operator_of(request: IRequest) -> Operator:
    operator: Operator = cast(Any, request).channel.visitor
    if not operator.may_manage:
        raise Forbidden
    return operator
