"""Tests of devlxd.client.documents."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.client.documents import (
    Info,
    Malformed,
    StorageDriver,
    devices,
    info,
    keys,
    versions,
)
from tests.client.service import INCUS, LXD_5_0, MAIN


class InfoTests(SynchronousTestCase):
    """What a service says of an instance."""

    def test_main(self) -> None:
        """All that LXD says is understood."""
        self.assertEqual(
            info(MAIN), Info("Started", "1.0", "container", "host1", "untrusted", ())
        )

    def test_incus(self) -> None:
        """What Incus does not say has a default."""
        self.assertEqual(
            info(INCUS),
            Info("Ready", "1.0", "virtual-machine", "host1", "untrusted", ()),
        )

    def test_lxd_5_0(self) -> None:
        """LXD 5.0 tells no state."""
        self.assertEqual(info(LXD_5_0), Info("", "1.0", "container", "none"))

    def test_least(self) -> None:
        """A service must say the version of its API and nothing else."""
        self.assertEqual(info({"api_version": "1.0"}), Info())

    def test_unknown_keys(self) -> None:
        """What a newer service adds is ignored."""
        newer = {**MAIN, "environment": {"server_clustered": False}, "new": [1]}
        self.assertEqual(info(newer), info(MAIN))

    def test_storage_drivers(self) -> None:
        """Storage drivers are listed in the order of the service."""
        drivers = [{"name": "zfs", "remote": False}, {"name": "ceph", "remote": True}]
        self.assertEqual(
            info({**MAIN, "supported_storage_drivers": drivers}),
            Info(
                location="host1",
                state="Started",
                supported_storage_drivers=(
                    StorageDriver("zfs"),
                    StorageDriver("ceph", remote=True),
                ),
            ),
        )

    def test_malformed(self) -> None:
        """A document of another shape is no such document."""
        wrongs: tuple[object, ...] = (
            None,
            "1.0",
            [],
            {},
            {"api_version": 1},
            {**MAIN, "state": None},
            {**MAIN, "location": ["host1"]},
            {**MAIN, "supported_storage_drivers": {}},
            {**MAIN, "supported_storage_drivers": ["zfs"]},
            {**MAIN, "supported_storage_drivers": [{}]},
        )
        for wrong in wrongs:
            self.assertRaises(Malformed, info, wrong)


class ListTests(SynchronousTestCase):
    """The other documents."""

    def test_versions(self) -> None:
        """A version is named without the slash of its path."""
        self.assertEqual(versions(["/1.0", "/2.0"]), ["1.0", "2.0"])

    def test_keys(self) -> None:
        """Keys are sorted, and named without what is before them in their path."""
        self.assertEqual(
            keys(["/1.0/config/user.b", "/1.0/config/user.a/b"]), ["user.a/b", "user.b"]
        )

    def test_no_keys(self) -> None:
        """There may be no key."""
        self.assertEqual(keys([]), [])

    def test_devices(self) -> None:
        """Devices are mappings of texts."""
        document = {"eth0": {"type": "nic"}, "none": {}}
        self.assertEqual(devices(document), document)

    def test_malformed(self) -> None:
        """A document of another shape is no such document."""
        for shape, wrong in (
            (versions, {}),
            (versions, [1]),
            (keys, None),
            (keys, {"/1.0/config/user.a": ""}),
            (keys, [1]),
            (keys, ["/1.0"]),
            (devices, []),
            (devices, {"eth0": "nic"}),
            (devices, {"eth0": {"mtu": 1500}}),
        ):
            self.assertRaises(Malformed, shape, wrong)
