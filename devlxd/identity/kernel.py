"""
The calls to Linux by which a caller is recognised.

===========================  ====================  =====  =========================
call                         number                since  source
===========================  ====================  =====  =========================
``pidfd_open``               (os)                  5.3    pidfd_open(2)
``NS_GET_USERNS``            ``_IO(b7, 1)``        4.9    ioctl_ns(2), linux/nsfs.h
``NS_GET_PARENT``            ``_IO(b7, 2)``        4.9    ioctl_ns(2), linux/nsfs.h
``NS_GET_OWNER_UID``         ``_IO(b7, 4)``        4.11   ioctl_ns(2), linux/nsfs.h
``SO_PEERPIDFD``             77                    6.5    asm-generic/socket.h
``PIDFD_GET_PID_NAMESPACE``  ``_IO(ff, 5)``        6.11   linux/pidfd.h
``NS_GET_TGID_FROM_PIDNS``   ``_IOR(b7, 7, int)``  6.11   linux/nsfs.h
===========================  ====================  =====  =========================

The numbers are those of x86, ARM, RISC-V, s390 and LoongArch.  Elsewhere the kernel
refuses them, and with that every caller is refused.
"""

from __future__ import annotations

import os
from errno import ENOPROTOOPT, ENOTTY
from fcntl import ioctl
from socket import SOL_SOCKET, socket
from struct import Struct

from attrs import frozen
from zope.interface import Interface, implementer

__all__ = ["LINUX", "IKernel", "Linux", "Linux53", "Linux65"]

_SO_PEERPIDFD = 77
_PIDFD_GET_PID_NAMESPACE = 0xFF05
_NS_GET_USERNS = 0xB701
_NS_GET_PARENT = 0xB702
_NS_GET_OWNER_UID = 0xB704
_NS_GET_TGID_FROM_PIDNS = 0x8004B707
_INT = Struct("i")
_UID = Struct("I")
_INIT = 1
"""What the first process of a pid namespace is called in it, pid_namespaces(7)."""


class IKernel(Interface):
    """
    What the kernel is asked.

    A descriptor that a method gives is a new one, close-on-exec, which is the caller's
    to close.  What cannot be told is an `OSError`.
    """

    def pidfd(pid: int) -> int:
        """
        A pidfd of the process that has this number now.

        :raises OSError: ``ESRCH``, ``EINVAL`` or ``ENOENT`` when there is none.
        """

    def peer_pidfd(connection: socket) -> int:
        """
        A pidfd of the process that made a connection.

        :raises OSError: ``ENOPROTOOPT`` when this kernel cannot tell.
        """

    def pid_namespace(pidfd: int) -> int:
        """
        The pid namespace that a process was born in.

        :raises OSError: ``ENOTTY`` when this kernel cannot tell, ``ESRCH`` when the
            process has ended, ``EACCES`` when we may not look.
        """

    def outer_namespace(namespace: int) -> int:
        """
        The pid namespace around another one.

        :raises OSError: ``EPERM`` when that is not ours and not inside ours.
        """

    def owner(namespace: int) -> int:
        """
        The user namespace whose root may do anything to a namespace: that in which
        the process was that made it.

        :raises OSError: ``EPERM`` when that is not ours and not inside ours.
        """

    def maker(users: int) -> int:
        """
        The uid, as we see it, of the process that made a user namespace.

        :param users: a descriptor on it.
        """

    def first_process(namespace: int) -> int:
        """
        The pid, as we see it, of the init process of a pid namespace.

        :raises OSError: ``ENOTTY`` when this kernel cannot tell, ``ESRCH`` when the
            process has ended.
        """


@implementer(IKernel)
@frozen
class Linux:
    """The kernel that runs, with all that it has."""

    def pidfd(self, pid: int) -> int:
        """Always close-on-exec, says pidfd_open(2)."""
        return os.pidfd_open(pid)

    def peer_pidfd(self, connection: socket) -> int:
        """The option is read like any other, but makes a descriptor."""
        answer = connection.getsockopt(SOL_SOCKET, _SO_PEERPIDFD, _INT.size)
        (pidfd,) = _INT.unpack(answer)
        return int(pidfd)

    def pid_namespace(self, pidfd: int) -> int:
        """The argument of the call is reserved and must be 0."""
        return ioctl(pidfd, _PIDFD_GET_PID_NAMESPACE, 0)

    def outer_namespace(self, namespace: int) -> int:
        """The call takes no argument."""
        return ioctl(namespace, _NS_GET_PARENT, 0)

    def owner(self, namespace: int) -> int:
        """The call takes no argument."""
        return ioctl(namespace, _NS_GET_USERNS, 0)

    def maker(self, users: int) -> int:
        """The call fills a number in."""
        answer = ioctl(users, _NS_GET_OWNER_UID, bytes(_UID.size))
        (uid,) = _UID.unpack(answer)
        return int(uid)

    def first_process(self, namespace: int) -> int:
        """The argument is a pid as it is in the namespace."""
        return ioctl(namespace, _NS_GET_TGID_FROM_PIDNS, _INIT)


@implementer(IKernel)
@frozen
class Linux65(Linux):
    """No more of the kernel that runs than Linux 6.5 to 6.10 have."""

    def pid_namespace(self, pidfd: int) -> int:
        """As those kernels answer."""
        raise OSError(ENOTTY, os.strerror(ENOTTY))

    def first_process(self, namespace: int) -> int:
        """As those kernels answer."""
        raise OSError(ENOTTY, os.strerror(ENOTTY))


@implementer(IKernel)
@frozen
class Linux53(Linux65):
    """No more of the kernel that runs than Linux 5.3 to 6.4 have."""

    def peer_pidfd(self, connection: socket) -> int:
        """As those kernels answer."""
        raise OSError(ENOPROTOOPT, os.strerror(ENOPROTOOPT))


LINUX = Linux()
"""The kernel that runs."""
