"""What every flow needs, in one place: the store, the rules, the one writer, the counters, and where time and chance
come from.

Made and started by `app.py`; the wings are handed one and ask nothing else of the world.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from avow.flow.bookkeeping.retention import fade
from avow.flow.bookkeeping.tally import TallyBook
from avow.flow.committer import Committer
from avow.flow.contract import Store
from avow.flow.keys import derived
from avow.flow.rulebook import CONFIRM_EVERY, Rulebook
from avow.flow.search.filtering import build
from avow.flow.work import Entropy

SWEEP_EVERY: Final = 600.0
INDEX_EVERY: Final = 1.0


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
            asyncio.create_task(self._every(CONFIRM_EVERY, self.rulebook.confirm), name="rules"),
            asyncio.create_task(self._every(SWEEP_EVERY, self._sweep), name="sweep"),
            asyncio.create_task(self._every(INDEX_EVERY, self._index), name="index"),
        ]
        try:
            yield self
        finally:
            self.committer.close()
            await writer
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _sweep(self) -> None:
        """Throw away what has had its time."""
        await self.store.sweep(self.now())
        for workspace in await self.store.workspaces():
            await fade(self.store, self.committer, workspace.id, workspace.policy, self.now())

    async def _index(self) -> None:
        """Go on with indexes over filterable attributes that are not ready."""
        for workspace_id in await self.store.unfinished_filters():
            await build(self.store, workspace_id)

    async def _every(self, seconds: float, act: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(seconds)
            # What cannot be confirmed is refused where it is asked for (`Rulebook.current`); here we only try again.
            with contextlib.suppress(Exception):
                result = act()
                if asyncio.iscoroutine(result):
                    await result
