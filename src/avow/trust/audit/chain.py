"""Has nobody quietly rewritten what became of a contact? The check of one chain of change records and what it tells.

1. Every record's facts can be read, agree with the columns beside them, and hash with the record before to its hash.
2. Every values half is the one that the facts commit to; it is missing only where it was erased or ran out.
3. The contact's head is the newest record; the chain of a contact that is gone ends in a tombstone.
4. Every current value and every verified slot is what a record tells, and what a record wrote last is still there.

A break says where: numbers that follow one another tell a dropped record from an edited one, another record's hash
tells a moved one. Who can rewrite the whole database can rewrite its chains: only a digest kept elsewhere shows that.
Source: spec §7; `change.py` makes what is checked here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from avow.trust.attribute import Attribute
from avow.trust.audit.provenance import Told, untold
from avow.trust.change import GENESIS, Change, ChangeKind, Facts, opened
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.words import Word


class Row(msgspec.Struct, frozen=True):
    """One change record as its row stands in the database: columns beside halves, nothing of it believed yet."""

    seq: int
    at: float
    kid: str | None
    raw_facts: bytes
    raw_values: bytes | None
    hash: bytes


class Fault(Word):
    """What is wrong with a record, or with what should stand on it."""

    EDITED = "edited"
    DROPPED = "dropped"
    EDITED_OR_DROPPED = "edited_or_dropped"
    REORDERED = "reordered"
    VALUES_EDITED = "values_edited"
    VALUES_MISSING = "values_missing"
    VALUES_LEFT = "values_left"
    NO_TOMBSTONE = "no_tombstone"
    UNTOLD = "untold"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as it was written; `seq` is the record's, if one is at fault. `message` shows no value."""

    contact_id: ContactId
    seq: int | None
    fault: Fault
    message: str


class Verification(msgspec.Struct, frozen=True):
    """What one chain showed. `gone_into`: the contact whose erasure must have ended this one, merged before, too."""

    findings: tuple[Finding, ...]
    erased: bool = False
    gone_into: ContactId | None = None


def verify(
    workspace_id: WorkspaceId,
    contact_id: ContactId,
    contact: Contact | None,
    rows: Sequence[Row],
    attributes: Mapping[str, Attribute],
) -> Verification:
    """Check one chain, given in the order of its numbers. `contact` is None where there is none any more.

    Not checked here: that the contact named by `gone_into` was erased, which takes its chain (`flow/audit.py`).
    """
    facts = [_facts(row) for row in rows]
    findings = [
        *_links(workspace_id, contact_id, rows, facts),
        *_values(contact_id, contact, rows, facts),
        *_end(contact_id, contact, rows, facts),
    ]
    if contact is not None:
        told = [Told.of(one, row.raw_values) for one, row in zip(facts, rows, strict=True) if one is not None]
        for seq, message in untold(contact, told, attributes):
            findings.append(Finding(contact_id, seq, Fault.UNTOLD, message))
    last = facts[-1] if facts else None
    gone = contact is None and last is not None
    return Verification(
        tuple(findings),
        erased=gone and last is not None and last.kind is ChangeKind.ERASED,
        gone_into=last.other if gone and last is not None and last.kind is ChangeKind.MERGED_AWAY else None,
    )


def row_of(change: Change) -> Row:
    """A record that was decoded already, as a row whose columns say what its facts say."""
    facts = change.facts
    raw_values = None if change.raw_values is None else _octets(change.raw_values)
    return Row(facts.seq, facts.at, facts.key, _octets(change.raw_facts), raw_values, _octets(change.hash))


def _octets(stored: bytes | str) -> bytes:
    """The bytes that stand there; SQLite gives text where somebody wrote text over them."""
    return stored.encode("utf-8", "surrogatepass") if isinstance(stored, str) else stored


def _facts(row: Row) -> Facts | None:
    try:
        return opened(row.raw_facts, None, row.hash).facts
    except msgspec.MsgspecError:
        return None


def _links(
    workspace_id: WorkspaceId, contact_id: ContactId, rows: Sequence[Row], facts: Sequence[Facts | None]
) -> Iterator[Finding]:
    """At most one finding for a record: the first that its facts, its columns and its place give rise to."""
    for position, (row, one) in enumerate(zip(rows, facts, strict=True)):
        before = rows[position - 1] if position else None
        if one is None:
            yield Finding(contact_id, row.seq, Fault.EDITED, "its facts cannot be read")
        elif one.seq != row.seq:
            message = f"it stands at {row.seq} and was written as {one.seq}"
            yield Finding(contact_id, row.seq, Fault.REORDERED, message)
        elif (one.workspace_id, one.contact_id) != (workspace_id, contact_id):
            yield Finding(contact_id, row.seq, Fault.REORDERED, "it was written about another contact")
        elif (one.at, one.key) != (row.at, row.kid):
            message = "the time or key beside it is not that of its facts"
            yield Finding(contact_id, row.seq, Fault.EDITED, message)
        elif row.hash != _hash(before.hash if before else GENESIS, row):
            yield _broken(contact_id, row, before, rows)


def _broken(contact_id: ContactId, row: Row, before: Row | None, rows: Sequence[Row]) -> Finding:
    """Why a record does not follow from the one before it."""
    followed = [other.seq for other in rows if other is not row and _hash(other.hash, row) == row.hash]
    if followed or _hash(GENESIS, row) == row.hash:
        after = f"record {followed[0]}" if followed else "nothing"
        stands = f"record {before.seq}" if before else "nothing"
        message = f"it was written after {after} and stands after {stands}"
        return Finding(contact_id, row.seq, Fault.REORDERED, message)
    if before is None and row.seq == 1:
        return Finding(contact_id, row.seq, Fault.EDITED, "its facts are not those that were written")
    if before is None:
        message = "it was edited, or the records before it were dropped"
        return Finding(contact_id, row.seq, Fault.EDITED_OR_DROPPED, message)
    if before.seq + 1 == row.seq:
        message = f"it or record {before.seq} is not what was written"
        return Finding(contact_id, row.seq, Fault.EDITED, message)
    message = f"it was edited, or a record between {before.seq} and {row.seq} was dropped"
    return Finding(contact_id, row.seq, Fault.EDITED_OR_DROPPED, message)


def _values(
    contact_id: ContactId, contact: Contact | None, rows: Sequence[Row], facts: Sequence[Facts | None]
) -> Iterator[Finding]:
    for row, one in zip(rows, facts, strict=True):
        if one is None:
            continue
        if row.raw_values is not None and hashlib.sha256(row.raw_values).hexdigest() != one.commitment:
            message = "its values are not those that its facts commit to"
            yield Finding(contact_id, row.seq, Fault.VALUES_EDITED, message)
        elif row.raw_values is None and contact is not None and one.kind is not ChangeKind.IGNORED:
            message = "its values are gone, and its contact was not erased"
            yield Finding(contact_id, row.seq, Fault.VALUES_MISSING, message)
        elif row.raw_values is not None and contact is None and one.kind is not ChangeKind.ERASED:
            message = "its contact is gone, and its values are still stored"
            yield Finding(contact_id, row.seq, Fault.VALUES_LEFT, message)


def _end(
    contact_id: ContactId, contact: Contact | None, rows: Sequence[Row], facts: Sequence[Facts | None]
) -> Iterator[Finding]:
    last, end = (rows[-1], facts[-1]) if rows else (None, None)
    if contact is None:
        if end is None or end.kind not in (ChangeKind.ERASED, ChangeKind.MERGED_AWAY):
            seq = last.seq if last else None
            message = "its contact is gone, and no tombstone ends the chain: the last records were dropped or edited"
            yield Finding(contact_id, seq, Fault.NO_TOMBSTONE, message)
        return
    if last is None:
        yield Finding(contact_id, None, Fault.DROPPED, "the contact has no record at all")
    elif contact.head != last.hash:
        known = [row.seq for row in rows if row.hash == contact.head]
        if known:
            message = f"the contact's newest record is {known[0]}: what follows it was added"
            yield Finding(contact_id, last.seq, Fault.EDITED, message)
        else:
            message = f"the contact points at a newer record than {last.seq}: that was dropped, or this one edited"
            yield Finding(contact_id, last.seq, Fault.DROPPED, message)


def _hash(previous: bytes, row: Row) -> bytes:
    return hashlib.sha256(previous + row.raw_facts).digest()
