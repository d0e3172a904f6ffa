"""What becomes of values that nobody vouched for, once their attribute is locked? They stay, or they are held.

- Held means: the newest verified value stands again (or none), and what stood there waits beside it for a decision, as
  nobody's claim: it contradicts nobody. What is held already stays held where it came later, unless nobody had proven
  anything for it.
- Undoing a lock puts back what that lock has moved, as the records tell, where nothing else has come to stand and the
  attribute still takes it: unverified, by the channel it came by, and never in the place of a verified value.
- Each person is weighed in the transaction that writes. It goes in steps; whoever was interrupted begins again, and
  what is done is not done twice.

Source: spec §6 ("Held value"), §8 (keep, or move to held; undo).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

import msgspec

from avow.flow.contacts.identity import outdated_proofs
from avow.flow.contacts.reading import held_since, unexpired
from avow.flow.contract import LeftoverCount, LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.engine import Engine
from avow.flow.work import Effects, Idempotency, Put, Wants, Work
from avow.trust.attribute import Attribute
from avow.trust.change import Change, ChangeKind, Draft, Outcome, Verdict, values_of
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, Scalar, Source, WorkspaceId
from avow.trust.reasons import Reason
from avow.trust.weighing.checks import settled
from avow.trust.weighing.values import Unfit, coerce

AMONG: Final = 2_000
"""How many contacts one count looks at, times the attributes that are asked for."""
STEP: Final = 200
AT_ONCE: Final = 2_000
"""How many people one request goes through; there may be more."""
RECORDS: Final = 50
"""How many records of one person are read at a time."""
LOOKED_BACK: Final = 1_000
"""How many records of one person are looked through for what a lock has moved."""


class Moved(msgspec.Struct, frozen=True):
    """How many values were moved, and how many gave way: to something newer that is held already (then they are moved,
    and stay in the history alone), or, when they were to be put back, to what stands there now or because the attribute
    takes them no more. `displaced` are older claims that the moved values took the place of, `lost` are people of whom
    so much was recorded since that nobody looked whether anything of theirs was moved. `aside` go on waiting where they
    are, as a verified value stands there.

    Where there may be more: the attributes that are left (`rest`), the first of them past a contact (`after`).
    """

    count: int
    gave_way: int = 0
    displaced: int = 0
    lost: int = 0
    aside: int = 0
    rest: tuple[str, ...] = ()
    after: ContactId | None = None

    def __add__(self, other: Moved) -> Moved:
        """Both together, wherever there may be more."""
        sums = (self.count + other.count, self.gave_way + other.gave_way)
        return Moved(*sums, self.displaced + other.displaced, self.lost + other.lost, self.aside + other.aside)


async def count(
    store: Store, workspace_id: WorkspaceId, names: Sequence[str], *, before: ContactId | None = None
) -> LeftoverCount:
    """How many values of these attributes nobody vouched for, among the newest contacts older than `before`."""
    among = max(1, AMONG // max(1, len(names)))
    return await store.screens.count_leftovers(workspace_id, names, before=before, among=among)


async def hold(
    engine: Engine, workspace_id: WorkspaceId, names: Sequence[str], *, actor: str, after: ContactId | None = None
) -> Moved:
    """Move unverified values of these locked attributes to where held values are."""
    moved, room = _NOTHING, AT_ONCE
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


class _OfOne(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute of one contact."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    name: str
    actor: str

    @property
    def idempotency(self) -> Idempotency | None:
        """What is done is not there to be done again."""
        return None

    @property
    def outcome(self) -> type[Moved]:
        """Never kept."""
        return Moved

    def authenticate(self, desk: Desk) -> None:
        """Whoever turned the lock was asked then."""

    def wants(self) -> Wants:
        """The contact."""
        return Wants(ids=(self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()

    def _told(self, kind: ChangeKind, verdict: Verdict, before: Holding, after: Holding) -> Draft:
        return Draft(kind, None, self.actor, verdicts=(verdict,), values={self.name: (before.value, after.value)})


class HoldLeftover(_OfOne, frozen=True, kw_only=True):
    """Hold the current value, if nobody vouched for it and the attribute is locked."""

    def weigh(self, desk: Desk) -> Effects:
        """Whether it was moved, and waits now."""
        contact, holding = _standing(desk, self.contact_id, self.name)
        attribute, source = desk.rules.attributes.get(self.name), holding.source
        if contact is None or attribute is None or attribute.archived or not attribute.locked:
            return Effects(_NOTHING)
        if holding.value is None or source is None or source.verified:
            return Effects(_NOTHING)
        slot, change, held = holding.slot, contact.version + 1, _held(holding, desk)
        after = Holding(slot.value, slot.source, None, held) if slot is not None else Holding(None, None, None, held)
        verdict = Verdict(self.name, Outcome.APPLIED, source.channel, unvouched=True)
        told = self._told(ChangeKind.UPDATED, verdict, holding, after)
        puts = [_put(desk, contact, self.name, after, told)]
        waits = held is None or not held.is_evidence or held.last_at < source.received_at
        displaced = int(waits and held is not None and held.proven)
        if waits:
            held = Held(holding.value, change + 1, source.channel, False, source.received_at, desk.now, 1, aside=True)
            refused = Verdict(self.name, Outcome.IGNORED, source.channel, Reason.UNVERIFIED)
            ignored = self._told(ChangeKind.IGNORED, refused, after, holding)
            puts.append(_put(desk, puts[0].contact, self.name, msgspec.structs.replace(after, held=held), ignored))
        keys = tuple(outdated_proofs(desk, contact, puts[-1].contact))
        return Effects(Moved(1, int(not waits), displaced), puts=tuple(puts), drop_keys=keys)


class PutBack(_OfOne, frozen=True, kw_only=True):
    """Put a value back, if the attribute is open again and nothing has come to stand there."""

    value: Scalar
    channel: Channel

    def weigh(self, desk: Desk) -> Effects:
        """Whether it was put back."""
        contact, holding = _standing(desk, self.contact_id, self.name)
        attribute, held = desk.rules.attributes.get(self.name), _held(holding, desk)
        if contact is None or attribute is None or attribute.locked:
            return Effects(_NOTHING)
        slot, value = holding.verified_slot, _fitting(attribute, self.value)
        if slot is not None or holding.value is not None or value is None:
            aside = slot is not None and held is not None and held.aside and held.value == self.value != slot.value
            return Effects(Moved(0, aside=1) if aside else Moved(0, 1))
        if held is not None and held.value == value:
            held = None
        source = Source(self.channel, False, None, int(desk.now), desk.now, contact.version + 1)
        after = Holding(value, source, None, held)
        verdict = Verdict(self.name, Outcome.APPLIED, self.channel, unvouched=True)
        told = self._told(ChangeKind.UPDATED, verdict, holding, after)
        put = _put(desk, contact, self.name, after, told)
        return Effects(Moved(1), puts=(put,), drop_keys=tuple(outdated_proofs(desk, contact, put.contact)))


def _standing(desk: Desk, contact_id: ContactId, name: str) -> tuple[Contact | None, Holding]:
    """The contact, unless it is gone, and its holding as today's rules see it."""
    contact = desk.contacts.get(contact_id)
    if contact is None or contact.merged_into is not None:
        return None, Holding()
    attribute = desk.rules.attributes.get(name)
    holding = contact.holding(name)
    return contact, settled(holding, attribute) if attribute is not None else holding


def _fitting(attribute: Attribute, value: Scalar) -> Scalar:
    """The value as the attribute takes it today, or None where it takes it no more (D3, D4)."""
    try:
        return None if attribute.archived else coerce(attribute, value)
    except Unfit:
        return None


def _held(holding: Holding, desk: Desk) -> Held | None:
    return unexpired(holding.held, held_since(desk.rules.policy, desk.now))


def _put(desk: Desk, contact: Contact, name: str, holding: Holding, draft: Draft | None) -> Put:
    holdings = {**contact.holdings, name: holding}
    version = contact.version + 1
    return Put(msgspec.structs.replace(contact, version=version, updated_at=desk.now, holdings=holdings), draft)


_Reading = Callable[[ContactId | None], Awaitable[list[ContactId]]]
_Doing = Callable[[ContactId], Awaitable[Moved]]
_NOTHING: Final = Moved(0)


async def _each(ids: _Reading, do: _Doing, after: ContactId | None, room: int) -> tuple[Moved, int]:
    """What came of all of them together, and at how many it looked; with `after` where there may be more."""
    moved, looked = _NOTHING, 0
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
