"""Who is it whose value of an attribute is in doubt? Her name as somebody vouched for it, her page, and its state."""

from __future__ import annotations

import msgspec

from avow.admin.frame.visit import Visit
from avow.flow.screens.one_attribute import Doubt


class Person(msgspec.Struct, frozen=True):
    """Somebody in a list: what she is called, her page (empty where there is none), and how her value stands."""

    name: str
    address: str
    doubt: Doubt

    @property
    def place(self) -> str:
        """Whose held value this is, and which version."""
        held = self.doubt.standing.held
        return f"{self.doubt.contact.id}:{held.version if held is not None else 0}"


def person(visit: Visit, doubt: Doubt) -> Person:
    """What somebody vouched for names her first: a browser could make her anybody."""
    contact = doubt.contact
    slots = (contact.holding(name).verified_slot for name in ("name", "email"))
    said = (contact.holding(name).value for name in ("name", "email"))
    vouched = (slot.value if slot is not None else None for slot in slots)
    named = next((one for one in (*vouched, contact.external_id, *said) if isinstance(one, str) and one), "")
    has_page = "/people/{contact}" in visit.house.paths
    return Person(
        named or f"{contact.role} {contact.id[-6:]}",
        f"{visit.root}/people/{contact.id}" if has_page else "",
        doubt,
    )
