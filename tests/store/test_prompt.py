"""What every request waits for is read at once, however many screens are reading."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from avow.store.engine.place import place_of
from avow.store.engine.postgres import READERS, Postgres
from avow.store.engine.sqlite import SQLite
from avow.store.store import DatabaseStore
from tests.store import acme
from tests.store.acme import ACME


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> str | Path:
    """Where each database is."""
    return place_of(request.getfixturevalue(f"{request.param}_url"))


async def test_rules_are_told_while_every_other_connection_is_taken(place: str | Path) -> None:
    engine = Postgres(place) if isinstance(place, str) else SQLite(place, lambda: acme.NOON)
    store = DatabaseStore(engine)
    await acme.move_in(store)
    async with AsyncExitStack() as stack:
        for _ in range(READERS):
            await stack.enter_async_context(engine.reader.snapshot())
        async with asyncio.timeout(5):
            assert ACME in await store.versions()
            assert await store.rules(ACME) is not None
    await store.close()
