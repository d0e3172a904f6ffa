"""Which keys lead from an address to a contact? Those of her current and of her verified one.

Whoever claims an address is led to by it, one name after the other: of a crowd nobody sees all. Users whom no external
id names are few, and an address may make a duplicate of them only; so it leads to them once more, apart from the crowd.

Source: spec §5.3, contract/intercom-notes.md §4.2 (what counts as a duplicate).
"""

from __future__ import annotations

from avow.flow.contract import KeyKind, LookupKey
from avow.trust.contact import Contact, Role
from avow.trust.identity import fold_email


def are_as_before(before: Contact, after: Contact) -> bool:
    """Whether nothing has changed that these keys depend on."""
    if before.holdings.get("email") is not after.holdings.get("email"):
        return False
    return before.external_id == after.external_id and before.role is after.role


def keys_of(contact: Contact) -> set[LookupKey]:
    """All of them."""
    holding = contact.holding("email")
    slot = holding.verified_slot
    values = (holding.value, slot.value if slot is not None else None)
    alone = contact.role is Role.USER and contact.external_id is None
    return {
        LookupKey(contact.workspace_id, kind, fold_email(value))
        for value in values
        if isinstance(value, str)
        for kind in ((KeyKind.EMAIL, KeyKind.EMAIL_ALONE) if alone else (KeyKind.EMAIL,))
    }
