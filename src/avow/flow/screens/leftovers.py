"""What becomes of values that nobody vouched for, once their attribute is locked? They stay, or they are held.

- Held means: the newest verified value stands again (or none), and what stood there waits beside it for a decision, as
  nobody's claim: it contradicts nobody. What is held already stays held where it came later.
- Undoing a lock puts back what that lock has moved, as the records tell, where nothing else has come to stand:
  unverified, by the channel it came by, and never in the place of a verified value.
- Each person is weighed in the transaction that writes. It goes in steps; whoever was interrupted begins again, and
  what is done is not done twice.

Source: spec §6 ("Held value"), §8 (keep, or move to held; undo).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from avow.flow.contacts.identity import outdated_proofs
from avow.flow.contacts.reading import held_since, unexpired
from avow.flow.contract import LeftoverCount, LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.engine import Engine
from avow.flow.work import Effects, Idempotency, Put, Wants, Work
from avow.trust.change import Change, ChangeKind, Draft, Outcome, Verdict, values_of
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, Scalar, Source, WorkspaceId
from avow.trust.reasons import Reason
from avow.trust.weighing.checks import settled

AMONG: Final = 3_000
"""How many contacts one count looks at, times the attributes that are asked for."""
STEP: Final = 200
AT_ONCE: Final = 2_000
"""How many people one request goes through; there may be more."""


LOOKED_BACK: Final = 50
"""How many records of one person are looked through for what a lock has moved."""


class Moved(msgspec.Struct, frozen=True):
    """How many values were moved, and how many gave way: to something newer that is held already (then they are moved,
    and stay in the history alone), or, when they were to be put back, to what stands there now.

    Where there may be more: the attributes that are left (`rest`), the first of them past a contact (`after`).
    """

    count: int
    gave_way: int = 0
    rest: tuple[str, ...] = ()
    after: ContactId | None = None


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

    async def work(contact_id: ContactId, name: str) -> Work:
        return HoldLeftover(workspace_id=workspace_id, contact_id=contact_id, name=name, actor=actor)

    return await _all(engine, workspace_id, names, after, engine.store.screens.leftovers, work)


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

    async def work(contact_id: ContactId, name: str) -> Work | None:
        records = await engine.store.changes(workspace_id, contact_id, before=None, limit=LOOKED_BACK)
        moved = _moved(records, name, since)
        if moved is None:
            return None
        value, channel = moved
        return PutBack(
            workspace_id=workspace_id, contact_id=contact_id, name=name, actor=actor, value=value, channel=channel
        )

    return await _all(engine, workspace_id, names, after, engine.store.screens.holders, work)


def _moved(records: Sequence[Change], name: str, since: float) -> tuple[Scalar, Channel] | None:
    """What stood there until `HoldLeftover` took it away, and the channel it had come by."""
    for change in records:
        facts, kept = change.facts, values_of(change)
        if facts.at < since:
            return None
        told = next((one for one in facts.verdicts if one.name == name), None)
        if told is None or kept is None or facts.kind is not ChangeKind.UPDATED or facts.channel is not None:
            continue
        return kept.values[name][0], told.channel
    return None


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
        if contact is None or attribute is None or not attribute.locked:
            return Effects(_NOTHING)
        if holding.value is None or source is None or source.verified:
            return Effects(_NOTHING)
        slot, change, held = holding.slot, contact.version + 1, _held(holding, desk)
        after = Holding(slot.value, slot.source, None, held) if slot is not None else Holding(None, None, None, held)
        told = self._told(ChangeKind.UPDATED, Verdict(self.name, Outcome.APPLIED, source.channel), holding, after)
        puts = [_put(desk, contact, self.name, after, told)]
        waits = held is None or held.last_at < source.received_at
        if waits:
            held = Held(holding.value, change + 1, source.channel, False, source.received_at, desk.now, 1, aside=True)
            refused = Verdict(self.name, Outcome.IGNORED, source.channel, Reason.UNVERIFIED)
            ignored = self._told(ChangeKind.IGNORED, refused, after, holding)
            puts.append(_put(desk, puts[0].contact, self.name, msgspec.structs.replace(after, held=held), ignored))
        keys = tuple(outdated_proofs(desk, contact, puts[-1].contact))
        return Effects(Moved(1, int(not waits)), puts=tuple(puts), drop_keys=keys)


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
        if holding.verified_slot is not None or holding.value is not None:
            return Effects(Moved(0, 1))
        if held is not None and held.aside and held.value == self.value:
            held = None
        source = Source(self.channel, False, None, int(desk.now), desk.now, contact.version + 1)
        after = Holding(self.value, source, None, held)
        told = self._told(ChangeKind.UPDATED, Verdict(self.name, Outcome.APPLIED, self.channel), holding, after)
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


def _held(holding: Holding, desk: Desk) -> Held | None:
    return unexpired(holding.held, held_since(desk.rules.policy, desk.now))


def _put(desk: Desk, contact: Contact, name: str, holding: Holding, draft: Draft | None) -> Put:
    holdings = {**contact.holdings, name: holding}
    version = contact.version + 1
    return Put(msgspec.structs.replace(contact, version=version, updated_at=desk.now, holdings=holdings), draft)


_Reading = Callable[..., Awaitable[list[ContactId]]]
_Making = Callable[[ContactId, str], Awaitable[Work | None]]
_NOTHING: Final = Moved(0)


async def _all(
    engine: Engine,
    workspace_id: WorkspaceId,
    names: Sequence[str],
    after: ContactId | None,
    ids_of: _Reading,
    work_of: _Making,
) -> Moved:
    count = gave_way = looked_at = 0
    for number, name in enumerate(names):
        while ids := await ids_of(workspace_id, name, after=after, limit=STEP):
            works = [work for one in ids if (work := await work_of(one, name)) is not None]
            done: list[Moved] = await asyncio.gather(*map(engine.committer.submit, works))
            count += sum(one.count for one in done)
            gave_way += sum(one.gave_way for one in done)
            looked_at += len(ids)
            after = ids[-1]
            if looked_at >= AT_ONCE:
                return Moved(count, gave_way, tuple(names[number:]), after)
        after = None
    return Moved(count, gave_way)
