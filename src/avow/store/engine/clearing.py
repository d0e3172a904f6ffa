"""How is much removed, so that nobody waits long for a turn? In small transactions, until nothing is left.

What is found must be found by an index that leads past nothing that stays: every step looks from the beginning.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select

from avow.store.engine.session import Engine
from avow.store.engine.statement import Delete

STEP: Final = 200
"""Rows removed in one transaction."""


async def clear(engine: Engine, old: Select[Any], *removals: Delete, step: int = STEP) -> None:
    """Remove every row that a query finds, and whatever goes with it; the query asks for what `removals` go by."""
    some = old.limit(step)
    while rows := await engine.reader.rows(some):
        async with engine.shared([]) as session:
            for removal in removals:
                await session.write(removal, sorted(tuple(row) for row in rows))
            await session.commit()
