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


def check_texts(*texts: str) -> None:
    """
    See that texts can be carried in JSON and in an HTTP answer.

    :raises InvalidData: when one is no string or holds half a surrogate pair.
    """
    try:
        # All at once: thousands of instances are checked when a store is opened.
        "".join(texts).encode()
    except TypeError:
        raise InvalidData("Invalid value: not a string") from None
    except UnicodeEncodeError:
        raise InvalidData("Invalid value: not valid Unicode") from None


def check_text(text: str) -> str:
    """
    The text itself, if `check_texts` has nothing against it.

    :raises InvalidData: otherwise.
    """
    check_texts(text)
    return text


def check_config(config: Mapping[str, str]) -> None:
    """
    :raises InvalidData: on a key that LXD does not know or a value that does not fit
        its key, in LXD's words.
    """
    check_texts(*config.keys(), *config.values())
    for key, value in config.items():
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
    check_texts(*devices)
    for name, device in devices.items():
        if not name or not name.isprintable():
            raise InvalidData(f"Invalid devices: Invalid device name {name!r}")
        check_texts(*device.keys(), *device.values())
        if not device.get("type"):
            raise InvalidData(f"Invalid devices: Device {name!r} has no type")
