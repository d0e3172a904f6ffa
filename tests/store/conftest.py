"""Which databases must a store run on? The contract suite runs on each; every test has an empty one of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from avow.flow.contract import Store
from avow.store import migrate, open_store
from avow.store.schema import metadata
from tests.store import acme
from tests.support.memory_store import MemoryStore
from tests.support.memory_tables import Memory
from tests.support.postgres import Cluster

Opening = Callable[[], Store]
"""Opens another store on the same database, as another process would."""


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables."""
    path = tmp_path_factory.mktemp("sqlite") / "avow.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres: Cluster) -> str:
    """A PostgreSQL database with our tables."""
    url = postgres.fresh_database()
    asyncio.run(migrate(url))
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """A migrated, empty SQLite file."""
    shutil.copyfile(migrated_file, tmp_path / "avow.db")
    return f"sqlite:///{tmp_path / 'avow.db'}"


@pytest.fixture
def postgresql_url(migrated_database: str) -> str:
    """A migrated PostgreSQL database, emptied: that is faster than a new one."""
    asyncio.run(_empty(migrated_database))
    return migrated_database


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"TRUNCATE {', '.join(metadata.tables)}")
    await connection.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    if request.param == "memory":
        return "memory:"
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def opening(url: str) -> AsyncIterator[Opening]:
    """Opens stores on one database in which Acme has its workspaces."""
    memory = Memory()
    opened: list[Store] = []

    def another() -> Store:
        opened.append(MemoryStore(memory) if url == "memory:" else open_store(url))
        return opened[-1]

    await acme.move_in(another())
    yield another
    for store in opened:
        await store.close()


@pytest.fixture
def store(opening: Opening) -> Store:
    """A store in which Acme has its workspaces."""
    return opening()
