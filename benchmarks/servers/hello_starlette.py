"""The lookup by Starlette on uvicorn as they come: ``hello_starlette.py SOCKET``."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_VALUES = {"user.role": b"web"}


async def value(request: Request) -> Response:
    """The value of a key."""
    found = _VALUES[request.path_params["key"]]
    return Response(found, media_type="application/octet-stream")


if __name__ == "__main__":
    app = Starlette(routes=[Route("/1.0/config/{key}", value)])
    uvicorn.run(app, uds=sys.argv[1], log_level="warning", backlog=4096)
