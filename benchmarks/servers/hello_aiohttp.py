"""The lookup by aiohttp as it comes: ``hello_aiohttp.py SOCKET``."""

from __future__ import annotations

import sys

from aiohttp import web

_VALUES = {"user.role": b"web"}


async def value(request: web.Request) -> web.Response:
    """The value of a key."""
    found = _VALUES[request.match_info["key"]]
    return web.Response(body=found, content_type="application/octet-stream")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/1.0/config/{key}", value)
    web.run_app(app, path=sys.argv[1], access_log=None, print=None, backlog=4096)
