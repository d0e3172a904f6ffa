"""What may be read of contacts: one, pages of them, every value beside who vouched for it, and what changed.

- Whoever was merged is `Gone`, with the contact she became part of; whoever was erased never was.
- Values are shown as today's rules see them: leftovers from before an adoption fit its type, or are held (spec §2).
- A held value that was seen last before the retention has expired: it is not shown, and counts for nothing.

Source: spec §3, §6 ("Held value"), §7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from avow.errors import Gone, NotFound
from avow.flow.contract import KeyKind, LookupKey, Shelf, Store
from avow.trust.attribute import Attribute
from avow.trust.change import Change
from avow.trust.contact import Contact, ContactId, Held, Holding, Scalar, Slot, Source, State, WorkspaceId
from avow.trust.policy import Policy
from avow.trust.rules import Rules
from avow.trust.weighing.checks import settled

MOST_COUNTED: Final = 10_000
"""A total beyond this is not counted out: it is given as this number, and said to be capped."""
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")


class Page(msgspec.Struct, frozen=True):
    """Some of a workspace's users and leads, newest first. `capped`: there are more than `total`."""

    contacts: tuple[Contact, ...]
    total: int
    capped: bool
    more: bool


class Standing(msgspec.Struct, frozen=True):
    """All that can be told of one value: itself and its source, the newest verified one, and the last ignored one."""

    value: Scalar
    source: Source | None
    state: State
    slot: Slot | None
    held: Held | None


async def get(store: Store, workspace_id: WorkspaceId, raw_contact_id: str) -> Contact:
    """One contact. Raises `NotFound`, or `Gone` where it was merged."""
    contact_id = contact_id_of(raw_contact_id)
    return present(await store.contact(workspace_id, contact_id))


def contact_id_of(raw_contact_id: str) -> ContactId:
    """The id that a text is. Raises `NotFound` for what cannot be one."""
    if not _ID.match(raw_contact_id):
        raise _nobody()
    return ContactId(raw_contact_id)


def present(contact: Contact | None) -> Contact:
    """The contact, if there is one and it is itself. Raises `NotFound` or `Gone`."""
    if contact is None:
        raise _nobody()
    if contact.merged_into is not None:
        raise Gone(
            "This contact has been merged. See the 'Link' header for the canonical contact.",
            successor=contact.merged_into,
        )
    return contact


def _nobody() -> NotFound:
    return NotFound(
        "There is no contact of this id in this workspace. Check the id; erased contacts have none any more."
    )


async def find_by_external_id(store: Store, workspace_id: WorkspaceId, external_id: str) -> Contact:
    """The user with this id of the company's own, unless archived. Raises `NotFound` or `Gone`."""
    for row in await store.find(LookupKey(workspace_id, KeyKind.EXTERNAL_ID, external_id)):
        if row.contact_id is not None:
            found = present(await store.contact(workspace_id, row.contact_id))
            if found.archived_at is None:
                return found
            raise NotFound(f"The user with this external_id is archived. Unarchive it to find it here: id={found.id}")
    raise NotFound("There is no user with this external_id in this workspace. It is compared byte for byte.")


async def page(
    store: Store, workspace_id: WorkspaceId, *, before: ContactId | None, limit: int, shelf: Shelf = Shelf.LISTED
) -> Page:
    """At most `limit` contacts, those before `before` (in the order of age, newest first)."""
    most = MOST_COUNTED + 1
    found, total = await store.contacts(workspace_id, before=before, limit=limit + 1, most=most, shelf=shelf)
    return Page(tuple(found[:limit]), min(total, MOST_COUNTED), total > MOST_COUNTED, len(found) > limit)


async def changes(
    store: Store, workspace_id: WorkspaceId, contact_id: ContactId, *, before: int | None, limit: int
) -> tuple[list[Change], bool]:
    """At most `limit` change records, newest first, and whether older ones follow. Raises `NotFound` or `Gone`."""
    await get(store, workspace_id, contact_id)
    found = await store.changes(workspace_id, contact_id, before=before, limit=limit + 1)
    return found[:limit], len(found) > limit


def standings(contact: Contact, rules: Rules, now: float) -> dict[str, Standing]:
    """Every value of a contact that anything is known of, by attribute, in the order of the names."""
    since = held_since(rules.policy, now)
    told: dict[str, Standing] = {}
    for name, _, holding in sorted(today(contact, rules), key=lambda entry: entry[0]):
        held = _undecided(holding, unexpired(holding.held, since))
        if holding.source is not None or holding.slot is not None or held is not None:
            state = holding.state(held_since=since)
            told[name] = Standing(holding.value, holding.source, state, holding.verified_slot, held)
    return told


def _undecided(holding: Holding, held: Held | None) -> Held | None:
    """The held value, unless somebody has vouched for the same since: then there is nothing left to decide."""
    vouched = holding.source is not None and holding.source.verified
    return None if held is not None and vouched and held.value == holding.value else held


def today(contact: Contact, rules: Rules) -> Iterator[tuple[str, Attribute | None, Holding]]:
    """Every holding as today's rules see it. An attribute younger than these rules is None."""
    for name, holding in contact.holdings.items():
        attribute = rules.attributes.get(name)
        yield name, attribute, _settled(holding, attribute)


def holding_today(contact: Contact, name: str, rules: Rules) -> Holding:
    """What is kept of this attribute, as today's rules see it."""
    return _settled(contact.holding(name), rules.attributes.get(name))


def _settled(holding: Holding, attribute: Attribute | None) -> Holding:
    return holding if attribute is None else settled(holding, attribute)


def held_since(policy: Policy, now: float) -> float:
    """The moment before which a held value, if it was not seen since, has expired (Unix seconds)."""
    return now - policy.retention_days * 86_400


def unexpired(held: Held | None, since: float) -> Held | None:
    """The held value, unless it has expired."""
    return held if held is not None and held.last_at >= since else None
