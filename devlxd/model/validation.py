"""Which keys and values an instance or profile may hold."""

from __future__ import annotations

from collections.abc import Mapping

from devlxd.errors import InvalidData

# The namespaces of LXD's instance options.
_NAMESPACES = frozenset(
    {
        "agent",
        "boot",
        "cloud-init",
        "cluster",
        "environment",
        "image",
        "limits",
        "linux",
        "migration",
        "nvidia",
        "placement",
        "raw",
        "security",
        "snapshots",
        "ubuntu_pro",
        "user",
        "volatile",
    }
)
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_BOOLEANS = frozenset(
    {
        "security.devlxd",
        "security.devlxd.images",
        "security.devlxd.management.volumes",
        "security.guestapi",
        "security.guestapi.images",
        "volatile.last_state.ready",
    }
)


def is_true(value: str | None) -> bool:
    """Whether a value is one of LXD's words for true (``true 1 yes on``)."""
    return value is not None and value.lower() in _TRUE


def is_false(value: str | None) -> bool:
    """Whether a value is one of LXD's words for false (``false 0 no off``)."""
    return value is not None and value.lower() in _FALSE


def check_text(text: object) -> str:
    """
    The text itself, if it can be carried in JSON and in an HTTP answer.

    :raises InvalidData: when it is no string or holds half a surrogate pair.
    """
    if not isinstance(text, str):
        raise InvalidData("Invalid value: not a string")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidData("Invalid value: not valid Unicode") from None
    return text


def check_config(config: Mapping[str, str]) -> None:
    """
    :raises InvalidData: on a key that LXD does not know or a value that does not fit
        its key, in LXD's words.
    """
    for key, value in config.items():
        check_text(key)
        check_text(value)
        namespace, _, rest = key.partition(".")
        if namespace not in _NAMESPACES or not rest or not key.isprintable():
            raise InvalidData(f"Invalid config: Unknown configuration key: {key!r}")
        if key in _BOOLEANS and value and not (is_true(value) or is_false(value)):
            raise InvalidData(
                f"Invalid config: Invalid value for a boolean {value!r} of {key!r}"
            )


def check_devices(devices: Mapping[str, Mapping[str, str]]) -> None:
    """
    :raises InvalidData: on a device without a printable name or without a ``type``.
    """
    for name, device in devices.items():
        if not check_text(name) or not name.isprintable():
            raise InvalidData(f"Invalid devices: Invalid device name {name!r}")
        for key, value in device.items():
            check_text(key)
            check_text(value)
        if not device.get("type"):
            raise InvalidData(f"Invalid devices: Device {name!r} has no type")
