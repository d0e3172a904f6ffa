"""Where do the servers keep what they are told? In databases made for this run alone, erased when it is over.

SQLite is a file in a temporary folder; PostgreSQL a server of our own with its own defaults, so with `fsync` and
`synchronous_commit` on. Both wait for the disk.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from tests.support.postgres import Cluster

Rows = list[tuple[Any, ...]]


class Database(ABC):
    """One kind of database."""

    name: str

    @abstractmethod
    def fresh(self, folder: Path) -> str:
        """The URL of an empty one, which may be made in a folder."""

    @abstractmethod
    def rows(self, url: str, query: str) -> Rows:
        """What a query finds."""

    @abstractmethod
    def fill(self, url: str, create: str, table: str, rows: Iterable[Sequence[Any]], copy: Sequence[str]) -> None:
        """Create a table, put rows into it, run the statements of `copy`; then tidy up and wait for the disk."""

    @abstractmethod
    def cpu(self) -> float:
        """Seconds of CPU that its own processes have used, beside the server's."""

    @abstractmethod
    def version(self) -> str:
        """What it calls itself."""

    @abstractmethod
    def contact_id(self, hexadecimal: str) -> str:
        """A contact's id as it is written down."""


class SQLite(Database):
    """Files. It runs within the server, so it uses no CPU of its own."""

    name = "SQLite"

    def fresh(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'avow.db'}"

    def rows(self, url: str, query: str) -> Rows:
        connection = sqlite3.connect(_path(url))
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def fill(self, url: str, create: str, table: str, rows: Iterable[Sequence[Any]], copy: Sequence[str]) -> None:
        connection = sqlite3.connect(_path(url), isolation_level=None)
        try:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN")
            connection.execute(create)
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
            for statement in copy:
                connection.execute(statement)
            connection.execute("COMMIT")
            for pragma in ("synchronous = FULL", "journal_mode = WAL"):
                connection.execute(f"PRAGMA {pragma}")
        finally:
            connection.close()
        descriptor = os.open(_path(url), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def cpu(self) -> float:
        return 0.0

    def version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def contact_id(self, hexadecimal: str) -> str:
        return hexadecimal


class PostgreSQL(Database):
    """A server of our own."""

    name = "PostgreSQL"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def fresh(self, folder: Path) -> str:
        return self._cluster.fresh_database()

    def rows(self, url: str, query: str) -> Rows:
        async def ask() -> Rows:
            connection = await asyncpg.connect(url)
            try:
                return [tuple(row) for row in await connection.fetch(query)]
            finally:
                await connection.close()

        return asyncio.run(ask())

    def fill(self, url: str, create: str, table: str, rows: Iterable[Sequence[Any]], copy: Sequence[str]) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "off", "work_mem": "256MB"})
            try:
                await connection.execute(create)
                await connection.copy_records_to_table(table, records=rows)
                for statement in copy:
                    await connection.execute(statement)
                await connection.execute("VACUUM ANALYZE")
                await connection.execute("CHECKPOINT")
            finally:
                await connection.close()

        asyncio.run(run())

    def cpu(self) -> float:
        total = 0.0
        for process in psutil.Process(self._cluster.pid).children(recursive=True):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total

    def version(self) -> str:
        return str(self.rows(self._cluster.url(), "SELECT version()")[0][0]).partition(" (")[0]

    def contact_id(self, hexadecimal: str) -> str:
        return hexadecimal.rjust(32, "0")


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
