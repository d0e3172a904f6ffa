"""What was counted in memory, written down now: tests need not wait until it goes with a commit."""

from __future__ import annotations

from avow.flow.contract import Writes
from avow.flow.engine import Engine
from avow.trust.contact import WorkspaceId


async def settled(engine: Engine, workspace_id: WorkspaceId) -> None:
    """Write down the counters of this process."""
    async with engine.store.transaction([workspace_id]) as transaction:
        await transaction.clock()
        await transaction.write(Writes(tally=engine.tally.hand_over()))
        await transaction.commit()
