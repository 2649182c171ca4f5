"""How many files may be open."""

from __future__ import annotations

from resource import RLIMIT_NOFILE, getrlimit, setrlimit

from twisted.trial.unittest import SynchronousTestCase

from devlxd.service.openfiles import OpenFiles


class OpenFilesTests(SynchronousTestCase):
    """`OpenFiles` takes what there is."""

    def test_start(self) -> None:
        """The soft limit becomes the hard one."""
        soft, hard = getrlimit(RLIMIT_NOFILE)
        self.addCleanup(setrlimit, RLIMIT_NOFILE, (soft, hard))
        setrlimit(RLIMIT_NOFILE, (hard // 2, hard))
        files = OpenFiles.of_this_process()
        self.assertEqual(getrlimit(RLIMIT_NOFILE), (hard // 2, hard))
        files.startService()
        self.assertEqual(getrlimit(RLIMIT_NOFILE), (hard, hard))

    def test_connections(self) -> None:
        """Some files are kept for other things, but not most of them."""
        for limit, connections in {1: 0, 40: 20, 512: 256, 1024: 768}.items():
            self.assertEqual(OpenFiles(limit).connections, connections)

    def test_of_one(self) -> None:
        """No instance has more than a quarter of all connections, and each has one."""
        for limit, most in {1: 1, 40: 5, 1024: 192, 65536: 1024}.items():
            self.assertEqual(OpenFiles(limit).of_one(1024), most)
