"""What does a batch change? The writes of the contract over tables that are dictionaries, each row by its key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol

import msgspec

from avow.flow.contract import (
    SHARED,
    Erasure,
    Fading,
    KeyRow,
    Replay,
    Save,
    Tally,
    TooMuchAtOnce,
    WriteConflict,
    WriterSeen,
    Writes,
)
from avow.trust.attribute import Attribute
from avow.trust.change import Change, ChangeKind
from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.weighing.names import fold
from tests.support import memory_beside, memory_jobs
from tests.support.memory_search import put_values

_DAY = 86_400


class Rows(Protocol):
    """One table as a transaction sees it."""

    def get(self, key: Hashable) -> Any: ...
    def put(self, key: Hashable, row: Any) -> None: ...
    def drop(self, key: Hashable) -> None: ...
    def items(self) -> list[tuple[Any, Any]]: ...


Tables = Mapping[str, Any]


def apply(tables: Tables, writes: Writes) -> None:
    """Write a batch, or raise `WriteConflict`."""
    gone = {(one.workspace_id, one.contact_id) for one in writes.erasures}
    for one in writes.saves:
        _save(tables, one)
    for erasure in writes.erasures:
        _erase(tables, erasure)
    for faded in writes.faded:
        record = (faded.workspace_id, faded.contact_id, faded.seq)
        tables["changes"].put(record, msgspec.structs.replace(tables["changes"].get(record), raw_values=None))
        tables["fading"].drop(record)
    for row in writes.drop_keys:
        _drop_key(tables, row)
    for row in writes.put_keys:
        if (row.key.workspace_id, row.contact_id) not in gone:
            _put_key(tables, row)
    for workspace_id, attribute in writes.attributes:
        put_attribute(tables, workspace_id, attribute)
    for workspace_id in {workspace_id for workspace_id, _ in writes.attributes}:
        raise_version(tables, workspace_id)
    for told in writes.outbox:
        tables["outbox"].put((told.workspace_id, told.at, told.contact_id, told.seq, told.topic), told)
    for event in writes.events:
        if (event.workspace_id, event.contact_id) not in gone:
            _require(tables["contacts"].get((event.workspace_id, event.contact_id)) is not None)
            place = (event.workspace_id, event.contact_id, event.created_at, event.id)
            kept = tables["events"].get(place)
            if kept is None or (event.verified and not kept.verified):
                tables["events"].put(place, event)
    for replay in writes.replays:
        if (replay.workspace_id, replay.contact_id) not in gone:
            put_replay(tables, replay)
    put_values(tables, writes.filter_values)
    for job in writes.jobs:
        memory_jobs.save(tables, job)
    for part in writes.beside:
        memory_beside.apply(tables, part, gone)
    writers = tuple(one for one in writes.tally.writers if (one.workspace_id, one.contact_id) not in gone)
    _count(tables, msgspec.structs.replace(writes.tally, writers=writers))


def put_replay(tables: Tables, replay: Replay) -> None:
    """Keep an outcome, unless one is kept."""
    kept = tables["replays"].get((replay.workspace_id, replay.scope))
    _require(kept is None or kept.at < replay.at - _DAY)
    tables["replays"].put((replay.workspace_id, replay.scope), replay)


def put_attribute(tables: Tables, workspace_id: WorkspaceId, it: Attribute) -> None:
    """Create or change an attribute by compare-and-set."""
    kept = tables["attributes"].get((workspace_id, it.id))
    if it.version > 1 and not (it.standard and it.version == 2 and kept is None):
        _require(kept is not None and kept.version == it.version - 1)
    else:
        others = [other for (where, _), other in tables["attributes"].items() if where == workspace_id]
        taken = {fold(other.name) for other in others if other.provisional is it.provisional}
        _require(kept is None and fold(it.name) not in taken and it.name not in {other.name for other in others})
    tables["attributes"].put((workspace_id, it.id), it)


def raise_version(tables: Tables, workspace_id: WorkspaceId) -> None:
    """Tell everybody that the rules have changed."""
    tables["versions"].put((workspace_id,), tables["versions"].get((workspace_id,)) + 1)


def _require(fair: bool) -> None:
    if not fair:
        raise WriteConflict("Somebody else wrote the same first.")


def _save(tables: Tables, one: Save) -> None:
    place = (one.contact.workspace_id, one.contact.id)
    kept = tables["contacts"].get(place)
    _require((kept.version if kept is not None else 0) == one.loaded_version)
    tables["contacts"].put(place, one.contact)
    for change in one.changes:
        _append(tables, change)
        facts = change.facts
        if facts.kind is ChangeKind.IGNORED:
            fading = Fading(facts.workspace_id, facts.contact_id, facts.seq, facts.at)
            tables["fading"].put((facts.workspace_id, facts.contact_id, facts.seq), fading)


def _append(tables: Tables, change: Change) -> None:
    place = (change.facts.workspace_id, change.facts.contact_id, change.facts.seq)
    _require(tables["changes"].get(place) is None)
    tables["changes"].put(place, change)


def _erase(tables: Tables, one: Erasure) -> None:
    kept = tables["contacts"].get((one.workspace_id, one.contact_id))
    _require((kept.version if kept is not None else 0) == one.loaded_version)
    everybody = [one.contact_id]
    for merged in everybody:  # grows while it is walked
        everybody += [
            it.id for _, it in tables["contacts"].items() if it.merged_into == merged and it.id not in everybody
        ]
    events = [key for key, _ in tables["events"].items() if key[0] == one.workspace_id and key[1] in everybody]
    if len(events) > 500:
        raise TooMuchAtOnce(one.workspace_id, one.contact_id, tuple(everybody))
    for contact_id in everybody:
        _forget(tables, one.workspace_id, contact_id)
    for change in one.changes:
        _append(tables, msgspec.structs.replace(change, raw_values=None))


def _forget(tables: Tables, workspace_id: WorkspaceId, contact_id: ContactId) -> None:
    tables["contacts"].drop((workspace_id, contact_id))
    for key, row in tables["changes"].items():
        if key[:2] == (workspace_id, contact_id):
            tables["changes"].put(key, msgspec.structs.replace(row, raw_values=None))
    for name in (*memory_beside.OWNED, "fading", "replays", "writers", "entries"):
        for key, row in tables[name].items():
            if (row.workspace_id, row.contact_id) == (workspace_id, contact_id):
                tables[name].drop(key)
    for key, holders in tables["lookups"].items():
        if key[0] == workspace_id:
            tables["lookups"].put(key, {who: row for who, row in holders.items() if row.contact_id != contact_id})


def _put_key(tables: Tables, row: KeyRow) -> None:
    place = (row.key.workspace_id, row.key.kind, row.key.value)
    holder = row.contact_id if row.key.kind in SHARED else None
    holders = tables["lookups"].get(place) or {}
    _require(holder not in holders or holders[holder].contact_id == row.contact_id)
    tables["lookups"].put(place, {**holders, holder: row.over(holders.get(holder))})


def _drop_key(tables: Tables, row: KeyRow) -> None:
    place = (row.key.workspace_id, row.key.kind, row.key.value)
    holders = tables["lookups"].get(place) or {}
    tables["lookups"].put(place, {who: one for who, one in holders.items() if one.contact_id != row.contact_id})


def _count(tables: Tables, tally: Tally) -> None:
    for one in tally.traffic:
        _add(tables["traffic"], (one.workspace_id, one.attribute, one.hour, one.kind), one, lambda _: None)
    for refusal in tally.refusals:
        _add(tables["refusals"], (refusal.workspace_id, refusal.reason, refusal.hour), refusal, lambda it: it.last_at)
    for use in tally.key_uses:
        _add(tables["uses"], (use.workspace_id, use.kid, use.day), use, lambda it: it.last_at)
    for seen in tally.seen:
        place = (seen.workspace_id, seen.contact_id)
        kept = tables["contacts"].get(place)
        if kept is not None and (kept.last_seen_at is None or kept.last_seen_at < seen.at):
            tables["contacts"].put(place, msgspec.structs.replace(kept, last_seen_at=seen.at))
    for writer in (one for one in tally.writers if tables["contacts"].get((one.workspace_id, one.contact_id))):
        _name_writer(tables["writers"], writer)
    for alert in tally.alerts:
        key = (alert.workspace_id, alert.kind, alert.subject, alert.day)
        tables["alerts"].put(key, tables["alerts"].get(key) or alert)


def _add(table: Rows, key: Hashable, one: Any, age: Callable[[Any], float | None]) -> None:
    kept = table.get(key)
    if kept is not None:
        newest = max(kept, one, key=lambda it: age(it) or 0.0) if age(one) != age(kept) else one
        one = msgspec.structs.replace(newest, count=kept.count + one.count)
    table.put(key, one)


def _name_writer(table: Rows, one: WriterSeen) -> None:
    place = (one.workspace_id, one.attribute, one.day)
    today = [key for key, _ in table.items() if key[:3] == place]
    labels = {key[3] for key in today}
    label = one.label if one.label in labels or len(labels) < 50 else "other"
    key = (*place, label, one.contact_id)
    room = 1_000 - len(today)
    if sum(at[3] == label for at in today) < room and table.get(key) is None:
        table.put(key, msgspec.structs.replace(one, label=label))


def sweep(tables: Tables, now: float) -> None:
    """Throw away what only served for a while."""
    old: dict[str, Callable[[Any], bool]] = {
        "replays": lambda row: row.at < now - _DAY,
        "outbox": lambda row: row.at < now - 7 * _DAY,
        "traffic": lambda row: row.hour < (now - 35 * _DAY) // 3600,
        "refusals": lambda row: row.hour < (now - 35 * _DAY) // 3600,
        "writers": lambda row: row.day < (now - 31 * _DAY) // _DAY,
        "sessions": lambda row: row.last_seen_at < now - 31 * _DAY,
        "invitations": lambda row: row.expires_at < now - _DAY,
        "failures": lambda row: row.last_at < now - 3_600,
    }
    for name, is_old in old.items():
        for key, row in tables[name].items():
            if is_old(row):
                tables[name].drop(key)
