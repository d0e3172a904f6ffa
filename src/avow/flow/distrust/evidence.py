"""Which slots stood before those that fall, and what else did the key prove? Read from the records of one contact.

Records are append-only and a slot names the one that wrote it: what was found here stays right whatever is written
meanwhile, until another slot stands there. Source: spec §4 "Keys" (distrust), §7.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from avow.flow.contract import Store
from avow.trust.audit.vouching import merged_from, slot_of
from avow.trust.change import Change, ChangeKind
from avow.trust.contact import Contact, ContactId, Slot, WorkspaceId
from avow.trust.keys import Keyring
from avow.trust.weighing.distrust import Doubt, fallen_slots

PAGE: Final = 100
MOST_MERGES: Final = 8
"""How often somebody can have been merged into somebody who was merged, that a slot is followed there."""


class Evidence(msgspec.Struct, frozen=True):
    """What the records of a contact tell.

    `earlier` holds, for an attribute and the number of the change that wrote its slot, the last slot before it that can
    be trusted (None: there is none). `doubted` are the numbers of the changes that the key proved since the doubt; they
    are looked for only where something is held.
    """

    earlier: dict[tuple[str, int], Slot | None] = {}
    doubted: frozenset[int] = frozenset()


async def gather(store: Store, contact: Contact, keyring: Keyring, doubt: Doubt) -> Evidence:
    """Read the contact's records, newest first, as far back as it takes."""
    wanted = fallen_slots(contact, doubt)
    earlier: dict[tuple[str, int], Slot | None] = dict.fromkeys(wanted.items())
    doubted: set[int] = set()
    holds = any(holding.held is not None and holding.held.proven for holding in contact.holdings.values())
    if not wanted and not holds:
        return Evidence()
    async for change in _records(store, contact.workspace_id, contact.id):
        facts = change.facts
        if facts.at < doubt.since:
            holds = False
        elif facts.key == doubt.kid:
            doubted.add(facts.seq)
        for name, slot_change in list(wanted.items()):
            if facts.seq > slot_change:
                continue
            if (slot := await _slot(store, change, name, keyring, doubt)) is not None:
                earlier[name, slot_change] = slot
                del wanted[name]
        if not wanted and not holds:
            break
    return Evidence(earlier, frozenset(doubted))


async def newest_of(store: Store, contact: Contact, kid: str) -> int | None:
    """The number of the last change that the key proved, None where it proved none of this contact."""
    async for change in _records(store, contact.workspace_id, contact.id):
        if change.facts.key == kid and change.facts.kind is not ChangeKind.DISTRUSTED:
            return change.facts.seq
    return None


async def _slot(store: Store, change: Change, name: str, keyring: Keyring, doubt: Doubt, depth: int = 0) -> Slot | None:
    """The slot that this record brought: its own, or the last one of whoever was merged by it."""
    guest_id = merged_from(change, name)
    if guest_id is None:
        return slot_of(change, name, keyring, doubt)
    if depth >= MOST_MERGES:
        return None
    async for theirs in _records(store, change.facts.workspace_id, guest_id):
        if (slot := await _slot(store, theirs, name, keyring, doubt, depth + 1)) is not None:
            return Slot(slot.value, msgspec.structs.replace(slot.source, change=change.facts.seq))
    return None


async def _records(store: Store, workspace_id: WorkspaceId, contact_id: ContactId) -> AsyncIterator[Change]:
    before: int | None = None
    while page := await store.changes(workspace_id, contact_id, before=before, limit=PAGE):
        for change in page:
            yield change
        before = page[-1].facts.seq
