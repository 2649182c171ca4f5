"""Tests of the manual of the instances file and of its example."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from twisted.trial.unittest import SynchronousTestCase

from devlxd.host.instancesfile import Document, read_manifest
from devlxd.host.manifest import Summary, apply
from devlxd.host.yamltree import decoded
from devlxd.model.cloudinit import metadata
from devlxd.model.names import InstanceName
from devlxd.model.stated import INSTANCE_FIELDS, PROFILE_FIELDS
from devlxd.stores.memory import Memory
from devlxd.stores.store import Store
from tests.need import need_checkout
from tests.stores.parts import uuids

WEB1 = InstanceName("default", "web1")


class ExampleTests(SynchronousTestCase):
    """Tests of ``examples/instances.yaml``."""

    def setUp(self) -> None:
        self.store = Store(Memory(), uuids())
        content = (need_checkout() / "examples" / "instances.yaml").read_bytes()
        self.applied = self.apply(read_manifest(decoded(content)))

    def apply(self, document: Document) -> Summary:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return self.successResultOf(apply(self.store, document, now, "x86_64"))

    def test_entries(self) -> None:
        """The example makes three instances and a profile, and fills ``default``."""
        self.assertEqual(self.applied, Summary(created=4, changed=1))
        self.assertEqual(
            [str(expanded.instance.name) for expanded in self.store.instances.all()],
            ["default/vm1", "default/web1", "lab/web1"],
        )

    def test_guest(self) -> None:
        """web1 gets its own data and those of its profiles, and no meta-data."""
        web1 = self.store.instances.get(WEB1)
        self.assertEqual(web1.config["user.role"], "web")
        for key in ("user-data", "vendor-data"):
            text = web1.config[f"cloud-init.{key}"]
            self.assertTrue(text.startswith("#cloud-config\n"))
        self.assertIn("write_files:", web1.config["cloud-init.user-data"])
        self.assertEqual(web1.devices["eth0"]["hwaddr"], "00:16:3e:12:34:56")
        self.assertTrue(metadata(web1).endswith("local-hostname: web1\n"))


class ManualTests(SynchronousTestCase):
    """Tests of ``docs/instances-file.md``."""

    def setUp(self) -> None:
        self.text = (need_checkout() / "docs" / "instances-file.md").read_text()

    def test_examples(self) -> None:
        """Every example in the manual can be applied."""
        examples = re.findall(r"```yaml\n(.*?)```", self.text, re.DOTALL)
        self.assertEqual(len(examples), 4)
        for text in examples:
            document, store = read_manifest(text), Store(Memory(), uuids())
            now = datetime(2026, 1, 1, tzinfo=UTC)
            self.successResultOf(apply(store, document, now, "x86_64"))

    def test_keys(self) -> None:
        """The manual lists every key of an instance and of a profile."""
        _, instance, profile = re.split(r"\*\*An? .*\*\*", self.text)
        for part, known in ((instance, INSTANCE_FIELDS), (profile, PROFILE_FIELDS)):
            for key in (*known, "config", "devices", "name", "project"):
                self.assertRegex(part, rf"(?m)^\|.*`{key}`.*\|")
        self.assertIn("| `init` |", instance)
        self.assertIn("| `used_by` |", profile)
