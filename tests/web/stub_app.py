"""An application as small as can be, which notes what it saw and does what the path says."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from avow.web.boundary import Boundary
from avow.web.request import read_body
from avow.web.responses import send_json


class Stub:
    """`/slow` answers after 0.4 s, `/hang` never, `/early` before it has read; all else says what came."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.gone = 0
        self.end: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path: str = scope["path"]
        if path == "/early":
            await send_json(send, 200, b'"early"')
            return
        try:
            body = await read_body(scope, receive)
        except Exception:
            self.gone += 1
            raise
        self.seen.append((path, len(body)))
        try:
            await asyncio.sleep({"/slow": 0.4, "/hang": 60.0}.get(path, 0))
        except asyncio.CancelledError:
            self.end.append("cancelled")
            raise
        if path == "/large":
            await send_json(send, 200, b'"' + b"x" * 20_000_000 + b'"')
        elif path == "/fail":
            raise ValueError("plan=platinum token=eyJ")
        else:
            await send_json(send, 200, msgspec.json.encode({"path": path, "length": len(body), "pid": os.getpid()}))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.end.append("stopped")
        await send({"type": "lifespan.shutdown.complete"})


def build() -> ASGIApp:
    """For worker processes, which import what they run."""
    return Boundary(Stub(), os.urandom)


class Ledger:
    """Writes one line to a file for every request, before it answers."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> ASGIApp:
        stub = Stub()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await asyncio.sleep(0.01)
                with self._path.open("a") as ledger:
                    ledger.write(f"{scope['query_string'].decode()} {time.time()}\n")
            await stub(scope, receive, send)

        return app


class Stuck:
    """Never gives the loop its turn back once a request came."""

    def __call__(self) -> ASGIApp:
        stub = Stub()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            while scope["type"] == "http":
                time.sleep(0.1)  # noqa: ASYNC251 - that is the point
            await stub(scope, receive, send)

        return app


class CannotStart:
    """An application whose start-up fails."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})


def build_broken() -> ASGIApp:
    return CannotStart()
