"""What this process may do."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from devlxd.service.privilege import may_examine_all

STATUS = """\
Name:\tpython
CapPrm:\t0000000000080000
CapEff:\t{}
CapBnd:\t000001ffffffffff
"""


class MayExamineAllTests(SynchronousTestCase):
    """`may_examine_all` looks for ``CAP_SYS_PTRACE``."""

    def answer(self, status: str) -> bool:
        """What it says of a process with this status."""
        proc = Path(self.mktemp())
        (proc / "self").mkdir(parents=True)
        (proc / "self" / "status").write_text(status)
        return may_examine_all(proc)

    def test_capability(self) -> None:
        """It is the effective capability that counts, be it the only one or not."""
        for capabilities, expected in {
            "000001ffffffffff": True,
            "0000000000080000": True,
            "000001fffff7ffff": False,
            "0000000000000000": False,
        }.items():
            self.assertIs(self.answer(STATUS.format(capabilities)), expected)

    def test_unknown(self) -> None:
        """A kernel that does not tell counts as one that forbids it."""
        self.assertIs(self.answer("Name:\tpython\n"), False)

    def test_here(self) -> None:
        """The kernel that runs tells."""
        status = Path("/proc/self/status").read_text()
        self.assertIn("\nCapEff:\t", status)
        self.assertIsInstance(may_examine_all(Path("/proc")), bool)
