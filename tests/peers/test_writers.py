"""Operators who change the same thing at once lose nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from typing import Any

from attrs import define
from twisted.trial.unittest import SynchronousTestCase

from tests.identity.guests import into
from tests.need import need_program
from tests.peers.lxc import LxcTestCase
from tests.peers.service import Service, environment, started_service, until
from tests.service.processes import Guest

_ROUNDS = 200
_KEY = "user.count"
_SAY = """\
say() {
    curl --silent --max-time 20 --unix-socket "$0" http://lxd/1.0 \\
        --request PATCH --data '{"state": "'"$1"'"}'
}
"""


@define
class Writer:
    """
    An operator with a connection of its own, who counts up in a key.

    :ivar method: by which it does so.
    """

    connection: Guest
    url: str
    method: str
    _etag: str = ""
    _document: Any = None

    def read(self) -> None:
        """Get what there is."""
        self.connection.request("GET", self.url)
        answer = self.connection.answer()
        self._etag = answer.headers["ETag"]
        self._document = json.loads(answer.body)["metadata"]

    @property
    def count(self) -> int:
        """The value that it has read last."""
        return int(self._document["config"].get(_KEY, "0"))

    def write(self) -> None:
        """Send the next value, without waiting for the answer."""
        config = {_KEY: str(self.count + 1)}
        if self.method == "PUT":
            config = {**self._document["config"], **config}
        document = {**self._document, "config": config}
        body = json.dumps(document if self.method == "PUT" else {"config": config})
        headers = {"If-Match": self._etag}
        self.connection.request(self.method, self.url, body, headers)

    def status(self) -> int:
        """The status of the answer."""
        return self.connection.answer().status


class RaceTests(SynchronousTestCase):
    """Two whose requests are under way at the same time, again and again."""

    def setUp(self) -> None:
        """Serve, with an instance and a profile."""
        self.service = started_service(self)
        with closing(Guest(self.service.host_socket)) as connection:
            for kind in ("instances", "profiles"):
                document = {"name": "x", "source": {"type": "none"}}
                connection.request("POST", f"/1.0/{kind}", json.dumps(document))
                self.assertIn(connection.answer().status, (201, 202))

    def _race(self, method: str, url: str, success: int) -> None:
        """Of two at once, one succeeds; the other one does when it has looked again."""
        one, two = writers = [self._writer(url, method) for _ in range(2)]
        for turn in range(_ROUNDS):
            for writer in writers:
                writer.read()
            # Neither is always the first.
            for writer in writers if turn % 2 else (two, one):
                writer.write()
            statuses = {writer.status(): writer for writer in writers}
            self.assertEqual(sorted(statuses), [success, 412], f"round {turn}")
            loser = statuses[412]
            loser.read()
            self.assertEqual(loser.count, 2 * turn + 1)
            loser.write()
            self.assertEqual(loser.status(), success)
        one.read()
        self.assertEqual(one.count, 2 * _ROUNDS)

    def _writer(self, url: str, method: str) -> Writer:
        connection = Guest(self.service.host_socket)
        self.addCleanup(connection.close)
        return Writer(connection, url, method)

    def test_put(self) -> None:
        """So it is when an instance is replaced, as lxc does."""
        self._race("PUT", "/1.0/instances/x", 202)

    def test_patch(self) -> None:
        """So it is when some of an instance is changed."""
        self._race("PATCH", "/1.0/instances/x", 200)

    def test_profile(self) -> None:
        """So it is with a profile."""
        self._race("PUT", "/1.0/profiles/x", 200)


class CommandTests(LxcTestCase):
    """Two commands that run at the same time, again and again."""

    def setUp(self) -> None:
        """One instance."""
        super().setUp()
        self.lxc_does("init --empty c1")

    def test_lxc(self) -> None:
        """Each succeeds, or says that it was too late and succeeds when run again."""
        for turn in range(40):
            commands = [f"config set c1 user.{key}={turn}" for key in "ab"]
            running = [(each, self.lxc.start(each)) for each in commands]
            for command, process in running:
                _, err = process.communicate()
                if process.returncode:
                    self.assertIn("ETag doesn't match", err)
                    self.lxc_does(command)
            self._holds(a=turn, b=turn)

    def test_devlxdctl(self) -> None:
        """devlxdctl sees to that itself, also when lxc is the other one."""
        for turn in range(8):
            late = f"config set c1 user.c={turn}"
            lxc = self.lxc.start(late)
            ctl = [devlxdctl(self.service, f"user.{key}={turn}") for key in "ab"]
            for process in ctl:
                _, err = process.communicate()
                self.assertEqual((process.returncode, err), (0, ""))
            lxc.communicate()
            if lxc.returncode:
                self.lxc_does(late)
            self._holds(a=turn, b=turn, c=turn)

    def test_guest(self) -> None:
        """A guest that says again and again whether it is ready is in nobody's way."""
        need_program("curl", "curl")
        init = self.lxc_registers("c1").child()
        script = "while say Ready && say Started; do :; done"
        guest = subprocess.Popen(
            [*into(init), "bash", "-c", _SAY + script, str(self.service.socket)]
        )
        self.addCleanup(guest.wait)
        self.addCleanup(guest.kill)
        until(lambda: "READY" in self.lxc_does("list -c s"), "the guest to be ready")
        for turn in range(40):
            self.lxc_does(f"config set c1 user.a={turn}")
        self.assertIsNone(guest.poll())

    def _holds(self, **values: int) -> None:
        for key, value in values.items():
            self.lxc_says((f"config get c1 user.{key}", f"{value}\n"))


def devlxdctl(service: Service, pair: str) -> subprocess.Popen[str]:
    """``devlxdctl set c1``, begun."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "devlxd.ctl.cli"),
            *("--socket", str(service.host_socket), "set", "c1", pair),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
