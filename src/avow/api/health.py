"""Is this process alive, and may requests be sent to it? `/healthz` and `/readyz`, for whoever balances the load.

Ready means: the database answered, and the rules it told are not older than a tenth of a second. Neither says anything
about anybody, so neither asks who wants to know. Source: spec §4 "Keys", §11.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import Receive, Scope, Send

from avow.errors import Unavailable
from avow.flow.engine import Engine
from avow.web.responses import send_json

PATIENCE: Final = 1.0


class Healthz:
    """`GET /healthz`: the process runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_json(send, 200, b'{"status":"ok"}')


class Readyz:
    """`GET /readyz`: this process can believe and write."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._engine.rulebook.refresh()
        except TimeoutError:
            raise Unavailable("The database does not answer. Ask again.") from None
        await send_json(send, 200, b'{"status":"ready"}')
