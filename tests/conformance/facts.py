"""
What each server answers, by the sections of the notes that this project is built on: A
(transport and endpoints), B (who asks), D (config), E (meta-data), F (images).

The answers of LXD 5.0 are compared with the real one, too, by ``tests.peers.test_lxd``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from tests.conformance.answers import Answer
from tests.conformance.requests import written

ALL = ("lxd-5.0", "lxd-6", "incus")
"""The servers, as ``--compat`` calls them."""

ID = "7b0a7c2e-3f4e-4d55-9d0f-0c8a2f6f5a10"
HOST = "host.example"

JSON = "application/json"
RAW = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"


class Who(Enum):
    """Who asks."""

    ROOT = "root in the instance"
    USER = "another user in it"
    STRANGER = "a process in no instance"


@frozen
class Reply:
    """
    An answer.

    :ivar kind: its content type; empty when there is no such header.
    :ivar location: where a redirection leads.
    """

    status: int
    kind: str
    body: str
    location: str | None = None


def reply_in(answer: Answer) -> Reply:
    """What an answer says."""
    headers = dict(answer.headers)
    return Reply(
        int(answer.line.split()[1]),
        headers.get("Content-Type", ""),
        answer.body.decode("latin-1"),
        headers.get("Location"),
    )


def doc(body: str) -> Reply:
    """A document; they end with a newline."""
    return Reply(200, JSON, body + "\n")


def raw(body: str) -> Reply:
    """Bytes as they are."""
    return Reply(200, RAW, body)


def refused(status: int, text: str) -> Reply:
    """A line of text."""
    return Reply(status, TEXT, text + "\n")


@frozen
class Otherwise:
    """What we answer where it is something else."""

    reply: Reply
    reason: str


@frozen
class Fact:
    """
    One request, and what each server answers to it.

    :ivar section: of the notes.
    :ivar endpoint: what it is about, as the manual lists it.
    :ivar case: which request it is.
    :ivar replies: by server; one of which nothing is known is missing.
    :ivar config: of the instance.
    :ivar devices: of the instance.
    :ivar ours: where we answer otherwise, by server.
    """

    section: str
    endpoint: str
    case: str
    request: bytes
    replies: Mapping[str, Reply]
    config: Mapping[str, str] = field(factory=dict)
    devices: Mapping[str, Mapping[str, str]] = field(factory=dict)
    who: Who = Who.ROOT
    ours: Mapping[str, Otherwise] = field(factory=dict)


def like(*replies: Reply) -> dict[str, Reply]:
    """The replies of `ALL`; a single one is that of each."""
    return dict(
        zip(ALL, replies if len(replies) > 1 else replies * len(ALL), strict=True)
    )


def older(reply: Reply, newer: Reply) -> dict[str, Reply]:
    """What LXD 5.0 and Incus reply, and what LXD 6 does."""
    return like(reply, newer, reply)


def _about(state: str, location: str, rest: str = "") -> Reply:
    return doc(
        f'{{"state":"{state}","api_version":"1.0","instance_type":"container",'
        f'"location":"{location}"{rest}}}'
    )


_VERSIONS = doc('["/1.0"]')
_ABOUT_5_0 = _about("", "none")
_ABOUT_6 = _about("Started", HOST, ',"auth":"untrusted","supported_storage_drivers":[]')
_ABOUT_INCUS = _about("Started", HOST)
_LIST = doc('["/1.0/config/user.a"]')
_ONE = {"user.a": "1"}

_NOT_AUTHORIZED = refused(403, "not authorized")
_FORBIDDEN = refused(403, "Forbidden")
_UNSET = older(refused(404, "not found"), refused(404, "Not Found"))
_NOT_HERE = refused(501, "Not Implemented")
_NO_PAGE = refused(404, "404 page not found")
_OFF = {"security.devlxd": "false", "security.guestapi": "false"}

_HEAD = "`HEAD` is `GET` without its body, as RFC 9110, 9.3.2 has it"
_AS_STORED = "values are handed out as they are stored, unless a key has to be added"
_UNKNOWN = "a path that is not there is 404, as in every other release"

_CLOUD_CONFIG = (
    "#cloud-config\n# hello\nruncmd:\n  - echo 'a'   # c\npackages: [b, a]\n"
    "z: 010\ny: yes\nd: 2024-01-02\n"
)
_REWRITTEN = (
    '#cloud-config\n# hello\ntrue: true\nd: "2024-01-02"\npackages:\n- b\n- a\n'
    "runcmd:\n- echo 'a'\nz: 8\n"
)
_SCRIPT = "#!/bin/sh\necho hello\n"
_MERGED = (
    "#cloud-config\nusers:\n- name: root\n"
    "  ssh-import-id:\n  - gh:user1 #lxd:cloud-init.ssh-keys\n"
    "  ssh_import_id:\n  - gh:user1 #lxd:cloud-init.ssh-keys\n"
)
_SSH_KEY = {"cloud-init.ssh-keys.a": "root:gh:user1"}
_IDS = f"instance-id: {ID}\nlocal-hostname: c1\n"


def _state(body: str) -> bytes:
    return written("PATCH", "/1.0", body=body)


def _key(key: str, method: str = "GET") -> bytes:
    return written(method, f"/1.0/config/{key}")


_ABOUT = (
    Fact("A.5", "GET /", "", written("GET", "/"), like(_VERSIONS)),
    Fact(
        "A.5",
        "GET /",
        "the API is switched off",
        written("GET", "/"),
        older(_VERSIONS, _FORBIDDEN),
        config=_OFF,
    ),
    Fact(
        "A.7",
        "GET /1.0",
        "",
        written("GET", "/1.0"),
        like(_ABOUT_5_0, _ABOUT_6, _ABOUT_INCUS),
    ),
    Fact(
        "A.7",
        "GET /1.0",
        "the API is switched off",
        written("GET", "/1.0"),
        like(_NOT_AUTHORIZED, _FORBIDDEN, _ABOUT_INCUS),
        config=_OFF,
    ),
    Fact(
        "A.5",
        "PATCH /1.0",
        '`{"state":"Ready"}`',
        _state('{"state":"Ready"}'),
        like(_ABOUT_5_0, raw(""), raw("")),
    ),
    Fact(
        "A.5",
        "PATCH /1.0",
        "another state",
        _state('{"state":"ready"}'),
        like(
            _ABOUT_5_0,
            refused(400, 'Invalid state "ready"'),
            refused(400, 'Invalid state "ready"'),
        ),
    ),
    Fact(
        "Q",
        "PATCH /1.0",
        "no body",
        written("PATCH", "/1.0"),
        like(
            _ABOUT_5_0, refused(400, "Invalid request body: EOF"), refused(400, "EOF")
        ),
    ),
)

_METHODS = (
    Fact(
        "A.6",
        "Other methods",
        "`PUT /1.0`",
        written("PUT", "/1.0"),
        like(_ABOUT_5_0, _NOT_HERE, refused(405, 'method "PUT" not allowed')),
    ),
    Fact(
        "A.6",
        "Other methods",
        "`DELETE /1.0/config/user.a`",
        _key("user.a", "DELETE"),
        older(raw("1"), _NOT_HERE),
        config=_ONE,
    ),
    Fact(
        "A.6",
        "Other methods",
        "`FOO /1.0/config`",
        written("FOO", "/1.0/config"),
        older(_LIST, refused(404, 'Method "FOO" not found')),
        config=_ONE,
    ),
    Fact(
        "A.6",
        "Other methods",
        "`HEAD /1.0/config/user.a`",
        _key("user.a", "HEAD"),
        older(raw(""), Reply(501, TEXT, "")),
        config=_ONE,
        ours={"lxd-6": Otherwise(raw(""), _HEAD)},
    ),
)

_PATHS = (
    Fact(
        "A.6",
        "Other paths",
        "`GET /nope`",
        written("GET", "/nope"),
        older(_NO_PAGE, _VERSIONS),
        ours={"lxd-6": Otherwise(refused(404, "Not Found"), _UNKNOWN)},
    ),
    Fact(
        "A.6",
        "Other paths",
        "`GET /1.0/config/`",
        written("GET", "/1.0/config/"),
        older(_NO_PAGE, _VERSIONS),
        ours={"lxd-6": Otherwise(refused(404, "Not Found"), _UNKNOWN)},
    ),
    Fact(
        "A.6",
        "Other paths",
        "`GET /nope`, by a process in no instance",
        written("GET", "/nope"),
        older(_NO_PAGE, refused(500, "Process ID not found in container")),
        who=Who.STRANGER,
        ours={"lxd-6": Otherwise(refused(404, "Not Found"), _UNKNOWN)},
    ),
    Fact(
        "A.6",
        "Other paths",
        "`GET //1.0`",
        written("GET", "//1.0"),
        older(
            Reply(301, "", "", "/1.0"),
            Reply(
                301,
                "text/html; charset=utf-8",
                '<a href="/1.0">Moved Permanently</a>.\n\n',
                "/1.0",
            ),
        ),
        ours={
            "lxd-6": Otherwise(
                Reply(301, "", "", "/1.0"), "without a page for people, as before 6.9"
            )
        },
    ),
    Fact(
        "Q",
        "Other paths",
        "`GET /1.0/%63onfig`",
        written("GET", "/1.0/%63onfig"),
        older(_NO_PAGE, _LIST),
        config=_ONE,
    ),
)

_WHO = (
    Fact(
        "B",
        "Who may ask",
        Who.STRANGER.value,
        written("GET", "/1.0"),
        older(
            refused(500, "pid not in container?"),
            refused(500, "Process ID not found in container"),
        ),
        who=Who.STRANGER,
    ),
    Fact(
        "B",
        "Who may ask",
        Who.USER.value,
        written("GET", "/1.0"),
        like(refused(401, "Access denied for non-root user")),
        who=Who.USER,
    ),
    Fact(
        "A.4",
        "Who may ask",
        "the API is switched off",
        written("GET", "/1.0/config"),
        older(_NOT_AUTHORIZED, _FORBIDDEN),
        config=_OFF,
    ),
)

_CONFIG = (
    Fact(
        "D.2",
        "GET /1.0/config",
        "",
        written("GET", "/1.0/config"),
        like(_LIST),
        config={**_ONE, "limits.cpu": "1"},
    ),
    Fact(
        "D.2",
        "GET /1.0/config",
        "nothing is visible",
        written("GET", "/1.0/config"),
        like(doc("[]")),
    ),
    Fact(
        "D.2",
        "GET /1.0/config",
        "an SSH key",
        written("GET", "/1.0/config"),
        {
            "lxd-6": doc(
                '["/1.0/config/cloud-init.user-data",'
                '"/1.0/config/cloud-init.vendor-data",'
                '"/1.0/config/user.user-data","/1.0/config/user.vendor-data"]'
            )
        },
        config=_SSH_KEY,
    ),
    Fact("A.5", "GET /1.0/config/KEY", "", _key("user.a"), like(raw("1")), config=_ONE),
    Fact("A.5", "GET /1.0/config/KEY", "not set", _key("user.none"), _UNSET),
    Fact(
        "A.5",
        "GET /1.0/config/KEY",
        "set to nothing, by other means than `lxc`",
        _key("user.empty"),
        older(raw(""), refused(404, "Not Found")),
        config={"user.empty": ""},
    ),
    Fact(
        "A.5",
        "GET /1.0/config/KEY",
        "not for guests",
        _key("volatile.uuid"),
        older(_NOT_AUTHORIZED, _FORBIDDEN),
    ),
    Fact(
        "Q",
        "GET /1.0/config/KEY",
        "percent-encoded",
        _key("%75ser.a%2Fb"),
        like(raw("2")),
        config={"user.a/b": "2"},
    ),
    Fact(
        "D.3",
        "GET /1.0/config/KEY",
        "user-data: a cloud-config",
        _key("cloud-init.user-data"),
        older(raw(_CLOUD_CONFIG), raw(_REWRITTEN)),
        config={"cloud-init.user-data": _CLOUD_CONFIG},
        ours={"lxd-6": Otherwise(raw(_CLOUD_CONFIG), _AS_STORED)},
    ),
    Fact(
        "D.3",
        "GET /1.0/config/KEY",
        "user-data: a script",
        _key("cloud-init.user-data"),
        like(raw(_SCRIPT)),
        config={"cloud-init.user-data": _SCRIPT},
    ),
    Fact(
        "D.3",
        "GET /1.0/config/KEY",
        "user-data: not set",
        _key("cloud-init.user-data"),
        older(refused(404, "not found"), raw("#cloud-config\n{}\n")),
        ours={"lxd-6": Otherwise(refused(404, "Not Found"), _AS_STORED)},
    ),
    Fact(
        "D.3",
        "GET /1.0/config/KEY",
        "user-data: not set, with an SSH key",
        _key("cloud-init.user-data"),
        {"lxd-6": raw(_MERGED)},
        config=_SSH_KEY,
    ),
)

_NIC = {"type": "nic", "nictype": "bridged", "name": "eth0"}

_OTHERS = (
    Fact(
        "D.4",
        "GET /1.0/devices",
        "with a NIC that was given its address",
        written("GET", "/1.0/devices"),
        like(
            doc(
                '{"eth0":{"hwaddr":"00:16:3e:00:00:01","name":"eth0",'
                '"nictype":"bridged","type":"nic"}}'
            )
        ),
        config={"volatile.eth0.hwaddr": "00:16:3e:00:00:01"},
        devices={"eth0": _NIC},
    ),
    Fact(
        "E",
        "GET /1.0/meta-data",
        "",
        written("GET", "/1.0/meta-data"),
        older(raw(f"#cloud-config\n{_IDS}"), raw(_IDS)),
    ),
    Fact(
        "E",
        "GET /1.0/meta-data",
        "with `user.meta-data`",
        written("GET", "/1.0/meta-data"),
        older(raw(f"#cloud-config\n{_IDS}k: v"), raw(f"{_IDS}k: v")),
        config={"user.meta-data": "k: v"},
    ),
)

_ALLOWED = {"security.devlxd.images": "true", "security.guestapi.images": "true"}
_EXPORT = "GET /1.0/images/FINGERPRINT/export"


def _image(query: str = "") -> bytes:
    return written("GET", f"/1.0/images/abc/export{query}")


def _sealed(status: int, text: str) -> Reply:
    """A refusal in the form of the operators' API."""
    document = {
        "type": "error",
        "status": "",
        "status_code": 0,
        "operation": "",
        "error_code": status,
        "error": text,
        "metadata": None,
    }
    body = json.dumps(document, separators=(",", ":"))
    return Reply(status, JSON, body + "\n\n")


_IMAGES = (
    Fact(
        "F",
        _EXPORT,
        "not allowed",
        _image(),
        older(_NOT_AUTHORIZED, _sealed(403, "Forbidden")),
    ),
    Fact(
        "F",
        _EXPORT,
        "there is none",
        _image(),
        like(
            _sealed(404, "Image not found"),
            _sealed(404, "Not Found"),
            _sealed(404, 'Image "abc" not found'),
        ),
        config=_ALLOWED,
    ),
    Fact(
        "F",
        _EXPORT,
        "in another project",
        _image("?project=other"),
        {
            "lxd-5.0": _sealed(
                404, "Check if project has images: fetch project: Project not found"
            ),
            "lxd-6": _sealed(404, "Not Found"),
        },
        config=_ALLOWED,
    ),
)

FACTS = (*_ABOUT, *_CONFIG, *_OTHERS, *_IMAGES, *_METHODS, *_PATHS, *_WHO)
"""All of them, in the order of the manual."""
