"""Whose values did nobody vouch for, how many are they, and what has a lock moved of them? So many people at a time.

- Counted are those that stand: what an adoption has put aside is held, and counts no more.
- Undoing a lock goes by the change records of that lock, not by what is held: only what it has moved comes back.
- Each person is weighed in the transaction that writes (`flow/by_hand/putting_aside.py`). It goes in steps; whoever was
  interrupted begins again, and what is done is not done twice.

Source: spec §8 (keep, or move to held; undo).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

import msgspec

from avow.flow import attributes
from avow.flow.by_hand.putting_aside import HoldLeftover, Moved, PutBack
from avow.flow.contract import LeftoverCount, Store
from avow.flow.engine import Engine
from avow.flow.search.adoption import put_aside
from avow.flow.work import Work
from avow.trust.change import Change, ChangeKind, values_of
from avow.trust.contact import Channel, ContactId, Scalar, WorkspaceId

AMONG: Final = 2_000
"""How many contacts one count looks at, times the attributes that are asked for."""
STEP: Final = 200
AT_ONCE: Final = 2_000
"""How many people one request goes through; there may be more."""
RECORDS: Final = 50
"""How many records of one person are read at a time."""
LOOKED_BACK: Final = 1_000
"""How many records of one person are looked through for what a lock has moved."""


async def count(
    store: Store, workspace_id: WorkspaceId, names: Sequence[str], *, before: ContactId | None = None
) -> LeftoverCount:
    """How many values of these attributes nobody vouched for, among the newest contacts older than `before`."""
    among = max(1, AMONG // max(1, len(names)))
    found = await store.screens.count_leftovers(workspace_id, names, before=before, among=among)
    known = await attributes.every(store, workspace_id)
    for attribute in (known[name] for name in names if name in known):
        aside = await put_aside(store, workspace_id, attribute, before=before, among=among)
        over = sum(holding.slot is not None for holding in aside.values())
        found = msgspec.structs.replace(found, values=found.values - len(aside), over=found.over - over)
    return found


async def hold(
    engine: Engine, workspace_id: WorkspaceId, names: Sequence[str], *, actor: str, after: ContactId | None = None
) -> Moved:
    """Move unverified values of these locked attributes to where held values are."""
    moved, room = Moved(0), AT_ONCE
    for number, name in enumerate(names):

        async def ids(past: ContactId | None, of: str = name) -> list[ContactId]:
            return await engine.store.screens.leftovers(workspace_id, of, after=past, limit=STEP)

        async def one(contact_id: ContactId, of: str = name) -> Moved:
            work = HoldLeftover(workspace_id=workspace_id, contact_id=contact_id, name=of, actor=actor)
            return await _done(engine, work)

        part, looked = await _each(ids, one, after, room)
        moved, room, after = moved + part, room - looked, part.after
        if after is not None:
            return msgspec.structs.replace(moved, rest=tuple(names[number:]), after=after)
    return moved


async def release(
    engine: Engine,
    workspace_id: WorkspaceId,
    names: Sequence[str],
    *,
    since: float,
    actor: str,
    after: ContactId | None = None,
) -> Moved:
    """Put back what a lock has moved since then (Unix seconds): unverified, where nothing verified stands."""

    async def ids(past: ContactId | None) -> list[ContactId]:
        return await engine.store.screens.changed(workspace_id, since=since, after=past, limit=STEP)

    async def one(contact_id: ContactId) -> Moved:
        found, lost = await _moved(engine.store, workspace_id, contact_id, names, since)
        works = [
            PutBack(
                workspace_id=workspace_id, contact_id=contact_id, name=name, actor=actor, value=value, channel=channel
            )
            for name, (value, channel) in found.items()
        ]
        return sum(await asyncio.gather(*(_done(engine, work) for work in works)), Moved(0, lost=lost))

    moved, _ = await _each(ids, one, after, AT_ONCE)
    return moved if moved.after is None else msgspec.structs.replace(moved, rest=tuple(names))


async def _moved(
    store: Store, workspace_id: WorkspaceId, contact_id: ContactId, names: Sequence[str], since: float
) -> tuple[dict[str, tuple[Scalar, Channel]], int]:
    """What stood there until `HoldLeftover` took it away, unless it is back, and the channel it had come by.

    Beside it 1, where so much was recorded since that not all of it was looked through.
    """
    found: dict[str, tuple[Scalar, Channel]] = {}
    before: int | None = None
    for _ in range(-(-LOOKED_BACK // RECORDS)):
        records = await store.changes(workspace_id, contact_id, before=before, limit=RECORDS)
        recent = [one for one in records if one.facts.at >= since]
        for change in recent:
            for name, told in _told_by(change, names):
                found.setdefault(name, told)
        if len(recent) < RECORDS:
            return _unreturned(found), 0
        before = recent[-1].facts.seq
    return _unreturned(found), 1


def _unreturned(found: dict[str, tuple[Scalar, Channel]]) -> dict[str, tuple[Scalar, Channel]]:
    """Those whose newest record tells of a value taken away: before one that is put back there was none."""
    return {name: told for name, told in found.items() if told[0] is not None}


def _told_by(change: Change, names: Sequence[str]) -> Iterator[tuple[str, tuple[Scalar, Channel]]]:
    """What stood there before a record of `HoldLeftover` or `PutBack`, and the channel that it names."""
    facts = change.facts
    if facts.kind is not ChangeKind.UPDATED or facts.channel is not None:
        return
    told = [one for one in facts.verdicts if one.name in names]
    kept = values_of(change) if told else None
    for one in told:
        if kept is not None:
            yield one.name, (kept.values[one.name][0], one.channel)


_Reading = Callable[[ContactId | None], Awaitable[list[ContactId]]]
_Doing = Callable[[ContactId], Awaitable[Moved]]


async def _each(ids: _Reading, do: _Doing, after: ContactId | None, room: int) -> tuple[Moved, int]:
    """What came of all of them together, and at how many it looked; with `after` where there may be more."""
    moved, looked = Moved(0), 0
    while found := await ids(after):
        moved = sum(await asyncio.gather(*map(do, found)), moved)
        looked += len(found)
        after = found[-1]
        if looked >= room:
            return msgspec.structs.replace(moved, after=after), looked
    return moved, looked


async def _done(engine: Engine, work: Work) -> Moved:
    moved: Moved = await engine.committer.submit(work)
    return moved
