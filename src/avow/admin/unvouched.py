"""How many stored values did nobody vouch for? A lock's dialog begins to count; the rest is counted while she reads.

Each part looks at some thousand contacts, so that no request takes long however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec

from avow.admin.frame.visit import Page, Visit
from avow.errors import BadInput
from avow.flow.screens import leftovers
from avow.trust.contact import ContactId

PATH: Final = "/settings/data/people/lock/count"
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_NUMBER: Final = re.compile(r"\d{1,12}\Z", re.ASCII)


class Counted(msgspec.Struct, frozen=True):
    """So many values among so many contacts so far. `onward` is the address that counts on, empty at the end.

    `over` of the values contradict one that somebody vouched for.
    """

    values: int
    among: int
    onward: str
    over: int = 0


async def counted(
    visit: Visit,
    names: Sequence[str],
    *,
    before: ContactId | None = None,
    values: int = 0,
    among: int = 0,
    over: int = 0,
) -> Counted:
    """What was counted already (`values`, `among`, `over`) and the next part of it, older than `before`."""
    part = await leftovers.count(visit.engine.store, visit.workspace_id, names, before=before)
    values, among, over = values + part.values, among + part.among, over + part.over
    if part.oldest is None:
        return Counted(values, among, "", over)
    so_far = (("before", part.oldest), ("values", values), ("among", among), ("over", over))
    rest = [*(("name[]", name) for name in names), *so_far]
    return Counted(values, among, f"{visit.root}{PATH}?{urlencode(rest)}", over)


async def count(visit: Visit) -> Page:
    """The count, one part further."""
    names, query = visit.query.all("name"), visit.query
    raw_before = query.get("before") or ""
    if not names or not _ID.match(raw_before):
        raise BadInput("This is no count that was begun. Open the lock's dialog again.", field="before")
    values, among, over = (
        int(raw) if (raw := query.get(name)) and _NUMBER.match(raw) else 0 for name in ("values", "among", "over")
    )
    it = await counted(visit, names, before=ContactId(raw_before), values=values, among=among, over=over)
    return Page("unvouched.html", "Lock", it)
