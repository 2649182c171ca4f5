"""
Whom the guest API answers like: what differs between LXD's releases, and Incus.

Each of them is one value, in `devlxd.guest.servers`; what depends on it is given the
part that it needs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import Factory, frozen

from devlxd.errors import Refusal
from devlxd.events.manner import Manner
from devlxd.guest.exporting import Exporting
from devlxd.model.expansion import Expanded
from devlxd.model.instance import NOWHERE
from devlxd.model.lifecycle import is_ready
from devlxd.model.reading import Reading
from devlxd.web.interfaces import IRouting
from devlxd.web.routing import EachItsOwn

LONG = (
    "state",
    "api_version",
    "instance_type",
    "location",
    "auth",
    "supported_storage_drivers",
)
"""The keys of ``GET /1.0`` since LXD 6.6."""

SHORT = LONG[:4]
"""The keys of ``GET /1.0`` before, and in Incus."""


@frozen
class About:
    """
    What ``GET /1.0`` tells.

    :ivar keys: its keys, in their order.
    :ivar tells_state: whether the state is told; else it is empty.
    :ivar tells_location: whether the host's name is told to instances that are on no
        cluster member.
    """

    keys: tuple[str, ...] = LONG
    tells_state: bool = True
    tells_location: bool = True

    def document(self, expanded: Expanded, host: str) -> dict[str, object]:
        """
        The document.

        :param host: the host's name.
        """
        document: dict[str, object] = {
            "state": self._state(expanded),
            "api_version": "1.0",
            "instance_type": expanded.instance.type.value,
            "location": self._location(expanded, host),
            "auth": "untrusted",
            "supported_storage_drivers": [],
        }
        return {key: document[key] for key in self.keys}

    def _state(self, expanded: Expanded) -> str:
        if not self.tells_state:
            return ""
        return "Ready" if is_ready(expanded.instance) else "Started"

    def _location(self, expanded: Expanded, host: str) -> str:
        location = expanded.instance.location
        return host if location == NOWHERE and self.tells_location else location


@frozen
class Compat:
    """
    One server of the guest API.

    :ivar name: what ``--compat`` calls it.
    :ivar mount: where its guests find the directory of the socket.
    :ivar directory: what that directory is called on the host.
    :ivar exporting: which images may be fetched.
    :ivar unguarded: the paths that an instance may ask for that may not use the API.
    :ivar no_json: what stands before the JSON decoder's words on a body.
    :ivar words: what refusals are told with, where that is not their default.
    """

    name: str
    mount: str = "/dev/lxd"
    directory: str = "devlxd"
    about: About = Factory(About)
    reading: Reading = Factory(Reading)
    manner: Manner = Factory(Manner)
    routing: IRouting = Factory(EachItsOwn)
    exporting: Exporting = Factory(Exporting)
    unguarded: Collection[str] = ()
    no_json: str = "Invalid request body: "
    words: Mapping[type[Refusal], str] = Factory(dict)
