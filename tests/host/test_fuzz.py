"""Whatever an operator sends is answered, and nothing of it breaks the service."""

from __future__ import annotations

import json
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tests.host.talk import Talk

_FIELDS = (
    *("name", "config", "devices", "profiles", "source", "type", "description"),
    *("ephemeral", "stateful", "architecture", "action", "pid", "migration"),
    *("restore", "instance_type", "project", "user.a", "volatile.uuid", "eth0"),
)
_TEXTS = st.sampled_from(
    ("", "c1", "new", "none", "copy", "image", "default", "start", "nic", "\ud800")
) | st.text(max_size=5)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_FIELDS) | _TEXTS, inner, max_size=4)
    ),
    max_leaves=8,
)
_DOCUMENTS = st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=6) | _VALUES
_PATHS = st.sampled_from(
    (
        *("instances", "instances/c1", "instances/c1/state", "profiles"),
        *("profiles/default", "projects", "projects/default", "operations"),
        *("devlxd/instances/c1/init", "images/x", "operations/x/wait"),
        *("instances/%FF", "profiles/%ED%A0%80", "projects/%00"),
    )
)
_METHODS = st.sampled_from(("GET", "PUT", "PATCH", "POST", "DELETE"))
_QUERIES = st.dictionaries(
    st.sampled_from(("project", "recursion", "filter", "instance-type", "timeout")),
    st.text(max_size=10),
    max_size=2,
)


class FuzzTests(SynchronousTestCase):
    """All of the host API."""

    @settings(deadline=None)
    @given(st.lists(st.tuples(_METHODS, _PATHS, _QUERIES, _DOCUMENTS), max_size=5))
    def test_anything(
        self, script: list[tuple[str, str, dict[str, str], object]]
    ) -> None:
        """Each request has an answer in LXD's form, and none is a fault."""
        talk = Talk()
        source = {"type": "none"}
        talk.succeed("POST", "/1.0/instances", {"name": "c1", "source": source})
        for method, path, query, document in script:
            asked = "&".join(f"{k}={quote(v)}" for k, v in query.items())
            response = talk.ask(method, f"/1.0/{path}?{asked}", document)
            envelope = json.loads(response.body)
            self.assertNotEqual(response.status, 500, (method, path, document))
            self.assertIn(envelope["type"], ("sync", "async", "error"))
        self.assertEqual(self.flushLoggedErrors(), [])
