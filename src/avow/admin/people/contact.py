"""A person: every value with who vouched for it and what was claimed instead, what stands beside, what became of her.

Whoever was merged leads to the person she became part of; an open page of somebody who is erased is left.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from markupsafe import Markup

from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.people import history
from avow.admin.people.history import Entry
from avow.admin.people.voices import Voice, Voices
from avow.errors import Gone, NotFound
from avow.flow.contract import Note
from avow.flow.screens import person
from avow.flow.screens.person import Person, Value
from avow.flow.team.roles import May
from avow.trust.attribute import Attribute
from avow.trust.contact import Contact, Scalar, State
from avow.trust.rules import Rules
from avow.trust.weighing.distrust import has_fallen

PATH: Final = "/people"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,15}\Z")


class ValueShown(msgspec.Struct, frozen=True):
    """One value. `voice` wrote it; `vouched` is the verified one beside an unverified current one, with its `voucher`.

    `disputed`: what a browser claims is another value than the verified one. `fallen`: its key is trusted no more.
    """

    value: Value
    attribute: Attribute | None
    voice: Voice | None
    vouched: bool
    voucher: Voice | None
    held: bool
    fallen: bool

    @property
    def kind(self) -> str:
        """The attribute's type, so that a value can be told as one."""
        return "string" if self.attribute is None else str(self.attribute.type)


class Written(msgspec.Struct, frozen=True):
    """A note, and who wrote it. Its HTML was written by us, tag by tag (`flow/beside/markup.py`)."""

    note: Note
    html: Markup
    by: str


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen."""

    person: Person
    name: str
    values: tuple[ValueShown, ...]
    notes: tuple[Written, ...]
    history: tuple[Entry, ...]
    kinds: dict[str, str]
    address: str
    people: str
    newest: bool
    contradicted: int
    may_edit: bool
    may_erase: bool
    all_notes: bool

    @property
    def contact(self) -> Contact:
        """The person herself."""
        return self.person.contact


async def show(visit: Visit) -> Reply:
    """The screen."""
    rules = await visit.engine.rulebook.current(visit.workspace_id)
    raw_before = visit.query.get("before") or ""
    before = int(raw_before) if _NUMBER.match(raw_before) else None
    all_notes = visit.query.get("notes") == "all"
    try:
        found = await person.look(
            visit.engine, visit.workspace_id, visit.path["contact"], rules, before=before, all_notes=all_notes
        )
    except Gone as gone:
        toast = Toast("That person became part of this one.", Tone.NOTE)
        return SeeOther(f"{visit.root}{PATH}/{gone.successor}", toast)
    except NotFound:
        if not visit.browser.renews_part:
            raise
        return SeeOther(visit.root + PATH, Toast("That person was erased.", Tone.NOTE))  # while her page stood open
    voices = Voices.of(rules, await visit.engine.store.teammates(visit.here.home))
    values = tuple(_value(one, rules, voices) for one in found.values)
    it = Shown(
        found,
        name_of(found.contact),
        values,
        tuple(Written(one, Markup(one.body), voices.name(one.actor)) for one in found.notes.notes),  # noqa: S704 - ours
        history.entries(found.changes, voices),
        {one.name: str(one.type) for one in rules.attributes.values()},
        f"{visit.root}{PATH}/{found.contact.id}",
        visit.root + PATH,
        before is None,
        sum(one.standing.state is State.CONTRADICTED for one in found.values),
        visit.may(May.EDIT_PEOPLE),
        visit.may(May.ERASE_PEOPLE),
        all_notes,
    )
    return Page("people/contact.html", _title(it.name), it)


def name_of(contact: Contact) -> str:
    """What somebody is called on a screen: her name, else an address, else what she is."""
    for name in ("name", "email"):
        value: Scalar = contact.holding(name).value
        if isinstance(value, str) and value.strip():
            return value
    return contact.external_id or f"Unnamed {contact.role}"


def _title(name: str) -> str:
    """A name in a title: short, and without what turns a line around."""
    plain = "".join(letter for letter in name if letter.isprintable())
    return plain if len(plain) <= 60 else plain[:59] + "…"


def _value(value: Value, rules: Rules, voices: Voices) -> ValueShown:
    standing = value.standing
    beside = standing.slot is not None and (standing.source is None or not standing.source.verified)
    return ValueShown(
        value,
        rules.attributes.get(value.name),
        voices.of_source(standing.source),
        beside,
        voices.of_source(standing.slot.source) if standing.slot is not None else None,
        standing.held is not None,
        has_fallen(standing.source),
    )
