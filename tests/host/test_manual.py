"""The manual of the host API has every route in it."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from tests.host.talk import Talk
from tests.host.tarballs import image, imported
from tests.need import need_checkout

NAME = {"name": "NAME", "source": {"type": "none"}}


class ManualTests(SynchronousTestCase):
    """``docs/host-api.md``."""

    def test_routes(self) -> None:
        """Every path of the table is there."""
        text = (need_checkout() / "docs" / "host-api.md").read_text()
        table = [line for line in text.splitlines() if line.startswith("| `/")]
        paths = [path for line in table for path in re.findall(r"`(/[^ `]*)`", line)]
        self.assertGreater(len(paths), 18)
        talk = Talk()
        for kind in ("instances", "profiles", "projects"):
            talk.succeed("POST", f"/1.0/{kind}", NAME)
        fingerprint = imported(talk, image())
        alias = {"name": "NAME", "target": fingerprint}
        talk.succeed("POST", "/1.0/images/aliases", alias)
        operation = talk.host.operations.all()[0]
        # It has no end, and this is no document.
        paths.remove("/1.0/events")
        paths.remove("/1.0/images/FINGERPRINT/export")
        for path in paths:
            known = path.replace("FINGERPRINT", fingerprint)
            talk.get(known.replace("ID", operation.id))
