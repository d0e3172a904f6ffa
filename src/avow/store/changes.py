"""Where is it written down what became of a write? In an append-only table, and in the outbox for those to be told.

- A record is stored as the two halves that were hashed, byte for byte; only erasure ever touches one of them.
- Order is per contact (`seq`). Records are indexed by the key that vouched, so that distrusting a key can find them.
- A record that somebody has edited is read all the same, so that an audit can say so.

Source: spec §7, scale.md rules 7 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import LargeBinary, and_, cast, null, or_, select

from avow.flow.contract import OutboxRow, RecordPlace
from avow.store import retention
from avow.store.engine.reader import Reader
from avow.store.engine.session import Row, Session
from avow.store.engine.statement import Insert
from avow.store.schema import BUCKETS, change, outbox
from avow.trust.change import Change, ChangeKind, Facts
from avow.trust.contact import ContactId, WorkspaceId

_COLUMNS: Final = ("workspace_id", "contact_id", "seq", "at", "kid", "raw_facts", "raw_values", "hash")
_HALVES: Final = tuple(cast(change.c[name], LargeBinary).label(name) for name in ("raw_facts", "raw_values", "hash"))
RECORD: Final = (*(change.c[name] for name in _COLUMNS[:5]), *_HALVES)
"""What `of_row` reads. SQLite would give text where somebody has written text over the bytes."""

APPEND: Final = Insert(change, _COLUMNS)
TELL: Final = Insert(outbox, ("workspace_id", "bucket", "at", "contact_id", "seq", "topic"))


_decode_facts = msgspec.json.Decoder(Facts).decode


def of_row(row: Sequence[Any]) -> Change:
    """A stored record (`RECORD`). Its facts say what the columns say; that the bytes say the same is for an audit."""
    workspace_id, contact_id, seq, at, kid, raw_facts, raw_values, stored_hash = row
    try:
        facts = _decode_facts(raw_facts)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        facts = Facts(workspace_id, contact_id, seq, at, ChangeKind.UPDATED, commitment="")
    facts = msgspec.structs.replace(facts, workspace_id=workspace_id, contact_id=contact_id, seq=seq, at=at, key=kid)
    return Change(facts, raw_facts, raw_values, stored_hash)


async def append(session: Session, records: Sequence[Change]) -> None:
    """Append records, each in its place of its contact's chain."""
    await session.write(APPEND, [_row(record, record.raw_values) for record in records])
    await retention.remember(session, records)


async def append_erased(session: Session, records: Sequence[Change]) -> None:
    """Append records of a contact that is erased with them: their values are never written."""
    await session.write(APPEND, [_row(record, None) for record in records])


async def tell(session: Session, rows: Iterable[OutboxRow]) -> None:
    """Leave changes in the outbox."""
    told = [(row.workspace_id, bucket_of(row.contact_id), row.at, row.contact_id, row.seq, row.topic) for row in rows]
    await session.write(TELL, told)


def bucket_of(contact_id: ContactId) -> int:
    """Which worker's part of the outbox a contact belongs to: what becomes of one contact stays in order."""
    return int(contact_id[-2:], 16) % BUCKETS


async def of_contact(
    reader: Reader, workspace_id: WorkspaceId, contact_id: ContactId, *, before: int | None, limit: int
) -> list[Change]:
    """A contact's records, newest first."""
    query = select(*RECORD).where(change.c.workspace_id == workspace_id, change.c.contact_id == contact_id)
    if before is not None:
        query = query.where(change.c.seq < before)
    rows = await reader.rows(query.order_by(change.c.seq.desc()).limit(limit))
    return [of_row(row) for row in rows]


async def of_key(
    reader: Reader,
    workspace_id: WorkspaceId,
    kid: str,
    *,
    since: float,
    before: float,
    past: RecordPlace | None,
    limit: int,
) -> list[Facts]:
    """What the records tell that a signing key vouched for, `since` ≤ at < `before`, oldest first, without values."""
    columns = (*RECORD[:5], RECORD[5], null(), RECORD[7])
    query = select(*columns).where(
        change.c.workspace_id == workspace_id, change.c.kid == kid, change.c.at >= since, change.c.at < before
    )
    order = (change.c.at, change.c.contact_id, change.c.seq)
    if past is not None:
        at, contact_id, seq = order
        later = and_(contact_id == past.contact_id, seq > past.seq)
        # The first term follows from the second; by it the index is entered where the page begins.
        query = query.where(at >= past.at, or_(at > past.at, contact_id > past.contact_id, later))
    rows = await reader.rows(query.order_by(*order).limit(limit))
    return [of_row(row).facts for row in rows]


async def untold(reader: Reader, workspace_id: WorkspaceId, *, limit: int) -> list[OutboxRow]:
    """The outbox, oldest first."""
    columns = (outbox.c.workspace_id, outbox.c.contact_id, outbox.c.seq, outbox.c.topic, outbox.c.at)
    query = select(*columns).where(outbox.c.workspace_id == workspace_id)
    order = (outbox.c.at, outbox.c.contact_id, outbox.c.seq, outbox.c.topic)
    return [OutboxRow(*row) for row in await reader.rows(query.order_by(*order).limit(limit))]


def _row(record: Change, raw_values: bytes | None) -> Row:
    facts = record.facts
    place = (facts.workspace_id, facts.contact_id, facts.seq, facts.at, facts.key)
    return *place, record.raw_facts, raw_values, record.hash
