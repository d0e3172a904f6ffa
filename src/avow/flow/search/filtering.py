"""How do searches become fast? An attribute is declared filterable, and its values are kept in order beside contacts.

- From the declaration on, whoever writes a contact keeps its entries in the same transaction; what was there before
  is entered in the background, a few contacts at a time, each time under the workspace's exclusive lock.
- How far that is stands in the database: it goes on after a restart, in whichever process comes first.
- A workspace without filterable attributes does and pays nothing of this.

Source: performance.md ("What was learned"), docs/decisions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from avow.errors import BadInput
from avow.flow.contract import Store
from avow.flow.contract.query import Filter, FilterChanges, FilterState, FilterValue, sortable
from avow.trust.attribute import STANDARD, Attribute, AttributeType
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from avow.trust.weighing.checks import settled

FILTERABLE_AT_MOST: Final = 20
STEP: Final = 200
"""Contacts entered while writers wait: some milliseconds' worth."""
BREATH: Final = 0.005
_LISTED: Final = (None, None, None)


class BuildStep(msgspec.Struct, frozen=True):
    """What a step of building came to: the filter after it, None once it is cleared away."""

    attribute_id: int
    filter: Filter | None


def progress(it: Filter) -> float:
    """How much of the work is done, from 0 to 1."""
    if it.state is FilterState.READY:
        return 1.0
    return min(it.done / it.total, 1.0) if it.total else 0.0


async def declare_filterable(changes: FilterChanges, attribute: Attribute, wanted: bool, now: float) -> bool:
    """Have an attribute's index kept from now on, or no longer; whether that changed. Raises `BadInput`."""
    known = {it.attribute_id: it for it in await changes.filters()}
    it = known.get(attribute.id)
    if wanted is (it is not None and it.kept):
        return False
    if it is not None and not wanted:
        await changes.put_filter(Filter(attribute.id, FilterState.DROPPING, now, total=it.total), told=True)
        return True
    if attribute.provisional or attribute.type is AttributeType.AVATAR:
        what = "is an avatar" if attribute.type is AttributeType.AVATAR else "was only ever written by browsers"
        raise BadInput(f"The attribute {what}, and cannot be filterable.", field="filterable")
    if sum(one.kept for one in known.values()) >= FILTERABLE_AT_MOST:
        message = f"{FILTERABLE_AT_MOST} attributes are filterable, and there can be no more. Let go of one first."
        raise BadInput(message, field="filterable")
    await changes.put_filter(Filter(attribute.id, FilterState.BUILDING, now), told=True)
    return True


def entries(contact: Contact, attributes: Sequence[Attribute]) -> dict[tuple[int, bool], str]:
    """What the indexes of these attributes say of a contact; nothing of one that no list shows."""
    if contact.role is Role.VISITOR or (contact.merged_into, contact.archived_at, contact.blocked_at) != _LISTED:
        return {}
    found: dict[tuple[int, bool], str] = {}
    for attribute in attributes:
        stored = contact.holdings.get(attribute.name)
        if stored is None:
            continue
        holding = settled(stored, attribute)
        if holding.value is not None:
            found[attribute.id, False] = sortable(holding.value)
        slot = holding.verified_slot
        if slot is not None and slot.value is not None:
            found[attribute.id, True] = sortable(slot.value)
    return found


def moved(before: Contact | None, after: Contact, attributes: Sequence[Attribute]) -> list[FilterValue]:
    """The entries that a change of a contact changes."""
    old = entries(before, attributes) if before is not None else {}
    new = entries(after, attributes)
    return [
        FilterValue(after.workspace_id, after.id, *place, new.get(place))
        for place in sorted(old.keys() | new.keys())
        if old.get(place) != new.get(place)
    ]


async def advance(store: Store, workspace_id: WorkspaceId) -> BuildStep | None:
    """The next few contacts of the first index that is not ready. None where all of them are."""
    waiting = [it for it in await store.filters(workspace_id) if it.state is not FilterState.READY]
    if not waiting:
        return None
    it = waiting[0]
    if not it.total:
        it = msgspec.structs.replace(it, total=max(1, await store.contact_count(workspace_id)))
    rules = await store.rules(workspace_id)
    attributes = {one.id: one for one in (*STANDARD.values(), *(rules.attributes if rules else ()))}
    ids = tuple(await store.contact_ids(workspace_id, after=it.reached, limit=STEP))
    async with store.rules_transaction(workspace_id) as changes:
        current = {one.attribute_id: one for one in await changes.filters()}.get(it.attribute_id)
        if current is None or (current.state, current.since, current.reached) != (it.state, it.since, it.reached):
            return BuildStep(it.attribute_id, current)  # somebody else went on, or decided otherwise
        if not ids:
            return BuildStep(it.attribute_id, await _finish(changes, it))
        await changes.put_filter_values(await _values(changes, it, ids, workspace_id, attributes))
        after = msgspec.structs.replace(it, done=it.done + len(ids), reached=ids[-1])
        await changes.put_filter(after, told=False)
        return BuildStep(it.attribute_id, after)


async def build(store: Store, workspace_id: WorkspaceId, on_step: Callable[[BuildStep], None] | None = None) -> None:
    """Go on until every index of the workspace is ready. As much time as a step takes is left to writers after it."""
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()
        step = await advance(store, workspace_id)
        if step is None:
            return
        if on_step is not None:
            on_step(step)
        await asyncio.sleep(max(BREATH, clock() - begun))


async def _finish(changes: FilterChanges, it: Filter) -> Filter | None:
    if it.state is FilterState.DROPPING:
        await changes.drop_filter(it.attribute_id)
        return None
    ready = msgspec.structs.replace(it, state=FilterState.READY, total=it.done, reached=None)
    await changes.put_filter(ready, told=False)
    return ready


async def _values(
    changes: FilterChanges,
    it: Filter,
    ids: tuple[ContactId, ...],
    workspace_id: WorkspaceId,
    attributes: Mapping[int, Attribute],
) -> tuple[FilterValue, ...]:
    """The entries of these contacts; what no longer holds, or is no longer kept, is removed."""
    found: dict[tuple[ContactId, bool], str] = {}
    if it.kept:
        for contact in await changes.contacts(ids):
            for (_, verified), value in entries(contact, [attributes[it.attribute_id]]).items():
                found[contact.id, verified] = value
    return tuple(
        FilterValue(workspace_id, contact_id, it.attribute_id, verified, found.get((contact_id, verified)))
        for contact_id in ids
        for verified in (False, True)
    )
