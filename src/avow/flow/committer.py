"""How many works become one transaction: gathered while the disk was busy, weighed in order, answered once durable.

- No deliberate waiting: a batch is whatever arrived while the batch before was on its way to the disk.
- Rules, keys and contacts are read in the transaction that writes; works are weighed one after the other, each
  seeing what the ones before it did.
- Somebody else was faster (`WriteConflict`): everything is loaded and weighed again. One refused work refuses nobody
  else.
- A retry under the same idempotency key gets the outcome of the first try, which was written in the same transaction.

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

import msgspec

from avow.errors import AvowError, Unavailable
from avow.flow.bookkeeping.pulse import Pulse, counted
from avow.flow.bookkeeping.recount import Recount
from avow.flow.bookkeeping.tally import TallyBook
from avow.flow.contract import LookupKey, Replay, Store, Tally, Transaction, WriteConflict, Writes
from avow.flow.desk import Desk
from avow.flow.rulebook import Rulebook
from avow.flow.work import Effects, Entropy, Work
from avow.trust.contact import ContactId, WorkspaceId

MOST_IN_A_BATCH: Final = 256
ATTEMPTS: Final = 8
FLUSH_EVERY: Final = 0.5
MOST_WAITING: Final = 20_000

_Result = Any | Exception
_log = logging.getLogger("avow.flow")


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
        if self._closing or len(self._waiting) >= MOST_WAITING:
            raise Unavailable("The server is stopping or cannot keep up. Try again.")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        self._arrived.set()
        return await future

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
            if len(batch) > 1 and not isinstance(error, Unavailable):
                results = [await self._alone(work) for work, _ in batch]
        for (_, future), result in zip(batch, results, strict=True):
            if future is None or future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    async def _alone(self, work: Work) -> _Result:
        """One work by itself, after a batch that something in it has spoilt: nobody suffers for somebody else's."""
        try:
            return (await self._commit([work], Tally()))[0]
        except Exception as error:  # noqa: BLE001 - told as what it is to its caller
            return _told(error)

    async def _commit(self, works: Sequence[Work], tally: Tally) -> list[_Result]:
        clock = self._clock or asyncio.get_running_loop().time
        began = clock()
        for attempt in range(ATTEMPTS):
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
        raise Unavailable("Others were changing the same contacts all the time. Try again.")

    async def _try(self, works: Sequence[Work], tally: Tally) -> list[_Result]:
        batch = _Batch(self._rulebook, self._entropy, self._erasure_key)
        workspaces = sorted({work.workspace_id for work in works})
        async with self._store.transaction(workspaces) as transaction:
            await batch.open(transaction, workspaces)
            await batch.load(works)
            results = [batch.weigh(work) for work in works]
            writes = batch.writes(tally)
            if writes != _NOTHING:
                await transaction.write(writes)
                await transaction.commit()
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


class _Batch:
    """One attempt at one transaction: a desk for each workspace, and what became of each work."""

    def __init__(self, rulebook: Rulebook, entropy: Entropy, erasure_key: bytes) -> None:
        self._rulebook = rulebook
        self._entropy = entropy
        self._erasure_key = erasure_key
        self.desks: dict[WorkspaceId, Desk] = {}
        self.done: list[tuple[Work, Effects]] = []
        self._replays: dict[tuple[WorkspaceId, str], Replay] = {}

    async def open(self, transaction: Transaction, workspaces: Sequence[WorkspaceId]) -> None:
        """Read the clock and the rules, of the version this transaction sees."""
        self._transaction = transaction
        clock = await transaction.clock()
        for workspace_id in workspaces:
            if workspace_id in clock.versions:
                rules = await self._rulebook.at(workspace_id, clock.versions[workspace_id], transaction)
                self.desks[workspace_id] = Desk(workspace_id, rules, clock.now, self._entropy, self._erasure_key)

    async def load(self, works: Sequence[Work]) -> None:
        """Lay out what the works want: keys first, then whom they lead to."""
        wants = [(work.workspace_id, work.wants()) for work in works]
        await self._find([key for _, want in wants for key in want.keys])
        await self._find(
            [key for work in works if (desk := self.desks.get(work.workspace_id)) for key in work.wants_more(desk)]
        )
        ids = {(workspace_id, contact_id) for workspace_id, want in wants for contact_id in want.ids}
        for workspace_id, desk in self.desks.items():
            ids.update((workspace_id, found) for rows in desk.keys.values() for found in rows if found is not None)
        if ids:
            for contact in await self._transaction.load(sorted(ids)):
                self.desks[contact.workspace_id].lay_out((contact,))
        await self._load_tags({(workspace_id, one) for workspace_id, want in wants for one in want.tags_of})
        jobs = {(workspace_id, job_id) for workspace_id, want in wants for job_id in want.jobs}
        if jobs:
            for job in await self._transaction.jobs(sorted(jobs)):
                self.desks[job.workspace_id].jobs[job.id] = job
        scopes = [(work.workspace_id, work.idempotency.scope) for work in works if work.idempotency is not None]
        if scopes:
            for replay in await self._transaction.replays(scopes):
                self._replays[replay.workspace_id, replay.scope] = replay

    async def _load_tags(self, worn: set[tuple[WorkspaceId, ContactId]]) -> None:
        """The tags of workspaces in which somebody asks for them, and what these contacts wear."""
        for workspace_id in {workspace_id for workspace_id, _ in worn} & self.desks.keys():
            theirs = sorted(one for one in worn if one[0] == workspace_id)
            tags = await self._transaction.tags(workspace_id)
            self.desks[workspace_id].beside.lay_out(tags, await self._transaction.taggings(theirs))

    async def _find(self, keys: Sequence[LookupKey]) -> None:
        if keys:
            for row in await self._transaction.find(list(dict.fromkeys(keys))):
                self.desks[row.key.workspace_id].lay_out_keys((row,))

    def weigh(self, work: Work) -> _Result:
        """One work's result, its effects applied; or what it was refused with, nothing applied."""
        desk = self.desks.get(work.workspace_id)
        if desk is None:
            return Unavailable("The workspace's rules cannot be confirmed. Try again.")
        try:
            if (replay := self._replayed(work)) is not None:
                work.authenticate(desk)
                return msgspec.json.decode(replay.outcome, type=work.outcome)
            effects = work.weigh(desk)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one work is told to its caller alone
            return error
        desk.apply(effects)
        self._remember(work, effects, desk)
        self.done.append((work, effects))
        return effects.result

    def _replayed(self, work: Work) -> Replay | None:
        if work.idempotency is None:
            return None
        return work.idempotency.refuse_another(self._replays.get((work.workspace_id, work.idempotency.scope)))

    def _remember(self, work: Work, effects: Effects, desk: Desk) -> None:
        if work.idempotency is None:
            return
        scope, body = work.idempotency.scope, work.idempotency.body
        about = effects.about or (effects.puts[0].contact.id if effects.puts else effects.seen)
        replay = Replay(work.workspace_id, scope, body, msgspec.json.encode(effects.result), desk.now, about)
        self._replays[work.workspace_id, scope] = replay
        desk.remember(replay)

    def writes(self, tally: Tally) -> Writes:
        """Everything the batch asks of the disk, the counters with it."""
        parts = [desk.writes() for desk in self.desks.values()]
        if len(parts) == 1:
            return msgspec.structs.replace(parts[0], tally=tally)
        joined = {
            name: tuple(row for part in parts for row in getattr(part, name))
            for name in Writes.__struct_fields__
            if name != "tally"
        }
        return Writes(**joined, tally=tally)
