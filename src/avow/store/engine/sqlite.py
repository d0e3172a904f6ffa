"""How does SQLite keep it? In one file with one writer: `shared` and `exclusive` are the same turn.

- Statements run on the event loop, COMMIT and what touches very many rows in a thread: the loop never waits for either.
- BEGIN IMMEDIATE before anything is read, so that nothing is ever weighed on what another process is changing. While
  another process writes, we ask again and again without blocking the loop.
- Write-ahead log with `synchronous=FULL`: what is answered survives a power cut.
- The file belongs to its owner alone (0600). What is erased is overwritten, not only unlinked.

Source: performance.md "What was learned", spec §11.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from avow.errors import Unavailable
from avow.store.engine.checkpoint import Checkpointer
from avow.store.engine.failures import TELLING, is_broken, is_busy
from avow.store.engine.reader import Reader
from avow.store.engine.session import Row, Session
from avow.store.engine.statement import Lookup, Writing, question_mark
from avow.store.engine.worker import Worker
from avow.store.schema import workspace
from avow.trust.contact import WorkspaceId

PATIENCE: Final = 10.0
"""Seconds that we ask for the turn while another process writes."""
READERS: Final = 4
PROMPT: Final = 1
PATIENT: Final = 2
_PAUSES: Final = (0.0005, 0.001, 0.002, 0.004, 0.008)
_WRITER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -16000",
)
_READER = ("PRAGMA query_only = ON", "PRAGMA busy_timeout = 10000", "PRAGMA cache_size = -4000")
_VERSIONS = Lookup(workspace, ("id",), ("id", "rules_version"))

# Python looks long for who adapts bytes before it takes them as they are, for every row; so somebody does.
sqlite3.register_adapter(bytes, bytes.__bytes__)

text_of = cache(lambda statement: statement.one(question_mark))
"""A statement's text, rendered once."""


class SQLiteSession:
    """The writer's turn."""

    def __init__(self, connection: sqlite3.Connection, thread: Worker, now: float) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._thread = thread
        self.now = now
        self.versions: dict[WorkspaceId, int] = {}
        self.committed = False

    async def hold(self, names: Sequence[str]) -> None:
        """See `Session`. Whoever has the turn holds everything."""

    async def read(self, lookup: Lookup, keys: Sequence[Row]) -> list[Any]:
        """See `Session`."""
        text, execute, found = text_of(lookup), self._cursor.execute, []
        with TELLING:
            for key in keys:
                found += execute(text, key).fetchall()
        return found

    async def write(self, statement: Writing, rows: Sequence[Row]) -> int:
        """See `Session`."""
        if not rows:
            return 0
        with TELLING:
            return self._cursor.executemany(text_of(statement), rows).rowcount

    async def write_much(self, statement: Writing, rows: Sequence[Row]) -> int:
        """See `Session`."""
        with TELLING:
            done: sqlite3.Cursor = await self._thread.do(lambda: self._cursor.executemany(text_of(statement), rows))
        return done.rowcount

    async def commit(self) -> None:
        """See `Session`."""
        with TELLING:
            await self._thread.do(self._commit)
        self.committed = True

    def _commit(self) -> None:
        self._connection.execute("COMMIT")


class SQLite:
    """One database file. `now` is the clock, in Unix seconds."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._path = path
        self._now = now
        self._turn = asyncio.Lock()
        self._writer: sqlite3.Connection | None = None
        self._thread = Worker("avow-commit")
        self._checkpointer = Checkpointer(path, connect, self._turn)
        self.reader = Reader(_readers(path, READERS), question_mark, _freeze)
        self.prompt = Reader(_readers(path, PROMPT), question_mark, _freeze)
        self.patient = Reader(_readers(path, PATIENT), question_mark, _freeze)

    @asynccontextmanager
    async def shared(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Session]:
        """See `Engine`."""
        async with self._turn:
            connection = await self._begin()
            try:
                session = SQLiteSession(connection, self._thread, self._now())
                for workspace_id, version in await session.read(_VERSIONS, [(name,) for name in workspaces]):
                    session.versions[workspace_id] = version
                yield session
            except BaseException as error:
                self._undo(connection, broken=is_broken(error.__context__ or error))
                raise
            if session.committed:
                self._checkpointer.follow(connection.total_changes)
            else:
                self._undo(connection, broken=False)

    exclusive = shared

    async def close(self) -> None:
        """See `Engine`."""
        await self._checkpointer.close()
        await self.reader.close()
        await self.prompt.close()
        await self.patient.close()
        async with self._turn:
            if self._writer is not None:
                await self._thread.do(self._writer.close)
                self._writer = None
        self._thread.stop()

    async def _begin(self) -> sqlite3.Connection:
        """Wait for the turn between processes; the turn within this one is held already."""
        loop = asyncio.get_running_loop()
        until, tries = loop.time() + PATIENCE, 0
        while True:
            with TELLING:
                try:
                    if self._writer is None:
                        self._writer = _open_writer(self._path)
                    self._writer.execute("BEGIN IMMEDIATE")
                    return self._writer
                except sqlite3.Error as error:
                    if not is_busy(error):
                        self._drop()
                        raise
            if loop.time() > until:
                raise Unavailable(f"Another process has been writing to the database for {PATIENCE:.0f} s. Try again.")
            await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    def _undo(self, connection: sqlite3.Connection, *, broken: bool) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            broken = True
        if broken:
            self._drop()

    def _drop(self) -> None:
        """Let go of a connection that has failed; the next turn opens a new one."""
        if self._writer is not None:
            with suppress(sqlite3.Error):
                self._writer.close()
            self._writer = None


def connect(path: Path) -> sqlite3.Connection:
    """A plain connection to a file that must be there, usable from any thread, that never blocks."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def create_file(path: Path) -> None:
    """Make the file, for its owner only, if there is none yet.

    It appears under its name with its write-ahead log on: that cannot be switched on while somebody else uses the file.
    """
    if path.exists():
        return
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    os.close(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
    try:
        connection = connect(new)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
        with suppress(FileExistsError):
            os.link(new, path)
        folder = os.open(path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        new.unlink()


def async_engine(path: Path, pragmas: Sequence[str], **options: Any) -> AsyncEngine:
    """An engine of SQLAlchemy's on the file. Its connections begin no transaction of their own accord."""
    url = URL.create("sqlite+aiosqlite", database=f"{path.absolute().as_uri()}?mode=rw", query={"uri": "true"})
    engine = create_async_engine(url, hide_parameters=True, poolclass=AsyncAdaptedQueuePool, **options)

    @event.listens_for(engine.sync_engine, "do_connect")
    def look(*_: Any) -> None:
        # A thread of aiosqlite's that fails to connect outlives the failure, and trips over a loop that is closed soon.
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, "there is no such database file")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    return engine


def _open_writer(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        for pragma in _WRITER:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _readers(path: Path, size: int) -> AsyncEngine:
    return async_engine(path, _READER, pool_size=size, max_overflow=0, pool_timeout=10.0)


async def _freeze(connection: AsyncConnection) -> None:
    await connection.exec_driver_sql("BEGIN")
