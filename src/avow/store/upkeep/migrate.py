"""How does a database get its tables? By Alembic's steps, all in one transaction, by one process at a time.

- On PostgreSQL an advisory lock keeps the others waiting, on SQLite the write lock does. Whoever comes second finds
  nothing left to do.
- A database that is ahead of this program is refused: its tables may mean something this program does not know.

Source: house.md ("one migration runner under an advisory lock"), scale.md rule 13.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from avow.errors import UsageError
from avow.store.engine import postgres, sqlite
from avow.store.engine.failures import TELLING
from avow.store.engine.place import place_of
from avow.store.upkeep.revisions import head, revisions, standing

if TYPE_CHECKING:
    from alembic.config import Config

LOCK: Final = 7_810_193_640_517_321
"""The advisory lock of whoever migrates: any number that nobody else takes."""
PATIENCE_MS: Final = 60_000
_SQLITE: Final = (f"PRAGMA busy_timeout = {PATIENCE_MS}", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")


async def migrate(url: str, on_step: Callable[[str], None] = lambda _: None) -> str:
    """Bring a database to this program's tables, making a SQLite file where there is none; the revision it is at now.

    `on_step` is told each step that is done. Raises `UsageError` where the database is ahead of this program.
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
        found = standing(await connection.run_sync(_revision))
        if found.is_ahead:
            raise UsageError(ahead(found.current))
        if found.pending:
            await connection.run_sync(_upgrade, on_step)
        await connection.exec_driver_sql("COMMIT")
    return head()


async def current(url: str) -> str | None:
    """The revision a database is at; None for one without tables of ours."""
    place = place_of(url)
    if isinstance(place, Path) and not await asyncio.to_thread(place.exists):
        return None
    async with _connection(place) as connection:
        return await connection.run_sync(_revision)


def ahead(revision: str | None) -> str:
    """What is said of a database that a newer program has migrated."""
    return (
        f"The database has the tables of a newer version of Avow ({revision}; this program knows {head()} at most). "
        "Nothing was changed. Use the newer program, or a backup from before it was upgraded."
    )


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations").replace("%", "%%"))
    return config


def _upgrade(connection: Connection, on_step: Callable[[str], None]) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    config.attributes["on_step"] = lambda revision: on_step(f"{revision} {revisions()[revision]}")
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


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
