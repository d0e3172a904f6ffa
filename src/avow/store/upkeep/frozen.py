"""How is one moment of a database read for long? Through one snapshot that is kept open; nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy import Select

from avow.errors import Unavailable
from avow.store.engine.reader import Reader, Rows, Snapshot
from avow.store.engine.session import Session
from avow.store.engine.statement import Lookup
from avow.trust.contact import WorkspaceId


class FrozenReader(Reader):
    """A reader that sees one moment, whatever it is asked."""

    def __init__(self, moment: Snapshot) -> None:
        self._moment = moment

    async def rows(self, statement: Select[Any]) -> Rows:
        """See `Reader`."""
        return await self._moment.rows(statement)

    async def read(self, lookup: Lookup, key: Sequence[Any]) -> Rows:
        """See `Reader`."""
        return await self._moment.read(lookup, [key])

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """See `Reader`."""
        yield self._moment

    async def close(self) -> None:
        """Whoever opened the moment closes it."""


class FrozenEngine:
    """An engine that reads one moment and writes nothing."""

    def __init__(self, moment: Snapshot) -> None:
        self._reader = FrozenReader(moment)

    @property
    def reader(self) -> Reader:
        """See `Engine`."""
        return self._reader

    @property
    def prompt(self) -> Reader:
        """See `Engine`."""
        return self._reader

    @property
    def patient(self) -> Reader:
        """See `Engine`."""
        return self._reader

    def shared(self, workspaces: Sequence[WorkspaceId]) -> AbstractAsyncContextManager[Session]:
        """See `Engine`."""
        raise Unavailable("This is a copy of one moment; nothing can be written to it.")

    exclusive = shared

    async def close(self) -> None:
        """See `FrozenReader.close`."""
