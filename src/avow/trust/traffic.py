"""Which writes arrive, told apart by what they would do to what is known: the counters behind readiness.

Per attribute and hour: signed; unsigned that repeats, fills, changes an unverified value or contradicts a verified one.
Claims of callers who had not proven whom they speak about are counted apart. Source: spec §7, §8.
"""

from __future__ import annotations

from avow.trust.contact import Holding, Scalar
from avow.trust.words import Word


class TrafficClass(Word):
    """What a write is, compared with what was known when it arrived."""

    SIGNED = "signed"
    REPEATS = "repeats"
    FILLS = "fills"
    CHANGES = "changes"
    CONTRADICTS = "contradicts"
    UNPROVEN_REPEATS = "unproven_repeats"
    UNPROVEN_FILLS = "unproven_fills"
    UNPROVEN_CHANGES = "unproven_changes"
    UNPROVEN_CONTRADICTS = "unproven_contradicts"


_UNPROVEN = {
    TrafficClass.REPEATS: TrafficClass.UNPROVEN_REPEATS,
    TrafficClass.FILLS: TrafficClass.UNPROVEN_FILLS,
    TrafficClass.CHANGES: TrafficClass.UNPROVEN_CHANGES,
    TrafficClass.CONTRADICTS: TrafficClass.UNPROVEN_CONTRADICTS,
}


Arrivals = dict[TrafficClass, list[str]]
"""The attributes that one request writes, by the class of the write."""


def classify_unsigned(holding: Holding, value: Scalar, *, proven: bool) -> TrafficClass:
    """What an unsigned write of `value` (already coerced) is beside this holding."""
    slot = holding.verified_slot
    if slot is not None and value != slot.value:
        kind = TrafficClass.CONTRADICTS
    elif value == holding.value:
        kind = TrafficClass.REPEATS
    elif holding.value is None:
        kind = TrafficClass.FILLS
    else:
        kind = TrafficClass.CHANGES
    return kind if proven else _UNPROVEN[kind]
