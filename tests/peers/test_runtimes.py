"""Containers of LXC, systemd-nspawn and podman read their own instance's data."""

from __future__ import annotations

from tests.need import need_checkout
from tests.peers import contained
from tests.peers.contained import ASK, INSIDE, NAME
from tests.peers.runtimes import LXC, Nspawn, Podman, Runtime
from tests.peers.service import until


class LXCTests(contained.Booted):
    """Containers of ``lxc-start``."""

    def container(self) -> Runtime:
        """One whose root is root of the host."""
        return LXC(*self.place())


class MappedLXCTests(contained.Found):
    """Containers of ``lxc-start`` that have users of their own."""

    def container(self) -> Runtime:
        """One whose root is nobody on the host."""
        maps = (f"lxc.idmap = {kind} 0 1000000 65536" for kind in "ug")
        return LXC(*self.place(), more="\n".join(maps))


class ForegroundLXCTests(contained.Found):
    """Containers of ``lxc-start --foreground``, as systemd starts them."""

    def container(self) -> Runtime:
        """One that ``lxc-start`` stays with."""
        return LXC(*self.place(), foreground=True)


class NspawnTests(contained.Booted):
    """Containers of ``systemd-nspawn``."""

    def container(self) -> Runtime:
        """One whose root is root of the host."""
        return Nspawn(*self.place())


class MappedNspawnTests(contained.Found):
    """Containers of ``systemd-nspawn`` that have users of their own."""

    def container(self) -> Runtime:
        """One whose root is nobody on the host."""
        users = ("--private-users=2000000:65536", "--private-users-ownership=off")
        return Nspawn(*self.place(), options=users)


class PodmanTests(contained.Booted):
    """Containers of podman."""

    def container(self) -> Runtime:
        """One whose root is root of the host, and may make namespaces."""
        rights = ("--cap-add=SYS_ADMIN", "--security-opt=seccomp=unconfined")
        return Podman(*self.place(), more=rights)


class HookTests(contained.Contained):
    """Containers that a hook of their runtime registers, and nothing else finds."""

    def setUp(self) -> None:
        """Have the service believe no runtime."""
        super().setUp()
        self.service.stop()
        self.service.arguments = (*self.service.arguments, "--runtime=none")
        self.service.start()

    def assertRegistered(self, container: Runtime) -> None:
        """Fail unless a container's instance runs before it has asked anything."""
        self.contain(container)
        self.assertEqual(self.state(), "Running")
        self.assertEqual(container.run(*ASK, INSIDE, NAME), self.name)
        container.stop()
        until(lambda: self.state() == "Stopped", "the end of the container")

    def test_lxc(self) -> None:
        """LXC's start-host hook of the examples does so."""
        self.control()
        hook = need_checkout() / "examples" / "lxc" / "register"
        more = f"lxc.hook.start-host = {hook}"
        self.assertRegistered(LXC(*self.place(), more=more))

    def test_podman(self) -> None:
        """The OCI hook of the examples does so."""
        examples = need_checkout() / "examples" / "podman"
        control = self.control()
        hook = control.with_name("register")
        text = (examples / "register").read_text()
        hook.write_text(text.replace("/opt/devlxd/bin/devlxdctl", str(control)))
        hook.chmod(0o755)
        hooks = self.directory / "hooks"
        hooks.mkdir()
        config = (examples / "devlxd.json").read_text()
        (hooks / "devlxd.json").write_text(
            config.replace("/etc/devlxd/podman/register", str(hook))
        )
        annotation = ("--annotation", f"devlxd.instance={self.name}")
        podman = Podman(
            *self.place(), options=("--hooks-dir", str(hooks)), more=annotation
        )
        self.assertRegistered(podman)
