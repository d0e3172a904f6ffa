"""How do those come in who come at the same moment? Together, each step for all of them before the next step for any.

A processor has room for the code of a step and not for that of the whole way: thirty requests that take one step after
the other cost a tenth less than each on its whole way alone. Nobody waits: a group is whoever has come by now.

Source: performance.md ("group commit without waiting").
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

_Guest = TypeVar("_Guest")
_Place = TypeVar("_Place")


class Reception(Generic[_Guest, _Place]):
    """One process's. `receive` gives each of a group its place, in their order, and raises for nobody."""

    def __init__(self, receive: Callable[[Sequence[_Guest]], Sequence[_Place]]) -> None:
        self._receive = receive
        self._waiting: list[tuple[_Guest, asyncio.Future[_Place]]] = []

    async def enter(self, guest: _Guest) -> _Place:
        """Come in with whoever comes at this moment."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Place] = loop.create_future()
        self._waiting.append((guest, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._open, context=Context())  # what is done for all belongs to no single request
        return await future

    def _open(self) -> None:
        group, self._waiting = self._waiting, []
        places = self._receive([guest for guest, _ in group])
        for (_, future), place in zip(group, places, strict=True):
            if not future.done():
                future.set_result(place)
