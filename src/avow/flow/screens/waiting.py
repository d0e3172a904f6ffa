"""Whose value of one attribute waits for a decision? Everybody's, part by part, the newest contacts first.

An attribute's page shows what was ignored lately (`one_attribute.py`), which costs the same however many people there
are; here everybody is looked at, so many at a time.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.flow.engine import Engine
from avow.flow.screens.accepting import AT_ONCE
from avow.flow.screens.one_attribute import Doubt, doubts
from avow.flow.search.adoption import put_aside
from avow.trust.attribute import Attribute
from avow.trust.contact import ContactId, WorkspaceId

AT_MOST: Final = 3_000
"""How many contacts are looked at for one page."""


class Waiting(msgspec.Struct, frozen=True):
    """Those found among so many contacts (`looked`). `oldest` is where to go on, None where everybody was looked at."""

    held: tuple[Doubt, ...]
    looked: int
    oldest: ContactId | None


async def waiting(
    engine: Engine, workspace_id: WorkspaceId, attribute: Attribute, *, before: ContactId | None
) -> Waiting:
    """The next of them, older than `before`."""
    aside = await put_aside(engine.store, workspace_id, attribute, before=before, among=AT_MOST)
    part = await engine.store.screens.held_among(
        workspace_id, attribute.name, before=before, among=AT_MOST, limit=AT_ONCE, besides=aside
    )
    found = await doubts(engine, workspace_id, attribute, part.contacts)
    return Waiting(tuple(one for one in found if one.standing.held is not None), part.among, part.oldest)
