"""Debian's cloud-init, unmodified, boots an instance from the service."""

from __future__ import annotations

import json

import yaml
from twisted.trial.unittest import TestCase

from tests.need import need_program
from tests.peers.boot import boot, install
from tests.peers.container import Container
from tests.peers.service import started_service

_USER_DATA = """\
#cloud-config
write_files:
- path: /srv/greeting
  content: |
    instance {{ v1.instance_id }} says hello
  permissions: "0640"
"""
_VENDOR_DATA = """\
#cloud-config
runcmd:
- [sh, -c, "echo from the profile >/srv/vendor"]
"""
_NETWORK = """\
version: 2
ethernets:
  eth0:
    match: {macaddress: "00:16:3e:aa:bb:cc"}
    addresses: [10.99.0.2/24]
"""
_DOCUMENT = {
    "profiles": {
        "default": {
            "devices": {"eth0": {"type": "nic", "name": "eth0"}},
            "config": {"cloud-init.vendor-data": _VENDOR_DATA},
        }
    },
    "instances": {
        "web1": {
            "config": {
                "cloud-init.user-data": f"## template: jinja\n{_USER_DATA}",
                "cloud-init.network-config": _NETWORK,
                "user.role": "web",
                "volatile.eth0.hwaddr": "00:16:3e:aa:bb:cc",
            }
        }
    },
}


class CloudInitTests(TestCase):
    """One boot of cloud-init in a container, looked at from several sides."""

    timeout = 600

    def setUp(self) -> None:
        """Boot."""
        need_program("cloud-init", "cloud-init")
        self.service = started_service(self)
        self.container = Container(self.service.socket.parent)
        self.addCleanup(self.container.stop)
        self.container.start()
        self._register()
        install(self.container)
        boot(self.container)

    def _register(self) -> None:
        self.service.stop()
        document = json.loads(json.dumps(_DOCUMENT))
        document["instances"]["web1"]["init"] = self.container.init
        file = self.service.directory / "instances.yaml"
        file.write_text(yaml.safe_dump(document))
        self.service.arguments = ("--instances", str(file))
        self.service.start()

    def test_boot(self) -> None:
        """
        It recognises LXD, sets the host name, does what user-data and vendor-data
        ask for and renders the network config.
        """
        run = self.container.run
        self.assertEqual(run("cloud-id"), "lxd\n")
        self.assertIn("LXD", run("cat", "/run/cloud-init/cloud.cfg"))
        self.assertEqual(run("hostname"), "web1\n")
        status = run("cloud-init", "status", "--long")
        self.assertIn("status: done", status)
        self.assertIn("DataSourceLXD", status)

        ident = run("cloud-init", "query", "v1.instance_id").strip()
        self.assertEqual(run("cat", "/srv/greeting"), f"instance {ident} says hello\n")
        self.assertEqual(run("stat", "-c", "%a", "/srv/greeting"), "640\n")
        self.assertEqual(run("cat", "/srv/vendor"), "from the profile\n")

        network = run("grep", "-rhs", "10.99.0.2", "/etc", check=False)
        self.assertIn("10.99.0.2/24", network)
        devices = json.loads(run("cloud-init", "query", "ds.devices"))
        self.assertEqual(devices["eth0"]["hwaddr"], "00:16:3e:aa:bb:cc")
        role = run("cloud-init", "query", "ds.config")
        self.assertEqual(json.loads(role)["user.role"], "web")
        self.assertIn(ident, run("curl", "-s", *_METADATA))


_METADATA = ("--unix-socket", "/dev/lxd/sock", "http://lxd/1.0/meta-data")
