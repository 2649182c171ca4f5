"""What cloud-init reads of an instance, but for its config."""

from __future__ import annotations

import yaml

from devlxd.model.expansion import Expanded
from devlxd.model.renewal import INSTANCE_ID


def metadata(expanded: Expanded) -> str:
    """
    The text of ``/1.0/meta-data``: two lines of YAML of our own, and the expanded
    ``user.meta-data`` after them, letter for letter.

    An instance that was never given an instance-id goes by its name.  The lines are
    LXD's, but for a name that YAML would not take for a string, such as ``on`` or
    ``42``, which is quoted.
    """
    instance = expanded.instance
    # A second line of YAML, if there is one, marks the end of the document.
    name = yaml.safe_dump(instance.name.name).partition("\n")[0]
    return (
        f"instance-id: {instance.config.get(INSTANCE_ID) or name}\n"
        f"local-hostname: {name}\n"
        f"{expanded.config.get('user.meta-data', '')}"
    )
