"""Where have I come to? `GET /`, for whoever types the server's address into a browser or a client.

It says nothing about anybody, so it does not ask who wants to know.
"""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from avow.web.responses import send_json

_WELCOME: Final = msgspec.json.encode(
    {
        "type": "server",
        "name": "Avow",
        "message": "Customer data that can be trusted. Ask /me with an access token: Authorization: Bearer avow_at_…",
        "addresses": {
            "me": "/me",
            "contacts": "/contacts",
            "attributes": "/data_attributes",
            "messenger": "/messenger/{web,ios,android}/ping",
            "health": "/healthz",
            "readiness": "/readyz",
            "openapi": "/openapi.json",
            "documentation": "/docs/",
        },
    }
)


class Welcome:
    """`GET /`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_json(send, 200, _WELCOME)
