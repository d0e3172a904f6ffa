"""What the tests of a team ask for: Acme's office, and Olive in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from avow.store import migrate
from tests.support.front_desk import FrontDesk, open_front_desk
from tests.support.office import fresh_copy


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with every table, made once."""
    path = tmp_path_factory.mktemp("migrated") / "avow.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def desk(migrated: Path, tmp_path: Path) -> AsyncIterator[FrontDesk]:
    """A fresh one for each test; Olive, the owner, is signed in."""
    async with open_front_desk(fresh_copy(migrated, tmp_path)) as it:
        yield it
