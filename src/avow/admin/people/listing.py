"""People: who is there, by filters that one builds without a mouse, by a text, in an order, page by page.

- Everything that is asked stands in the address, so that a list can be kept and handed on.
- A list that has no end yet, because only so many were looked at, says so, goes on when it is asked to, and tells what
  would make it fast.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.people import columns, conditions
from avow.admin.people.conditions import Builder, address
from avow.errors import BadInput
from avow.flow import attributes, contacts
from avow.flow.attributes import Edit
from avow.flow.contacts import Standing
from avow.flow.contract import Filter
from avow.flow.screens import people
from avow.flow.screens.people import Match, People, Quick, Wanted
from avow.flow.search.fields import CUSTOM
from avow.flow.search.filtering import progress
from avow.flow.search.terms import terms_of
from avow.flow.team.roles import May
from avow.trust.attribute import Attribute, AttributeType
from avow.trust.contact import Contact
from avow.trust.rules import Rules

PATH: Final = "/people"
_QUICK: Final = {
    Quick.ALL: "Everybody",
    Quick.USERS: "Users",
    Quick.LEADS: "Leads",
    Quick.CONTRADICTED: "Contradicted",
    Quick.ARCHIVED: "Archived",
    Quick.BLOCKED: "Blocked",
}
_ORDERS: Final = (
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("seen", "Last seen"),
    ("changed", "Last changed"),
    ("name", "Name"),
    ("email", "E-mail"),
)
_WITHIN: Final[dict[Match | None, str]] = {Match.BEGINS: "begins", Match.WITHIN: "1"}
_NOT_TO_BE_HELPED: Final = {"contradicted": "contradicted", "tag_id": "tag"}


class Line(msgspec.Struct, frozen=True):
    """One person of the list. `standings` are those of the columns, in their order."""

    contact: Contact
    name: Standing | None
    email: Standing | None
    standings: tuple[Standing | None, ...]
    contradicted: int


class Slow(msgspec.Struct, frozen=True):
    """A field for which people are looked at one by one. `attribute` is the one that can be made filterable, if any.

    `built` is how much of its index there is already (0 to 1), None where none is being made.
    """

    words: str
    attribute: Attribute | None
    built: float | None


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `back` is this page's query, to come back to.

    `going`: she has asked to go on looking, which goes on by itself until somebody is found.
    """

    lines: tuple[Line, ...]
    found: People
    quick: tuple[tuple[str, str, bool], ...]
    builder: Builder
    wanted: Wanted
    orders: tuple[tuple[str, str], ...]
    columns: tuple[Attribute, ...]
    offered: tuple[Attribute, ...]
    slow: tuple[Slow, ...]
    carried: tuple[tuple[str, str], ...]
    first: str
    next: str
    within: str
    address: str
    back: str
    shelved: bool
    live: bool
    may_manage: bool
    going: bool

    @property
    def narrowed(self) -> bool:
        """Whether anything was asked."""
        return bool(self.builder.asking or self.wanted.text or self.wanted.quick is not Quick.ALL)


async def show(visit: Visit) -> Page:
    """The screen."""
    engine, workspace_id = visit.engine, visit.workspace_id
    rules = await engine.rulebook.current(workspace_id)
    tags = await engine.store.tags(workspace_id)
    builder = conditions.read(visit.query, conditions.fields_of(rules, tags))
    where, builder = conditions.ask(builder, terms_of(rules, visit.workspace.timezone, visit.now))
    wanted = _wanted(visit)
    wanted = msgspec.structs.replace(wanted, where=where)
    if builder.at_fault:
        found = People()
    else:
        found = await people.look(engine, workspace_id, rules, wanted, visit.now)
    shown = columns.chosen(visit, rules)
    lines = tuple(_line(one, shown, rules, visit.now) for one in found.contacts)
    slow = await _slow(visit, found, rules)
    return Page("people/people.html", "People", _shown(visit, rules, builder, wanted, found, lines, shown, slow))


def _shown(
    visit: Visit,
    rules: Rules,
    builder: Builder,
    wanted: Wanted,
    found: People,
    lines: tuple[Line, ...],
    shown: list[Attribute],
    slow: tuple[Slow, ...],
) -> Shown:
    path = visit.root + PATH
    order = ("sort", wanted.order if wanted.order is not people.Order.NEWEST else "")
    asked = [("q", wanted.text), *builder.fields, order]
    which = ("show", wanted.quick if wanted.quick is not Quick.ALL else "")
    match = ("within", _WITHIN.get(wanted.match, ""))
    whole = [which, *asked, match]
    quick = tuple(
        (words, address(path, [("show", one if one is not Quick.ALL else ""), *asked]), one is wanted.quick)
        for one, words in _QUICK.items()
    )
    onwards = [("within", _WITHIN.get(found.match, "")), ("after", found.next), ("going", "1" if found.stopped else "")]
    here = address(path, [*whole, ("after", wanted.raw_after)])
    return Shown(
        lines,
        found,
        quick,
        builder,
        wanted,
        _ORDERS,
        tuple(shown),
        tuple(columns.offered(rules)),
        slow,
        tuple(pair for pair in (which,) if pair[1]),
        address(path, whole) if wanted.raw_after else "",
        address(path, [which, *asked, *onwards]) if found.next else "",
        address(path, [which, *asked, ("within", "1")]) if found.match in (Match.WHOLE, Match.BEGINS) else "",
        path,
        here.removeprefix(path),
        wanted.quick in people.SHELVES,
        not found.looked and not wanted.raw_after and not builder.at_fault,
        visit.may(May.MANAGE_ATTRIBUTES),
        visit.query.get("going") == "1",
    )


def _wanted(visit: Visit) -> Wanted:
    query = visit.query
    quick, order = query.get("show") or "", query.get("sort") or ""
    matches = {word: match for match, word in _WITHIN.items()}
    return Wanted(
        Quick(quick) if quick in tuple(Quick) else Quick.ALL,
        None,
        (query.get("q") or "").strip()[: people.MAX_TEXT],
        matches.get(query.get("within") or ""),
        people.Order(order) if order in tuple(people.Order) else people.Order.NEWEST,
        query.get("after") or "",
    )


def _line(contact: Contact, shown: list[Attribute], rules: Rules, now: float) -> Line:
    known = contacts.standings(contact, rules, now)
    contradicted = sum(one.state == "contradicted" for one in known.values())
    values = tuple(known.get(one.name) for one in shown)
    return Line(contact, known.get("name"), known.get("email"), values, contradicted)


async def _slow(visit: Visit, found: People, rules: Rules) -> tuple[Slow, ...]:
    if not found.looked and found.in_order:
        return ()
    built = await people.filters(visit.engine, visit.workspace_id)
    return tuple(_slow_field(field, rules, built) for field in found.slow)


def _slow_field(field: str, rules: Rules, built: dict[int, Filter]) -> Slow:
    name = field.removeprefix(CUSTOM)
    attribute = rules.attributes.get(name)
    if attribute is None or attribute.standard is not (name == field):
        return Slow(_NOT_TO_BE_HELPED.get(field, field.replace("_", " ")), None, None)
    making = built.get(attribute.id)
    helped = making is None and not attribute.provisional and attribute.type is not AttributeType.AVATAR
    return Slow(attribute.name, attribute if helped else None, None if making is None else progress(making))


async def choose_columns(visit: Visit) -> Reply:
    """Keep which attributes she wants to see."""
    rules = await visit.engine.rulebook.current(visit.workspace_id)
    header = columns.kept(visit, rules, visit.form.all("column"))
    return SeeOther(visit.root + PATH + _back(visit), headers=(header,))


async def make_filterable(visit: Visit) -> Reply:
    """Have an attribute's values kept in order, so that filters by it are fast."""
    name = visit.need("name")
    await attributes.update(
        visit.engine.store,
        visit.workspace_id,
        await _id_of(visit, name),
        Edit(filterable=True),
        entropy=visit.engine.entropy,
        actor=visit.acting(May.MANAGE_ATTRIBUTES),
    )
    visit.engine.rulebook.forget(visit.workspace_id)
    toast = Toast(f"{name} is being made filterable. Until then, people are looked at one by one.", Tone.DONE)
    return SeeOther(visit.root + PATH + _back(visit), toast)


async def _id_of(visit: Visit, name: str) -> str:
    rules = await visit.engine.rulebook.current(visit.workspace_id)
    found = rules.attributes.get(name)
    if found is None:
        raise BadInput("There is no such attribute here any more.", field="name")
    return found.name if found.standard else str(found.id)


def _back(visit: Visit) -> str:
    """The list that she came from. Only a query of plain characters is gone back to."""
    raw = visit.form.get("back") or ""
    plain = raw.isascii() and raw.isprintable() and " " not in raw and "\\" not in raw
    return raw if raw.startswith("?") and plain and len(raw) < 6_000 else ""
