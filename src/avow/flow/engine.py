"""What every flow needs, in one place: the store, the rules, the one writer, the counters, and where time and chance
come from.

Made and started by `app.py`; the wings are handed one and ask nothing else of the world.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from avow.flow.bookkeeping.retention import fade
from avow.flow.bookkeeping.tally import TallyBook
from avow.flow.committer import Committer
from avow.flow.contract import Store
from avow.flow.rulebook import CONFIRM_EVERY, Rulebook
from avow.flow.rules.sealing import derived
from avow.flow.search.filtering import build
from avow.flow.work import Entropy

SWEEP_EVERY: Final = 600.0
INDEX_EVERY: Final = 1.0

_log = logging.getLogger("avow.flow")


@dataclass(frozen=True, slots=True)
class Engine:
    """The running heart of one process.

    `now` is Unix seconds, `entropy` gives random bytes, `session_key` makes sessions.
    """

    store: Store
    rulebook: Rulebook
    committer: Committer
    tally: TallyBook
    master_key: bytes
    session_key: bytes
    now: Callable[[], float]
    entropy: Entropy

    @classmethod
    def of(
        cls,
        store: Store,
        master_key: bytes,
        *,
        now: Callable[[], float],
        monotonic: Callable[[], float],
        entropy: Entropy,
    ) -> Engine:
        """Join the parts; nothing runs yet."""
        rulebook = Rulebook(store, master_key, monotonic)
        tally = TallyBook()
        erasure_key = derived(master_key, "erasure")
        committer = Committer(store, rulebook, tally, entropy=entropy, erasure_key=erasure_key, clock=monotonic)
        session_key = derived(master_key, "session")
        return cls(store, rulebook, committer, tally, master_key, session_key, now, entropy)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Engine]:
        """Run the writer, the confirming of rules and the sweeping; on leaving, finish what was taken."""
        await self.rulebook.confirm()
        writer = asyncio.create_task(self.committer.run(), name="committer")
        others = [
            asyncio.create_task(_every(CONFIRM_EVERY, self.rulebook.look, "Confirming the rules"), name="rules"),
            asyncio.create_task(_every(SWEEP_EVERY, self.sweep, "Sweeping"), name="sweep"),
            asyncio.create_task(_every(INDEX_EVERY, self._index, "Building an index"), name="index"),
        ]
        try:
            yield self
        finally:
            self.committer.close()
            await writer
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self.rulebook.close()

    async def sweep(self) -> None:
        """Throw away what has had its time. What cannot be done is logged, and holds up nothing else."""
        await _tried(self.store.sweep(self.now()), "Sweeping old rows")
        for workspace in await self.store.workspaces():
            fading = fade(self.store, self.committer, workspace.id, workspace.policy, self.now())
            await _tried(fading, "Letting go of held values")

    async def _index(self) -> None:
        """Go on with indexes over filterable attributes that are not ready."""
        for workspace_id in await self.store.unfinished_filters():
            await build(self.store, workspace_id)


async def _every(seconds: float, act: Callable[[], Awaitable[None]], what: str) -> None:
    """Do it again and again, whatever becomes of it; that it has begun to fail is logged once."""
    failing = False
    while True:
        await asyncio.sleep(seconds)
        try:
            await act()
        except Exception as error:  # noqa: BLE001 - what cannot be confirmed is refused where it is asked for
            if not failing:
                _log.warning("%s failed; it is tried again.", what, exc_info=error)
            failing = True
        else:
            failing = False


async def _tried(act: Awaitable[object], what: str) -> None:
    try:
        await act
    except Exception as error:  # noqa: BLE001 - the next one must not wait for it
        _log.warning("%s failed; it is tried again.", what, exc_info=error)
