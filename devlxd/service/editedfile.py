"""What is edited in the operator's file while the service runs."""

from __future__ import annotations

import os
import stat
from collections.abc import Awaitable, Callable, Sequence
from errno import EINVAL
from functools import partial
from pathlib import Path

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from devlxd.errors import StoreFailure
from devlxd.host.yamltree import BadFile
from devlxd.service.filewatch import FileWatch
from devlxd.service.readfile import ReadFile
from devlxd.service.reason import reason
from devlxd.stores.backend import Run

__all__ = ["EditedFile"]

_QUIET = 0.05
"""Seconds without a notification before and after what is taken to be complete."""

_LATEST = 1.0
"""Seconds after the first notification when the file is read all the same."""


@define(eq=False)
class EditedFile(Service):
    """
    Follows the edits of the file of ``--instances``: one after the other, the newest
    content each time.

    :ivar file: as it was at the start.
    :ivar acts: what is done with each edit, in this order, until one fails.
    :ivar watching: makes the watch, given what to call.
    :ivar run: does blocking work without blocking the reactor.
    """

    _file: ReadFile
    _acts: Sequence[Callable[[ReadFile], Awaitable[None]]]
    _watching: Callable[[Callable[[], object]], FileWatch]
    _clock: IReactorTime
    _run: Run
    _content: bytes | None = field(init=False)
    _watch: FileWatch = field(init=False)
    _timer: IDelayedCall | None = field(default=None, init=False)
    _deadline: float = field(default=0.0, init=False)
    _turn: DeferredLock = field(factory=DeferredLock, init=False)
    _warned: str | None = field(default=None, init=False)

    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._content = self._file.content
        self._watch = self._watching(self.notified)

    def startService(self) -> None:
        """Follow edits from now on, and those since the file was read."""
        super().startService()
        self._watch.start()
        self.notified()

    def notified(self) -> None:
        """There may be another content: it is read soon."""
        now = self._clock.seconds()
        if self._timer is None:
            self._deadline = now + _LATEST
            self._timer = self._clock.callLater(_QUIET, self._due)
        else:
            self._timer.reset(max(min(_QUIET, self._deadline - now), 0))

    def stopService(self) -> Deferred[None]:
        """
        Follow no more edits.

        :return: fires when the one that is being followed is done.
        """
        super().stopService()
        self._watch.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return self._turn.run(lambda: None)

    def _due(self) -> None:
        self._timer = None
        # One that waits for its turn will read what there is then.
        if not self._turn.waiting:
            self._turn.run(self._look)

    async def _look(self) -> None:
        try:
            await self._follow()
        except Exception:
            self._log.failure("{file}: not followed", file=str(self._file.path))

    async def _follow(self) -> None:
        content = await self._new_content()
        if content is None:
            return
        edit = await self._run(partial(_parsed, self._file.path, content))
        if not self.running:
            return
        # What cannot be applied now may be possible when it is written the next time.
        self._content = content if isinstance(edit, BadFile) else None
        try:
            await self._act(edit)
        except BadFile as error:
            self._log.error("{complaint}", complaint=error.of(str(self._file.path)))
        except StoreFailure as error:
            self._log.error("{file}: {reason}", file=self._file.path, reason=error.text)
        else:
            self._content = content

    async def _new_content(self) -> bytes | None:
        """What is to be read, unless it is known, incomplete or not there."""
        # That somebody is done with writing will be heard.
        if self._watch.is_written or not self.running:
            return None
        before = self._watch.writings
        try:
            content = await self._run(partial(_content, self._file.path))
        except OSError as error:
            self._warn(reason(error, self._file.path))
            return None
        self._warned = None
        if content == self._content or await self._is_torn(before):
            return None
        return content if self.running else None

    async def _is_torn(self, writings: int) -> bool:
        """
        Whether somebody has begun to write before what was read was read.

        What is written, or cut off, is in the file a little before that is told of.
        """
        await deferLater(self._clock, _QUIET)
        self._watch.catch_up()
        return self._watch.writings != writings

    async def _act(self, edit: ReadFile | BadFile) -> None:
        """
        :raises BadFile: when the edit is or asks for what cannot be.
        :raises StoreFailure: when it could not be made durable.
        """
        if isinstance(edit, BadFile):
            raise edit
        for act in self._acts:
            await act(edit)

    def _warn(self, reason: str) -> None:
        if reason != self._warned:
            self._warned = reason
            self._log.warn("{reason}; what it said last stays", reason=reason)


def _content(path: Path) -> bytes:
    """
    What is in a file.

    :raises OSError: when it cannot be read, or may make us wait.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(EINVAL, "Not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _parsed(path: Path, content: bytes) -> ReadFile | BadFile:
    try:
        return ReadFile.of(path, content)
    except BadFile as error:
        return error
