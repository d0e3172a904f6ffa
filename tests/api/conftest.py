"""What the REST tests ask for: Acme's back office on a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from avow.store import migrate
from tests.support.office import Office, fresh_copy, open_office


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with every table, made once."""
    path = tmp_path_factory.mktemp("migrated") / "avow.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def office(migrated: Path, tmp_path: Path) -> AsyncIterator[Office]:
    """A fresh one for each test."""
    async with open_office(fresh_copy(migrated, tmp_path)) as it:
        yield it
