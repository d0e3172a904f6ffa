"""What do all processes of a server know together, and who is told? The board: the newest readings of each.

- Each process sends its readings now and then; when one ends, what it counted stays and its gauges go.
- What a killed process counted after it was last heard of is lost: half a second, at most.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from threading import Lock

import msgspec
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from avow.observe import process
from avow.observe.exposition import OPEN, PLAIN, render, wants_open_metrics
from avow.observe.readings import Readings, left_behind, together
from avow.web.responses import Answer, send_answer

_decode = msgspec.msgpack.Decoder(Readings).decode


class Board:
    """The readings of every process, by its number. `beside`: whether this process only watches over the others."""

    def __init__(self, *, beside: bool) -> None:
        self._beside = beside
        self._newest: dict[int, Readings] = {}
        self._past = Readings()
        self._writing = Lock()

    def tell(self, number: int, report: bytes) -> None:
        """The readings of one process; nothing: it has ended."""
        with self._writing:
            if report:
                self._newest[number] = _decode(report)
            elif (last := self._newest.pop(number, None)) is not None:
                self._past = together([self._past, left_behind(last)])

    def readings(self) -> Readings:
        """What they are as one server."""
        with self._writing:
            known = [self._past, *self._newest.values()]
        if self._beside:
            known.append(Readings(tuple(process.readings())))
        return together(known)


def metrics_app(board: Board) -> ASGIApp:
    """`GET /metrics`, for Prometheus."""

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield

    return Router([Route("/metrics", _Metrics(board), methods=["GET"])], redirect_slashes=False, lifespan=lifespan)


class _Metrics:
    """The page, in the format that the asker prefers."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw_accept = b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")
        open_metrics = wants_open_metrics(raw_accept)
        page = render(self._board.readings(), open_metrics=open_metrics)
        kind = (b"content-type", (OPEN if open_metrics else PLAIN).encode())
        await send_answer(send, Answer(200, page.encode(), (kind, (b"vary", b"accept"))))
