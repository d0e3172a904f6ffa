"""What becomes of a value once the key that vouched for it turns out to have been in other hands?

- A slot that the key wrote from that moment on falls; the last one that can be trusted takes its place, if any can.
- A locked attribute gets that one back as its value, and what fell is held. Elsewhere what fell stays as a value that
  nobody vouches for, beside the slot: any browser could have written it.
- A slot from before that moment stands. The second it was signed in may have been raised since, without a record: then
  it is put back to that moment, so that it makes no honest token stale.
- What was held because the key proved who said it is nobody's claim any more: it contradicts nothing.

What fell is a `signed` value that is not verified: nothing else ever makes one (`has_fallen`). Source: spec §4 "Keys".
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from avow.trust.attribute import Attribute
from avow.trust.contact import Channel, Contact, Held, Holding, Slot, Source
from avow.trust.words import Word


class Doubt(msgspec.Struct, frozen=True):
    """The key, and since when (Unix seconds) somebody else may have signed with it."""

    kid: str
    since: float

    def covers(self, source: Source) -> bool:
        """Whether this was vouched for by the key when it may have been in other hands."""
        return self._vouched(source) and source.received_at >= self.since

    def proved(self, held: Held) -> bool:
        """Whether the key proved who said this when it may have been in other hands."""
        return held.proven_by == self.kid and held.first_at >= self.since

    def raised(self, source: Source) -> bool:
        """Whether this is older than the doubt, and its second is not."""
        return self._vouched(source) and source.received_at < self.since < source.signed_at

    def _vouched(self, source: Source) -> bool:
        return source.verified and source.channel is Channel.SIGNED and source.by == self.kid


class Fall(Word):
    """What became of one attribute."""

    RESTORED = "restored"
    OFFERED = "offered"
    UNVERIFIED = "unverified"
    DATE_LOWERED = "date_lowered"
    HELD_DOUBTED = "held_doubted"


class Fallen(msgspec.Struct, frozen=True):
    """The holding afterwards. `to_hold` is what the attribute has lost and shall be held, if nothing else is."""

    fall: Fall
    holding: Holding
    to_hold: Slot | None = None


def has_fallen(source: Source | None) -> bool:
    """Whether this value was vouched for by a key that is not trusted any more."""
    return source is not None and source.channel is Channel.SIGNED and not source.verified


def fallen_slots(contact: Contact, doubt: Doubt) -> dict[str, int]:
    """The attributes whose slot falls, and the number of the change that wrote it."""
    slots = ((name, holding.verified_slot) for name, holding in contact.holdings.items())
    return {name: slot.source.change for name, slot in slots if slot is not None and doubt.covers(slot.source)}


def weigh(
    holding: Holding,
    attribute: Attribute | None,
    doubt: Doubt,
    earlier: Slot | None,
    doubted: Collection[int],
    change: int,
) -> Fallen | None:
    """What becomes of one holding; None where it stands as it is.

    `earlier` is the last slot before it that can be trusted, `doubted` the numbers of the changes that were proven by
    the key since then, `change` that of the record which will tell of this.
    """
    fallen = _weigh_slot(holding, attribute, doubt, earlier, change)
    held = (fallen.holding if fallen else holding).held
    if held is None or not held.proven or not (doubt.proved(held) or held.version in doubted):
        return fallen
    held = msgspec.structs.replace(held, proven=False)
    if fallen is None:
        return Fallen(Fall.HELD_DOUBTED, msgspec.structs.replace(holding, held=held))
    return msgspec.structs.replace(fallen, holding=msgspec.structs.replace(fallen.holding, held=held))


def _weigh_slot(
    holding: Holding, attribute: Attribute | None, doubt: Doubt, earlier: Slot | None, change: int
) -> Fallen | None:
    slot, source = holding.verified_slot, holding.source
    if slot is None or source is None:
        return None
    if doubt.raised(slot.source):
        return Fallen(Fall.DATE_LOWERED, _dated(holding, slot, doubt))
    if not doubt.covers(slot.source):
        return None
    if earlier is not None and earlier.value == holding.value:
        return Fallen(Fall.RESTORED, _standing(earlier, holding.held))
    if not source.verified:  # what a browser said stands beside the slot, and stays
        fall = Fall.UNVERIFIED if earlier is None else Fall.OFFERED
        return Fallen(fall, Holding(holding.value, source, earlier, holding.held))
    if earlier is not None and attribute is not None and attribute.locked:
        return Fallen(Fall.RESTORED, _standing(earlier, holding.held), slot)
    unvouched = msgspec.structs.replace(source, verified=False, change=change)
    fall = Fall.UNVERIFIED if earlier is None else Fall.OFFERED
    return Fallen(fall, Holding(holding.value, unvouched, earlier, holding.held))


def _standing(slot: Slot, held: Held | None) -> Holding:
    return Holding(slot.value, slot.source, None, held)


def _dated(holding: Holding, slot: Slot, doubt: Doubt) -> Holding:
    source = msgspec.structs.replace(slot.source, signed_at=int(doubt.since))
    if holding.slot is None:
        return Holding(slot.value, source, None, holding.held)
    return Holding(holding.value, holding.source, Slot(slot.value, source), holding.held)


def kept_aside(slot: Slot, now: float, change: int) -> Held:
    """What a locked attribute has lost, to be looked at and decided: as nobody's claim."""
    return Held(slot.value, change, Channel.SIGNED, False, slot.source.received_at, now, 1)
