"""How many works become one transaction: gathered while the disk was busy, weighed in order, answered once durable.

- No deliberate waiting: a batch is whatever arrived while the batch before was on its way to the disk.
- Rules, keys and contacts are read in the transaction that writes; works are weighed one after the other, each
  seeing what the ones before it did (`batch.py`).
- A batch that would change rules is weighed again while no other runs in its workspaces, on any process: what others
  weigh by the rules as they are is committed before these move, or weighed by the new ones.
- Whoever has too much to be erased in one transaction is put off until most of it is gone (`Store.thin_out`): others
  are written meanwhile, and the erasure is weighed again.
- Somebody else was faster (`WriteConflict`): everything is loaded and weighed again. What fails with a batch is tried
  by itself, so that nobody suffers for somebody else's work.

Source: house.md "the stations of one update", spec §2 (exact lock), §7.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from avow.errors import AvowError, Unavailable
from avow.flow.batch import Batch
from avow.flow.bookkeeping.pulse import Pulse, counted
from avow.flow.bookkeeping.recount import Recount
from avow.flow.bookkeeping.tally import TallyBook
from avow.flow.contract import Store, Tally, TooMuchAtOnce, WriteConflict, Writes
from avow.flow.rulebook import Rulebook
from avow.flow.work import Effects, Entropy, Result, Work

MOST_IN_A_BATCH: Final = 256
ATTEMPTS: Final = 8
ATTEMPTS_ALONE: Final = 3
"""Of a work whose batch has failed: everybody else waits meanwhile."""
FLUSH_EVERY: Final = 0.5
MOST_WAITING: Final = 20_000

_log = logging.getLogger("avow.flow")


class Contended(Unavailable):
    """Somebody else was faster each time."""


class Committer:
    """The one writer of this process. Start it with `run`; give it works with `submit`. `clock` is monotonic."""

    def __init__(
        self, store: Store, rulebook: Rulebook, tally: TallyBook, *, entropy: Entropy, erasure_key: bytes,
        clock: Callable[[], float] | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._rulebook = rulebook
        self._tally = tally
        self._entropy = entropy
        self._erasure_key = erasure_key
        self._clock = clock
        self.pulse = Pulse()
        self._waiting: deque[tuple[Work, asyncio.Future[Any] | None]] = deque()
        self._arrived = asyncio.Event()
        self._closing = False

    @property
    def waiting(self) -> int:
        """How many works have not been taken into a batch yet."""
        return len(self._waiting)

    async def submit(self, work: Work) -> Any:
        """Have a work done and return its result once that is durable.

        Raises what the weighing or the database raises.
        """
        for _ in range(ATTEMPTS):
            if self._closing or len(self._waiting) >= MOST_WAITING:
                raise Unavailable("The server is stopping or cannot keep up. Try again.")
            future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            self._waiting.append((work, future))
            self._arrived.set()
            try:
                return await future
            except TooMuchAtOnce as much:  # it was weighed, and may be done
                with contextlib.suppress(WriteConflict):
                    await self._store.thin_out(much.workspace_id, much.everybody)
        raise Contended("More of this person arrived each time than was erased. Try again.")

    async def run(self) -> None:
        """Commit batch after batch until `close`; whatever was taken is finished first."""
        clock = asyncio.get_running_loop().time
        flushed_at = clock()
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._arrived.wait(), FLUSH_EVERY)
            due = self._tally.waiting() and clock() - flushed_at >= FLUSH_EVERY
            if due:
                flushed_at = clock()
            await self._next(flush=due)
        await self._next(flush=self._tally.waiting())  # what the last batch counted
        while self._waiting:
            await self._next(flush=False)

    def close(self) -> None:
        """Take nothing more; `run` returns when everything taken is answered and counted."""
        self._closing = True
        self._arrived.set()

    async def _next(self, *, flush: bool) -> None:
        """One batch, with the counters where they are due."""
        if flush:
            self._enqueue_recounts()
        batch = [self._waiting.popleft() for _ in range(min(MOST_IN_A_BATCH, len(self._waiting)))]
        if batch or flush:
            await self._serve(batch, self._tally.hand_over() if flush else Tally())

    def _enqueue_recounts(self) -> None:
        for (workspace_id, contact_id), repeats in self._tally.again.items():
            self._waiting.append((Recount(workspace_id, contact_id, dict(repeats)), None))
        self._tally.again = {}

    async def _serve(self, batch: Sequence[tuple[Work, asyncio.Future[Any] | None]], tally: Tally) -> None:
        try:
            results = await self._commit([work for work, _ in batch], tally)
        except Exception as error:  # noqa: BLE001 - whatever happened, everybody who waits is told
            self._tally.take_back(tally)
            results = [_told(error)] * len(batch)
            if len(batch) > 1 and (isinstance(error, Contended) or not isinstance(error, Unavailable)):
                results = [await self._alone(work) for work, _ in batch]
        for (_, future), result in zip(batch, results, strict=True):
            if future is None or future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    async def _alone(self, work: Work) -> Result:
        """One work by itself, after a batch that something in it has spoilt: nobody suffers for somebody else's."""
        try:
            return (await self._commit([work], Tally(), ATTEMPTS_ALONE))[0]
        except Exception as error:  # noqa: BLE001 - told as what it is to its caller
            return _told(error)

    async def _commit(self, works: Sequence[Work], tally: Tally, attempts: int = ATTEMPTS) -> list[Result]:
        clock = self._clock or asyncio.get_running_loop().time
        began = clock()
        for attempt in range(attempts):
            if attempt:
                await asyncio.sleep(0.001 * 2**attempt)
            try:
                results = await self._try(works, tally)
            except WriteConflict:
                self.pulse.conflicts += 1
                continue
            except Exception as error:
                self.pulse.failed(error.code if isinstance(error, AvowError) else AvowError.code)
                raise
            if works:
                self.pulse.committed(len(works), clock() - began)
            return results
        self.pulse.failed("conflict")
        raise Contended("Others were changing the same contacts all the time. Try again.")

    async def _try(self, works: Sequence[Work], tally: Tally, *, alone: bool = False) -> list[Result]:
        batch = Batch(self._rulebook, self._entropy, self._erasure_key)
        workspaces = sorted({work.workspace_id for work in works})
        begin = self._store.exclusive_transaction if alone else self._store.transaction
        try:
            async with begin(workspaces) as transaction:
                await batch.open(transaction, workspaces)
                await batch.load(works)
                results = [batch.weigh(work) for work in works]
                writes = batch.writes(tally)
                too_early = bool(writes.attributes) and not alone
                if writes != _NOTHING and not too_early:
                    await transaction.write(writes)
                    await transaction.commit()
        except TooMuchAtOnce as much:
            put_off = [work for work, effects in batch.done if effects.erases(much.contact_id)]
            others = iter(await self._try([one for one in works if one not in put_off], tally, alone=alone))
            return [much if one in put_off else next(others) for one in works]
        if too_early:
            return await self._try(works, tally, alone=True)
        for workspace_id in {workspace_id for workspace_id, _ in writes.attributes}:
            self._rulebook.forget(workspace_id)
        for work, effects in batch.done:
            self._count(work, effects, batch.desks[work.workspace_id].now)
        return results

    def _count(self, work: Work, effects: Effects, now: float) -> None:
        counts = effects.counts or counted(getattr(effects.result, "verdicts", ()))
        self.pulse.weighed(counts)
        self._tally.weighed(work.workspace_id, counts, now)
        if effects.kid is not None:
            self._tally.used(work.workspace_id, effects.kid, now)
        for one in effects.elsewhere:
            self._tally.arrived(work.workspace_id, one.contact_id, one.arrivals, one.label, now)
        if effects.seen is None:
            return
        if effects.arrivals:
            self._tally.arrived(work.workspace_id, effects.seen, effects.arrivals, effects.page, now)
        if effects.again:
            self._tally.ignored_again(work.workspace_id, effects.seen, effects.again)
        if not effects.puts:
            self._tally.saw(work.workspace_id, effects.seen, now)


_NOTHING: Final = Writes()


def _told(error: Exception) -> AvowError:
    """What whoever waits is told of a failed commit. What nobody foresaw is logged: its kind and place, no value."""
    if isinstance(error, Unavailable | WriteConflict):
        return error
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("A batch failed with %s in %s, line %s.", type(error).__name__, place.name, place.lineno)
    return error if isinstance(error, AvowError) else Unavailable("The write could not be confirmed. Try again.")
