"""Making a lead part of a user by hand: first one names the other, then looks at both, then says so.

Two values that look the same prove nothing: what the lead has unverified is weighed again (spec §5.6).
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.people.contact import PATH, name_of
from avow.errors import AvowError, BadInput
from avow.flow.by_hand import acts
from avow.flow.contacts import contact_id_of, get, standings
from avow.flow.contacts.forgetting import find_named
from avow.flow.team.roles import May
from avow.trust.contact import Contact, Role, State

_MOST: Final = 30
_LONGEST: Final = 300


class Side(msgspec.Struct, frozen=True):
    """One of the two, with what is known of her: name of the attribute, value, state."""

    contact: Contact
    name: str
    values: tuple[tuple[str, object, State], ...]


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. Without both sides it asks whom."""

    contact: Contact
    name: str
    typed: str
    wrong: str
    lead: Side | None
    user: Side | None
    address: str
    wanted: str


async def ask(visit: Visit) -> Page:
    """Whom, and then: both, side by side."""
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    typed = (visit.form.get("with") or visit.query.get("with") or "").strip()[:_LONGEST]
    other, wrong = None, ""
    if contact.role is Role.VISITOR:
        wrong = "A visitor becomes part of a user by signing in. Only a lead is merged by hand."
    elif typed:
        try:
            other = _fitting(contact, await find_named(visit.engine.store, visit.workspace_id, typed))
        except AvowError as fault:
            wrong = fault.message
    lead, user = (contact, other) if contact.role is Role.LEAD else (other, contact)
    it = Shown(
        contact,
        name_of(contact),
        typed,
        wrong,
        await _side(visit, lead) if other is not None and lead is not None else None,
        await _side(visit, user) if other is not None and user is not None else None,
        f"{visit.root}{PATH}/{contact.id}",
        "user" if contact.role is Role.LEAD else "lead",
    )
    return Page("people/merge.html", "Merge", it)


async def merge(visit: Visit) -> Reply:
    """Make the lead part of the user."""
    actor = visit.acting(May.EDIT_PEOPLE)
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    other = await get(visit.engine.store, visit.workspace_id, contact_id_of(visit.need("other")))
    _fitting(contact, other)
    lead, user = (contact, other) if contact.role is Role.LEAD else (other, contact)
    work = acts.MergeLead(workspace_id=visit.workspace_id, contact_id=lead.id, actor=actor, user_id=user.id)
    await visit.engine.committer.submit(work)
    return SeeOther(f"{visit.root}{PATH}/{user.id}", Toast("The lead is part of this user now."))


def _fitting(contact: Contact, other: Contact) -> Contact:
    """The other one. Raises `BadInput` unless one of them is a lead and one a user."""
    if {contact.role, other.role} != {Role.LEAD, Role.USER}:
        raise BadInput(f"That is a {other.role}. A lead is merged into a user; this person is a {contact.role}.")
    return other


async def _side(visit: Visit, contact: Contact) -> Side:
    rules = await visit.engine.rulebook.current(visit.workspace_id)
    known = standings(contact, rules, visit.now)
    values = tuple((name, one.value, one.state) for name, one in known.items() if one.source is not None)
    return Side(contact, name_of(contact), values[:_MOST])
