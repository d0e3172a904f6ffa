"""What an attribute is: created, described, given options, made quick to filter by, adopted, archived and brought back.

Names never change, and types only while an attribute is provisional: adopting one is the moment to choose.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin import seen
from avow.admin.attribute.page import show
from avow.admin.attribute.places import PATH, address, of
from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.frame.words import kind
from avow.errors import BadInput
from avow.flow import attributes
from avow.flow.attributes import Edit, Editor
from avow.flow.rules.declaring import MAX_DESCRIPTION, Definition
from avow.flow.team.roles import May
from avow.trust.attribute import Attribute, AttributeType, Enforcement

TYPES: Final = tuple((one, kind(one)) for one in AttributeType if one is not AttributeType.AVATAR)
ENFORCEMENTS: Final = (
    (Enforcement.LOCKED, "Locked: only what is signed, or written by you, counts"),
    (Enforcement.MONITOR, "Monitored: everything counts, what would be ignored is counted"),
    (Enforcement.OPEN, "Open: any browser may write it"),
)


class Form(msgspec.Struct, frozen=True):
    """What stands on the form for a new one, or for adopting a provisional one (`attribute`)."""

    address: str
    back: str
    attribute: Attribute | None = None
    types: tuple[tuple[AttributeType, str], ...] = TYPES
    enforcements: tuple[tuple[Enforcement, str], ...] = ENFORCEMENTS
    longest: int = MAX_DESCRIPTION


class Asked(msgspec.Struct, frozen=True):
    """What is told before one is archived."""

    attribute: Attribute
    address: str


async def ask_new(visit: Visit) -> Page:
    """The form for a new one."""
    return Page("attribute/new.html", "New attribute", Form(f"{visit.root}{PATH}/new", visit.root + PATH))


async def create(visit: Visit) -> Reply:
    """Create it."""
    made = await _declare(visit, visit.need("name").strip())
    return SeeOther(address(visit, made), Toast(f"{made.name} is there. Sign it in your backend, or write it by REST."))


async def ask_adopt(visit: Visit) -> Page:
    """The form that makes a provisional one the company's own; of any other there is its page."""
    attribute = await of(visit)
    if not attribute.provisional:
        return await show(visit)
    it = Form(address(visit, attribute, "/adopt"), address(visit, attribute), attribute)
    return Page("attribute/new.html", f"Adopt {attribute.name}", it)


async def adopt(visit: Visit) -> Reply:
    """Adopt it, with the type that was chosen. Values that do not fit it are held."""
    attribute = await of(visit)
    if not attribute.provisional:
        raise BadInput(f"{attribute.name} was adopted already.", field="name")
    made = await _declare(visit, attribute.name)
    return SeeOther(address(visit, made), Toast(f"{made.name} is yours now. Values that do not fit it are held."))


async def describe(visit: Visit) -> Reply:
    """Description and options, what was edited of them."""
    attribute = await of(visit)

    def edit(stands: Attribute) -> Edit:
        description = seen.edited(visit, "description", stands.description)
        if stands.type is not AttributeType.LIST:
            return Edit(description=description)
        options = seen.edited(visit, "options", "\n".join(stands.options), seen.lines)
        return Edit(description=description, options=None if options is None else seen.lines(options))

    await _update(visit, attribute, edit)
    return SeeOther(address(visit, attribute), Toast("Saved."))


async def set_filterable(visit: Visit) -> Reply:
    """Keep an index over its values, or no longer."""
    attribute = await of(visit)
    wanted = visit.need("filterable") == "yes"
    await _update(visit, attribute, Edit(filterable=wanted))
    told = "The index is being built. Filters use it as soon as it is ready." if wanted else "The index is let go."
    return SeeOther(address(visit, attribute), Toast(told))


async def ask_archive(visit: Visit) -> Page:
    """What archiving means."""
    attribute = await of(visit)
    return Page("attribute/archive.html", f"Archive {attribute.name}", Asked(attribute, address(visit, attribute)))


async def archive(visit: Visit) -> Reply:
    """Archive it, or bring it back."""
    attribute = await of(visit)
    wanted = visit.need("archived") == "yes"
    after = await _update(visit, attribute, Edit(archived=wanted))
    if wanted:
        return SeeOther(address(visit, attribute), Toast(f"{attribute.name} is archived. It takes no writes any more."))
    back = "locked, because it was signed before" if after.ever_signed else f"{after.enforcement} as before"
    return SeeOther(address(visit, attribute), Toast(f"{attribute.name} takes writes again. It is {back}."))


async def _declare(visit: Visit, name: str) -> Attribute:
    raw_type, raw_enforcement = visit.need("type"), visit.need("enforcement")
    if raw_type not in {one for one, _ in TYPES}:
        raise BadInput("That is no type. Choose one of those shown.", field="type")
    if raw_enforcement not in tuple(Enforcement):
        raise BadInput("Choose who may write it: locked, monitor or open.", field="enforcement")
    definition = Definition(
        name,
        AttributeType(raw_type),
        Enforcement(raw_enforcement),
        visit.form.get("description") or "",
        seen.lines(visit.form.get("options") or ""),
        visit.form.get("filterable") == "yes",
    )
    made = await attributes.declare(
        visit.engine.store,
        visit.workspace_id,
        definition,
        entropy=visit.engine.entropy,
        actor=visit.acting(May.MANAGE_ATTRIBUTES),
    )
    visit.engine.rulebook.forget(visit.workspace_id)
    return made


async def _update(visit: Visit, attribute: Attribute, edit: Edit | Editor) -> Attribute:
    name = attribute.name if attribute.standard else str(attribute.id)
    after = await attributes.update(
        visit.engine.store,
        visit.workspace_id,
        name,
        edit,
        entropy=visit.engine.entropy,
        actor=visit.acting(May.MANAGE_ATTRIBUTES),
    )
    visit.engine.rulebook.forget(visit.workspace_id)
    return after
