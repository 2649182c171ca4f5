"""
Operations: what LXD lets its clients wait for.

All that this service does for an operator is done within its request, so that every
operation has ended when it is told of; it is kept for a while, since clients ask again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from attrs import Factory, define, field, frozen

from devlxd.errors import NotFound
from devlxd.host.documents import Document, time_of
from devlxd.model.names import DEFAULT_PROJECT

SUCCESS = ("Success", 200)
FAILURE = ("Failure", 400)

_KEPT = 1000


@frozen
class Operation:
    """
    One operation, which has ended.

    :ivar resources: the URLs of what it was about, by kind.
    :ivar error: what became of it, if it failed.
    """

    id: str
    description: str
    resources: Mapping[str, Sequence[str]]
    created: datetime
    metadata: Mapping[str, object] = field(default=Factory(dict))
    error: str = ""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"/1.0/operations/{self.id}"

    @property
    def project(self) -> str:
        """The one of what it was about."""
        for url in (url for urls in self.resources.values() for url in urls):
            for project in parse_qs(urlsplit(url).query).get("project", ()):
                return project
        return DEFAULT_PROJECT

    def document(self) -> Document:
        """It in LXD's form."""
        status, code = FAILURE if self.error else SUCCESS
        return {
            "id": self.id,
            "class": "task",
            "description": self.description,
            "created_at": time_of(self.created),
            "updated_at": time_of(self.created),
            "status": status,
            "status_code": code,
            "resources": {kind: list(urls) for kind, urls in self.resources.items()},
            "metadata": dict(self.metadata) or None,
            "may_cancel": False,
            "err": self.error,
            "location": "none",
        }


@define(eq=False)
class Operations:
    """
    The last operations.

    :ivar new_uuid: makes their ids.
    """

    _new_uuid: Callable[[], str]
    _now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _operations: OrderedDict[str, Operation] = field(
        init=False, default=Factory(OrderedDict)
    )
    _observers: list[Callable[[Operation], object]] = field(
        init=False, default=Factory(list)
    )

    def observe(self, observer: Callable[[Operation], object]) -> None:
        """Have somebody told of every later operation."""
        self._observers.append(observer)

    def add(
        self,
        description: str,
        resources: Mapping[str, Sequence[str]],
        metadata: Mapping[str, object] | None = None,
    ) -> Operation:
        """Keep an operation that has succeeded."""
        operation = Operation(
            self._new_uuid(), description, resources, self._now(), metadata or {}
        )
        self._operations[operation.id] = operation
        if len(self._operations) > _KEPT:
            self._operations.popitem(last=False)
        for observer in self._observers:
            observer(operation)
        return operation

    def get(self, ident: str) -> Operation:
        """
        :raises NotFound: when there is none, or it was too long ago.
        """
        try:
            return self._operations[ident]
        except KeyError:
            raise NotFound("Operation not found") from None

    def all(self) -> list[Operation]:
        """All that are kept, the oldest first."""
        return list(self._operations.values())
