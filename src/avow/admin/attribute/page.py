"""One attribute: what arrives, who writes it unsigned, whose browser contradicts what is known, what is held.

Its lock is turned here as in the list (`attributes.py`): the same dialog, the same act, and the way back leads here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec

from avow.admin import attributes, lock_dialog, seen
from avow.admin.activity.operators import Told, told
from avow.admin.activity.screen import SPANS, STRETCHES, drawn
from avow.admin.attribute import held
from avow.admin.attribute.person import Person, person
from avow.admin.attribute.places import PATH, address, of
from avow.admin.frame.charts import Chart
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.seen import FieldSeen
from avow.flow.readiness import HEADLINE
from avow.flow.screens import one_attribute
from avow.flow.screens.one_attribute import Look
from avow.flow.search.filtering import progress
from avow.flow.team.roles import May
from avow.trust.attribute import Attribute, AttributeType
from avow.trust.readiness import UNPROVEN, Assessment
from avow.trust.traffic import TrafficClass
from avow.web.forms import Form

CLASSES: Final = (
    (TrafficClass.SIGNED, "Signed"),
    (TrafficClass.REPEATS, "Unsigned, repeats"),
    (TrafficClass.FILLS, "Unsigned, fills a blank"),
    (TrafficClass.CHANGES, "Unsigned, changes"),
    (TrafficClass.CONTRADICTS, "Unsigned, contradicts"),
)


class Shown(msgspec.Struct, frozen=True):
    """What stands on the page. `indexed` is how far its index is (0 to 1), None where there is none."""

    attribute: Attribute
    look: Look
    here: Assessment
    stretch: str
    stretches: tuple[tuple[str, str, bool], ...]
    chart: Chart
    unproven: int
    contradicting: tuple[Person, ...]
    held: tuple[Person, ...]
    history: tuple[Told, ...]
    indexed: float | None
    description: FieldSeen
    options: FieldSeen
    can_be_filtered: bool
    may_lock: bool
    may_define: bool
    may_decide: bool
    address: str
    back: str


async def show(visit: Visit) -> Page:
    """The page."""
    attribute = await of(visit)
    look = await one_attribute.look(visit.engine, visit.workspace_id, attribute)
    raw_stretch = visit.query.get("over") or HEADLINE
    stretch = raw_stretch if raw_stretch in SPANS else HEADLINE
    here, mine = look.report.windows[stretch], address(visit, attribute)
    title = f"Writes of {attribute.name} over time, by how they came"
    it = Shown(
        attribute,
        look,
        here,
        stretch,
        tuple((text, mine + ("" if one == HEADLINE else f"?over={one}"), one == stretch) for one, text in STRETCHES),
        drawn(title, [(kind, text, look.traffic.get(kind, {})) for kind, text in CLASSES], stretch, visit),
        sum(here.counts[kind] for kind in UNPROVEN),
        tuple(person(visit, one) for one in look.contradicting),
        tuple(person(visit, one) for one in look.held),
        tuple(map(told, look.history)),
        progress(look.filter) if look.filter is not None else None,
        seen.shown(visit, "description", attribute.description),
        seen.shown(visit, "options", "\n".join(attribute.options), seen.lines),
        attribute.type is not AttributeType.AVATAR and not attribute.provisional,
        visit.may(May.LOCK),
        visit.may(May.MANAGE_ATTRIBUTES),
        visit.may(May.EDIT_PEOPLE),
        mine,
        visit.root + PATH,
    )
    return Page("attribute/attribute.html", attribute.name, it)


async def show_where_asked(visit: Visit) -> Page:
    """The page on which a held value was decided: this one, or the one with everything that waits."""
    part = held.asked_in(visit)
    return await (show(visit) if part is None else held.show(replace(visit, query=part)))


async def ask_lock(visit: Visit) -> Page:
    """The list's dialog, about this one; its form is sent here."""
    attribute = await of(visit)
    page = await lock_dialog.ask(_about(visit, attribute))
    return replace(page, it=msgspec.structs.replace(page.it, address=address(visit, attribute)))


async def lock(visit: Visit) -> Reply:
    """Lock it."""
    attribute = await of(visit)
    return _here(visit, attribute, await attributes.lock(_about(visit, attribute)))


async def turn(visit: Visit) -> Reply:
    """Open it, or watch it first."""
    attribute = await of(visit)
    return _here(visit, attribute, await attributes.turn(_about(visit, attribute)))


async def undo(visit: Visit) -> Reply:
    """Put back what was just turned."""
    return _here(visit, await of(visit), await attributes.undo(visit))


def _about(visit: Visit, attribute: Attribute) -> Visit:
    """The same visit, as if the list had been asked about this attribute alone."""
    fields = {name: value for name, value in visit.form.single.items() if name not in ("name", "show")}
    form = Form({**fields, "name": attribute.name}, {})
    listed = Form(fields, {"name": [attribute.name]})
    return replace(visit, form=form if "enforcement" in fields else listed, query=listed)


def _here(visit: Visit, attribute: Attribute, reply: Reply) -> Reply:
    """The list's answer, with its ways leading back to this page."""
    if not isinstance(reply, SeeOther):
        return reply
    toast, mine = reply.toast, address(visit, attribute)
    if toast is not None and toast.undo.endswith("/undo"):
        toast = msgspec.structs.replace(toast, undo=f"{mine}/undo")
    return SeeOther(mine, toast, reply.headers)
