"""What a guest reads is worked out once."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from devlxd.guest.documents import Library
from devlxd.guest.servers import LXD_6
from devlxd.model import lifecycle
from devlxd.model.change import Change
from devlxd.model.expansion import Expanded
from devlxd.model.instance import Instance
from tests.guest.conversation import C1


def state(**config: str) -> Expanded:
    """A state of `C1` with keys under ``user.``."""
    local = {f"user.{key}": value for key, value in config.items()}
    return Expanded(Instance(C1, config=local))


class LibraryTests(SynchronousTestCase):
    """`Library` keeps the documents of each state."""

    def test_once(self) -> None:
        """Each document is the same object however often it is asked for."""
        library = Library(LXD_6, "host")
        one = state(a="1")
        documents = library.documents(one)
        self.assertIs(library.documents(one), documents)
        self.assertIs(documents.about, documents.about)
        self.assertIs(documents.config.encoded, documents.config.encoded)
        self.assertIs(documents.devices, documents.devices)
        self.assertIs(documents.metadata, documents.metadata)
        self.assertIs(documents.value("user.a"), documents.value("user.a"))

    def test_states(self) -> None:
        """Another state has other documents, equal as it may be, and only those."""
        library = Library(LXD_6, "host")
        documents = library.documents(state(a="1"))
        self.assertIsNot(library.documents(state(a="1")), documents)
        self.assertEqual(len(library), 1)

    def test_forgotten(self) -> None:
        """The documents of an instance that changed or went away are let go."""
        library = Library(LXD_6, "host")
        for after in (state(a="2"), None):
            one = state(a="1")
            library.documents(one)
            library.forget(Change(C1, one, after))
            self.assertEqual(len(library), 0)
        library.forget(Change(C1, None, one))

    def test_values_stay(self) -> None:
        """
        Values outlive a change of what is not read, such as that of the state, which a
        guest could else repeat to have its user-data worked out again and again.
        """
        library = Library(LXD_6, "host")
        one = state(a="1")
        documents = library.documents(one)
        value = documents.value("user.a")
        two = Expanded(lifecycle.ready(one.instance, True))
        library.forget(Change(C1, one, two))
        after = library.documents(two)
        self.assertIs(after.value("user.a"), value)
        self.assertIn(b"Ready", after.about.encoded)
        library.forget(Change(C1, two, state(a="2")))
        self.assertEqual(len(library), 0)

    def test_nothing_worked_out_once(self) -> None:
        """That SSH keys do not belong into user-data is found out once."""
        data = "#cloud-config\nusers: [default]\n"
        keys = {"user.vendor-data": data, "cloud-init.ssh-keys.a": "root:gh:a"}
        documents = Library(LXD_6, "host").documents(
            Expanded(Instance(C1, config=keys))
        )
        self.assertIs(documents.value("user.user-data"), None)
        self.assertEqual(documents.kept, 1)
        self.assertIs(documents.value("user.user-data"), None)

    def test_asked_for_nothing(self) -> None:
        """Asking for keys that are not there keeps nothing of them."""
        documents = Library(LXD_6, "host").documents(state(a="1"))
        for number in range(100):
            self.assertIs(documents.value(f"user.{number}"), None)
        self.assertEqual(documents.kept, 0)
