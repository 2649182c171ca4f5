"""
The calls to Linux by which a caller is recognised.

=========================  ==============  ======  ===========================
call                       number          since   source
=========================  ==============  ======  ===========================
``pidfd_open``             (os)            5.3     pidfd_open(2)
``NS_GET_PARENT``          ``_IO(b7, 2)``  4.9     ioctl_ns(2), linux/nsfs.h
``SO_PEERPIDFD``           77              6.5     asm-generic/socket.h
``PIDFD_GET_PID_NAMESPACE``  ``_IO(ff, 5)``  6.11  linux/pidfd.h
=========================  ==============  ======  ===========================

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
_NS_GET_PARENT = 0xB702
_INT = Struct("i")


class IKernel(Interface):
    """
    Each method gives a new descriptor, close-on-exec, which is the caller's to close,
    or raises `OSError`.
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


@implementer(IKernel)
@frozen
class Linux65(Linux):
    """No more of the kernel that runs than Linux 6.5 to 6.10 have."""

    def pid_namespace(self, pidfd: int) -> int:
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
