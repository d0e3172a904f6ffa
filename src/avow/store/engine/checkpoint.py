"""How does SQLite's write-ahead log stay short? A thread copies it into the file while writing goes on.

- A log that is written to all the time is never copied to its end, so it would never begin anew. Where it has grown
  past `LONGEST` pages, the rest is copied while the writer has no turn; the next commit starts at the log's beginning.
- SQLite waits for the disk only when it has copied everything, which would be during that turn. So we wait each time.

Source: sqlite.org/wal.html "Avoiding Excessively Large WAL Files", sqlite.org/howtocorrupt.html §2.2.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from avow.store.engine.worker import Worker

ROWS: Final = 4_000
"""Rows written between two checkpoints; a row is one to three pages."""
LONGEST: Final = 16_000

_log = logging.getLogger("avow.store")


class Checkpointer:
    """Follows one writer. `turn` is held by whoever writes in this process."""

    def __init__(self, path: Path, connect: Callable[[Path], sqlite3.Connection], turn: asyncio.Lock) -> None:
        self._path = path
        self._connect = connect
        self._turn = turn
        self._connection: sqlite3.Connection | None = None
        self._thread = Worker("avow-checkpoint")
        self._task: asyncio.Task[None] | None = None
        self._copied = 0

    def follow(self, written: int) -> None:
        """After a commit: `written` rows in all by this connection. Starts a checkpoint where one is due."""
        if written < self._copied:  # the writer is a new connection
            self._copied = 0
        if written - self._copied >= ROWS and (self._task is None or self._task.done()):
            self._copied = written
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Finish the checkpoint under way."""
        if self._task is not None:
            await self._task
        if self._connection is not None:
            await self._thread.do(self._connection.close)
            self._connection = None
        self._thread.stop()

    async def _run(self) -> None:
        try:
            if await self._thread.do(self._copy) > LONGEST:
                async with self._turn:
                    await self._thread.do(self._copy)
        except (sqlite3.Error, OSError) as error:
            # The log only grows meanwhile; the next checkpoint copies it all.
            _log.warning("The write-ahead log could not be copied into the database: %s", error)

    def _copy(self) -> int:
        """Copy what no reader is still in the way of; the log's length in pages."""
        if self._connection is None:
            self._connection = self._connect(self._path)
        _, pages, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        os.fdatasync(_descriptor(self._path))
        return int(pages)


@cache
def _descriptor(path: Path) -> int:
    """The file, open for good: closing it would release the locks that SQLite holds on it in this process."""
    return os.open(path, os.O_RDONLY)
