"""Which contacts fit, page by page? The database finds them; leftovers that it cannot judge are weighed again here.

- A page goes on where the last one ended, by the value it was sorted by and by id: nobody who still fits is skipped or
  shown twice, whatever is written meanwhile, unless the value she is sorted by changes.
- Totals are counted up to `MOST_COUNTED`, and once for all pages: the cursor carries them.

Source: contract/intercom-notes.md §4.1, §4.4; performance.md (`count(*)` is a trap).
"""

from __future__ import annotations

import msgspec

from avow.flow.contacts.reading import MOST_COUNTED
from avow.flow.contract import Store
from avow.flow.contract.query import (
    NEWEST_FIRST,
    Contradicted,
    Every,
    Found,
    Mark,
    Node,
    Search,
    Some,
    Sort,
    Tagged,
    Test,
)
from avow.flow.search.matching import matches, stored_value
from avow.trust.contact import Contact, WorkspaceId
from avow.trust.rules import Rules

_LOOKED_AT_ONCE = 500


class Asked(msgspec.Struct, frozen=True):
    """What is asked: a question, an order, a page. `known` is the total that an earlier page was told."""

    where: Node
    limit: int
    sort: Sort = NEWEST_FIRST
    after: Mark | None = None
    known: int | None = None


class Results(msgspec.Struct, frozen=True):
    """A page. `last` is where the next one goes on, None on the last page; `counted` is the total to hand on to it.

    `approximate`: leftovers from before an attribute was adopted may be in the total, and not on the pages.
    `unindexed` are the fields for which every contact was looked at.
    """

    contacts: tuple[Contact, ...]
    total: int
    capped: bool
    approximate: bool
    counted: int
    last: Mark | None
    unindexed: tuple[str, ...]


class Glimpse(msgspec.Struct, frozen=True):
    """A page of a glance (`flow.contract.Glance`). `total` is None where nobody counted; `last` as in `Results`.

    `stopped`: enough were looked at before the page was full, and those who fit may follow behind it.
    """

    contacts: tuple[Contact, ...]
    total: int | None
    capped: bool
    approximate: bool
    counted: int | None
    last: Mark | None
    stopped: bool
    unindexed: tuple[str, ...]
    looked: int
    everybody: int
    in_order: bool


async def glance(store: Store, workspace_id: WorkspaceId, rules: Rules, asked: Asked, at_most: int) -> Glimpse:
    """The page of those who fit, as far as a look at about that many contacts tells."""
    loose = _is_loose(asked.where)
    query = _query(workspace_id, asked, loose=loose, after=asked.after, known=asked.known)
    seen = await store.glance(query, at_most=at_most)
    fitting = await _weighed(store, seen.contacts, rules, asked) if loose else list(seen.contacts)
    page, last = tuple(fitting[: asked.limit]), seen.reached
    if len(fitting) > asked.limit:
        last = _mark(asked.sort if seen.in_order else NEWEST_FIRST, page[-1])
    elif last is None and len(seen.contacts) >= query.limit:
        last = _mark(asked.sort if seen.in_order else NEWEST_FIRST, seen.contacts[-1])
    total = None if seen.count is None else min(seen.count, MOST_COUNTED)
    capped = seen.count is not None and seen.count > MOST_COUNTED
    stopped = last is not None and len(page) < asked.limit
    told = (stopped, seen.unindexed, seen.looked, seen.everybody, seen.in_order)
    return Glimpse(page, total, capped, loose, seen.count, last, *told)


async def search(store: Store, workspace_id: WorkspaceId, rules: Rules, asked: Asked) -> Results:
    """The page of those who fit."""
    loose = _is_loose(asked.where)
    found = await _find(store, workspace_id, asked, loose=loose, after=asked.after, known=asked.known)
    fitting = await _weighed(store, found.contacts, rules, asked) if loose else list(found.contacts)
    seen = found.contacts
    while loose and len(fitting) <= asked.limit and len(seen) >= max(asked.limit + 1, _LOOKED_AT_ONCE):
        after = _mark(asked.sort, seen[-1])
        seen = (await _find(store, workspace_id, asked, loose=True, after=after, known=found.count)).contacts
        fitting += await _weighed(store, seen, rules, asked)
    page = tuple(fitting[: asked.limit])
    last = _mark(asked.sort, page[-1]) if len(fitting) > asked.limit else None
    total = min(found.count, MOST_COUNTED)
    capped = found.count > MOST_COUNTED
    return Results(page, total, capped, loose, found.count, last, found.unindexed)


async def _find(
    store: Store, workspace_id: WorkspaceId, asked: Asked, *, loose: bool, after: Mark | None, known: int | None
) -> Found:
    return await store.search(_query(workspace_id, asked, loose=loose, after=after, known=known))


def _query(workspace_id: WorkspaceId, asked: Asked, *, loose: bool, after: Mark | None, known: int | None) -> Search:
    limit = max(asked.limit + 1, _LOOKED_AT_ONCE) if loose else asked.limit + 1
    return Search(workspace_id, asked.where, limit, MOST_COUNTED + 1, asked.sort, after, known)


async def _weighed(store: Store, contacts: tuple[Contact, ...], rules: Rules, asked: Asked) -> list[Contact]:
    fitting = []
    for contact in contacts:
        tags = None
        if _asks_for_tags(asked.where):
            taggings = await store.taggings(contact.workspace_id, contact.id)
            tags = {int(one.tag_id): one.verified for one in taggings}
        if matches(asked.where, contact, rules, tags):
            fitting.append(contact)
    return fitting


def _mark(sort: Sort, contact: Contact) -> Mark:
    return Mark(stored_value(sort.subject, contact), contact.id)


def _is_loose(where: Node) -> bool:
    """Whether there may be values that a database cannot judge."""
    if isinstance(where, Every | Some):
        return any(map(_is_loose, where.parts))
    if isinstance(where, Contradicted):
        return where.loose
    return isinstance(where, Test) and not where.verified and where.subject.adopted_at is not None


def _asks_for_tags(where: Node) -> bool:
    if isinstance(where, Every | Some):
        return any(map(_asks_for_tags, where.parts))
    return isinstance(where, Tagged)
