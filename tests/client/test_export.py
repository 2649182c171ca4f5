"""Tests of images that are written to files."""

from __future__ import annotations

import json
import os
from pathlib import Path

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred

from devlxd.client.export import Exported
from devlxd.client.failures import BadAnswer, ConnectionLost, Refused, TimedOut
from devlxd.client.guest import GuestClient
from devlxd.client.retrying import Backoff
from devlxd.errors import BadRequest, Forbidden, NotFound
from tests.client.commands import CommandTestCase
from tests.client.imageservice import (
    FINGERPRINT,
    ROOT,
    SPLIT_FINGERPRINT,
    TARBALL,
    ImageService,
    form,
    head,
    refusal,
    rest,
    split,
    whole,
)
from tests.client.sockets import (
    SocketTestCase,
    client_of,
    directory,
    later,
    listening,
)

QUICK = Backoff(0.01, 0.02)
ENVELOPE = json.dumps({"type": "error", "error_code": 404, "error": "Not Found"})


@define
class Ticks:
    """Who is told how far it is."""

    told: list[object] = field(factory=list)
    done: int = 0

    def start(self, total: int | None) -> None:
        """It begins."""
        self.told.append(total)

    def advance(self, size: int) -> None:
        """It goes on."""
        self.done += size

    def end(self) -> None:
        """It is over."""
        self.told.append("end")


class ExportCase(SocketTestCase):
    """Fetches images."""

    def setUp(self) -> None:
        """Have a directory."""
        self.directory = Path(directory(self))
        self.ticks = Ticks()
        self.noticed: list[Exception] = []

    def serve(self, *answers: bytes, hangs: bool = False) -> None:
        """Have a service with these answers, one after the other."""
        self.service = ImageService(answers, hangs)
        path = listening(self, self.service.factory())
        self.client = client_of(path, 0.3 if hangs else 10.0)

    async def export(
        self,
        to: Path | None = None,
        fingerprint: str = FINGERPRINT,
        give_up_after: float | None = 5.0,
    ) -> Exported:
        """Write an image."""
        return await self.client.export_image(
            fingerprint,
            to or self.directory / "image",
            self.ticks,
            backoff=QUICK,
            give_up_after=give_up_after,
            notice=self.noticed.append,
        )

    def files(self) -> dict[str, bytes]:
        """What is in the directory."""
        return {path.name: path.read_bytes() for path in self.directory.iterdir()}

    async def assert_bad(self, problem: str, *answers: bytes) -> None:
        """The answers are of no use, and nothing is left of them."""
        self.serve(*answers)
        complaint = await self.complaint(self.export(), BadAnswer)
        self.assertIn(problem, complaint)
        self.assertEqual(self.files(), {})
        self.assertEqual(self.ticks.told[-1], "end")


class UnifiedTests(ExportCase):
    """Images of one file."""

    async def test_file(self) -> None:
        """The file is written, and told about meanwhile."""
        self.serve(whole())
        image = await self.export()
        place = self.directory / "image"
        self.assertEqual(image, Exported(FINGERPRINT, (place,), len(TARBALL)))
        self.assertEqual(self.files(), {"image": TARBALL})
        self.assertEqual(self.ticks.told, [len(TARBALL), "end"])
        self.assertEqual(self.ticks.done, len(TARBALL))
        self.assertEqual(
            self.service.asked, [f"GET /1.0/images/{FINGERPRINT}/export HTTP/1.1"]
        )
        self.assertEqual(self.service.ranges, [""])

    async def test_mode(self) -> None:
        """It has the mode of any new file, and takes the place of an older one."""
        place = self.directory / "image"
        place.write_text("old")
        place.chmod(0o600)
        self.serve(whole())
        self.addCleanup(os.umask, os.umask(0o027))
        await self.export()
        self.assertEqual(place.stat().st_mode & 0o777, 0o640)

    async def test_directory(self) -> None:
        """In a directory it has the name that the service gives to it."""
        self.serve(whole())
        await self.export(self.directory)
        self.assertEqual(self.files(), {f"{FINGERPRINT}.tar.xz": TARBALL})

    async def test_other_names(self) -> None:
        """A service cannot choose any other name."""
        for name in ("../x", "x", f"{FINGERPRINT}/x", f".{FINGERPRINT}", ""):
            self.serve(whole(name))
            image = await self.export(self.directory)
            self.assertEqual(image.files, (self.directory / FINGERPRINT,))

    async def test_no_length(self) -> None:
        """Where no length is told, the end of the connection is the end."""
        self.serve(head("200 OK") + TARBALL)
        await self.export()
        self.assertEqual(self.files(), {"image": TARBALL})
        self.assertEqual(self.ticks.told, [None, "end"])


class BrokenTests(ExportCase):
    """Connections that break."""

    async def test_resumed(self) -> None:
        """What has come need not come again, however often it breaks."""
        answers = [whole()[:-200_000], rest(56_000)[:-100_000], rest(156_000)]
        self.serve(*answers)
        await self.export()
        self.assertEqual(self.files(), {"image": TARBALL})
        self.assertEqual(self.service.ranges, ["", "bytes=56000-", "bytes=156000-"])
        self.assertEqual(self.ticks.told, [len(TARBALL), "end"])
        self.assertEqual(self.ticks.done, len(TARBALL))
        self.assertEqual([type(each) for each in self.noticed], [ConnectionLost] * 2)

    async def test_busy(self) -> None:
        """A service that cannot serve for now is waited for."""
        busy = refusal("503 Busy", "Too many connections\n")
        self.serve(whole()[:-1000], busy, busy, rest(len(TARBALL) - 1000))
        await self.export()
        self.assertEqual(self.files(), {"image": TARBALL})

    async def test_no_ranges(self) -> None:
        """Where no parts are to be had, all of it comes again."""
        self.serve(whole()[:-1000], whole())
        await self.export()
        self.assertEqual(self.files(), {"image": TARBALL})
        self.assertEqual(self.ticks.told, [len(TARBALL), len(TARBALL), "end"])

    async def test_deleted(self) -> None:
        """An image that is gone meanwhile is not waited for."""
        self.serve(whole()[:-1000], refusal("404 Not Found", ENVELOPE + "\n\n"))
        self.assertEqual(await self.complaint(self.export(), NotFound), "Not Found")
        self.assertEqual(self.files(), {})

    async def test_no_progress(self) -> None:
        """A service that gives nothing more is given up in the end."""
        self.serve(whole()[:-1000], rest(len(TARBALL) - 1000)[:-1000])
        await self.complaint(self.export(give_up_after=0.1), ConnectionLost)
        self.assertGreater(len(self.service.asked), 2)
        self.assertEqual(self.files(), {})

    async def test_nothing_came(self) -> None:
        """Where nothing has come, nothing is waited for."""
        self.serve(b"")
        await self.complaint(self.export(), ConnectionLost)
        self.assertEqual(len(self.service.asked), 1)

    async def test_stalled(self) -> None:
        """A service that sends nothing more for the timeout is asked again."""
        self.serve(whole()[:-1000], rest(len(TARBALL) - 1000), hangs=True)
        await self.export()
        self.assertEqual(self.files(), {"image": TARBALL})
        self.assertEqual([type(each) for each in self.noticed], [TimedOut])

    async def test_cancelled(self) -> None:
        """Who cancels leaves nothing behind."""
        self.serve(whole()[:-1000], hangs=True)
        exporting = Deferred.fromCoroutine(self.export())
        while not self.ticks.done:
            await later(0.01)
        exporting.cancel()
        await self.assertFailure(exporting, CancelledError)
        self.assertEqual(self.files(), {})


class BadTests(ExportCase):
    """Answers that are not the image."""

    async def test_other_bytes(self) -> None:
        """Other bytes are refused."""
        await self.assert_bad("another SHA-256", whole(content=TARBALL + b"x"))

    async def test_other_range(self) -> None:
        """So is another range than was asked for, or one that nobody asked for."""
        first = whole()[:-1000]
        await self.assert_bad("another range (bytes 5-", first, rest(5))
        await self.assert_bad("another range ()", first, head("206 Partial"))
        await self.assert_bad("another range", rest(0))

    async def test_refused(self) -> None:
        """A refusal is told in its own words, whatever its form."""
        for status, body, kind, words in (
            ("404 Not Found", ENVELOPE + "\n\n", NotFound, "Not Found"),
            ("403 Forbidden", "not authorized\n", Forbidden, "not authorized"),
            ("500 Broken", '{"error": 1}\n', Refused, '{"error": 1}'),
            ("500 Broken", "[]\n", Refused, "[]"),
        ):
            self.serve(refusal(status, body))
            self.assertEqual(await self.complaint(self.export(), kind), words)
        self.assertEqual(self.files(), {})

    async def test_fingerprint(self) -> None:
        """What is no fingerprint is not asked for."""
        self.serve(whole())
        for fingerprint in ("", "x", FINGERPRINT[:12], FINGERPRINT.upper()):
            await self.complaint(self.export(fingerprint=fingerprint), BadRequest)
        self.assertEqual(self.service.asked, [])

    async def test_unwritable(self) -> None:
        """A place that is not there is an error of the system's."""
        self.serve(whole())
        with self.assertRaises(FileNotFoundError):
            await self.export(self.directory / "no" / "image")

    async def test_full(self) -> None:
        """So is a disk that takes no more."""
        self.serve(whole())
        client: GuestClient = self.client
        place = self.directory / "image"
        (place).mkdir()
        (place / f"{FINGERPRINT}.tar.xz").mkdir()
        with self.assertRaises(OSError):
            await client.export_image(FINGERPRINT, place)


class SplitTests(ExportCase):
    """Images of two files."""

    async def test_files(self) -> None:
        """Both are written, one beside the other."""
        self.serve(split())
        image = await self.export(fingerprint=SPLIT_FINGERPRINT)
        self.assertEqual(self.files(), {"image": TARBALL, "image.root": ROOT})
        self.assertEqual([file.name for file in image.files], ["image", "image.root"])
        self.assertEqual(image.size, len(TARBALL) + len(ROOT))
        self.assertEqual(self.ticks.told, [None, "end"])

    async def test_directory(self) -> None:
        """In a directory they have the names that the service gives to them."""
        self.serve(split())
        await self.export(self.directory, SPLIT_FINGERPRINT)
        self.assertEqual(
            sorted(self.files()),
            [f"{SPLIT_FINGERPRINT}.squashfs", f"meta-{SPLIT_FINGERPRINT}.tar.xz"],
        )

    async def test_same_names(self) -> None:
        """Two files cannot have the same name."""
        self.serve(form((SPLIT_FINGERPRINT, TARBALL), (SPLIT_FINGERPRINT, ROOT)))
        await self.export(self.directory, SPLIT_FINGERPRINT)
        names = [SPLIT_FINGERPRINT, f"{SPLIT_FINGERPRINT}.root"]
        self.assertEqual(sorted(self.files()), names)

    async def test_broken(self) -> None:
        """When the connection breaks, it fails: no parts are to be had."""
        self.serve(split()[:-1000])
        await self.complaint(self.export(fingerprint=SPLIT_FINGERPRINT), ConnectionLost)
        self.assertEqual(len(self.service.asked), 1)
        self.assertEqual(self.files(), {})

    async def test_bad(self) -> None:
        """What is no form of two files is of no use."""
        await self.assert_bad("another SHA-256", split())
        await self.assert_bad("no image in two files", split(end=b"xx\r\n"))
        await self.assert_bad("more than two files", form(*[("x", b"x")] * 3))
        endless = head("200 OK", Content_Type="multipart/form-data; boundary=x")
        await self.assert_bad("a form without an end", endless)


class CommandTests(CommandTestCase):
    """``devlxd image export``"""

    def setUp(self) -> None:
        """Have a directory, and a service with an image."""
        self.place = Path(directory(self)) / "image"
        service = ImageService([whole()])
        self.path = listening(self, service.factory())

    async def test_file(self) -> None:
        """What was written is printed."""
        outcome = await self.ask(
            self.path, "image", "export", FINGERPRINT, str(self.place)
        )
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        self.assertEqual(outcome.out.decode(), f"{self.place}\n")
        self.assertEqual(self.place.read_bytes(), TARBALL)

    async def test_json(self) -> None:
        """A program is told all of it."""
        outcome = await self.ask(
            self.path, "--json", "image", "export", FINGERPRINT, str(self.place)
        )
        self.assertEqual(
            json.loads(outcome.out),
            {
                "fingerprint": FINGERPRINT,
                "size": len(TARBALL),
                "files": [str(self.place)],
            },
        )

    async def test_resumed(self) -> None:
        """A connection that breaks is a note."""
        service = ImageService([whole()[:-1000], rest(len(TARBALL) - 1000)])
        path = listening(self, service.factory())
        outcome = await self.ask(path, "image", "export", FINGERPRINT, str(self.place))
        self.assertEqual(outcome.code, 0)
        self.assertEqual(
            outcome.err,
            f"devlxd: {path}: the service closed the connection early; ask again "
            "(trying again)\n",
        )

    async def test_unwritable(self) -> None:
        """A file that cannot be written is a failure in one line."""
        place = self.place / "no"
        outcome = await self.ask(self.path, "image", "export", FINGERPRINT, str(place))
        self.assertEqual(outcome.code, 1)
        self.assertEqual(
            outcome.err,
            f"devlxd: cannot write {place}: No such file or directory\n",
        )

    async def test_refused(self) -> None:
        """A refusal says what it is about."""
        service = ImageService([refusal("403 Forbidden", ENVELOPE)])
        path = listening(self, service.factory())
        outcome = await self.ask(path, "image", "export", FINGERPRINT, str(self.place))
        self.assertEqual(outcome.code, 5)
        self.assertEqual(
            outcome.err, f"devlxd: image export {FINGERPRINT}: Not Found\n"
        )
