"""How does a database get its tables? By Alembic's steps, all in one transaction, by one process at a time.

- On PostgreSQL an advisory lock keeps the others waiting, on SQLite the write lock does. Whoever comes second finds
  nothing left to do.
- A database that is ahead of this program is refused: its tables may mean something this program does not know.

Source: house.md ("one migration runner under an advisory lock"), scale.md rule 13.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from avow.errors import UsageError
from avow.store.engine import postgres, sqlite
from avow.store.engine.failures import TELLING
from avow.store.engine.place import place_of

LOCK: Final = 7_810_193_640_517_321
"""The advisory lock of whoever migrates: any number that nobody else takes."""
PATIENCE_MS: Final = 60_000
_SQLITE: Final = (f"PRAGMA busy_timeout = {PATIENCE_MS}", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")


async def migrate(url: str) -> str:
    """Bring a database to this program's tables, making a SQLite file where there is none; the revision it is at now.

    Raises `UsageError` where the database is ahead of this program.
    """
    place = place_of(url)
    if isinstance(place, Path):
        with TELLING:
            sqlite.create_file(place)
    async with _connection(place) as connection:
        if isinstance(place, Path):
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            await connection.exec_driver_sql("BEGIN")
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        try:
            await connection.run_sync(_upgrade)
        except CommandError as error:
            raise UsageError(
                f"The database cannot be migrated by this version of Avow: {error}. Use a newer one."
            ) from None
        await connection.exec_driver_sql("COMMIT")
    return head()


async def current(url: str) -> str | None:
    """The revision a database is at; None for one without tables of ours."""
    place = place_of(url)
    if isinstance(place, Path) and not await asyncio.to_thread(place.exists):
        return None
    async with _connection(place) as connection:
        return await connection.run_sync(_revision)


def head() -> str:
    """The revision of this program's tables."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@asynccontextmanager
async def _connection(place: Path | str) -> AsyncIterator[AsyncConnection]:
    """One connection on which only what we say begins and ends a transaction."""
    engine = sqlite.async_engine(place, _SQLITE) if isinstance(place, Path) else postgres.async_engine(place, 1)
    with TELLING:
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()
