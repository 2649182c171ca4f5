"""A container that has both: the real LXD at /dev/lxd, the service at /dev/ours."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field
from twisted.trial.unittest import TestCase

from tests.conformance.answers import Said, said
from tests.conformance.instance import CONFIG, DEVICES, PROFILE
from tests.conformance.requests import Request
from tests.conformance.told import Told, told
from tests.need import need_program
from tests.peers.reallxd import LXD, NAME, Lxc, image
from tests.peers.service import Service, started_service

BOOT = Path(__file__).with_name("boot-from")
ASK = Path(__file__).with_name("ask-both")
LISTEN = Path(__file__).with_name("listen-to-both")

# Not /dev/lxd, which LXD takes away from instances that may not use it.
SOCKETS = {"lxd": "/dev/theirs/sock", "ours": "/dev/ours/sock"}

_ALIAS = "busybox"
_BATCH = 40  # requests that are asked again when LXD dies
_PATIENCE = 300.0  # seconds
_SETTLED = 1.0  # seconds until all that LXD tells has been told
_IDS = ("volatile.cloud-init.instance-id", "volatile.eth0.hwaddr")


def setting(config: dict[str, str]) -> list[str]:
    """The arguments of ``lxc config set``."""
    return [f"{key}={value}" for key, value in config.items()]


@define
class Twins:
    """
    The real LXD and the service with the same instance.

    :ivar init: the init process of the container.
    """

    lxd: LXD
    service: Service
    ours: Lxc = field(init=False)
    init: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.ours = Lxc(self.service.state, self.lxd.directory)

    @classmethod
    def until_the_end_of(cls, test: TestCase, privileged: bool = False) -> Twins:
        """
        Both, until the end of a test.

        :param privileged: whether the container is, and has the host's root at /host.
        """
        busybox = need_program("busybox", "busybox-static")
        directory = Path(tempfile.mkdtemp(prefix="lxd-"))
        test.addCleanup(shutil.rmtree, directory)
        service = started_service(test, "--compat", "lxd-5.0")
        for place in (directory, service.directory):
            # The root of the container is nobody special outside.
            place.chmod(0o711)
        lxd = LXD.until_the_end_of(test, directory)
        lxd.import_image(_ALIAS, image(Path(busybox)))
        twins = cls(lxd, service)
        twins.make(privileged)
        return twins

    @property
    def both(self) -> tuple[Lxc, Lxc]:
        """The commands to either."""
        return self.lxd.lxc, self.ours

    def make(self, privileged: bool = False) -> None:
        """Make the instance in both, and start it."""
        self.lxd.lxc("init", _ALIAS, NAME)
        self.ours("init", "--empty", NAME)
        root = ("root", "disk", "path=/", "pool=default")
        self.ours("profile", "device", "add", "default", *root)
        for lxc in self.both:
            lxc("profile", "set", "default", *setting(PROFILE))
            lxc("config", "set", NAME, *setting(CONFIG))
            lxc("config", "set", NAME, f"security.privileged={privileged}".lower())
            for device in DEVICES:
                lxc("config", "device", "add", NAME, *device)
        self.lxd.lxc("config", "set", NAME, f"raw.lxc={self._mounts(privileged)}")
        self.lxd.start_instance(NAME)
        self.adopt()

    def adopt(self) -> None:
        """Have the service know the running container as LXD knows it."""
        self.init = self.lxd.init_of(NAME)
        for key in _IDS:
            value = self.lxd.lxc("config", "get", NAME, key).strip()
            self.ours("config", "set", NAME, f"{key}={value}")
        path = f"/1.0/devlxd/instances/{NAME}/init"
        self.ours("query", "-X", "PUT", "-d", json.dumps({"pid": self.init}), path)

    def import_image(self, *parts: bytes, public: bool = True) -> str:
        """Have an image of one file or of two in both; its fingerprint."""
        files = [self.lxd.directory / f"part{number}" for number in range(len(parts))]
        for file, part in zip(files, parts, strict=True):
            file.write_bytes(part)
        flags = ["--public"] if public else []
        self.change("image", "import", *map(str, files), *flags)
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def change(self, *arguments: str) -> None:
        """Run the same ``lxc`` command on both."""
        for lxc in self.both:
            lxc(*arguments)

    @contextmanager
    def listening(self) -> Iterator[dict[str, dict[str, Told]]]:
        """What is heard of both, in both forms, while something is done."""
        program = ("/usr/bin/python3", "-c", LISTEN.read_text(), json.dumps(SOCKETS))
        with subprocess.Popen(
            self.entering(*program),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as listener:
            assert listener.stdout is not None
            assert listener.stdout.readline() == "ready\n"
            heard: dict[str, dict[str, Told]] = {}
            yield heard
            time.sleep(_SETTLED)
            for name, forms in json.loads(listener.communicate()[0]).items():
                heard[name] = {
                    form: told(form, content.encode("latin-1"))
                    for form, content in forms.items()
                }

    def inside(self, *command: str, given: str = "", user: int = 0) -> str:
        """What a command prints that runs in the container."""
        ran = subprocess.run(
            self.entering(*command, user=user),
            input=given,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        if ran.returncode != 0:
            raise AssertionError(f"{command[0]}: {ran.stdout} {ran.stderr}")
        return ran.stdout

    def entering(self, *command: str, user: int = 0) -> Sequence[str]:
        """A command that is to run in the container."""
        # Not by LXD, which may die, and its ``lxc exec`` with it.
        ids = (f"--setuid={user}", f"--setgid={user}")
        return (
            *("nsenter", f"--target={self.init}", "--all", *ids, "--"),
            *("/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"),
            *("LC_ALL=C.UTF-8", *command),
        )

    def ask(
        self, requests: Sequence[Request], user: int = 0
    ) -> Iterator[tuple[Request, Said, Said]]:
        """What LXD says to requests, and what the service does."""
        for start in range(0, len(requests), _BATCH):
            batch = requests[start : start + _BATCH]
            answers = self._asked(batch, user)
            while self.lxd.revive():
                answers = self._asked(batch, user)
            for request, answer in zip(batch, answers, strict=True):
                theirs, ours = (_said(request, answer[each]) for each in SOCKETS)
                yield request, theirs, ours

    def _asked(
        self, requests: Iterable[Request], user: int
    ) -> list[dict[str, dict[str, object]]]:
        asked = [
            {
                "bytes": request.content.decode("latin-1"),
                "answers": request.answers,
                "head": request.is_head,
            }
            for request in requests
        ]
        given = json.dumps({"sockets": SOCKETS, "requests": asked})
        program = ("/usr/bin/python3", "-c", ASK.read_text())
        answers: list[dict[str, dict[str, object]]] = json.loads(
            self.inside(*program, given=given, user=user)
        )
        return answers

    def _mounts(self, privileged: bool) -> str:
        mounts = {
            # The programs of the host.
            Path("/usr"): "usr",
            self.service.socket.parent: "dev/ours",
            self.lxd.home / "devlxd": "dev/theirs",
        }
        if privileged:
            # The kernel forbids it to others: it would show what is mounted over.
            mounts[Path("/")] = "host"
        return "\n".join(
            f"lxc.mount.entry = {source} {target} none bind,ro,create=dir 0 0"
            for source, target in mounts.items()
        )


def _said(request: Request, answer: dict[str, object]) -> Said:
    content = str(answer["bytes"]).encode("latin-1")
    return said(content, bool(answer["closed"]), request.is_head)
