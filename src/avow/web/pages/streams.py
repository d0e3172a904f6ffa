"""What a wing for browsers needs of event streams: so many at most, each of them for a while, all gone at the stop.

- A stream ends when its client leaves, after `LONGEST` seconds (the browser comes back by itself), or when the server
  stops: `protocol.py` then wakes whoever waits for more of a request that is complete.
- A comment is sent when nothing else was for a while, so that proxies do not think it dead.

Source: https://html.spec.whatwg.org/#server-sent-events; spec §11 (SIGTERM ends streams, connections are capped).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from starlette.types import Receive, Send

from avow.errors import RateLimited

LONGEST: Final = 300.0
BEAT: Final = 15.0
MOST: Final = 256
MOST_OF_ONE: Final = 8
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Event(msgspec.Struct, frozen=True):
    """One event. Name and data are single lines, and so is `id`, which a client sends back when it returns."""

    name: str
    data: str = ""
    id: str = ""

    def encoded(self) -> bytes:
        """As it is sent."""
        assert "\n" not in self.name + self.data + self.id, "an event of ours has one line"
        known_by = f"id: {self.id}\n" if self.id else ""
        return f"{known_by}event: {self.name}\ndata: {self.data}\n\n".encode()


class Streams:
    """The open streams of one process."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._open: Counter[str] = Counter()

    async def serve(self, receive: Receive, send: Send, whose: str, events: AsyncIterator[Event]) -> None:
        """Send `events` until they end or somebody leaves. Raises `RateLimited` first, if there is no room."""
        if self._open.total() >= self._most or self._open[whose] >= self._most_of_one:
            raise RateLimited("Too many live pages are open. Close some, or reload by hand.", retry_after=5)
        self._open[whose] += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _until_somebody_leaves(receive, send, events)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._open[whose] -= 1
            if not self._open[whose]:
                del self._open[whose]


async def _until_somebody_leaves(receive: Receive, send: Send, events: AsyncIterator[Event]) -> None:
    leaving = asyncio.create_task(_left(receive))
    sending = asyncio.create_task(_send_all(send, events))
    try:
        await asyncio.wait({leaving, sending}, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (leaving, sending):
            task.cancel()
        for task in (leaving, sending):
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _left(receive: Receive) -> None:
    """Until the client is gone, or the server stops: the first message is the end of the request, the next is that."""
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()
    if message["type"] == "http.request":
        await receive()


async def _send_all(send: Send, events: AsyncIterator[Event]) -> None:
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
    coming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=BEAT)
            if not done:
                await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
                continue
            event = coming.result()
            if event is None:
                return
            await send({"type": "http.response.body", "body": event.encoded(), "more_body": True})
            coming = asyncio.ensure_future(anext(events, None))
    finally:
        coming.cancel()
