"""How is a person forgotten? Everything that tells of them goes, in one transaction; that something happened stays.

- Of somebody with very many events, those go before, step by step: nothing is said of them that their absence would
  make a lie, and whoever is interrupted begins again. Values of a record cannot: without them it is found edited.
- What goes: the contact, whoever was merged into it, their keys, tags, notes, events and kept answers, their names
  among unsigned writers, and the values half of every change record.
- What stays: the facts half of the records, so that the chain still verifies up to its tombstone; the outbox (ids).

Source: spec §7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import select, tuple_

from avow.flow.contract import Additions, Erasure, TooMuchAtOnce, WriteConflict, Writes
from avow.store import changes
from avow.store.engine.session import Engine, Session
from avow.store.engine.statement import Delete, Lookup, Update
from avow.store.schema import (
    change,
    contact,
    contact_key,
    contact_tag,
    event,
    event_summary,
    fading,
    filter_value,
    note,
    replay,
    writer_seen,
)
from avow.trust.contact import ContactId, WorkspaceId

MOST_AT_ONCE: Final = 500
"""Events that one transaction removes."""
_THEIRS: Final = ("workspace_id", "contact_id")

SOME_EVENTS: Final = Lookup(event, _THEIRS, ("id",), more=f" LIMIT {MOST_AT_ONCE + 1}")
FORGET_EVENT: Final = Delete(event, tuple(column.name for column in event.primary_key.columns))
MERGED: Final = Lookup(contact, ("workspace_id", "merged_into"), ("id",))
FORGET_LOADED: Final = Delete(contact, ("workspace_id", "id", "version"))
FORGET_MERGED: Final = Delete(contact, ("workspace_id", "id"))
FORGET_BESIDE: Final = tuple(
    Delete(table, _THEIRS)
    for table in (event, contact_tag, note, event_summary, contact_key, fading, filter_value, writer_seen, replay)
)
BLANK: Final = Update(change, ("raw_values",), _THEIRS)


async def erase(session: Session, erasures: Sequence[Erasure]) -> None:
    """Forget these contacts. Raises `WriteConflict` where one has changed since it was loaded, or `TooMuchAtOnce`."""
    for one in sorted(erasures, key=lambda one: (one.workspace_id, one.contact_id)):
        merged = await _merged_into(session, one.workspace_id, one.contact_id)
        everybody = [(one.workspace_id, contact_id) for contact_id in (one.contact_id, *merged)]
        if await _is_too_much(session, everybody):
            raise TooMuchAtOnce(one.workspace_id, one.contact_id, (one.contact_id, *merged))
        for statement in FORGET_BESIDE:
            await session.write(statement, everybody)
        loaded = (one.workspace_id, one.contact_id, one.loaded_version)
        if one.loaded_version and not await session.write(FORGET_LOADED, [loaded]):
            raise WriteConflict("A contact has changed since it was loaded; nothing was erased. Load it again.")
        await session.write(FORGET_MERGED, everybody[1:])
        await session.write_much(BLANK, [(None, *theirs) for theirs in everybody])
        await changes.append_erased(session, one.changes)


async def thin_out(engine: Engine, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId]) -> None:
    """Remove the events of these contacts, in transactions of `MOST_AT_ONCE`; others write in between."""
    place = [event.c[name] for name in FORGET_EVENT.by]
    for contact_id in contact_ids:
        page = select(*place).where(event.c.workspace_id == workspace_id, event.c.contact_id == contact_id)
        page = page.order_by(*place).limit(MOST_AT_ONCE)
        # Where the last page ended: to look from the beginning is to step over all that was removed, each time.
        rows = await engine.reader.rows(page)
        while rows:
            async with engine.shared([]) as session:
                await session.write(FORGET_EVENT, rows)
                await session.commit()
            rows = await engine.reader.rows(page.where(tuple_(*place[2:]) > tuple_(*rows[-1][2:])))


async def _is_too_much(session: Session, everybody: Sequence[tuple[WorkspaceId, ContactId]]) -> bool:
    events = 0
    for theirs in everybody:
        events += len(await session.read(SOME_EVENTS, [theirs]))
        if events > MOST_AT_ONCE:
            return True
    return False


def without_erased(writes: Writes) -> Writes:
    """A batch less what it would write down again of contacts that it erases."""
    gone = {(one.workspace_id, one.contact_id) for one in writes.erasures}
    return msgspec.structs.replace(
        writes,
        put_keys=tuple(row for row in writes.put_keys if (row.key.workspace_id, row.contact_id) not in gone),
        events=tuple(row for row in writes.events if (row.workspace_id, row.contact_id) not in gone),
        beside=tuple(_without(part, gone) for part in writes.beside),
        replays=tuple(row for row in writes.replays if (row.workspace_id, row.contact_id) not in gone),
        tally=msgspec.structs.replace(
            writes.tally,
            writers=tuple(row for row in writes.tally.writers if (row.workspace_id, row.contact_id) not in gone),
        ),
    )


def _without(part: Additions, gone: set[tuple[WorkspaceId, ContactId]]) -> Additions:
    return Additions(
        tagged=tuple(row for row in part.tagged if (row.workspace_id, row.contact_id) not in gone),
        untagged=tuple(row for row in part.untagged if (row.workspace_id, row.contact_id) not in gone),
        notes=tuple(row for row in part.notes if (row.workspace_id, row.contact_id) not in gone),
        summaries=tuple(row for row in part.summaries if (row.workspace_id, row.contact_id) not in gone),
        moves=tuple(row for row in part.moves if (row.workspace_id, row.into) not in gone),
    )


async def _merged_into(session: Session, workspace_id: WorkspaceId, contact_id: ContactId) -> list[ContactId]:
    """Everybody who was merged into a contact, and into those."""
    found: list[ContactId] = []
    fresh = [contact_id]
    while fresh:
        rows = await session.read(MERGED, [(workspace_id, one) for one in fresh])
        fresh = sorted({row[0] for row in rows} - {contact_id, *found})
        found += fresh
    return found
