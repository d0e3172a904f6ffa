"""How does SQLite's write-ahead log stay short? A thread copies it into the file while writing goes on.

A log that is written to all the time is never copied to its end, so it would never begin anew. Where it has grown past
`LONGEST` pages, the rest is copied while the writer has no turn; the next commit then starts at the log's beginning.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

ROWS: Final = 4_000
"""Rows written between two checkpoints; a row is one to three pages."""
LONGEST: Final = 16_000

_log = logging.getLogger("avow.store")


class Checkpointer:
    """Follows one writer. `turn` is held by whoever writes in this process."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], turn: asyncio.Lock) -> None:
        self._connect = connect
        self._turn = turn
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="avow-checkpoint")
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
            await finished(self._thread, self._connection.close)
            self._connection = None
        self._thread.shutdown()

    async def _run(self) -> None:
        try:
            if await finished(self._thread, self._copy) > LONGEST:
                async with self._turn:
                    await finished(self._thread, self._copy)
        except sqlite3.Error as error:
            # The log only grows meanwhile; the next checkpoint copies it all.
            _log.warning("The write-ahead log could not be copied into the database: %s", error)

    def _copy(self) -> int:
        """Copy what no reader is still in the way of; the log's length in pages."""
        if self._connection is None:
            self._connection = self._connect()
        _, pages, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return int(pages)


async def finished(thread: ThreadPoolExecutor, call: Callable[..., Any], *arguments: Any) -> Any:
    """Run a call in a thread and wait until it is over, even where we are cancelled meanwhile."""
    future = asyncio.get_running_loop().run_in_executor(thread, call, *arguments)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError:
                continue
        raise
