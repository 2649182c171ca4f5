"""A thing is edited until the host takes it, and no work is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from attrs import define

from devlxd.client.failures import ServiceFailure
from devlxd.client.program import Unable
from devlxd.ctl.desk import Desk, said
from devlxd.ctl.editor import Draft, again, editor_of
from devlxd.ctl.host import HostClient
from devlxd.ctl.things import Content, Kind, Thing
from devlxd.ctl.yamltext import Wrong, content_of, yaml_of
from devlxd.errors import PreconditionFailed, Refusal

__all__ = ["edit"]

HEAD = """\
# The {kind} {name}. Lines that begin with # are ignored.
# Save and leave the editor to change it; leave it as it is to change nothing.
"""

CHANGED = """\
# {name} was changed by somebody else meanwhile (- was, + is now).
# What you save replaces that.
"""


async def edit(client: HostClient, kind: Kind, name: str, desk: Desk) -> None:
    """Have somebody edit a thing, or take it from standard input."""
    thing = await client.get(kind, name)
    if not desk.interactive:
        await _take(client, thing, desk.read())
        return
    editor = editor_of(desk.shell.environ)
    text = HEAD.format(kind=kind.word, name=name) + yaml_of(thing)
    draft = Draft.of(name, desk.shell.environ.get("TMPDIR"), text)
    editing = Editing(client, desk, draft, thing)
    try:
        await editing.run(editor, text)
    finally:
        if draft.path.exists():
            desk.output.note(f"what you wrote is in {draft.path}")


async def _take(client: HostClient, thing: Thing, text: str) -> None:
    try:
        content = content_of(text, thing)
    except Wrong as error:
        raise Unable(f"standard input: {error}") from error
    await client.replace(thing.kind, thing.name, content)


@define
class Editing:
    """
    One editing, which may take several attempts.

    :ivar thing: what was there when it was last looked at.
    :ivar top: what stands in the draft above what somebody has written.
    """

    client: HostClient
    desk: Desk
    draft: Draft
    thing: Thing
    top: str = ""

    async def run(self, editor: list[str], text: str | None) -> None:
        """
        Edit until the host takes it.

        :param text: what is in the draft.
        :raises Unable: when it is given up.
        """
        while True:
            written = await self.draft.edit(editor)
            if written == text:
                self.draft.drop()
                self.desk.output.note(f"{self.thing.name} is left as it is")
                return
            problem = await self.problem(written)
            if problem is None:
                self.draft.drop()
                return
            if not again(problem, self.desk.inp, self.desk.shell.err):
                raise Unable(f"{self.thing.name} is left as it is")
            # What was refused once may be saved as it is and be right then.
            text = None

    async def problem(self, written: str) -> str | None:
        """Have the host take it, or say why it does not."""
        try:
            content = content_of(written, self.thing)
            return await self._taken(content, written)
        except (Wrong, Refusal, ServiceFailure) as error:
            return said(error)

    async def _taken(self, content: Content, written: str) -> str | None:
        kind, name = self.thing.kind, self.thing.name
        try:
            await self.client.replace(kind, name, content, self.thing.etag)
        except PreconditionFailed:
            self._catch_up(await self.client.get(kind, name), written)
            return "somebody else has changed it meanwhile; see the top of the file"
        return None

    def _catch_up(self, newest: Thing, written: str) -> None:
        """Show what others have changed."""
        mine = written.removeprefix(self.top)
        self.top = "".join(changes(self.thing, newest))
        self.draft.write(self.top + mine)
        self.thing = newest


def changes(old: Thing, new: Thing) -> Iterator[str]:
    """What others have changed, as comments."""
    yield CHANGED.format(name=old.name)
    lines = unified_diff(yaml_of(old).splitlines(), yaml_of(new).splitlines())
    for line in lines:
        if not line.startswith(("---", "+++")):
            yield f"# {line}".rstrip() + "\n"
