"""Random manifests, in a small world so that they meet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from devlxd.model.instance import Config, Devices, InstanceType
from devlxd.model.manifest import Manifest
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.stated import StatedInstance, StatedProfile

T = TypeVar("T")

# Without a limit of time, since a busy machine is no failure.
random = settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
"""How tests with random manifests are run."""

PROFILES = [ProfileName.parse(x) for x in ("default", "web", "lab/default", "lab/db")]
INSTANCES = [InstanceName.parse(x) for x in ("c1", "c2", "vm", "lab/c1")]

texts = st.one_of(st.sampled_from(["", "1", "2"]), st.text(max_size=8))
configs: st.SearchStrategy[Config] = st.dictionaries(
    st.sampled_from(["user.a", "user.b", "limits.cpu", "cloud-init.user-data"]), texts
)
devices: st.SearchStrategy[Devices] = st.dictionaries(
    st.sampled_from(["eth0", "root"]),
    st.builds(
        lambda device, kind: {**device, "type": kind},
        st.dictionaries(st.sampled_from(["path", "network", "user.x"]), texts),
        st.sampled_from(["nic", "disk"]),
    ),
)
times = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)
).map(lambda time: time.replace(tzinfo=UTC))


def maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """Stated or not."""
    return st.none() | strategy


stated_profiles = st.builds(
    StatedProfile, description=maybe(texts), config=configs, devices=devices
)


def stated_instances(
    name: InstanceName, profiles: Mapping[ProfileName, Any]
) -> st.SearchStrategy[StatedInstance]:
    """
    :param profiles: what there is for it to use.  Its type is a matter of its name,
        since it cannot change.
    """
    usable = {"default"} | {x.name for x in profiles if x.project == name.project}
    return st.builds(
        StatedInstance,
        description=maybe(texts),
        config=configs,
        devices=devices,
        type=(
            st.just(InstanceType.VIRTUAL_MACHINE)
            if name.name == "vm"
            else maybe(st.just(InstanceType.CONTAINER))
        ),
        architecture=maybe(st.sampled_from(["x86_64", "aarch64"])),
        profiles=maybe(
            st.lists(st.sampled_from(sorted(usable)), unique=True).map(tuple)
        ),
        ephemeral=maybe(st.booleans()),
        stateful=maybe(st.booleans()),
        location=maybe(texts),
        created=maybe(times),
    )


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """A manifest that can be applied."""
    profiles = draw(st.dictionaries(st.sampled_from(PROFILES), stated_profiles))
    names = draw(st.sets(st.sampled_from(INSTANCES)))
    return Manifest(
        profiles=profiles,
        instances={
            name: draw(stated_instances(name, profiles)) for name in sorted(names)
        },
    )
