"""Who may manage instances."""

from __future__ import annotations

import os
from socket import AF_UNIX, SOCK_STREAM, socket, socketpair
from typing import cast

from twisted.internet.interfaces import ITransport
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from devlxd.host.door import HostDoor, Operator
from devlxd.web.interfaces import IDoor
from tests.need import need_root

_NOBODY = 65534
_GROUP = 54321


class Transport:
    """As much of a transport as a door looks at."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection

    def getHandle(self) -> socket:
        """The socket."""
        return self._connection


def connected(case: SynchronousTestCase) -> ITransport:
    """Our end of a connection whose other end is this process, as it is now."""
    ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
    case.addCleanup(ours.close)
    case.addCleanup(theirs.close)
    return cast(ITransport, Transport(ours))


class HostDoorTests(SynchronousTestCase):
    """`HostDoor` trusts root, ourselves and a group."""

    def _enter(self, transport: object, group: int | None = None) -> Operator:
        door = HostDoor(group)
        verifyObject(IDoor, door)
        operator = door.enter(cast(ITransport, transport))
        door.leave(operator)
        return operator

    def test_ourselves(self) -> None:
        """The user of the service is trusted, and so is root."""
        operator = self._enter(connected(self))
        self.assertTrue(operator.may_manage)
        self.assertEqual(operator.peer.uid, os.geteuid())

    def test_unknown(self) -> None:
        """A peer that nothing is known of is not, whatever the group."""
        for group in (None, 0):
            self.assertFalse(self._enter(StringTransport(), group).may_manage)

    def _as_nobody(self, groups: list[int]) -> ITransport:
        """A connection that was made by nobody, in these groups."""
        need_root()
        before = os.getgroups()
        os.setgroups(groups)
        os.setegid(_NOBODY)
        os.seteuid(_NOBODY)
        try:
            return connected(self)
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(before)

    def test_others(self) -> None:
        """Another user is trusted only in the group, be it as a second one."""
        for groups, group, trusted in (
            ([], None, False),
            ([], _GROUP, False),
            ([], _NOBODY, True),
            ([_GROUP], _GROUP, True),
            ([_GROUP], None, False),
        ):
            operator = self._enter(self._as_nobody(groups), group)
            self.assertEqual(operator.peer.uid, _NOBODY)
            self.assertIs(operator.may_manage, trusted, (groups, group))

    def test_lost(self) -> None:
        """A connection that is closed already is nobody's."""
        ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        theirs.close()
        ours.close()
        self.assertFalse(self._enter(Transport(ours), _GROUP).may_manage)
