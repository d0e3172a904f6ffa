"""How is a SQLite file looked after? It is copied page by page while the server goes on writing.

- The copy shows one moment: a read transaction is held for as long as copying takes. Writing goes on beside it; the
  write-ahead log only cannot begin anew meanwhile.
- The copy is one file without a log beside it, readable by its owner only, and on the disk when we say so.

Source: sqlite.org/backup.html, sqlite.org/wal.html.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from avow.errors import Conflict, UsageError
from avow.flow.contract import Copied, DatabaseSetting, Migrations, OnStep, Progress, Vitals
from avow.store.engine.failures import TELLING
from avow.store.engine.sqlite import connect
from avow.store.store import open_store
from avow.store.upkeep.migrate import current, migrate
from avow.store.upkeep.outbox import MOST_COUNTED, counted, edges
from avow.store.upkeep.revisions import standing

PAGES: Final = 1_000
"""Pages copied between two looks at how far it is."""
_CHUNK: Final = 1 << 20
_PATIENCE: Final = 10.0
_LEAP: Final = "UPDATE workspace SET rules_version = max(rules_version + 1, ?)"


class SQLiteUpkeep:
    """`flow.contract.upkeep.Upkeep` of one file. `now` is its clock."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._url = url_of(path)

    async def migrations(self) -> Migrations:
        """See the contract."""
        return standing(await current(self._url))

    async def migrate(self, on_step: OnStep) -> Migrations:
        """See the contract."""
        await migrate(self._url, on_step)
        return await self.migrations()

    async def is_empty(self) -> bool:
        """See the contract."""
        return not await asyncio.to_thread(self._path.exists)

    async def vitals(self) -> Vitals:
        """See the contract."""
        with TELLING:
            return await asyncio.to_thread(self._vitals)

    @asynccontextmanager
    async def copied(self, folder: Path, progress: Progress) -> AsyncIterator[Copied]:
        """See the contract."""
        file = folder / "avow.db"
        with TELLING:
            await asyncio.to_thread(_copy, self._path, file, progress)
        store = open_store(url_of(file))
        try:
            yield Copied(file, store)
        finally:
            await store.close()

    async def restore(self, file: Path, progress: Progress) -> None:
        """See the contract."""
        with TELLING:
            await asyncio.to_thread(_put, file, self._path, progress)

    async def leap(self, now: float) -> None:
        """See the contract."""
        with TELLING:
            await asyncio.to_thread(self._leap, int(now))

    def distribution(self) -> tuple[str, ...]:
        """See the contract."""
        raise UsageError("SQLite is one file on one machine; distributing needs PostgreSQL.", field="database")

    async def distribute(self) -> AsyncIterator[str]:
        """See the contract."""
        for statement in self.distribution():
            yield statement

    def _vitals(self) -> Vitals:
        with closing(connect(self._path)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {int(_PATIENCE * 1000)}")
            connection.execute("PRAGMA query_only = ON")
            names = ("journal_mode", "page_size", "page_count", "freelist_count")
            settings = tuple(
                DatabaseSetting(name, str(connection.execute(f"PRAGMA {name}").fetchone()[0])) for name in names
            )
            newest = oldest = None
            rows = 0
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone():
                rows = connection.execute(counted, (MOST_COUNTED,)).fetchone()[0]
                oldest, newest = connection.execute(edges).fetchone()
        log = self._path.with_name(f"{self._path.name}-wal")
        return Vitals(
            "SQLite",
            sqlite3.sqlite_version,
            sqlite3.sqlite_version_info[0],
            self._now(),
            settings,
            newest,
            rows,
            oldest,
            log.stat().st_size if log.exists() else 0,
        )

    def _leap(self, now: int) -> None:
        with closing(connect(self._path)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {int(_PATIENCE * 1000)}")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_LEAP, (now,))


def url_of(path: Path) -> str:
    """The URL that leads to a file."""
    return f"sqlite:///{quote(str(path))}"


def _copy(source: Path, target: Path, progress: Progress) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(connect(source)) as here, closing(connect(target)) as there:
        here.execute(f"PRAGMA busy_timeout = {int(_PATIENCE * 1000)}")
        here.execute("BEGIN")
        here.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment that the copy will show

        def tell(_: int, remaining: int, total: int) -> None:
            progress(total - remaining, total)

        here.backup(there, pages=PAGES, progress=tell)
        here.execute("ROLLBACK")
        there.execute("PRAGMA journal_mode = DELETE")
    _sync(target)


def _put(source: Path, target: Path, progress: Progress) -> None:
    total, done = source.stat().st_size, 0
    try:
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise Conflict(f"{target} is there already; nothing was changed.", field="database") from None
    with source.open("rb") as reading, os.fdopen(descriptor, "wb") as writing:
        while chunk := reading.read(_CHUNK):
            writing.write(chunk)
            done += len(chunk)
            progress(done, total)
        writing.flush()
        os.fsync(writing.fileno())


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
