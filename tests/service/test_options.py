"""What ``twistd devlxd`` can be told."""

from __future__ import annotations

import contextlib
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

from twisted.application.app import ServerOptions
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from devlxd import __version__
from devlxd.guest.servers import INCUS, LXD_6
from devlxd.identity.runtimes.naming import Naming
from devlxd.model.instance import InstanceType
from devlxd.model.names import InstanceName
from devlxd.options import PARAMETERS, Options
from tests.need import need_checkout


def parsed(*arguments: str) -> dict[str, Any]:
    """The options after parsing."""
    options = Options()
    options.parseOptions(list(arguments))
    return dict(options)


def printed(*arguments: str) -> str:
    """What is printed by options that print something and leave."""
    out = StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        Options().parseOptions(list(arguments))
    return out.getvalue()


class ValueTests(SynchronousTestCase):
    """Options become values of the right types."""

    def test_defaults(self) -> None:
        """These hold when nothing is said."""
        self.assertEqual(
            parsed(),
            {
                "state-dir": Path("/var/lib/devlxd"),
                "store": "sqlite",
                "instances": None,
                "compat": LXD_6,
                "assume": None,
                "runtime": ("lxc", "lxd", "nspawn", "podman"),
                "lxc-path": ("/var/lib/lxc",),
                "lxd-path": (
                    "/var/lib/lxd/containers",
                    "/var/snap/lxd/common/lxd/containers",
                    "/var/lib/incus/containers",
                ),
                "map": None,
                "guest": None,
                "guest-mode": 0o666,
                "instance-sockets": {InstanceType.VIRTUAL_MACHINE},
                "host-group": None,
                "host-mode": 0o660,
                "max-connections": 1024,
                "max-head": 65536,
                "max-body": 1048576,
                "max-image-size": 17179869184,
                "max-images": 1000,
                "head-time": 3.0,
                "idle-time": 30.0,
                "keep-events": 1000,
                "queue-events": 1000,
                "queue-bytes": 1048576,
            },
        )

    def test_values(self) -> None:
        """Each option takes values of its own kind."""
        self.assertEqual(
            parsed(
                *("--state-dir", "/srv/x", "--store", "memory", "--assume", "lab/c1"),
                *("--runtime=lxc,podman", "--lxc-path=/srv/lxc:/x", "--lxd-path=/y"),
                *("--map", "lxc:web=lab/web1"),
                *("--compat", "incus"),
                *("--guest-mode", "0600", "--max-connections", "7"),
                *("--instance-sockets", "all"),
                *("--host-group", "root", "--host-mode", "0600"),
                *("--max-head", "1048576", "--max-body", "9"),
                *("--max-image-size", "10", "--max-images", "11"),
                *("--head-time", "0.5", "--idle-time", "1e3"),
                *("--keep-events", "1", "--queue-events", "2", "--queue-bytes", "3"),
            ),
            {
                "state-dir": Path("/srv/x"),
                "store": "memory",
                "instances": None,
                "compat": INCUS,
                "assume": InstanceName("lab", "c1"),
                "runtime": ("lxc", "podman"),
                "lxc-path": ("/srv/lxc", "/x"),
                "lxd-path": ("/y",),
                "map": Naming({("lxc", "web"): InstanceName("lab", "web1")}),
                "guest": None,
                "guest-mode": 0o600,
                "instance-sockets": set(InstanceType),
                "host-group": 0,
                "host-mode": 0o600,
                "max-connections": 7,
                "max-head": 1048576,
                "max-body": 9,
                "max-image-size": 10,
                "max-images": 11,
                "head-time": 0.5,
                "idle-time": 1000.0,
                "keep-events": 1,
                "queue-events": 2,
                "queue-bytes": 3,
            },
        )

    def test_project(self) -> None:
        """An instance without a project is of the default one."""
        self.assertEqual(parsed("--assume=c1")["assume"], InstanceName("default", "c1"))

    def test_group_id(self) -> None:
        """A group may be told by its number, be it in use or not."""
        self.assertEqual(parsed("--host-group=4711")["host-group"], 4711)

    def test_runtimes(self) -> None:
        """Each runtime counts once, and none is a word."""
        self.assertEqual(parsed("--runtime=none")["runtime"], ())
        self.assertEqual(parsed("--runtime=lxc,lxc")["runtime"], ("lxc",))

    def test_paths(self) -> None:
        """Relative paths are relative to where the command was given."""
        here = Path.cwd()
        Path("file.yaml").write_text("instances: {c1: {}}")
        options = parsed("--state-dir=state", "--instances=file.yaml")
        self.assertEqual(options["state-dir"], here / "state")
        self.assertEqual(options["instances"].path, here / "file.yaml")

    def test_instances(self) -> None:
        """The instances file is read on the spot."""
        Path("read.yaml").write_text("instances: {c1: {init: 5}}")
        document = parsed("--instances=read.yaml")["instances"].document
        self.assertEqual(document.inits, {InstanceName("default", "c1"): 5})

    def test_endpoint(self) -> None:
        """The path of a UNIX socket becomes absolute, other endpoints stay."""
        here = Path.cwd()
        for text, expected in {
            "unix:x:mode=600": f"unix:{here}/x:mode=600",
            "unix:address=./x": f"unix:address={here}/./x",
            "unix:/run/x": "unix:/run/x",
            "unix:address=/run/x": "unix:address=/run/x",
            "unix:mode=600:address=x": "unix:mode=600:address=x",
            "unix:": "unix:",
            "tcp:80:interface=::1": "tcp:80:interface=::1",
        }.items():
            self.assertEqual(parsed(f"--guest={text}")["guest"], expected)

    def test_endpoint_quoted(self) -> None:
        """A directory with a colon in its name does not end the path."""
        here = Path.cwd()
        Path("a:b").mkdir(exist_ok=True)
        self.addCleanup(os.chdir, here)
        os.chdir("a:b")
        self.assertEqual(parsed("--guest=unix:x")["guest"], rf"unix:{here}/a\:b/x")


class MistakeTests(SynchronousTestCase):
    """What is wrong is said in one line."""

    def assertSays(self, arguments: list[str], complaint: str) -> None:
        """Check what is said of a command line."""
        with self.assertRaises(UsageError) as caught:
            parsed(*arguments)
        self.assertEqual(str(caught.exception), complaint)

    def test_values(self) -> None:
        """A wrong value is told with its option and what it must be."""
        count = "must be a whole number above 0"
        mode = "must be an octal mode from 0 to 0777"
        time = "must be a number of seconds above 0"
        paths = "must be absolute paths with colons between"
        runtimes = "must be none, or some of lxc, lxd, nspawn, podman, with commas"
        for argument, complaint in {
            "--store=x": "--store x: must be sqlite or memory",
            "--store=": "--store '': must be sqlite or memory",
            "--guest-mode=rw": f"--guest-mode rw: {mode}",
            "--guest-mode=-1": f"--guest-mode -1: {mode}",
            "--guest-mode=1000": f"--guest-mode 1000: {mode}",
            "--guest-mode=0o666": f"--guest-mode 0o666: {mode}",
            "--host-group=no one": "--host-group no one: there is no such group",
            "--host-group=-1": "--host-group -1: there is no such group",
            "--host-mode=rw": f"--host-mode rw: {mode}",
            "--max-connections=0": f"--max-connections 0: {count}",
            "--max-connections=many": f"--max-connections many: {count}",
            "--max-body=-1": f"--max-body -1: {count}",
            "--max-body=\u0663": f"--max-body \u0663: {count}",
            "--max-body=1k": f"--max-body 1k: {count}",
            "--max-head=x": f"--max-head x: {count}",
            "--max-head=1048577": "--max-head 1048577: must be 1048576 at the most",
            "--head-time=0": f"--head-time 0: {time}",
            "--head-time=soon": f"--head-time soon: {time}",
            "--idle-time=nan": f"--idle-time nan: {time}",
            "--idle-time=inf": f"--idle-time inf: {time}",
            "--runtime=docker": f"--runtime docker: {runtimes}",
            "--runtime=": f"--runtime '': {runtimes}",
            "--runtime=lxc,none": f"--runtime lxc,none: {runtimes}",
            "--lxc-path=lxc": f"--lxc-path lxc: {paths}",
            "--lxd-path=/x:": f"--lxd-path /x:: {paths}",
            "--map=lxc:a=b c": "--map lxc:a=b c: Invalid name 'b c'",
            "--assume=a b": "--assume a b: Invalid name 'a b'",
            "--assume=a_b/c": "--assume a_b/c: Invalid project name 'a_b'",
            "--assume=": "--assume '': Invalid name ''",
            "--assume=a\nb": r"--assume 'a\nb': Invalid name 'a\nb'",
            "--assume=\udcff": r"--assume '\udcff': Invalid name '\udcff'",
            "--state-dir=": "--state-dir '': must not be empty",
            "--guest=": "--guest '': must not be empty",
            "--instances=": "--instances '': must not be empty",
        }.items():
            self.assertSays([argument], complaint)

    def test_long_path(self) -> None:
        """A state directory must leave room for the socket's path."""
        fits = "/" + "x" * (107 - len("//guestapi/sock"))
        self.assertEqual(parsed(f"--state-dir={fits}")["state-dir"], Path(fits))
        self.assertSays(
            [f"--state-dir={fits}x"],
            f"--state-dir {fits}x: the path of its socket would exceed 107 bytes",
        )

    def test_shape(self) -> None:
        """So is what is no option, or lacks its value."""
        for arguments, complaint in (
            (["--nope"], "option --nope not recognized"),
            (["--store"], "option --store requires argument"),
            (["--version=1"], "option --version must not have an argument"),
            (["state"], "unexpected argument 'state'"),
        ):
            self.assertSays(arguments, complaint)

    def test_mode_of_other_socket(self) -> None:
        """A mode is not taken for a socket that it would not be given to."""
        self.assertSays(
            ["--guest=unix:/run/x", "--guest-mode=600"],
            "--guest-mode is for the socket in the state directory; "
            "write --guest unix:PATH:mode=MODE",
        )

    def test_unreadable_file(self) -> None:
        """An instances file that cannot be read is told with the reason."""
        Path("directory").mkdir(exist_ok=True)
        for name, reason in {
            "directory": "Is a directory",
            "nowhere": "No such file or directory",
            "nowhere/file": "No such file or directory",
            "/dev/null/file": "Not a directory",
            "x" * 300: "File name too long",
        }.items():
            self.assertSays([f"--instances={name}"], f"--instances {name}: {reason}")

    def test_bad_file(self) -> None:
        """One with a mistake is told with the line."""
        for content, complaint in {
            b"instances:\n  c1: {}\n  c1: {}\n": (
                ":3: 'c1' is there twice, first in line 2"
            ),
            b"x: \xff": ":1: not UTF-8: byte 0xff",
            b"- 1": ":1: expected a map, but this is a list",
        }.items():
            Path("bad.yaml").write_bytes(content)
            self.assertSays(
                ["--instances=bad.yaml"], f"--instances bad.yaml{complaint}"
            )

    def test_under_twistd(self) -> None:
        """``twistd`` prints that line and not, as it would, all the help before it."""
        options = Options()
        options.parent = ServerOptions()
        with self.assertRaises(SystemExit) as caught:
            options.parseOptions(["--store=x"])
        self.assertEqual(
            caught.exception.code,
            "twistd devlxd: --store x: must be sqlite or memory",
        )


class TextTests(SynchronousTestCase):
    """What options print."""

    def test_version(self) -> None:
        """``--version`` is devlxd's."""
        self.assertEqual(printed("--version"), f"devlxd {__version__}\n")

    def test_help(self) -> None:
        """The help has every option with its value and default, 80 columns wide."""
        text = printed("--help")
        for parameter in PARAMETERS:
            self.assertIn(f"\n  --{parameter.name}={parameter.value} ", text)
        self.assertIn("[default: /var/lib/devlxd]\n", text)
        self.assertNotIn("None", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_help_order(self) -> None:
        """It begins with what matters most, and ends with itself."""
        options = [
            line.split()[0].partition("=")[0]
            for line in printed("--help").splitlines()
            if line.startswith("  --")
        ]
        self.assertEqual(options[:2], ["--state-dir", "--store"])
        self.assertEqual(options[-2:], ["--version", "--help"])

    def test_help_narrow(self) -> None:
        """In a narrow window it gets longer."""
        narrow = Options().getUsage(40)
        self.assertGreater(len(narrow.splitlines()), len(str(Options()).splitlines()))


class ManualTests(SynchronousTestCase):
    """``docs/operation.md`` tells of all options."""

    def setUp(self) -> None:
        """Open it."""
        self.page = (need_checkout() / "docs" / "operation.md").read_text()

    def test_options(self) -> None:
        """Each has its row with its value and its default, and there are no others."""
        section = self.page.partition("\n## Options\n")[2].partition("\n### ")[0]
        rows = [
            tuple(cell.strip() for cell in line.replace(r"\|", "/").split("|")[1:3])
            for line in section.splitlines()
            if line.startswith("| `")
        ]
        expected = [
            (
                f"`--{p.name} {p.value.replace('|', '/')}`",
                f"`{p.default}`" if p.default else "none",
            )
            for p in PARAMETERS
        ]
        self.assertEqual(rows, [*expected, ("`--version`", ""), ("`--help`", "")])

    def test_commands(self) -> None:
        """Its commands have no other options."""
        known = {option.strip("=") for option in Options().longOpt}
        commands = re.findall(
            r"^(?:\$ |ExecStart=).*twistd .*", self.page, re.MULTILINE
        )
        self.assertGreaterEqual(len(commands), 4)
        for command in commands:
            ours = command.partition(" devlxd")[2]
            self.assertLessEqual(set(re.findall(r"--([\w-]+)", ours)), known)
