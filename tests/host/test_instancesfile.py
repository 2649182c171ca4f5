"""Tests of what a file of instances may hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import yaml
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from devlxd.host.instancesfile import read_manifest
from devlxd.host.yamltree import BadFile
from devlxd.model.instance import InstanceType
from devlxd.model.manifest import Manifest
from devlxd.model.names import InstanceName, ProfileName
from devlxd.model.record import to_json
from devlxd.model.stated import StatedInstance, StatedProfile
from tests.model.manifests import manifests, random

C1 = InstanceName("default", "c1")

FULL = """\
profiles:
  default:
    name: default
    description: for all
    config: {user.a: 1}
    devices:
      eth0:
        type: nic
        network: lxdbr0
    used_by:
    - /1.0/instances/c1
  lab/web:
instances:
  c1:
    name: c1
    project: default
    type: virtual-machine
    architecture: aarch64
    description: |
      two
      lines
    config:
      limits.cpu: 2
      user.x: yes
      user.gone:
    devices:
      root:
        type: disk
        path: /
        size:
      hidden: ~
    profiles: [default, web]
    ephemeral: yes
    stateful: false
    location: host1
    created_at: 2026-01-02T03:04:05.678901234+01:00
    init: 4711
  lab/c1:
    profiles: []
  c2:
    profiles:
    config:
"""


class ReadTests(SynchronousTestCase):
    """Tests of `read_manifest` on what is right."""

    def test_full(self) -> None:
        """Every key of LXD's documents is read."""
        document = read_manifest(FULL)
        self.assertEqual(
            document.manifest,
            Manifest(
                profiles={
                    ProfileName("default", "default"): StatedProfile(
                        description="for all",
                        config={"user.a": "1"},
                        devices={"eth0": {"type": "nic", "network": "lxdbr0"}},
                    ),
                    ProfileName("lab", "web"): StatedProfile(),
                },
                instances={
                    C1: StatedInstance(
                        type=InstanceType.VIRTUAL_MACHINE,
                        architecture="aarch64",
                        description="two\nlines\n",
                        config={"limits.cpu": "2", "user.x": "yes"},
                        devices={"root": {"type": "disk", "path": "/"}},
                        profiles=("default", "web"),
                        ephemeral=True,
                        stateful=False,
                        location="host1",
                        created=datetime(2026, 1, 2, 2, 4, 5, 678901, tzinfo=UTC),
                    ),
                    InstanceName("lab", "c1"): StatedInstance(profiles=()),
                    InstanceName("default", "c2"): StatedInstance(),
                },
            ),
        )
        self.assertEqual(document.inits, {C1: 4711})

    def test_nothing(self) -> None:
        """A file without entries states nothing."""
        for text in ("", "{}", "profiles:\ninstances:\n", "instances: {}"):
            self.assertEqual(read_manifest(text).manifest, Manifest())

    def test_lines(self) -> None:
        """The document knows where every entry and every key of it is."""
        line_of = read_manifest(FULL).line_of
        for line, place in {
            1: ("profiles",),
            2: ("profiles", "default/default"),
            8: ("profiles", "default/default", "devices", "eth0", "type"),
            14: ("instances", "default/c1"),
            23: ("instances", "default/c1", "config", "limits.cpu"),
            32: ("instances", "default/c1", "profiles", "web"),
            38: ("instances", "lab/c1"),
        }.items():
            place_line = FULL.splitlines()[line - 1]
            self.assertIn(place[-1].rpartition("/")[2], place_line)
            self.assertEqual(line_of(*place), line)

    def test_nearest_line(self) -> None:
        """What is not in the file is where it would be."""
        line_of = read_manifest(FULL).line_of
        self.assertEqual(line_of("instances", "lab/c1", "config", "user.a"), 38)
        self.assertEqual(line_of("profiles", "default/gone"), 1)
        self.assertIsNone(line_of("else"))

    def test_aliases(self) -> None:
        """Entries may share parts by YAML's anchors."""
        text = (
            "instances:\n  a: &a {config: &c {user.a: 1}}\n  b: *a\n  c: {config: *c}"
        )
        stated = read_manifest(text).manifest.instances.values()
        self.assertEqual(list(stated), [StatedInstance(config={"user.a": "1"})] * 3)

    def test_json(self) -> None:
        """The file may be JSON, which is YAML."""
        text = '{"instances": {"c1": {"config": {"user.a": "ä\\n"}}}}'
        self.assertEqual(
            read_manifest(text).manifest,
            Manifest(instances={C1: StatedInstance(config={"user.a": "ä\n"})}),
        )

    @random
    @given(manifests())
    def test_dumped(self, manifest: Manifest) -> None:
        """A manifest that is written as YAML is read as itself."""
        text = yaml.safe_dump(json.loads(to_json(manifest)))
        self.assertEqual(read_manifest(text).manifest, manifest)

    @random
    @given(st.text(alphabet="ab/.:-[]{} \n~0"))
    def test_anything(self, text: str) -> None:
        """Any text is read or refused with a line; nothing else happens."""
        for start in ("", "instances:\n", "instances:\n  a:\n    ", "profiles: {a: {"):
            try:
                read_manifest(start + text)
            except BadFile as error:
                self.assertTrue(error.line)
