"""What becomes of one person's value that nobody vouched for, once its attribute is locked? It is held, or put back.

- Held means: the newest verified value stands again (or none), and what stood there waits beside it for a decision, as
  nobody's claim: it contradicts nobody. What is held already stays held where it came later, unless nobody had proven
  anything for it.
- Put back is what stood there until the lock moved it, where nothing else has come to stand and the attribute still
  takes it: unverified, by the channel it came by, and never in the place of a verified value.
- What is done is not there to be done again. Through whom it goes: `flow/screens/leftovers.py`.

Source: spec §6 ("Held value"), §8 (keep, or move to held; undo).
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.flow.by_hand.acts import ByHand
from avow.flow.contacts.identity import outdated_proofs
from avow.flow.contacts.reading import held_since, holding_today, unexpired
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put
from avow.trust.attribute import Attribute
from avow.trust.change import ChangeKind, Draft, Outcome, Verdict
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, Scalar, Source
from avow.trust.reasons import Reason
from avow.trust.weighing.values import Unfit, coerce


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


_NOTHING: Final = Moved(0)


class _OfOne(ByHand, frozen=True, kw_only=True):
    """One attribute of one person."""

    name: str

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
    return contact, holding_today(contact, name, desk.rules)


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
