"""The lookup by Klein as it comes: ``hello_klein.py SOCKET``."""

from __future__ import annotations

import sys
from typing import Any

from klein import Klein
from twisted.internet import reactor
from twisted.internet.endpoints import UNIXServerEndpoint
from twisted.web.iweb import IRequest
from twisted.web.server import Site

_VALUES = {"user.role": b"web"}

app = Klein()


@app.route("/1.0/config/<key>", methods=["GET"])
def value(request: IRequest, key: str) -> bytes:
    """The value of a key."""
    request.setHeader(b"Content-Type", b"application/octet-stream")
    return _VALUES[key]


if __name__ == "__main__":
    UNIXServerEndpoint(reactor, sys.argv[1], backlog=4096).listen(Site(app.resource()))
    untyped: Any = reactor
    untyped.run()
