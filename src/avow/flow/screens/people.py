"""Who is there, page by page? People by a question, a text to look for and an order, or a shelf beside the lists.

- Where no index tells fewer apart, a screen looks at `AT_MOST` people, says how far it came, and goes on from there
  when asked to. Nobody who fits is left out by that, only found later.
- A text is looked for as a whole e-mail, user id or id first; where nobody has it, within names and addresses; where
  that comes to no end, at their beginning, if an index tells.
- A page goes on behind the last person of the page before (a cursor), never after so and so many.

Source: spec §10 (People); performance.md.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from avow.flow import contacts
from avow.flow.contacts.reading import held_since
from avow.flow.contract import Filter, FilterState, Shelf
from avow.flow.contract.query import (
    EVERYBODY,
    NEWEST_FIRST,
    Contradicted,
    Every,
    Fixed,
    Node,
    Relation,
    Some,
    Sort,
    Test,
)
from avow.flow.engine import Engine
from avow.flow.search.adoption import puts_aside
from avow.flow.search.cursors import Cursor, read, written
from avow.flow.search.fields import subject_of
from avow.flow.search.searching import Asked, glance
from avow.trust.attribute import Attribute
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.rules import Rules
from avow.trust.words import Word

PAGE: Final = 50
AT_MOST: Final = 3_000
MAX_TEXT: Final = 200
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")


class Quick(Word):
    """One press, and these are shown."""

    ALL = "all"
    USERS = "users"
    LEADS = "leads"
    CONTRADICTED = "contradicted"
    ARCHIVED = "archived"
    BLOCKED = "blocked"


SHELVES: Final = {Quick.ARCHIVED: Shelf.ARCHIVED, Quick.BLOCKED: Shelf.BLOCKED}
"""Whom lists and searches leave out: they come by age alone."""


class Order(Word):
    """How they are sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SEEN = "seen"
    CHANGED = "changed"
    NAME = "name"
    EMAIL = "email"


_SORTED_BY: Final = {
    Order.NEWEST: ("id", True),
    Order.OLDEST: ("id", False),
    Order.SEEN: ("last_seen_at", True),
    Order.CHANGED: ("updated_at", True),
    Order.NAME: ("name", False),
    Order.EMAIL: ("email", False),
}


class Match(Word):
    """Where a text was found: as a whole, at the beginning of a name or address, or anywhere within."""

    WHOLE = "whole"
    BEGINS = "begins"
    WITHIN = "within"


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for. `match`: a text is looked for in this way only; None: in the first one that finds somebody."""

    quick: Quick = Quick.ALL
    where: Node | None = None
    text: str = ""
    match: Match | None = None
    order: Order = Order.NEWEST
    raw_after: str = ""


class People(msgspec.Struct, frozen=True):
    """A page. `next` is the cursor of the one after it, empty on the last; `match`: where the text was found.

    `total` is None where nobody counted; `approximate`: it may be too great. `stopped`: the page is not full, and more
    may follow. `looked` of `everybody` were looked at up to here, because of the fields `slow`; 0 where an index led to
    those who fit. Not `in_order`: newest first, as no index is in the order that was asked for.
    """

    contacts: tuple[Contact, ...] = ()
    total: int | None = 0
    capped: bool = False
    approximate: bool = False
    next: str = ""
    slow: tuple[str, ...] = ()
    match: Match | None = None
    stopped: bool = False
    looked: int = 0
    everybody: int = 0
    in_order: bool = True


async def look(engine: Engine, workspace_id: WorkspaceId, rules: Rules, wanted: Wanted, now: float) -> People:
    """The page. `now` is Unix seconds. A cursor that is none of ours begins again."""
    if (shelf := SHELVES.get(wanted.quick)) is not None:
        return await _shelf(engine, workspace_id, shelf, wanted.raw_after)
    asked = [] if wanted.where is None else [wanted.where]
    asked += _quick(wanted.quick, rules, now)
    text = wanted.text.strip()[:MAX_TEXT]
    if not text:
        return await _search(engine, workspace_id, rules, asked, wanted)

    async def matching(match: Match, node: Node) -> People:
        found = await _search(engine, workspace_id, rules, [*asked, node], wanted)
        return msgspec.structs.replace(found, match=match)

    if wanted.match is Match.BEGINS:
        return await matching(Match.BEGINS, _begins(text, rules, await _indexed(engine, workspace_id)))
    if wanted.match is not Match.WITHIN:
        found = await matching(Match.WHOLE, _whole(text, rules))
        if found.contacts:
            return found
    found = await matching(Match.WITHIN, _within(text, rules))
    if found.stopped and wanted.match is None and (indexed := await _indexed(engine, workspace_id)):
        sooner = await matching(Match.BEGINS, _begins(text, rules, indexed))
        return sooner if sooner.contacts else found
    return found


async def filters(engine: Engine, workspace_id: WorkspaceId) -> dict[int, Filter]:
    """How far the index of each filterable attribute is, by the attribute's id."""
    return {one.attribute_id: one for one in await engine.store.filters(workspace_id) if one.kept}


async def _shelf(engine: Engine, workspace_id: WorkspaceId, shelf: Shelf, raw_after: str) -> People:
    before = ContactId(raw_after) if _ID.match(raw_after) else None
    page = await contacts.page(engine.store, workspace_id, before=before, limit=PAGE, shelf=shelf)
    last = page.contacts[-1].id if page.more else ""
    return People(page.contacts, page.total, page.capped, False, last, ())


async def _search(engine: Engine, workspace_id: WorkspaceId, rules: Rules, asked: list[Node], wanted: Wanted) -> People:
    where: Node = Fixed(True) if not asked else asked[0] if len(asked) == 1 else Every(tuple(asked))
    field, descending = _SORTED_BY[wanted.order]
    sort = Sort(_subject(field, rules.attributes), descending)
    cursor = read(wanted.raw_after, sort)
    question = Asked(where, PAGE, cursor.sort, cursor.mark, cursor.known)
    found = await glance(engine.store, workspace_id, rules, question, AT_MOST)
    in_order = found.in_order and cursor.sort == sort
    looked = cursor.looked + found.looked
    if found.everybody <= EVERYBODY:  # counted to the end
        looked = min(looked, max(found.everybody, cursor.looked))
    slow = found.unindexed if cursor.sort == sort else tuple(dict.fromkeys((sort.subject.field, *found.unindexed)))
    onwards = ""
    if found.last is not None:
        onwards = written(Cursor(sort if in_order else NEWEST_FIRST, found.last, found.counted, looked))
    return People(
        _latest_first(found.contacts, wanted.order),
        found.total,
        found.capped,
        found.approximate,
        onwards,
        slow,
        stopped=found.stopped,
        looked=looked if found.looked or found.total is None else 0,
        everybody=found.everybody,
        in_order=in_order,
    )


def _latest_first(contacts: tuple[Contact, ...], order: Order) -> tuple[Contact, ...]:
    """A page by the time itself, where its index tells hours or days."""
    if order is Order.SEEN:
        return tuple(sorted(contacts, key=lambda one: (one.last_seen_at or 0.0, one.id), reverse=True))
    if order is Order.CHANGED:
        return tuple(sorted(contacts, key=lambda one: (one.updated_at, one.id), reverse=True))
    return contacts


def _quick(quick: Quick, rules: Rules, now: float) -> list[Node]:
    if quick is Quick.CONTRADICTED:
        loose = any(map(puts_aside, rules.attributes.values()))
        return [Contradicted(held_since(rules.policy, now), loose=loose)]
    role = {Quick.USERS: "user", Quick.LEADS: "lead"}.get(quick)
    return [] if role is None else [Test(_subject("role", rules.attributes), Relation.IS, (role,))]


def _whole(text: str, rules: Rules) -> Node:
    """Who has exactly this: found by keys, whoever else there is."""
    names = ("email", "external_id", "id") if _ID.match(text) else ("email", "external_id")
    return Some(tuple(Test(_subject(name, rules.attributes), Relation.IS, (text,)) for name in names))


async def _indexed(engine: Engine, workspace_id: WorkspaceId) -> set[int]:
    """The attributes that an index tells about."""
    return {one.attribute_id for one in await engine.store.filters(workspace_id) if one.state is FilterState.READY}


def _begins(text: str, rules: Rules, indexed: set[int]) -> Node:
    subjects = [_subject(name, rules.attributes) for name in ("name", "email")]
    tests = [Test(one, Relation.BEGINS, (text,)) for one in subjects if one.attribute_id in indexed]
    return Some(tuple(tests)) if tests else Fixed(False)


def _within(text: str, rules: Rules) -> Node:
    tests = [Test(_subject(name, rules.attributes), Relation.CONTAINS, (text,)) for name in ("name", "email")]
    return Some((*tests, Test(_subject("external_id", rules.attributes), Relation.BEGINS, (text,))))


def _subject(field: str, attributes: dict[str, Attribute]) -> Any:
    found = subject_of(field, attributes)
    assert found is not None, f"{field} is every workspace's"
    return found
