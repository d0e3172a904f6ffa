"""Who is there, page by page? People by a question, a text to look for and an order, or a shelf beside the lists.

- A text is looked for as a whole e-mail, user id or id first, which is fast; only where nobody has it, within names and
  addresses, which looks at everybody.
- A page goes on behind the last person of the page before (a cursor), never after so and so many.

Source: spec §10 (People); performance.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

import msgspec

from avow.flow import contacts
from avow.flow.contacts.reading import held_since
from avow.flow.contract import Filter, Shelf
from avow.flow.contract.query import Contradicted, Every, Fixed, Kind, Mark, Node, Place, Relation, Some, Sort, Test
from avow.flow.engine import Engine
from avow.flow.search.fields import subject_of
from avow.flow.search.searching import Asked, search
from avow.trust.attribute import Attribute
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.rules import Rules
from avow.trust.strict_json import StrictJsonError, loads
from avow.trust.weighing.values import MAX_INTEGER, MIN_INTEGER
from avow.trust.words import Word

PAGE: Final = 50
MAX_TEXT: Final = 200
_MOST_IN_A_CURSOR: Final = 8_192
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.EXACT: (str,),
    Kind.INTEGER: (int,),
    Kind.DATE: (int, float),
    Kind.FLOAT: (int, float),
    Kind.BOOLEAN: (bool,),
}


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


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for. `within`: a text is looked for within names and addresses even where somebody has it whole."""

    quick: Quick = Quick.ALL
    where: Node | None = None
    text: str = ""
    within: bool = False
    order: Order = Order.NEWEST
    raw_after: str = ""


class People(msgspec.Struct, frozen=True):
    """A page. `next` is the cursor of the one after it, empty on the last; `whole`: the text was found as it stands.

    `slow` are the fields for which everybody was looked at; `approximate`: the number may be too great.
    """

    contacts: tuple[Contact, ...]
    total: int
    capped: bool
    approximate: bool
    next: str
    slow: tuple[str, ...]
    whole: bool = False


async def look(engine: Engine, workspace_id: WorkspaceId, rules: Rules, wanted: Wanted, now: float) -> People:
    """The page. `now` is Unix seconds. A cursor that is none of ours begins again."""
    if (shelf := SHELVES.get(wanted.quick)) is not None:
        return await _shelf(engine, workspace_id, shelf, wanted.raw_after)
    asked = [] if wanted.where is None else [wanted.where]
    asked += _quick(wanted.quick, rules, now)
    text = wanted.text.strip()[:MAX_TEXT]
    if text and not wanted.within:
        found = await _search(engine, workspace_id, rules, [*asked, _whole(text, rules)], wanted)
        if found.contacts:
            return msgspec.structs.replace(found, whole=True)
    if text:
        asked.append(_within(text, rules))
    return await _search(engine, workspace_id, rules, asked, wanted)


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
    mark, known = _read(wanted.raw_after, sort)
    found = await search(engine.store, workspace_id, rules, Asked(where, PAGE, sort, mark, known))
    after = "" if found.last is None else _cursor(sort, found.last, found.counted)
    return People(found.contacts, found.total, found.capped, found.approximate, after, found.unindexed)


def _quick(quick: Quick, rules: Rules, now: float) -> list[Node]:
    if quick is Quick.CONTRADICTED:
        return [Contradicted(held_since(rules.policy, now))]
    role = {Quick.USERS: "user", Quick.LEADS: "lead"}.get(quick)
    return [] if role is None else [Test(_subject("role", rules.attributes), Relation.IS, (role,))]


def _whole(text: str, rules: Rules) -> Node:
    """Who has exactly this: found by keys, whoever else there is."""
    names = ("email", "external_id", "id") if _ID.match(text) else ("email", "external_id")
    return Some(tuple(Test(_subject(name, rules.attributes), Relation.IS, (text,)) for name in names))


def _within(text: str, rules: Rules) -> Node:
    tests = [Test(_subject(name, rules.attributes), Relation.CONTAINS, (text,)) for name in ("name", "email")]
    return Some((*tests, Test(_subject("external_id", rules.attributes), Relation.BEGINS, (text,))))


def _subject(field: str, attributes: dict[str, Attribute]) -> Any:
    found = subject_of(field, attributes)
    assert found is not None, f"{field} is every workspace's"
    return found


def _cursor(sort: Sort, mark: Mark, counted: int) -> str:
    whole = [sort.subject.field, sort.descending, mark.value, mark.contact_id, counted]
    return base64.urlsafe_b64encode(msgspec.json.encode(whole)).rstrip(b"=").decode()


def _read(raw_cursor: str, sort: Sort) -> tuple[Mark | None, int | None]:
    """Where to go on, and how many there are; nothing for a cursor of another order, or one that is none."""
    if not raw_cursor or len(raw_cursor) > _MOST_IN_A_CURSOR:
        return None, None
    try:
        raw = base64.b64decode(
            raw_cursor.encode("ascii") + b"=" * (-len(raw_cursor) % 4), altchars=b"-_", validate=True
        )
        whole = loads(raw, max_depth=2)
    except (ValueError, binascii.Error, StrictJsonError):
        return None, None
    if not isinstance(whole, list) or len(whole) != 5:
        return None, None
    field, descending, value, contact_id, known = whole
    counted = type(known) is int and 0 <= known <= contacts.MOST_COUNTED + 1
    placed = isinstance(contact_id, str) and _ID.match(contact_id) is not None
    if not counted or not placed or (field, descending) != (sort.subject.field, sort.descending):
        return None, None
    return (Mark(value, ContactId(contact_id)), known) if _fits(value, sort) else (None, None)


def _fits(value: object, sort: Sort) -> bool:
    """Whether people can be sorted by such a value."""
    if value is None:
        return True
    fact = sort.subject.place is Place.FACT or sort.subject.kind is not Kind.DATE
    kinds = _TYPES[sort.subject.kind] if fact else (int,)
    return type(value) in kinds and (not isinstance(value, int) or MIN_INTEGER <= value <= MAX_INTEGER)
