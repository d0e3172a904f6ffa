"""How is the database read beside its writers? Through SQLAlchemy, in connections of their own.

- A single statement sees what was committed when it began; a snapshot shows every statement the same moment.
- Reading never waits for a writer, and on SQLite it runs in threads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from avow.store.engine.failures import TELLING
from avow.store.engine.statement import Lookup, Mark

Freeze = Callable[[AsyncConnection], Awaitable[Any]]
"""Makes everything that follows on a connection see one moment."""
Rows = Sequence[Any]
"""Rows, each a sequence of values in the statement's order."""


class Snapshot:
    """One moment of the database."""

    def __init__(self, connection: AsyncConnection, mark: Mark) -> None:
        self._connection = connection
        self._mark = mark

    async def rows(self, statement: Select[Any]) -> Rows:
        """What a query finds."""
        found: Rows = (await self._connection.execute(statement)).all()
        return found

    async def read(self, lookup: Lookup, keys: Sequence[Sequence[Any]]) -> list[Any]:
        """The rows of all these keys."""
        found: list[Any] = []
        for key in keys:
            found += (await self._connection.exec_driver_sql(lookup.one(self._mark), tuple(key))).all()
        return found


class Reader:
    """The committed state of one database."""

    def __init__(self, engine: AsyncEngine, mark: Mark, freeze: Freeze) -> None:
        self._engine = engine
        self._mark = mark
        self._freeze = freeze

    async def rows(self, statement: Select[Any]) -> Rows:
        """What a query finds."""
        return await self._run(lambda snapshot: snapshot.rows(statement))

    async def read(self, lookup: Lookup, key: Sequence[Any]) -> Rows:
        """The rows of one key."""
        return await self._run(lambda snapshot: snapshot.read(lookup, [key]))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """One moment, held for as long as the block lasts: keep it short."""
        with TELLING:
            async with self._engine.connect() as connection:
                await self._freeze(connection)
                yield Snapshot(connection, self._mark)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def _run(self, ask: Callable[[Snapshot], Awaitable[Rows]]) -> Rows:
        with TELLING:
            try:
                return await self._once(ask)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            # The server was restarted since this connection was used last; a new one may find it.
            return await self._once(ask)

    async def _once(self, ask: Callable[[Snapshot], Awaitable[Rows]]) -> Rows:
        async with self._engine.connect() as connection:
            return await ask(Snapshot(connection, self._mark))
