"""What cloud-init reads of an instance, but for its config."""

from __future__ import annotations

from devlxd.model.expansion import Expanded

INSTANCE_ID = "volatile.cloud-init.instance-id"
"""The local config key of the id by which cloud-init knows a first boot."""


def instance_id(expanded: Expanded) -> str:
    """The instance-id; instances that were never given one go by their name."""
    own = expanded.instance.config.get(INSTANCE_ID)
    return own or expanded.instance.name.name


def metadata(expanded: Expanded) -> str:
    """
    The text of ``/1.0/meta-data``: two lines of YAML of our own, and the expanded
    ``user.meta-data`` after them, letter for letter.
    """
    return (
        f"instance-id: {instance_id(expanded)}\n"
        f"local-hostname: {expanded.instance.name.name}\n"
        f"{expanded.config.get('user.meta-data', '')}"
    )
