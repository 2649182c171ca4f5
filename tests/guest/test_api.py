"""The guest API, byte for byte as LXD answers."""

from __future__ import annotations

import json

from attrs import evolve
from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from devlxd.identity.assumed import Assumed
from devlxd.model.instance import Instance, InstanceType, Profile
from devlxd.model.names import InstanceName, ProfileName
from tests.guest.conversation import C1, HOST, Conversation

JSON = "application/json"
RAW = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"


def setting(key: str, value: str) -> Instance:
    """An instance with one key of config."""
    return Instance(C1, config={key: value}, profiles=())


class APICase(SynchronousTestCase):
    """Everybody is the instance `C1`."""

    def setUp(self) -> None:
        """A service without instances."""
        self.guest = Conversation(Assumed(C1))

    def assert_refused(
        self, path: str, status: int, text: str, method: str = "GET", body: bytes = b""
    ) -> None:
        """The answer to a request is this refusal, in LXD's form."""
        response = self.guest.ask(path, method, body)
        self.assertEqual((response.status, response.body), (status, text.encode()))
        self.assertEqual(response.headers["Content-Type"], TEXT)
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")


class ReadingTests(APICase):
    """What a guest reads."""

    def test_versions(self) -> None:
        """``/`` names the only version there is."""
        self.guest.create(setting("user.a", "1"))
        self.assertEqual(self.guest.text("/"), '["/1.0"]\n')

    def test_about(self) -> None:
        """``/1.0`` has LXD's keys in LXD's order; the location is the host's name."""
        self.guest.create(setting("user.a", "1"))
        self.assertEqual(
            self.guest.text("/1.0"),
            '{"state":"Started","api_version":"1.0","instance_type":"container",'
            f'"location":"{HOST}","auth":"untrusted","supported_storage_drivers":[]}}\n',
        )

    def test_about_member(self) -> None:
        """A VM on a cluster member says so."""
        self.guest.create(
            Instance(C1, type=InstanceType.VIRTUAL_MACHINE, location="node-2")
        )
        about = json.loads(self.guest.text("/1.0"))
        self.assertEqual(about["instance_type"], "virtual-machine")
        self.assertEqual(about["location"], "node-2")

    def test_headers(self) -> None:
        """An answer has the headers that LXD sends, and no ``Server``."""
        self.guest.create(setting("user.a", "1"))
        headers = self.guest.ask("/1.0").headers
        self.assertEqual(headers["Content-Type"], JSON)
        self.assertEqual(sorted(headers), ["Content-Length", "Content-Type", "Date"])
        self.assertEqual(
            self.guest.ask("/1.0/config/user.a").headers["Content-Type"], RAW
        )

    def test_config(self) -> None:
        """The list has the visible keys, local and of profiles, and no others."""
        self.guest.create(
            Profile(ProfileName("default", "p"), config={"user.b": "2"}),
            Instance(
                C1,
                config={"user.a": "1", "limits.cpu": "2", "cloud-init.user-data": "x"},
                profiles=("default", "p"),
            ),
        )
        self.assertEqual(
            self.guest.text("/1.0/config"),
            '["/1.0/config/cloud-init.user-data","/1.0/config/user.a",'
            '"/1.0/config/user.b"]\n',
        )

    def test_no_config(self) -> None:
        """Without visible keys the list is empty, and still a list."""
        self.guest.create(Instance(C1, profiles=()))
        self.assertEqual(self.guest.text("/1.0/config"), "[]\n")

    def test_value(self) -> None:
        """A value is read as it is, NUL, newlines and all."""
        value = "a\0b\r\n\u2028<&>é\n"
        self.guest.create(setting("user.a", value))
        self.assertEqual(self.guest.text("/1.0/config/user.a"), value)

    def test_encoded_key(self) -> None:
        """A key may be percent-encoded, a slash in it included."""
        self.guest.create(
            Instance(C1, config={"user.a/b": "1", "user.é %": "2"}, profiles=())
        )
        self.assertEqual(self.guest.text("/1.0/config/%75ser.a%2Fb"), "1")
        self.assertEqual(self.guest.text("/1.0/config/user.%C3%A9%20%25"), "2")

    def test_large_value(self) -> None:
        """A value of more than 2048 bytes comes in chunks, like LXD's."""
        self.guest.create(
            Instance(C1, config={"user.a": "x" * 2048, "user.b": "x" * 2049})
        )
        small = self.guest.ask("/1.0/config/user.a")
        self.assertEqual(small.headers["Content-Length"], "2048")
        large = self.guest.ask("/1.0/config/user.b")
        self.assertEqual(large.headers["Transfer-Encoding"], "chunked")
        self.assertEqual(large.body, b"x" * 2049)

    def test_no_value(self) -> None:
        """A key that is not set, or empty, is 404."""
        self.guest.create(setting("user.empty", ""))
        for key in ("user.none", "user.empty", "cloud-init.user-data", "user.%ff"):
            self.assert_refused(f"/1.0/config/{key}", 404, "Not Found\n")

    def test_hidden_value(self) -> None:
        """A key outside ``user.`` and ``cloud-init.`` is 403, set or not."""
        self.guest.create(setting("volatile.a", "secret"))
        for key in ("volatile.a", "volatile.none", "user", "USER.a", "%00", "%ff"):
            self.assert_refused(f"/1.0/config/{key}", 403, "Forbidden\n")

    def test_devices(self) -> None:
        """Devices are sorted, with the MAC address of NICs."""
        nic = {"type": "nic", "name": "eth0"}
        self.guest.create(
            Instance(
                C1,
                config={"volatile.eth0.hwaddr": "00:16:3e:00:00:01"},
                devices={"root": {"type": "disk", "path": "/"}, "eth0": nic},
            )
        )
        self.assertEqual(
            self.guest.text("/1.0/devices"),
            '{"eth0":{"hwaddr":"00:16:3e:00:00:01","name":"eth0","type":"nic"},'
            '"root":{"path":"/","type":"disk"}}\n',
        )

    def test_no_devices(self) -> None:
        """Without devices there is an empty map."""
        self.guest.create(Instance(C1, profiles=()))
        self.assertEqual(self.guest.text("/1.0/devices"), "{}\n")

    def test_metadata(self) -> None:
        """Metadata has the id, the name and ``user.meta-data``, without a header."""
        self.guest.create(setting("user.meta-data", "k: v"))
        self.assertEqual(
            self.guest.text("/1.0/meta-data"),
            "instance-id: uuid-2\nlocal-hostname: c1\nk: v",
        )

    def test_ssh_key(self) -> None:
        """An SSH key is in both forms of vendor-data and user-data, and not listed."""
        self.guest.create(setting("cloud-init.ssh-keys.a", "root:gh:somebody"))
        listed = json.loads(self.guest.text("/1.0/config"))
        self.assertEqual(len(listed), 4)
        for path in listed:
            self.assertIn(
                "- gh:somebody #lxd:cloud-init.ssh-keys", self.guest.text(path)
            )

    def test_change(self) -> None:
        """A change is seen by the next request, one of a profile, too."""
        profile = ProfileName("default", "default")
        self.guest.create(Instance(C1))
        self.assertEqual(self.guest.text("/1.0/config"), "[]\n")
        self.guest.store.profiles.update(
            profile, lambda old: evolve(old, config={"user.a": "1"})
        )
        self.assertEqual(self.guest.text("/1.0/config/user.a"), "1")
        self.guest.change(lambda old: evolve(old, config={"user.a": "2"}))
        self.assertEqual(self.guest.text("/1.0/config/user.a"), "2")

    def test_head(self) -> None:
        """HEAD has the head of GET, and no body."""
        self.guest.create(setting("user.a", "12345"))
        for path in ("/", "/1.0", "/1.0/config/user.a", "/1.0/meta-data"):
            got, head = self.guest.ask(path), self.guest.ask(path, "HEAD")
            self.assertEqual((head.status, head.body), (200, b""))
            del got.headers["Date"], head.headers["Date"]
            self.assertEqual(head.headers.items(), got.headers.items())

    def test_query(self) -> None:
        """Queries are ignored."""
        self.guest.create(setting("user.a", "1"))
        self.assertEqual(self.guest.text("/1.0/config/user.a?recursion=1&%zz"), "1")


class StateTests(APICase):
    """What a guest says about itself."""

    def setUp(self) -> None:
        """A service with an instance."""
        super().setUp()
        self.guest.create(Instance(C1, profiles=()))

    def _state(self) -> str:
        return str(json.loads(self.guest.text("/1.0"))["state"])

    def test_ready(self) -> None:
        """``Ready`` and ``Started`` are kept, and answered with nothing."""
        for state in ("Ready", "Ready", "Started", "Ready"):
            body = json.dumps({"state": state}).encode()
            response = self.guest.ask("/1.0", "PATCH", body)
            self.assertEqual((response.status, response.body), (200, b""))
            self.assertEqual(response.headers["Content-Type"], RAW)
            self.assertEqual(response.headers["Content-Length"], "0")
            self.assertEqual(self._state(), state)

    def test_liberal(self) -> None:
        """Go's decoder takes names in any case, other fields and what follows."""
        for body in (b'{"State":"Ready","x":[1]} trailing', b' {"STATE" : "Ready"}'):
            self.guest.ask("/1.0", "PATCH", b'{"state":"Started"}')
            self.assertEqual(self.guest.ask("/1.0", "PATCH", body).status, 200)
            self.assertEqual(self._state(), "Ready")

    def test_no_json(self) -> None:
        """A body that is no such document is 400, in the words of Go's decoder."""
        for body, text in (
            (b"", "EOF"),
            (b'{"state":', "unexpected EOF"),
            (b"Ready", "invalid character 'R' looking for beginning of value"),
            (b"[]", "json: cannot unmarshal array into Go value of type api.DevLXDPut"),
            (
                b'{"state":1}',
                "json: cannot unmarshal number into Go struct field DevLXDPut.state "
                "of type string",
            ),
        ):
            self.assert_refused(
                "/1.0", 400, f"Invalid request body: {text}\n", "PATCH", body
            )

    def test_no_state(self) -> None:
        """A state that there is not is 400, shown as Go quotes it."""
        for body, quoted in (
            (b"{}", '""'),
            (b"null", '""'),
            (b'{"state":"ready"}', '"ready"'),
            (b'{"state":"a\\"\\n\\u0000\xc3\xa9"}', '"a\\"\\n\\x00é"'),
        ):
            self.assert_refused("/1.0", 400, f"Invalid state {quoted}\n", "PATCH", body)

    def test_not_saved(self) -> None:
        """A state that cannot be saved is 500, in LXD's words, and is not there."""
        self.guest.store.use(lambda work: fail(OSError("disk full")))
        self.assert_refused(
            "/1.0",
            500,
            "Failed setting instance state: Failed saving the change\n",
            "PATCH",
            b'{"state":"Ready"}',
        )
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
        self.assertEqual(self._state(), "Started")


class RefusalTests(APICase):
    """Who and what is not served."""

    def test_forbidden(self) -> None:
        """With ``security.devlxd`` false nothing is served."""
        self.guest.create(
            Instance(C1, config={"security.devlxd": "false", "user.a": "1"})
        )
        for path in ("/", "/1.0", "/1.0/config/user.a", "/1.0/devices"):
            self.assert_refused(path, 403, "Forbidden\n")
        self.assert_refused("/1.0", 403, "Forbidden\n", "PATCH", b'{"state":"Ready"}')

    def test_allowed(self) -> None:
        """With it true, empty or unset, everything is."""
        self.guest.create(setting("security.devlxd", "true"))
        self.assertEqual(self.guest.ask("/1.0").status, 200)
        self.guest.change(lambda old: evolve(old, config={"security.devlxd": ""}))
        self.assertEqual(self.guest.ask("/1.0").status, 200)

    def test_paths(self) -> None:
        """There is nothing elsewhere."""
        self.guest.create(setting("user.a", "1"))
        for path in ("/nope", "/1.0/", "/1.0/config/", "/2.0", "/1.0/config/user.a/b"):
            self.assert_refused(path, 404, "Not Found\n")

    def test_methods(self) -> None:
        """Other methods are 501, and those that nobody knows 404."""
        self.guest.create(setting("user.a", "1"))
        for method in ("PUT", "POST", "DELETE"):
            self.assert_refused("/1.0", 501, "Not Implemented\n", method)
        self.assert_refused("/1.0/config", 501, "Not Implemented\n", "PATCH")
        self.assert_refused("/1.0", 404, 'Method "FOO" not found\n', "FOO")

    def test_deleted(self) -> None:
        """An instance that is gone from the store is in no instance."""
        self.assert_refused("/1.0", 500, "Process ID not found in container\n")

    def test_other_project(self) -> None:
        """An instance of the same name in another project is another."""
        self.guest.create(Instance(InstanceName("other", "c1"), profiles=()))
        self.assert_refused("/1.0", 500, "Process ID not found in container\n")
