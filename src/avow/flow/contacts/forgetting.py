"""How does an operator forget somebody? The same erasure as by REST, asked for at the command line.

Somebody is named by id, `external_id` or e-mail; what several have, be it one as her id and another as her address,
names nobody: while messenger security is off, Mallory can have any of both.
Source: spec §7 (erasure), §10 (CLI).
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from avow.errors import Conflict, NotFound
from avow.flow.contacts.reading import present
from avow.flow.contacts.writing import Erased, erased
from avow.flow.contract import MOST_OF_ADDRESS, KeyKind, LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.work import Effects, Idempotency, Wants
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.identity import fold_email

MOST_COUNTED: Final = 10_000
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")


class ForgetContact(msgspec.Struct, frozen=True):
    """Everything that tells of a contact goes. `actor` is the operator. Its result is `Erased`."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    actor: str
    idempotency: Idempotency | None = None

    @property
    def outcome(self) -> type[Erased]:
        """Who was erased."""
        return Erased

    def authenticate(self, desk: Desk) -> None:
        """An operator may."""

    def wants(self) -> Wants:
        """The contact."""
        return Wants(ids=(self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()

    def weigh(self, desk: Desk) -> Effects:
        """Erase. Raises `NotFound` or `Gone`."""
        contact = present(desk.contacts.get(self.contact_id))
        return erased(desk, contact, None, self.actor, Erased(contact.id, contact.external_id))


class Traces(msgspec.Struct, frozen=True):
    """What there is of somebody, and what will go. Each number is counted up to `MOST_COUNTED`."""

    values: int
    keys: int
    changes: int
    events: int
    notes: int
    tags: int
    merged: int


async def find_named(store: Store, workspace_id: WorkspaceId, name: str) -> Contact:
    """Whoever is meant by an id, an external_id or an e-mail. Raises `NotFound`, `Gone` or `Conflict`."""
    ids: list[ContactId] = []
    if _ID.match(name):
        ids = [ContactId(name)]
    if not ids or await store.contact(workspace_id, ids[0]) is None:
        ids = await _led_to(store, LookupKey(workspace_id, KeyKind.EXTERNAL_ID, name))
        if "@" in name:
            addressed = await _led_to(store, LookupKey(workspace_id, KeyKind.EMAIL, fold_email(name)))
            ids += [one for one in addressed if one not in ids]
    if len(ids) > MOST_OF_ADDRESS:
        several = f"More than {MOST_OF_ADDRESS} people have this external_id or e-mail"
        raise Conflict(f"{several}. Name one of them by her id: {', '.join(ids[:20])}", field="who")
    found = [one for contact_id in ids if (one := await store.contact(workspace_id, contact_id)) is not None]
    if not found:
        raise NotFound("There is nobody of this id, external_id or e-mail in this workspace.", field="who")
    if len(found) > 1:
        listed = ", ".join(one.id for one in found[:20])
        several = f"{len(found)} people have this external_id or e-mail"
        raise Conflict(f"{several}. Name one of them by her id: {listed}", field="who")
    return present(found[0])


async def _led_to(store: Store, key: LookupKey) -> list[ContactId]:
    return [row.contact_id for row in await store.find(key) if row.contact_id is not None]


async def traces(store: Store, contact: Contact) -> Traces:
    """What there is of somebody."""
    place = contact.workspace_id, contact.id
    events = await store.events(*place, limit=MOST_COUNTED)
    notes = await store.notes(*place, before=None, limit=MOST_COUNTED)
    merged = await store.merged(contact.workspace_id, [contact.id], past=None, limit=MOST_COUNTED)
    return Traces(
        values=len(contact.holdings),
        keys=len(await store.keys_of(*place)),
        changes=min(contact.version, MOST_COUNTED),
        events=len(events),
        notes=len(notes),
        tags=len(await store.taggings(*place)),
        merged=len(merged),
    )
