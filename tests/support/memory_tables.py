"""Where does a store without a disk keep its rows? In dictionaries, a transaction's over the committed ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Any

_GONE = object()
_NAMES = (
    "workspaces versions attributes keys tokens teammates log contacts lookups changes fading outbox events "
    "replays tags taggings notes summaries sessions invitations factors codes failures jobs parts rejections "
    "filters entries".split()
)
_COUNTERS = "traffic writers refusals uses alerts".split()


class Table:
    """Rows by their key: those that are committed, and over them those of the transaction under way."""

    def __init__(self) -> None:
        self.committed: dict[Any, Any] = {}
        self._pending: dict[Any, Any] = {}

    def get(self, key: Hashable) -> Any:
        """A row as the transaction sees it, or None."""
        found = self._pending.get(key, self.committed.get(key))
        return None if found is _GONE else found

    def put(self, key: Hashable, row: Any) -> None:
        """Write a row."""
        self._pending[key] = row

    def drop(self, key: Hashable) -> None:
        """Remove a row, if it is there."""
        self._pending[key] = _GONE

    def items(self) -> list[tuple[Any, Any]]:
        """All rows as the transaction sees them."""
        return [(key, row) for key, row in {**self.committed, **self._pending}.items() if row is not _GONE]

    def keep(self) -> None:
        """Commit what is pending."""
        for key, row in self._pending.items():
            if row is _GONE:
                self.committed.pop(key, None)
            else:
                self.committed[key] = row

    def forget(self) -> None:
        """Throw away what is pending."""
        self._pending.clear()


class Memory:
    """Every table, and the turn to write."""

    def __init__(self) -> None:
        self.tables = {name: Table() for name in (*_NAMES, *_COUNTERS)}
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[dict[str, Table]]:
        """The turn to write; what is not kept is forgotten at its end."""
        async with self._turn:
            try:
                yield self.tables
            finally:
                for table in self.tables.values():
                    table.forget()

    def keep(self) -> None:
        """Commit."""
        for table in self.tables.values():
            table.keep()

    def rows(self, name: str, *place: Any) -> list[Any]:
        """The committed rows of a table whose key begins with `place`, in the order of their keys."""
        committed = self.tables[name].committed
        return [committed[key] for key in sorted(key for key in committed if key[: len(place)] == place)]
