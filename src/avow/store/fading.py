"""Which records of what was ignored are still to fade? One row each, from the day it was written to the day it fades.

Source: spec §1 (retention of held values and ignored writes).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from avow.flow.contract import Fading
from avow.store.engine.reader import Reader
from avow.store.engine.session import Session
from avow.store.engine.statement import Delete, Insert, Update
from avow.store.schema import change, fading
from avow.trust.change import Change, ChangeKind
from avow.trust.contact import WorkspaceId

_PLACE: Final = ("workspace_id", "contact_id", "seq")

REMEMBER: Final = Insert(fading, (*_PLACE, "at"))
BLANK: Final = Update(change, ("raw_values",), _PLACE)
FORGET: Final = Delete(fading, _PLACE)


async def remember(session: Session, records: Sequence[Change]) -> None:
    """Note which of these records will fade."""
    rows = [
        (one.facts.workspace_id, one.facts.contact_id, one.facts.seq, one.facts.at)
        for one in records
        if one.facts.kind is ChangeKind.IGNORED
    ]
    if rows:
        await session.write(REMEMBER, rows)


async def let_go(session: Session, faded: Sequence[Fading]) -> None:
    """Remove the values halves of these records; their facts stay."""
    places = sorted((one.workspace_id, one.contact_id, one.seq) for one in faded)
    await session.write(BLANK, [(None, *place) for place in places])
    await session.write(FORGET, places)


async def due(reader: Reader, workspace_id: WorkspaceId, *, before: float, limit: int) -> list[Fading]:
    """Those written before that time (Unix seconds), oldest first."""
    columns = (fading.c.workspace_id, fading.c.contact_id, fading.c.seq, fading.c.at)
    query = select(*columns).where(fading.c.workspace_id == workspace_id, fading.c.at < before)
    return [Fading(*row) for row in await reader.rows(query.order_by(fading.c.at).limit(limit))]
