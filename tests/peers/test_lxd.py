"""A guest of the real LXD cannot tell us from it."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import TestCase

from tests.conformance.answers import Answer, Said
from tests.conformance.differences import (
    DIFFERENCES,
    IMAGE_DIFFERENCES,
    Verdict,
    names,
    verdict,
)
from tests.conformance.eventfacts import OPENINGS
from tests.conformance.facts import FACTS, ID, Fact, Who, reply_in
from tests.conformance.imagerequests import Fingerprints, image_requests
from tests.conformance.instance import CHANGES, CONFIG, DEVICES, PROFILE
from tests.conformance.mixture import mixed
from tests.conformance.requests import PATHS, REQUESTS, Request, written
from tests.host import tarballs
from tests.peers.reallxd import NAME
from tests.peers.twins import Twins, setting

_SEED, _MIXED = 20261124, 300

_ABOUT = Request("GET /1.0", written("GET", "/1.0"))
_KEYS = tuple(f"/1.0/config/user.{each}" for each in ("new", "p", "q", "x", "y"))
_READ = tuple(Request(f"GET {path}", written("GET", path)) for path in PATHS + _KEYS)


def _can_be_asked(fact: Fact) -> bool:
    """Whether what is told of LXD 5.0 can be compared with a container of the tests."""
    return (
        "lxd-5.0" in fact.replies
        and fact.who is not Who.STRANGER
        # Its devices are others; and it does not take an empty value for a value.
        and not fact.devices
        and "" not in fact.config.values()
    )


class LXDTests(TestCase):
    """LXD 5.0.2 and the service with ``--compat=lxd-5.0``, in one container."""

    timeout = 600

    def setUp(self) -> None:
        """Start both."""
        self.twins = Twins.until_the_end_of(self)

    def assert_same(self, verdict: Verdict) -> None:
        """Every difference is in the table."""
        self.assertEqual(verdict.unexplained, {}, verdict.shown)

    def say(self, verdict: Verdict) -> None:
        """Say how many requests and differences there were."""
        print(
            f"{verdict.asked} requests, {len(verdict.different)} differences,",
            f"{len(verdict.unexplained)} of them not in the table;",
            f"LXD died {self.twins.lxd.deaths} times ... ",
            end="",
        )

    def assert_different(self, theirs: Said, ours: Said) -> None:
        """There is a difference, and it is in no table."""
        self.assertIn(_ABOUT.name, verdict([(_ABOUT, theirs, ours)]).unexplained)

    def test_requests(self) -> None:
        """
        Every request is answered alike: status line, headers and body; but for those in
        the table, each of which is still different.
        """
        found = verdict(self.twins.ask(REQUESTS))
        self.say(found)
        self.assert_same(found)
        self.assertEqual(set(found.different), names(*DIFFERENCES))
        self.assertGreaterEqual(found.asked, 150)

    def test_mixed(self) -> None:
        """Requests thrown together are answered alike, without any exception."""
        found = verdict(self.twins.ask(tuple(mixed(_SEED, _MIXED))))
        self.assertEqual(found.different, {}, found.shown)

    def test_planted(self) -> None:
        """Another header, a newline or a status is a difference."""
        [(_, theirs, ours)] = self.twins.ask([_ABOUT])
        self.assertEqual(theirs, ours)
        [answer] = ours.answers
        for planted in (
            evolve(answer, headers=(*answer.headers, ("Server", "devlxd"))),
            evolve(answer, body=answer.body + b"\n"),
            evolve(answer, line="HTTP/1.1 201 Created"),
        ):
            self.assert_different(theirs, evolve(ours, answers=(planted,)))
        self.assert_different(theirs, evolve(ours, closed=True))

    def test_death(self) -> None:
        """When LXD has died it is asked again: nothing is taken for an answer."""
        self.twins.lxd.kill()
        self.assert_same(verdict(self.twins.ask(_READ)))
        self.assertEqual(self.twins.lxd.deaths, 1)

    def test_others(self) -> None:
        """A user of the container that is not its root is answered alike."""
        self.assert_same(verdict(self.twins.ask(_READ, user=1000)))

    def test_forbidden(self) -> None:
        """An instance that may not use the API any more is answered alike."""
        self.twins.change("config", "set", NAME, "security.devlxd=false")
        self.assert_same(verdict(self.twins.ask(_READ)))

    def test_images(self) -> None:
        """
        Images are answered alike, in one file and in two, in parts and under
        conditions: to an instance that may have none, and to one that may.
        """
        known = Fingerprints(
            unified=self.twins.import_image(tarballs.image()),
            split=self.twins.import_image(
                tarballs.metadata(), b"hsqs" + b"\r\n--" * 999
            ),
            private=self.twins.import_image(
                tarballs.image(rootfs=b"private"), public=False
            ),
        )
        requests = tuple(image_requests(known))
        self.assert_same(verdict(self.twins.ask(requests[:20])))
        self.twins.change("config", "set", NAME, "security.devlxd.images=true")
        found = verdict(self.twins.ask(requests))
        self.say(found)
        self.assert_same(found)
        self.assertEqual(set(found.different), names(*IMAGE_DIFFERENCES))

    def test_facts(self) -> None:
        """What is told of LXD 5.0 in the manual is what it does."""
        lxc = self.twins.lxd.lxc
        self.strip()
        for fact in (*FACTS, *OPENINGS):
            if not _can_be_asked(fact):
                continue
            config = {k: v for k, v in fact.config.items() if "guestapi" not in k}
            if config:
                lxc("config", "set", NAME, *setting(config))
            user = 1000 if fact.who is Who.USER else 0
            [(_, theirs, _)] = self.twins.ask([Request("", fact.request)], user)
            [answer] = map(self.plain, theirs.answers)
            expected = (fact.case, fact.replies["lxd-5.0"])
            self.assertEqual((fact.case, reply_in(answer)), expected)
            for key in config:
                lxc("config", "set", NAME, f"{key}=")

    def strip(self) -> None:
        """Take all that an instance may read from LXD's."""
        lxc = self.twins.lxd.lxc
        lxc("config", "set", NAME, *(f"{key}=" for key in CONFIG))
        lxc("profile", "set", "default", *(f"{key}=" for key in PROFILE))
        for device, *_ in DEVICES:
            lxc("config", "device", "remove", NAME, device)

    def plain(self, answer: Answer) -> Answer:
        """An answer with the instance's id replaced by that of the tables."""
        key = "volatile.cloud-init.instance-id"
        id_ = self.twins.lxd.lxc("config", "get", NAME, key).strip().encode()
        return evolve(answer, body=answer.body.replace(id_, ID.encode()))

    def test_events(self) -> None:
        """
        The same changes are told alike, to who reads lines and on a WebSocket; and what
        is read afterwards is alike.
        """
        with self.twins.listening() as heard:
            for change in CHANGES:
                self.twins.change(*change)
        for form, theirs in heard["lxd"].items():
            self.assertEqual(heard["ours"][form], theirs, form)
            self.assertGreaterEqual(len(theirs.events), 20)
        # Both have given it another id: cloud-init is to run anew.
        self.twins.adopt()
        self.assert_same(verdict(self.twins.ask(_READ)))
