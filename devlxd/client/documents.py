"""
The JSON documents of the guest API, as values.

What a newer service adds is ignored, and what an older one (LXD 5.0, Incus) does not
say yet has a default.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

__all__ = ["Info", "Malformed", "StorageDriver", "devices", "info", "keys", "versions"]

KEYS = "/1.0/config/"
"""What stands before each key in the list of keys."""


class Malformed(ValueError):
    """A document of another shape; the text says in which way."""


@frozen
class StorageDriver:
    """
    A kind of storage pool in which the instance may make volumes.

    :ivar remote: whether the storage is somewhere else than the host.
    """

    name: str
    remote: bool = False


@frozen
class Info:
    """
    What a service says of the instance and of itself.

    :ivar state: ``Started``, ``Ready``, or empty: LXD 5.0 does not tell.
    :ivar api_version: of the guest API, ``1.0``.
    :ivar instance_type: ``container`` or ``virtual-machine``.
    :ivar location: the host's name in its cluster, or ``none``.
    :ivar auth: ``trusted`` for a bearer of a token, else ``untrusted``.
    :ivar supported_storage_drivers: empty unless the instance may make volumes.
    """

    state: str = ""
    api_version: str = "1.0"
    instance_type: str = "container"
    location: str = "none"
    auth: str = "untrusted"
    supported_storage_drivers: tuple[StorageDriver, ...] = ()


TEXTS = ("state", "instance_type", "location", "auth")
"""What not every version of the API says; `Info` has the defaults."""


def mapping(document: object) -> Mapping[str, object]:
    """
    :raises Malformed: when it is none.
    """
    if not isinstance(document, dict):
        raise Malformed("an object was due")
    return document


def array(document: object) -> list[object]:
    """
    :raises Malformed: when it is none.
    """
    if not isinstance(document, list):
        raise Malformed("an array was due")
    return document


def text(document: object) -> str:
    """
    :raises Malformed: when it is none.
    """
    if not isinstance(document, str):
        raise Malformed("a string was due")
    return document


def versions(document: object) -> list[str]:
    """The versions of the API, from ``["/1.0"]``."""
    return [text(version).removeprefix("/") for version in array(document)]


def keys(document: object) -> list[str]:
    """The names of the keys, from their paths."""
    return sorted(_key(text(path)) for path in array(document))


def devices(document: object) -> dict[str, dict[str, str]]:
    """The devices by name."""
    return {
        name: {key: text(value) for key, value in mapping(device).items()}
        for name, device in mapping(document).items()
    }


def info(document: object) -> Info:
    """What the service says, or may not say yet."""
    told = mapping(document)
    if "api_version" not in told:
        raise Malformed("api_version was due")
    return Info(
        api_version=text(told["api_version"]),
        supported_storage_drivers=tuple(
            _driver(mapping(driver))
            for driver in array(told.get("supported_storage_drivers", []))
        ),
        **{key: text(told[key]) for key in TEXTS if key in told},
    )


def _key(path: str) -> str:
    if not path.startswith(KEYS):
        raise Malformed(f"paths that start with {KEYS} were due")
    return path.removeprefix(KEYS)


def _driver(driver: Mapping[str, object]) -> StorageDriver:
    return StorageDriver(text(driver.get("name")), driver.get("remote") is True)
