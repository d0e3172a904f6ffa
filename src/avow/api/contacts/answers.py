"""What is a caller told of contacts? Each as Intercom's clients expect it, with what hangs on it, read for all at once.

- `include_merge_history=true` adds a user's newest merges.
- A write's answer carries its receipt where that was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from avow.api.beside.shown import attached
from avow.api.exchange import Call
from avow.api.reading import flag
from avow.api.rendering import Beside, contact_object, receipt
from avow.flow.contacts import Written, merge_histories
from avow.flow.contacts.merge_history import Merged
from avow.trust.contact import Contact, ContactId


async def answer(call: Call, contact: Contact) -> dict[str, Any]:
    """One contact."""
    return (await answers(call, [contact]))[0]


async def answers(call: Call, contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    """Several, in their order."""
    beside = await _beside(call, contacts)
    nothing = Beside()
    return [contact_object(one, call.rules, call.version, beside.get(one.id, nothing)) for one in contacts]


async def written_answer(call: Call, written: Written) -> dict[str, Any]:
    """A contact as a write has left it."""
    told = await answer(call, written.contact)
    return {**told, "receipt": receipt(written.verdicts)} if call.wants_receipt else told


async def _beside(call: Call, contacts: Sequence[Contact]) -> dict[ContactId, Beside]:
    """What of these contacts is not in their own rows: one look at each kind, however many contacts there are."""
    lists = await attached(call, contacts)
    beside = {one: Beside(tags=tags, notes=notes) for one, (tags, notes) in lists.items()}
    if not flag(call.query, "include_merge_history"):
        return beside
    histories = await merge_histories(call.engine.store, call.workspace_id, contacts)
    for one, merged in histories.items():
        told = tuple(merge_object(each) for each in merged)
        beside[one] = msgspec.structs.replace(beside.get(one, Beside()), merge_history=told)
    return beside


def merge_object(one: Merged) -> dict[str, Any]:
    """One entry of a merge history."""
    return {
        "type": "merge_history",
        "source_contact_id": one.contact_id,
        "source_contact_role": one.role,
        "merged_at": int(one.at),
    }
