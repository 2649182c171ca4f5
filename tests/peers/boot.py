"""Debian's cloud-init in a container."""

from __future__ import annotations

from tests.peers.container import Container

# What only slows a boot down, and needs a network: locales and large keys.
_FAST = "locale: false\nssh_genkeytypes: [ed25519]\n"


def install(container: Container) -> None:
    """Have a container begin as its image does, before its first boot."""
    run = container.run
    run("rm", "-rf", "/var/lib/cloud", "/etc/netplan", "/etc/machine-id")
    run("sh", "-c", f"printf '{_FAST}' >/etc/cloud/cloud.cfg.d/99-fast.cfg")


def boot(container: Container) -> None:
    """Boot, by the steps that Debian's systemd units take."""
    run = container.run
    run("rm", "-rf", "/run/cloud-init")
    run("/usr/lib/cloud-init/ds-identify", "--force")
    run("cloud-init", "init", "--local")
    run("cloud-init", "init")
    run("cloud-init", "modules", "--mode=config")
    run("cloud-init", "modules", "--mode=final")
