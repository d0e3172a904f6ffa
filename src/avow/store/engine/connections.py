"""Who writes on which connection to PostgreSQL? A handful are lent, one at a time, and thrown away when they failed.

A driver's own pool asks the server at every loan and wraps every call: measured, that is a third of a batch's cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import asyncpg

PATIENCE: Final = 10.0
"""Seconds that a loan may be waited for."""
FAREWELL: Final = 2.0
"""Seconds that a server may take to see a connection off; after that it is cut."""


class Connections:
    """At most `most` connections, opened when they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], most: int) -> None:
        self._connect = connect
        self._room = asyncio.Semaphore(most)
        self._idle: list[Any] = []
        self._closed = False

    async def take(self) -> Any:
        """A connection that was alive when it was last heard of. Raises `TimeoutError`, or what connecting raises."""
        if self._room.locked():
            async with asyncio.timeout(PATIENCE):
                await self._room.acquire()
        else:
            await self._room.acquire()
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await self._connect()
        except BaseException:
            self._room.release()
            raise

    def give_back(self, connection: Any) -> None:
        """End a loan. A connection that is not clean is thrown away."""
        self._room.release()
        if connection.is_closed():
            return
        if self._closed or connection.is_in_transaction():
            connection.terminate()
        else:
            self._idle.append(connection)

    async def close(self) -> None:
        """Close what is idle; what is lent is closed when it comes back."""
        self._closed = True
        while self._idle:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._idle.pop().close(timeout=FAREWELL)
