"""What becomes of values that nobody vouched for, once their attribute is locked? They stay, or they are held.

- Held means: the newest verified value stands again (or none), and what stood there waits beside it for a decision, as
  nobody's claim: it contradicts nobody. What is held already stays held: it came later.
- Undoing a lock puts them back where nothing else has come to stand: unverified, by the channel they came by, and never
  in the place of a verified value.
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
from avow.flow.work import Effects, Idempotency, Put, Wants
from avow.trust.change import ChangeKind, Draft, Outcome, Verdict
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, Source, WorkspaceId
from avow.trust.reasons import Reason
from avow.trust.weighing.checks import settled

AMONG: Final = 3_000
"""How many contacts one count looks at, times the attributes that are asked for."""
STEP: Final = 200
AT_ONCE: Final = 2_000
"""How many people one request goes through; there may be more."""


class Moved(msgspec.Struct, frozen=True):
    """How many values were moved, and whether there may be more of them."""

    count: int
    more: bool


async def count(
    store: Store, workspace_id: WorkspaceId, names: Sequence[str], *, before: ContactId | None = None
) -> LeftoverCount:
    """How many values of these attributes nobody vouched for, among the newest contacts older than `before`."""
    among = max(1, AMONG // max(1, len(names)))
    return await store.screens.count_leftovers(workspace_id, names, before=before, among=among)


async def hold(engine: Engine, workspace_id: WorkspaceId, names: Sequence[str], *, actor: str) -> Moved:
    """Move unverified values of these locked attributes to where held values are."""
    return await _all(engine, workspace_id, names, actor, engine.store.screens.leftovers, HoldLeftover)


async def release(engine: Engine, workspace_id: WorkspaceId, names: Sequence[str], *, actor: str) -> Moved:
    """Put held values back, unverified, where nothing verified stands."""
    return await _all(engine, workspace_id, names, actor, engine.store.screens.holders, ReleaseHeld)


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
    def outcome(self) -> type[bool]:
        """Never kept."""
        return bool

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
        """Whether it was moved."""
        contact, holding = _standing(desk, self.contact_id, self.name)
        attribute, source = desk.rules.attributes.get(self.name), holding.source
        if contact is None or attribute is None or not attribute.locked:
            return Effects(False)
        if holding.value is None or source is None or source.verified:
            return Effects(False)
        slot, change = holding.slot, contact.version + 1
        after = Holding(None, _unvouched(source.channel, desk, change))
        if slot is not None:
            after = Holding(slot.value, slot.source)
        after = msgspec.structs.replace(after, held=unexpired(holding.held, held_since(desk.rules.policy, desk.now)))
        told = self._told(ChangeKind.UPDATED, Verdict(self.name, Outcome.APPLIED, source.channel), holding, after)
        puts = [_put(desk, contact, self.name, after, told)]
        if after.held is None:
            held = Held(holding.value, change + 1, source.channel, False, source.received_at, desk.now, 1)
            refused = Verdict(self.name, Outcome.IGNORED, source.channel, Reason.UNVERIFIED)
            ignored = self._told(ChangeKind.IGNORED, refused, after, holding)
            puts.append(_put(desk, puts[0].contact, self.name, msgspec.structs.replace(after, held=held), ignored))
        return Effects(True, puts=tuple(puts), drop_keys=tuple(outdated_proofs(desk, contact, puts[-1].contact)))


class ReleaseHeld(_OfOne, frozen=True, kw_only=True):
    """Put the held value back, if the attribute is open again and nothing verified stands there."""

    def weigh(self, desk: Desk) -> Effects:
        """Whether it was put back."""
        contact, holding = _standing(desk, self.contact_id, self.name)
        attribute = desk.rules.attributes.get(self.name)
        held = unexpired(holding.held, held_since(desk.rules.policy, desk.now))
        if contact is None or attribute is None or attribute.locked or held is None:
            return Effects(False)
        if holding.verified_slot is not None or holding.value is not None:
            return Effects(False)
        after = Holding(held.value, _unvouched(held.channel, desk, contact.version + 1))
        told = self._told(ChangeKind.UPDATED, Verdict(self.name, Outcome.APPLIED, held.channel), holding, after)
        put = _put(desk, contact, self.name, after, told)
        return Effects(True, puts=(put,), drop_keys=tuple(outdated_proofs(desk, contact, put.contact)))


def _standing(desk: Desk, contact_id: ContactId, name: str) -> tuple[Contact | None, Holding]:
    """The contact, unless it is gone, and its holding as today's rules see it."""
    contact = desk.contacts.get(contact_id)
    if contact is None or contact.merged_into is not None:
        return None, Holding()
    attribute = desk.rules.attributes.get(name)
    holding = contact.holding(name)
    return contact, settled(holding, attribute) if attribute is not None else holding


def _unvouched(channel: Channel, desk: Desk, change: int) -> Source:
    return Source(channel, False, None, int(desk.now), desk.now, change)


def _put(desk: Desk, contact: Contact, name: str, holding: Holding, draft: Draft | None) -> Put:
    holdings = {**contact.holdings, name: holding}
    version = contact.version + 1
    return Put(msgspec.structs.replace(contact, version=version, updated_at=desk.now, holdings=holdings), draft)


_Reading = Callable[..., Awaitable[list[ContactId]]]


async def _all(
    engine: Engine, workspace_id: WorkspaceId, names: Sequence[str], actor: str, ids_of: _Reading, work: type[_OfOne]
) -> Moved:
    moved = looked_at = 0
    for name in names:
        after: ContactId | None = None
        while ids := await ids_of(workspace_id, name, after=after, limit=STEP):
            done = await asyncio.gather(
                *(
                    engine.committer.submit(
                        work(workspace_id=workspace_id, contact_id=one, name=name, actor=actor)  # type: ignore[arg-type]
                    )
                    for one in ids
                )
            )
            moved += sum(map(bool, done))
            looked_at += len(ids)
            after = ids[-1]
            if looked_at >= AT_ONCE:
                return Moved(moved, True)
    return Moved(moved, False)
