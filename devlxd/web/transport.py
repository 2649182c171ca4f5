"""
Connections over UNIX sockets that go to the kernel less often.

It stands in for `twisted.internet.unix.Server`, by the documented hook
`twisted.internet.tcp.Port.transport`, and differs from it in this:

* It reads with ``recv(2)``, not with ``recvmsg`` as Python offers it: nobody here takes
  file descriptors, and the kernel closes those that are sent.
* It writes at once what the peer can take at once, without waiting to be told that it
  can.
* It looks at once for what the peer has sent before it was accepted, without waiting
  to be told of it; and closes at the end of that, or of any other reading, if its
  protocol has closed and all was taken.

So a connection for one request, of which a guest's first boot makes many, never meets
the reactor.  This relies on these of Twisted's, which a new one may change:
``_tempDataLen`` and ``dataBuffer``, which are empty when nothing waits to be written.
"""

from __future__ import annotations

from typing import Any

from twisted.internet import main, unix
from twisted.python.failure import Failure

_DONE = Failure(main.CONNECTION_DONE)


class Transport(unix.Server):
    """
    A connection that was accepted.

    :ivar begun: whether the reactor may know of it.
    """

    connected: Any
    disconnecting: Any
    begun = False

    _is_to_read = False
    _reads = False
    _ends = False
    # It is nobody else's socket: to close it is enough.
    _shouldShutdown = False

    @classmethod
    def of(cls, readiness: Any, *arguments: Any) -> Transport:
        """A transport that a port makes, and another reactor tells what is ready."""
        *others, _ = arguments
        untyped: Any = cls
        transport: Transport = untyped(*others, readiness)
        return transport

    def begin(self) -> None:
        """Read what is there already; the protocol has its connection now."""
        # That the peer is gone, the reactor finds out again.
        self.doRead()
        self.begun = True
        if self._is_to_read and self.connected:
            self.startReading()

    def startReading(self) -> None:
        """Read on."""
        self._is_to_read = True
        if self.begun:
            super().startReading()

    def stopReading(self) -> None:
        """Do not read on."""
        self._is_to_read = False
        if self.begun:
            super().stopReading()

    def doRead(self) -> Any:
        """Give the protocol what there is, and close if it wants that."""
        try:
            data = self.socket.recv(self.bufferSize)
        except BlockingIOError:
            return None
        except OSError:
            return main.CONNECTION_LOST
        if not data:
            return main.CONNECTION_DONE
        self._reads = True
        try:
            self.protocol.dataReceived(data)
        finally:
            self._reads = False
            if self._ends:
                self._end()
        return None

    def write(self, data: bytes) -> None:
        """Send as much as can be sent, and keep the rest."""
        # As _is_idle says it: this is what an event costs, once for each listener.
        if data and self.connected and not self._tempDataLen and not self.dataBuffer:
            try:
                sent = self.socket.send(data)
            except OSError:
                # That there is no room, or nobody, is found out by waiting for it.
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        super().write(data)

    def loseConnection(self) -> None:
        """Close once all is written; if that is so already, at the end of `doRead`."""
        if self._reads and self.connected and self._is_idle():
            self.disconnecting = self._ends = True
        else:
            super().loseConnection()

    def _end(self) -> None:
        self.disconnecting = self._ends = False
        if self._is_idle() and self.producer is None:
            self.connectionLost(_DONE)
        else:
            super().loseConnection()

    def _is_idle(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._tempDataLen and not self.dataBuffer
