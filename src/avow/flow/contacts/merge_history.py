"""Who became part of a user? Her leads, by when that was, page by page.

Visitors are told by the user's change records only: they come by the hundred, and were nobody yet.
Source: contract/intercom-notes.md §4.1, §4.2 (`merge_history`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from avow.errors import NotFound
from avow.flow.contacts.reading import get
from avow.flow.contract import Store
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId

MAX_MERGED_SHOWN: Final = 50
"""How many merges a contact's own answer shows; all of them are in her merge history."""
_MOST_AT_ONCE: Final = 5_000


class Merged(msgspec.Struct, frozen=True):
    """One contact that became part of another, and when (Unix seconds)."""

    contact_id: ContactId
    role: Role
    at: float


Seen = tuple[float, ContactId]
"""The last merge that a page has shown."""


async def merge_history(
    store: Store, workspace_id: WorkspaceId, raw_contact_id: str, *, past: Seen | None, limit: int, oldest_first: bool
) -> tuple[list[Merged], bool]:
    """At most `limit` merges past the last one seen, and whether more follow. Raises `NotFound` for a lead."""
    user = await get(store, workspace_id, raw_contact_id)
    if user.role is not Role.USER:
        raise NotFound("Contact not found: only users have a merge history.")
    found = await store.merged(workspace_id, [user.id], past=past, limit=limit + 1, oldest_first=oldest_first)
    return [_merged(one) for one in found[:limit]], len(found) > limit


async def merge_histories(
    store: Store, workspace_id: WorkspaceId, contacts: Iterable[Contact]
) -> dict[ContactId, list[Merged]]:
    """The newest merges of each user among these contacts, newest first."""
    told: dict[ContactId, list[Merged]] = {one.id: [] for one in contacts if one.role is Role.USER}
    found = await store.merged(workspace_id, list(told), past=None, limit=_MOST_AT_ONCE) if told else []
    for one in found:
        if one.merged_into is not None and len(told[one.merged_into]) < MAX_MERGED_SHOWN:
            told[one.merged_into].append(_merged(one))
    return told


def _merged(one: Contact) -> Merged:
    return Merged(one.id, one.role, one.updated_at)
