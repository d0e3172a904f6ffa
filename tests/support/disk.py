"""A store without a disk whose commits a test can watch, delay and let go wrong.

`faults` go wrong one commit after the other (None: this one goes well); `lost` are commits that are there although
the answer went wrong; `meanwhile` happens between a batch's weighing and its writing, as if another process had been
faster; `written` is what was committed, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from avow.flow.contract import Tally, Transaction, Writes
from avow.trust.contact import WorkspaceId
from tests.support.memory_store import MemoryStore, MemoryTransaction
from tests.support.memory_tables import Memory


class Disk(MemoryStore):
    """The whole contract, and a hand on it."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(now=now)
        self.clock = now
        self.faults: list[Exception | None] = []
        self.lost: list[Exception] = []
        self.meanwhile: list[Callable[[], None]] = []
        self.written: list[Writes] = []
        self.batches = 0

    @property
    def tallies(self) -> list[Tally]:
        """The counters that were handed over."""
        return [writes.tally for writes in self.written if writes.tally != Tally()]

    @asynccontextmanager
    async def transaction(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Transaction]:
        async with self.memory.writing():
            self.batches += 1
            yield WatchedTransaction(self, self.memory, workspaces)

    exclusive_transaction = transaction


class WatchedTransaction(MemoryTransaction):
    """One batch under a test's eyes."""

    def __init__(self, disk: Disk, memory: Memory, workspaces: Sequence[WorkspaceId]) -> None:
        super().__init__(memory, disk.clock(), workspaces)
        self._disk = disk
        self._writes = Writes()

    async def write(self, writes: Writes) -> None:
        if self._disk.meanwhile:
            self._disk.meanwhile.pop(0)()
        await super().write(writes)
        self._writes = writes

    async def commit(self) -> None:
        await asyncio.sleep(0)  # a disk takes its time
        if self._disk.faults and (fault := self._disk.faults.pop(0)) is not None:
            raise fault
        await super().commit()
        self._disk.written.append(self._writes)
        if self._disk.lost:
            raise self._disk.lost.pop(0)
