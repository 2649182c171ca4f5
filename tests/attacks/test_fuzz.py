"""Random requests to the running service."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.attacks import case
from tests.attacks.guests import Guest, output
from tests.attacks.length import longer, tell
from tests.peers.service import environment

_ANSWERS = 20_000
_WARM = 5000
_GROWTH = 8  # MiB
_TELLTALES = ("Traceback", "twisted", "klein", "werkzeug", ".py", "passwd:", "/state")


class FuzzTests(case.AttackCase):
    """A guest that asks for all that there is and is not."""

    def fuzzed(self, guest: Guest, count: int, seed: int) -> dict[str, int]:
        """Send random requests until so many are answered; how many by status."""
        words = ("blue", "idle", *_TELLTALES, str(self.service.directory))
        path = f"PYTHONPATH={environment()['PYTHONPATH']}"
        program = (sys.executable, "-m", "tests.attacks.fuzzing")
        command = ("env", path, *program, self.path, str(count), str(seed), *words)
        found: dict[str, Any] = json.loads(output(guest.command(*command)))
        self.assertEqual(found["wrong"], [])
        statuses: dict[str, int] = found["statuses"]
        return statuses

    def test_anything(self) -> None:
        """
        Whatever it asks is answered in HTTP, with no fault but what is defined, no word
        of another instance or of the host, and no memory that is not given back.
        """
        red = self.guest("red")
        self.guest("blue")
        self.fuzzed(red, _WARM, 1)
        size, files = self.size(), self.files()
        statuses = self.fuzzed(red, longer(_ANSWERS), 2)
        grown = self.size() - size
        self.assertLess(grown, _GROWTH)
        self.assertLessEqual(self.files(), files)
        expected = {"200", "301", "400", "403", "404", "501", "505"}
        self.assertLessEqual(expected, set(statuses))
        self.assertEqual(self.told(red), "200 red")
        tell(answers=sum(statuses.values()), grown=grown, **statuses)
