"""Which segments are there, how many people are in each, and which is somebody in?

- Who is in a segment is a rule (`trust/audience/segments.py`), asked at the moment: nothing is stored of it.
- People are counted by looking at each, so only as long as there are few enough to look at for one request; beyond
  that, nobody counts (scale.md rule 12).
"""

from __future__ import annotations

from typing import Final

from avow.errors import NotFound
from avow.flow.contract import Store
from avow.trust.audience.segments import BY_ID, SEGMENTS, Segment
from avow.trust.contact import Contact, WorkspaceId

MOST_LOOKED_AT: Final = 10_000


def find(raw_id: str) -> Segment:
    """The segment of that id. Raises `NotFound`."""
    segment = BY_ID.get(raw_id)
    if segment is None:
        raise NotFound("There is no segment of this id. List the segments to see which there are.")
    return segment


def of_contact(contact: Contact, now: float) -> list[Segment]:
    """Those that a contact is in at `now` (Unix seconds)."""
    return [one for one in SEGMENTS if one.holds(contact.role, contact.created_at, contact.last_seen_at, now)]


async def counts(store: Store, workspace_id: WorkspaceId, now: float) -> dict[str, int] | None:
    """How many are in each, by its id. None: there are more people than are looked at."""
    people = await store.ages(workspace_id, most=MOST_LOOKED_AT + 1)
    if len(people) > MOST_LOOKED_AT:
        return None
    return {one.id: sum(one.holds(*person, now) for person in people) for one in SEGMENTS}
