"""`ImageSink`, and what it has written."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from devlxd.errors import Refusal, TooLarge
from devlxd.host.imageforms import form_of
from devlxd.host.imagesink import ImageSink
from devlxd.interfaces import IUpload
from devlxd.model.image import Content, Image, Part
from devlxd.web.interfaces import ISink

T = TypeVar("T")
MIB = 1 << 20


@implementer(IUpload)
@define(eq=False)
class Upload:
    """
    Counts what it is given.

    :ivar waiting: what a write waits for; ``None`` when it is done at once.
    :ivar written: how much each write has brought.
    :ivar failure: what writes fail with.
    """

    waiting: Deferred[None] | None = None
    written: list[int] = field(factory=list)
    failure: Exception | None = None
    aborted: int = 0
    content: Content = field(factory=lambda: Content("", Part(0)))

    def write(self, data: bytes, rootfs: bool = False) -> Deferred[None]:
        """Count it."""
        self.written.append(len(data))
        if self.failure is not None:
            return fail(self.failure)
        return self.waiting or succeed(None)

    def read(self, reader: Callable[[BinaryIO], T]) -> Deferred[T]:
        """There is nothing to read."""
        return fail(Refusal())

    def keep(self, image: Image) -> Deferred[Image]:
        """Take it for kept."""
        return succeed(image)

    def abort(self) -> Deferred[None]:
        """Count that."""
        self.aborted += 1
        return succeed(None)


class ImageSinkTests(SynchronousTestCase):
    """Tests of `ImageSink`."""

    def setUp(self) -> None:
        """Have somewhere to write to."""
        self.upload = Upload()
        self.sink = ImageSink(self.upload, form_of(""))

    def complete(self) -> Deferred[IUpload]:
        """The body is complete."""
        return Deferred.fromCoroutine(self.sink.complete())

    def test_interfaces(self) -> None:
        """It provides `ISink`, and that of these tests `IUpload`."""
        verifyObject(ISink, self.sink)
        verifyObject(IUpload, self.upload)

    def test_batches(self) -> None:
        """Small pieces are written together, large ones by themselves."""
        for size in (MIB // 2, MIB // 2, 3 * MIB, 5):
            self.assertIsNone(self.sink.write(b"x" * size))
        self.assertIs(self.successResultOf(self.complete()), self.upload)
        self.assertEqual(self.upload.written, [MIB, 3 * MIB, 5])
        self.assertEqual(self.upload.aborted, 0)

    def test_exact(self) -> None:
        """When the last batch is full, there is nothing left to write."""
        self.sink.write(b"x" * MIB)
        self.successResultOf(self.complete())
        self.assertEqual(self.upload.written, [MIB])

    def test_full(self) -> None:
        """While one batch is written and two wait, it takes no more."""
        first = self.upload.waiting = Deferred()
        self.assertIsNone(self.sink.write(b"x" * MIB))
        self.assertIsNone(self.sink.write(b"x" * MIB))
        full = self.sink.write(b"x" * MIB)
        assert full is not None
        self.assertIs(self.sink.write(b"x"), full)
        self.upload.waiting = None
        first.callback(None)
        self.successResultOf(full)
        self.assertIsNone(self.sink.write(b"x"))

    def test_refused(self) -> None:
        """What cannot be written is told with the next bytes, or at the end."""
        self.upload.failure = TooLarge()
        self.sink.write(b"x" * MIB)
        self.assertRaises(TooLarge, self.sink.write, b"x")
        self.failureResultOf(self.complete(), TooLarge)
        self.assertEqual(self.upload.aborted, 1)

    def test_broken(self) -> None:
        """A fault is logged, and told as no more than a refusal."""
        self.upload.failure = ValueError("private")
        self.sink.write(b"x")
        refusal = self.failureResultOf(self.complete(), Refusal).value
        self.assertEqual(str(refusal), "Internal Server Error")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_aborted(self) -> None:
        """What is being written is waited for before it is given up."""
        first = self.upload.waiting = Deferred()
        for _ in range(2):
            self.sink.write(b"x" * MIB)
        done = self.sink.abort()
        self.assertEqual(self.upload.aborted, 0)
        first.callback(None)
        self.successResultOf(done)
        self.assertEqual((self.upload.aborted, self.upload.written), (1, [MIB]))
