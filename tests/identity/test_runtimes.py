"""Tests for `devlxd.identity.runtimes`."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.errors import InvalidData
from devlxd.identity.runtimes.interface import IContainerRuntime, Supervisor
from devlxd.identity.runtimes.known import RUNTIMES, runtimes
from devlxd.identity.runtimes.lxc import LXC, LXD
from devlxd.identity.runtimes.naming import Naming
from devlxd.identity.runtimes.nspawn import Nspawn
from devlxd.identity.runtimes.podman import Podman
from devlxd.model.names import InstanceName

PATHS = ("/var/lib/lxc", "/srv/lxc/")
LXD_PATHS = ("/var/lib/lxd/containers",)
ALL = runtimes(RUNTIMES, PATHS, LXD_PATHS)
LXC_, LXD_, NSPAWN, PODMAN = ALL

# As podman 4.3.1 starts it, with less of it.
CONMON = (
    *("--api-version", "1", "-c", "e2be", "-u", "e2be", "-r", "/usr/bin/runc"),
    *("-b", "/x/userdata", "-p", "/x/pidfile", "-n", "p1", "--exit-dir", "/x/exits"),
    *("--full-attach", "-l", "k8s-file:/x/ctr.log", "--log-level", "warning"),
    *("--runtime-arg", "--log", "--runtime-arg=/x/oci-log"),
)


def supervisor(program: str, *arguments: str) -> Supervisor:
    """A supervisor with its program as the first argument."""
    return Supervisor(program, (program, *arguments))


def titled(title: str, program: str = "lxc-start") -> Supervisor:
    """A supervisor that calls itself something."""
    return Supervisor(program, (title,))


class RuntimeCase(SynchronousTestCase):
    """Tests of what runtimes say."""

    def says(self, runtime: IContainerRuntime, program: str, line: str) -> str | None:
        """What a runtime says of a supervisor with a command line."""
        return runtime.container_of(supervisor(program, *line.split()))


class KnownTests(RuntimeCase):
    """All runtimes play the same role."""

    def test_role(self) -> None:
        """Each is an `IContainerRuntime`, found by its name."""
        for runtime, name in zip(ALL, RUNTIMES, strict=True):
            verifyObject(IContainerRuntime, runtime)
            self.assertEqual(runtime.name, name)
            self.assertEqual(runtimes([name], PATHS, LXD_PATHS), (runtime,))

    def test_foreign(self) -> None:
        """None knows the supervisor of another, or any other process."""
        supervisors: Sequence[Supervisor] = (
            titled("[lxc monitor] /var/lib/lxc c1"),
            titled("[lxc monitor] /var/lib/lxd/containers c1"),
            supervisor("systemd-nspawn", "-M", "n1"),
            supervisor("conmon", *CONMON),
            supervisor("sh"),
            supervisor("sh", "-n", "c1"),
        )
        self.assertEqual(
            [[x.container_of(each) for x in ALL] for each in supervisors],
            [
                ["c1", None, None, None],
                [None, "c1", None, None],
                [None, None, "n1", None],
                [None, None, None, "p1"],
                [None] * 4,
                [None] * 4,
            ],
        )

    def test_same_name(self) -> None:
        """A container is the instance of its name, in the default project."""
        for runtime in ALL:
            self.assertEqual(runtime.instance_of("x"), InstanceName("default", "x"))
            for bad in ("", "a b", "a/b", "../x", "\udcff"):
                self.assertRaises(InvalidData, runtime.instance_of, bad)


class LXCTests(RuntimeCase):
    """LXC's monitors."""

    def test_title(self) -> None:
        """The name is what follows the path, in one of the directories that count."""
        for title, name in {
            "[lxc monitor] /var/lib/lxc c1": "c1",
            "[lxc monitor] /var/lib/lxc/ c1": "c1",
            "[lxc monitor] /srv/lxc c1": "c1",
            "[lxc monitor] /srv/lxc/ c1": "c1",
            "[lxc monitor] /srv/other c1": None,
            "[lxc monitor] /var/lib/lxc-other c1": None,
            "[lxc monitor] c1": None,
            "[lxc monitor]": None,
            "x [lxc monitor] /var/lib/lxc c1": None,
        }.items():
            self.assertEqual(LXC_.container_of(titled(title)), name, title)
            self.assertEqual(LXC_.container_of(titled(title, "python3")), name, title)

    def test_path_with_a_space(self) -> None:
        """A directory with a space in its name is not mistaken for another one."""
        self.assertEqual(
            LXC(["/a b", "/a"]).container_of(titled("[lxc monitor] /a b c1")), "c1"
        )
        name = LXC(["/a"]).container_of(titled("[lxc monitor] /a b c1"))
        self.assertRaises(InvalidData, LXC_.instance_of, name)

    def test_words(self) -> None:
        """A title is one word; who has more was called so by somebody else."""
        words = ("[lxc monitor] /var/lib/lxc c1", "-n", "c2")
        self.assertIs(LXC_.container_of(Supervisor("sudo", words)), None)

    def test_foreground(self) -> None:
        """``lxc-start`` that stays in the foreground says it in its command line."""
        for line, name in {
            "-F -n c1": "c1",
            "-n c1 -F -P /srv/lxc": "c1",
            "--foreground --name=c1 --lxcpath /srv/lxc/": "c1",
            "-F c1": "c1",
            "-F -n c1 -- /sbin/init -n c2": "c1",
            "-F -n c1 -P /srv/other": None,
            "-F": None,
        }.items():
            self.assertEqual(self.says(LXC_, "lxc-start", line), name, line)
        with self.assertRaises(ValueError):
            self.says(LXC_, "lxc-start", "--nonsense -n c1")

    def test_lxd(self) -> None:
        """LXD's have a project before an underscore, unless it is the default one."""
        name = LXD_.container_of(titled("[lxc monitor] /var/lib/lxd/containers lab_c1"))
        self.assertEqual(name, "lab_c1")
        self.assertEqual(LXD_.instance_of("lab_c1"), InstanceName("lab", "c1"))
        self.assertEqual(LXD_.instance_of("lab_c_1"), InstanceName("lab", "c_1"))
        self.assertRaises(InvalidData, LXD_.instance_of, "_c1")
        self.assertEqual(LXD(LXD_PATHS), LXD_)


class NspawnTests(RuntimeCase):
    """systemd-nspawn's command lines."""

    def test_machine(self) -> None:
        """The name is that of the machine, or else of the directory."""
        for line, name in {
            "--machine=n1 -D /srv/x": "n1",
            "-D /srv/x -M n1": "n1",
            "-bD /srv/x/": "x",
            "--directory /srv/x": "x",
            "-M n1 -M n2": "n2",
            "-x -M n1 -D /srv/x": "n1",
            "-D /srv/x -x": None,
            "-i /srv/n1.raw": None,
            "-D /": None,
            "": None,
        }.items():
            self.assertEqual(self.says(NSPAWN, "systemd-nspawn", line), name, line)

    def test_unit(self) -> None:
        """The one of systemd's own unit is read."""
        line = (
            "--quiet --keep-unit --boot --link-journal=try-guest --network-veth -U "
            "--settings=override --machine=n1"
        )
        self.assertEqual(self.says(NSPAWN, "systemd-nspawn", line), "n1")

    def test_payload(self) -> None:
        """What is run in the container names nothing."""
        for line in ("-M n1 sh -M n2", "-M n1 -- --machine=n2", "-M n1 sh --new x"):
            self.assertEqual(self.says(NSPAWN, "systemd-nspawn", line), "n1", line)

    def test_unclear(self) -> None:
        """A command line that is not understood names nothing."""
        with self.assertRaises(ValueError):
            self.says(NSPAWN, "systemd-nspawn", "--brand-new sh -M n1")

    def test_equal(self) -> None:
        """One is as good as another."""
        self.assertEqual(Nspawn(), NSPAWN)


class PodmanTests(RuntimeCase):
    """conmon's command lines."""

    def test_name(self) -> None:
        """The name is what podman says it is, whatever follows that."""
        for more in ((), ("--brand-new", "-n", "p2"), ("--log-tag", "x", "-n", "p2")):
            conmon = supervisor("conmon", *CONMON, *more)
            self.assertEqual(PODMAN.container_of(conmon), "p1")

    def test_value(self) -> None:
        """A value that looks like a name is none."""
        conmon = supervisor("conmon", "--log-tag", "-n", "-c", "p2", "--name", "p1")
        self.assertEqual(PODMAN.container_of(conmon), "p1")

    def test_no_name(self) -> None:
        """Who says no name, or something unknown before it, names nothing."""
        self.assertIs(self.says(PODMAN, "conmon", "-c ID"), None)
        with self.assertRaises(ValueError):
            self.says(PODMAN, "conmon", "--brand-new x -n p1")
        self.assertEqual(Podman(), PODMAN)


class NamingTests(SynchronousTestCase):
    """Operators may say which container is which instance."""

    def test_said(self) -> None:
        """A container that is named is that instance; the others are in a project."""
        naming = Naming.parse("lxc:web=lab/web1,podman:db=db1,podman:*=pods/*")
        for runtime, container, expected in (
            (LXC_, "web", InstanceName("lab", "web1")),
            (LXC_, "db", InstanceName("default", "db")),
            (NSPAWN, "web", InstanceName("default", "web")),
            (PODMAN, "db", InstanceName("default", "db1")),
            (PODMAN, "web", InstanceName("pods", "web")),
        ):
            self.assertEqual(naming.instance_of(runtime, container), expected)

    def test_name_of_the_runtime(self) -> None:
        """A name may be one that no instance can have."""
        naming = Naming.parse("lxc:a b:c=c1")
        self.assertEqual(
            naming.instance_of(LXC_, "a b:c"), InstanceName("default", "c1")
        )
        self.assertRaises(InvalidData, naming.instance_of, LXC_, "b c")

    def test_nothing_said(self) -> None:
        """Without a word the runtime's own rule holds."""
        self.assertEqual(
            Naming().instance_of(LXD_, "lab_c1"), InstanceName("lab", "c1")
        )

    def test_mistakes(self) -> None:
        """What is wrong is told."""
        form = "must be RUNTIME:NAME=[PROJECT/]NAME, with commas between"
        known = "must be one of lxc, lxd, nspawn, podman"
        for text, complaint in {
            "": form,
            "lxc:web": form,
            "lxc:web=": form,
            "lxc=web": form,
            "lxc:=web": form,
            "lxc:web=x,": form,
            "docker:web=x": f"'docker' {known}",
            ":web=x": f"'' {known}",
            "lxc:web=a b": "Invalid name 'a b'",
            "lxc:web=*": "Invalid name '*'",
            "lxc:*=lab": "all containers become PROJECT/*, not lab",
            "lxc:*=lab/x": "all containers become PROJECT/*, not lab/x",
            "lxc:*=a_b/*": "Invalid project name 'a_b'",
        }.items():
            with self.assertRaises(ValueError) as caught:
                Naming.parse(text)
            self.assertEqual(str(caught.exception), complaint, text)
