"""Tests of the refusals."""

from __future__ import annotations

from http import HTTPStatus

from twisted.trial.unittest import SynchronousTestCase

from devlxd import errors
from devlxd.errors import CannotStart, NotFound, Refusal

ALL = {name: getattr(errors, name) for name in errors.__all__}
REFUSALS = {name: x for name, x in ALL.items() if x is not CannotStart}

MISSING = {
    "NoSuchAlias",
    "NoSuchImage",
    "NoSuchInstance",
    "NoSuchPath",
    "NoSuchProfile",
    "NoSuchProject",
}
STATUSES = {
    400: {"BadRequest", "InvalidData", "ProfileInUse"},
    401: {"Unauthorized", "NotRoot"},
    403: {"Forbidden"},
    404: {"NotFound", *MISSING},
    405: {"WrongMethod"},
    409: {"Conflict", "AliasExists", "ImageExists", "InstanceExists", "ProfileExists"},
    412: {"PreconditionFailed"},
    413: {"TooLarge"},
    500: {"Refusal", "NotInContainer", "StoreFailure"},
    501: {"NotImplementedHere"},
    503: {"TooManyConnections"},
}

# Clients and scripts compare these.
LXD = {
    "BadRequest": "Bad Request",
    "Unauthorized": "Unauthorized",
    "Forbidden": "Forbidden",
    "NotFound": "Not Found",
    "NotImplementedHere": "Not Implemented",
    "NotInContainer": "Process ID not found in container",
    "NotRoot": "Access denied for non-root user",
    "NoSuchInstance": "Instance not found",
    "NoSuchProfile": "Profile not found",
    "ProfileInUse": "Profile is currently in use",
}


class RefusalTests(SynchronousTestCase):
    """Tests of all refusals."""

    def test_all(self) -> None:
        """Every exception of the module is exported; all but one are refusals."""
        found = {
            name
            for name, value in vars(errors).items()
            if isinstance(value, type) and issubclass(value, Exception)
        }
        self.assertEqual(found, set(errors.__all__))
        for refusal in REFUSALS.values():
            self.assertTrue(issubclass(refusal, Refusal))
        self.assertFalse(issubclass(CannotStart, Refusal))

    def test_statuses(self) -> None:
        """Every refusal has its status, which HTTP knows."""
        statuses = {
            n: {x for x, r in REFUSALS.items() if r.status == n} for n in STATUSES
        }
        self.assertEqual(statuses, STATUSES)
        self.assertEqual(set().union(*STATUSES.values()), set(REFUSALS))
        for status in STATUSES:
            self.assertEqual(HTTPStatus(status).value, status)

    def test_texts(self) -> None:
        """A refusal that says nothing else says what LXD says."""
        for name, text in LXD.items():
            self.assertEqual(REFUSALS[name]().text, text)

    def test_own_text(self) -> None:
        """Every refusal may say something else, even nothing at all."""
        for refusal in REFUSALS.values():
            for text in ("why", ""):
                error = refusal(text)
                self.assertEqual((error.text, str(error)), (text, text))
                self.assertEqual(error.status, refusal.status)
            self.assertEqual(str(refusal()), refusal.default)

    def test_harmless(self) -> None:
        """What a refusal says by itself is one line that names nothing of the host."""
        for refusal in REFUSALS.values():
            self.assertTrue(refusal.default.replace(" ", "").replace("-", "").isalpha())

    def test_kinds(self) -> None:
        """Whoever handles what is not found handles every such thing."""
        self.assertTrue(issubclass(errors.NoSuchInstance, NotFound))
        self.assertTrue(issubclass(errors.InstanceExists, errors.Conflict))
        self.assertTrue(issubclass(errors.NotRoot, errors.Unauthorized))
        self.assertTrue(issubclass(errors.InvalidData, errors.BadRequest))
