"""Which instances a caller asks for, and in which form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen
from twisted.web.iweb import IRequest

from devlxd.host.admission import Caller
from devlxd.host.bodies import parameter
from devlxd.host.creation import type_of
from devlxd.host.documents import (
    Document,
    full_document,
    instance_document,
    instance_url,
)
from devlxd.host.filters import wanted_by
from devlxd.model.expansion import Expanded

_FULL = "2"


@frozen
class _Listing:
    """
    Documents of a caller's instances.

    :ivar full: whether with their state.
    """

    caller: Caller
    full: bool = False

    def document(self, expanded: Expanded) -> Document:
        """One instance."""
        runtime, name = self.caller.host.runtime, expanded.instance.name
        runs = runtime.runs(name)
        if self.full:
            return full_document(expanded, runs, runtime.pid_of(name))
        return instance_document(expanded, runs)


def listed(caller: Caller, request: IRequest) -> list[object]:
    """
    What there is by ``recursion``, ``filter``, ``instance-type`` and project: URLs,
    documents, or documents with the state of each.

    :raises BadRequest: when the filter or the type makes no sense.
    """
    recursion = parameter(request, "recursion")
    document = _Listing(caller, recursion == _FULL).document
    found = _filtered(_of_type(caller, request), document, request)
    if recursion in ("", "0"):
        return [instance_url(expanded.instance.name) for expanded, _ in found]
    return [told or document(expanded) for expanded, told in found]


def one(caller: Caller, request: IRequest, expanded: Expanded) -> Document:
    """One instance, with ``recursion`` and its state."""
    full = parameter(request, "recursion") not in ("", "0")
    return _Listing(caller, full).document(expanded)


def _of_type(caller: Caller, request: IRequest) -> Iterator[Expanded]:
    word = parameter(request, "instance-type")
    wanted = type_of(word) if word else None
    for expanded in caller.host.instances.all():
        instance = expanded.instance
        here = caller.all_projects or instance.name.project == caller.project
        if here and wanted in (None, instance.type):
            yield expanded


def _filtered(
    found: Iterator[Expanded],
    document: Callable[[Expanded], Document],
    request: IRequest,
) -> Iterator[tuple[Expanded, Document | None]]:
    """Those that the filter wants, with their documents if it took them to see that."""
    text = parameter(request, "filter").strip()
    if not text:
        yield from ((expanded, None) for expanded in found)
        return
    wanted = wanted_by(text)
    for expanded in found:
        told = document(expanded)
        if wanted(told):
            yield expanded, told
