"""What the tests of screens ask for: Olive at her front desk, on a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from avow.store import migrate
from tests.support.front_desk import PASSWORD, QUICK, FrontDesk, open_front_desk
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


@pytest.fixture
async def olive(desk: FrontDesk) -> FrontDesk:
    """Olive, signed in, with a password."""
    assert desk.teammate is not None
    known = msgspec.structs.replace(desk.teammate, password_hash=await QUICK.hashed(PASSWORD))
    async with desk.office.engine.store.team_transaction(known.workspace_id) as transaction:
        await transaction.put_teammate(known)
    return desk


@pytest.fixture
def door(olive: FrontDesk) -> FrontDesk:
    """A browser in which nobody is signed in; Olive has a password."""
    return olive.stranger()
