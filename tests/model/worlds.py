"""Random instances, profiles and cloud-configs, with what is likely to go wrong."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import yaml
from hypothesis import strategies as st

from devlxd.model.expansion import Expanded
from devlxd.model.instance import Config, Devices, Instance, Profile
from devlxd.model.names import InstanceName, ProfileName

C1 = InstanceName("default", "c1")

READABLE = ("user.", "cloud-init.")
NAMESPACES = (
    *("agent.", "boot.", "environment.", "image.", "limits.", "linux.", "raw."),
    *("nvidia.", "security.", "snapshots.", "ubuntu_pro.", "volatile.", *READABLE),
)
DATA_KEYS = (
    *("cloud-init.user-data", "user.user-data"),
    *("cloud-init.vendor-data", "user.vendor-data"),
)

texts = st.text(max_size=20)
words = st.text("abcxyz019._-/ ", min_size=1, max_size=8)
keys = st.one_of(
    st.builds(str.__add__, st.sampled_from(NAMESPACES), words),
    st.sampled_from(
        [
            *DATA_KEYS,
            *("cloud-init.ssh-keys.a", "cloud-init.ssh-keys.b", "user.meta-data"),
            *("volatile.eth0.hwaddr", "volatile.cloud-init.instance-id"),
        ]
    ),
)
configs: st.SearchStrategy[Config] = st.dictionaries(keys, texts, max_size=8)
devices: st.SearchStrategy[Devices] = st.dictionaries(
    st.sampled_from(["eth0", "eth1", "root", "user.x"]),
    st.builds(
        lambda kind, rest: {**rest, "type": kind},
        st.sampled_from(["nic", "disk", "none"]),
        st.dictionaries(st.sampled_from(["hwaddr", "path", "user.a"]), texts),
    ),
)


@st.composite
def states(draw: st.DrawFn) -> Expanded:
    """An instance with some profiles."""
    profiles = [
        Profile(ProfileName("default", f"p{n}"), "", draw(configs), draw(devices))
        for n in range(draw(st.integers(0, 3)))
    ]
    instance = Instance(
        C1,
        config=draw(configs),
        devices=draw(devices),
        profiles=tuple(profile.name.name for profile in profiles),
    )
    return Expanded(instance, profiles)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    texts,
    st.sampled_from(["on", "010", "1:30", "{{ v }}", "'", "a: b", "- x", "# x", "é\n"]),
    st.dates(),
    st.datetimes() | st.datetimes(timezones=st.just(UTC)),
    st.binary(max_size=9),
)
contents: st.SearchStrategy[dict[Any, Any]] = st.dictionaries(
    texts | st.integers() | st.booleans() | st.none(),
    st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)

user_names = st.sampled_from(["root", "bob", "default", "on", "1"])
public_keys = st.sampled_from(["ssh-rsa A", "ssh-rsa B", "ssh-rsa C x: #y"])
import_ids = st.sampled_from(["gh:a", "lp:b", "gh:c"])
users = st.lists(
    user_names
    | st.fixed_dictionaries(
        {},
        optional={
            "name": user_names,
            "sudo": scalars,
            "ssh_authorized_keys": st.lists(public_keys, max_size=2) | public_keys,
            "ssh-authorized-keys": st.lists(public_keys, max_size=2) | st.none(),
            "ssh_import_id": st.lists(import_ids, max_size=2) | import_ids,
            "ssh-import-id": st.lists(import_ids, max_size=2),
        },
        # With the older spelling first: maps are going to be sorted.
    ).map(lambda user: dict(sorted(user.items()))),
    max_size=4,
)
ssh_values = st.builds(
    "{}:{}".format, user_names | words, public_keys | import_ids | texts
)


@st.composite
def cloud_configs(draw: st.DrawFn) -> str:
    """A cloud-config, written in one of YAML's many ways."""
    content = {**draw(contents)}
    if draw(st.booleans()):
        content["users"] = draw(users)
    header = draw(
        st.sampled_from(
            ["#cloud-config\n", "#cloud-config \r\n# é\n", "## x\n#cloud-config\n"]
        )
    )
    return header + yaml.safe_dump(
        content,
        allow_unicode=draw(st.booleans()),
        default_flow_style=draw(st.sampled_from([True, False, None])),
        default_style=draw(st.sampled_from([None, '"', "'", "|", ">"])),
        explicit_start=draw(st.booleans()),
        sort_keys=draw(st.booleans()),
    )
