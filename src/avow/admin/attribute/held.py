"""What becomes of the values that are held of one attribute: shown, accepted one by one or many at once, let go.

One by one somebody vouches, and the value is verified. At many nobody has looked that closely: they stay unverified.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from avow.admin.attribute.person import Person, person
from avow.admin.attribute.places import address, of
from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.errors import BadInput
from avow.flow.by_hand.acts import DecideHeld, Decision
from avow.flow.contacts import contact_id_of, held_address
from avow.flow.screens import accepting
from avow.flow.screens.waiting import waiting
from avow.flow.team.roles import May
from avow.trust.attribute import Attribute
from avow.web.forms import Form

_NUMBER: Final = re.compile(r"\d{1,12}\Z", re.ASCII)
_PLACE: Final = re.compile(r"held(?:\.([0-9a-f]{24})\.(\d{1,12}))?\Z", re.ASCII)

WHAT: dict[Decision, str] = {
    Decision.ACCEPT: "The value is accepted. It counts as verified: you vouched for it.",
    Decision.DISCARD: "The value is let go. What was known stays as it is.",
}


class Shown(msgspec.Struct, frozen=True):
    """What stands on the page. `looked`: at so many people so far; `onward` leads further, or is "".

    `place` says which part this is, for whoever comes back to it once she has decided.
    """

    attribute: Attribute
    held: tuple[Person, ...]
    looked: int
    onward: str
    going: bool
    place: str
    may_decide: bool
    address: str


async def show(visit: Visit) -> Page:
    """Everything that waits."""
    attribute = await of(visit)
    raw_before, raw_looked = visit.query.get("before") or "", visit.query.get("looked") or ""
    before = contact_id_of(raw_before) if raw_before else None
    part = await waiting(visit.engine, visit.workspace_id, attribute, before=before)
    looked_before = int(raw_looked) if before is not None and _NUMBER.match(raw_looked) else 0
    looked = part.looked + looked_before
    mine = address(visit, attribute)
    onward = f"{mine}/held?before={part.oldest}&looked={looked}" if part.oldest is not None else ""
    people = tuple(person(visit, one) for one in part.held)
    place = f"held.{before}.{looked_before}" if before is not None else "held"
    it = Shown(attribute, people, looked, onward, before is not None, place, visit.may(May.EDIT_PEOPLE), mine)
    return Page("attribute/held.html", f"What waits: {attribute.name}", it)


async def decide(visit: Visit) -> Reply:
    """Accept or discard one."""
    attribute = await of(visit)
    raw_decision, (chosen,) = visit.need("decision"), accepting.seen([visit.need("held")])
    if raw_decision not in tuple(Decision):
        raise BadInput("Choose to accept the value, or to discard it.", field="decision")
    decision, store = Decision(raw_decision), visit.engine.store
    await visit.engine.committer.submit(
        DecideHeld(
            workspace_id=visit.workspace_id,
            contact_id=chosen.contact_id,
            actor=visit.acting(May.EDIT_PEOPLE),
            name=attribute.name,
            version=chosen.version,
            decision=decision,
            address=await held_address(store, visit.workspace_id, chosen.contact_id, attribute.name),
        )
    )
    return SeeOther(_back(visit, attribute), Toast(WHAT[decision]))


async def accept_all(visit: Visit) -> Reply:
    """Accept many, unverified."""
    attribute = await of(visit)
    chosen = accepting.seen(visit.form.all("held"))
    actor = visit.acting(May.EDIT_PEOPLE)
    done = await accepting.accept_all(visit.engine, visit.workspace_id, attribute.name, chosen, actor=actor)
    taken = "1 value is" if done.taken == 1 else f"{done.taken} values are"
    text = f"{taken} accepted, unverified."
    if done.left:
        text += (
            f" {done.left} {'was' if done.left == 1 else 'were'} left: somebody vouched there, or it changed meanwhile."
        )
    return SeeOther(_back(visit, attribute), Toast(text, Tone.NOTE if done.left else Tone.DONE))


def asked_in(visit: Visit) -> Form | None:
    """The part of everything that waits in which she decided, as its address asks for it; None: it was not there."""
    place = _PLACE.match(visit.form.get("from") or "")
    if place is None:
        return None
    return Form({"before": place[1], "looked": place[2]} if place[1] else {}, {})


def _back(visit: Visit, attribute: Attribute) -> str:
    """Where she decided: the same part of everything that waits, or the attribute's page."""
    place = _PLACE.match(visit.form.get("from") or "")
    if place is None:
        return address(visit, attribute)
    part = f"?before={place[1]}&looked={place[2]}" if place[1] else ""
    return address(visit, attribute, f"/held{part}")
