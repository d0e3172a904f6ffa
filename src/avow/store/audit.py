"""What does an audit see? Every chain of a workspace beside the contact it belongs to, page by page.

Contacts without records and records without a contact are both told of: either may be the trace of an edit. What cannot
be read any more is told of with nothing in it, not passed over.
Source: spec §7 (`avow audit verify`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import select

from avow.store import changes
from avow.store.contacts import COLUMNS, of_row
from avow.store.engine.reader import Reader, Snapshot
from avow.store.schema import change, contact
from avow.trust.change import Change
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId

PAGE: Final = 200
"""Contacts read at one moment: a moment held for long would keep the write-ahead log from being copied."""

Chain = tuple[ContactId, Contact | None, list[Change]]


async def chains(reader: Reader, workspace_id: WorkspaceId) -> AsyncIterator[Chain]:
    """Every chain, by contact id; each as of one moment."""
    after: ContactId | None = None
    while True:
        async with reader.snapshot() as snapshot:
            ids = await _next(snapshot, workspace_id, after)
            page = await _page(snapshot, workspace_id, ids) if ids else []
        for chain in page:
            yield chain
        if not page:
            return
        after = ids[-1]


async def _next(snapshot: Snapshot, workspace_id: WorkspaceId, after: ContactId | None) -> list[ContactId]:
    known = select(contact.c.id).where(contact.c.workspace_id == workspace_id)
    told = select(change.c.contact_id).where(change.c.workspace_id == workspace_id)
    if after is not None:
        known, told = known.where(contact.c.id > after), told.where(change.c.contact_id > after)
    found = {row[0] for row in await snapshot.rows(known.order_by(contact.c.id).limit(PAGE))}
    found |= {row[0] for row in await snapshot.rows(told.distinct().order_by(change.c.contact_id).limit(PAGE))}
    return sorted(found)[:PAGE]


async def _page(snapshot: Snapshot, workspace_id: WorkspaceId, ids: Sequence[ContactId]) -> list[Chain]:
    first, last = ids[0], ids[-1]
    people = await snapshot.rows(
        select(*(contact.c[name] for name in COLUMNS)).where(
            contact.c.workspace_id == workspace_id, contact.c.id.between(first, last)
        )
    )
    records = await snapshot.rows(
        select(*changes.RECORD)
        .where(change.c.workspace_id == workspace_id, change.c.contact_id.between(first, last))
        .order_by(change.c.contact_id, change.c.seq)
    )
    contacts = {row[0]: _legible(row) for row in people}
    told = {one: [changes.of_row(row) for row in rows] for one, rows in groupby(records, key=lambda row: row[1])}
    return [(one, contacts.get(one), told.get(one, [])) for one in ids]


def _legible(row: Sequence[Any]) -> Contact:
    """A contact, without values where nobody can read them any more."""
    try:
        return of_row(row)
    except (msgspec.MsgspecError, KeyError, TypeError, UnicodeDecodeError):
        contact_id, workspace_id, version, _, created_at, updated_at, head, *_ = row
        return Contact(contact_id, workspace_id, version, Role.USER, created_at, updated_at, head)
