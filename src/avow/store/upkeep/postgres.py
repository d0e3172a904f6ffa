"""How is a PostgreSQL database looked after? By its own programs, and by asking it how it does.

- A copy is a dump of the same snapshot that the manifest is read from (`pg_export_snapshot`): both show one moment.
- A dump is brought back in one transaction, into a database that holds nothing.

Source: postgresql.org/docs, "pg_dump --snapshot"; scale.md rule 13.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from avow.errors import UsageError
from avow.flow.contract import Copied, DatabaseSetting, Migrations, OnStep, Progress, Vitals
from avow.store.engine import postgres
from avow.store.engine.failures import TELLING
from avow.store.engine.reader import Snapshot
from avow.store.engine.statement import numbered
from avow.store.store import DatabaseStore
from avow.store.upkeep import distribution
from avow.store.upkeep.frozen import FrozenEngine
from avow.store.upkeep.migrate import current, migrate
from avow.store.upkeep.outbox import MOST_COUNTED, counted, edges
from avow.store.upkeep.programs import program, run
from avow.store.upkeep.revisions import standing

_SETTINGS: Final = (
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "default_transaction_isolation",
    "server_encoding",
    "max_connections",
    "superuser_reserved_connections",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
)
_HEALTH: Final = """\
SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,
  extract(epoch FROM clock_timestamp())::float8, pg_is_in_recovery(),
  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
  (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)::float8 FROM pg_stat_activity
   WHERE state LIKE 'idle in transaction%' AND datname = current_database())"""
_TABLES: Final = """\
SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()"""
_LEAP: Final = "UPDATE workspace SET rules_version = greatest(rules_version + 1, $1)"


class PostgresUpkeep:
    """`flow.contract.upkeep.Upkeep` of one database. `url` is postgresql://…, as libpq reads it."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def migrations(self) -> Migrations:
        """See the contract."""
        return standing(await current(self._url))

    async def migrate(self, on_step: OnStep) -> Migrations:
        """See the contract."""
        await migrate(self._url, on_step)
        return await self.migrations()

    async def is_empty(self) -> bool:
        """See the contract."""
        async with self._connected() as connection:
            return not await connection.fetchval(_TABLES)

    async def vitals(self) -> Vitals:
        """See the contract."""
        async with self._connected() as connection:
            version, major, now, standby, clients, idle = await connection.fetchrow(_HEALTH)
            rows = await connection.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", _SETTINGS)
            settings = tuple(DatabaseSetting(row[0], row[1]) for row in rows)
            most = next((int(one.value) for one in settings if one.name == "max_connections"), 0)
            waiting, oldest, newest = 0, None, None
            if await connection.fetchval("SELECT to_regclass('outbox') IS NOT NULL"):
                waiting = await connection.fetchval(counted.replace("?", "$1"), MOST_COUNTED)
                oldest, newest = await connection.fetchrow(edges)
        return Vitals(
            "PostgreSQL", version, major, now, settings, newest, waiting, oldest, 0, clients, most, idle, standby
        )

    @asynccontextmanager
    async def copied(self, folder: Path, progress: Progress) -> AsyncIterator[Copied]:
        """See the contract."""
        pg_dump = program("pg_dump")
        if pg_dump is None:
            raise UsageError(
                "pg_dump is not installed on this machine, so nothing was backed up. Install PostgreSQL's client "
                "programs, or run where they are: pg_dump --format=custom --no-owner --no-acl --file=avow.dump "
                f"{self._name()}",
                field="database",
            )
        file = folder / "avow.dump"
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        engine = postgres.async_engine(self._url, 1, json_deserializer=str)
        try:
            with TELLING:
                async with engine.connect() as connection:
                    _ = await connection.execution_options(isolation_level="REPEATABLE READ")
                    moment = (await connection.exec_driver_sql("SELECT pg_export_snapshot()")).scalar_one()
                    how = ("--format=custom", "--no-owner", "--no-acl", f"--snapshot={moment}", f"--file={file}")
                    await run(pg_dump, self._url, *how, file=file, progress=progress)
                    yield Copied(file, DatabaseStore(FrozenEngine(Snapshot(connection, numbered))))
        finally:
            await engine.dispose()

    async def restore(self, file: Path, progress: Progress) -> None:
        """See the contract."""
        pg_restore = program("pg_restore")
        if pg_restore is None:
            raise UsageError(
                "pg_restore is not installed on this machine, so nothing was restored. Install PostgreSQL's client "
                "programs.",
                field="database",
            )
        name = urlsplit(self._url).path.removeprefix("/")
        how = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-acl", f"--dbname={name}", str(file))
        await run(pg_restore, self._url, *how, file=file, progress=progress)
        async with self._connected() as connection:
            await connection.execute("ANALYZE")

    async def leap(self, now: float) -> None:
        """See the contract."""
        async with self._connected() as connection:
            await connection.execute(_LEAP, int(now))

    def distribution(self) -> tuple[str, ...]:
        """See the contract."""
        return distribution.statements()

    async def distribute(self) -> AsyncIterator[str]:
        """See the contract."""
        async with self._connected() as connection:
            async for statement in distribution.run(connection):
                yield statement

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        with TELLING:
            connection = await postgres.connect(self._url)
            try:
                yield connection
            finally:
                await connection.close(timeout=postgres.PATIENCE)

    def _name(self) -> str:
        """The database without user and password."""
        parts = urlsplit(self._url)
        return f"postgresql://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
