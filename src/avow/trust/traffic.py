"""Which writes arrive, told apart by what they would do to what is known: the counters behind readiness.

Per attribute and hour: signed; unsigned that repeats, fills, changes an unverified value or contradicts a verified one.
Claims of callers who had not proven whom they speak about are counted apart.

- Unsigned is whatever a lock would ignore, by whichever way it comes: pages, access tokens that relay, imports,
  workflows, bots that nobody has asked. What is verified without a token (REST, teammates) is neither.
- What the server has observed itself is told by no page: it is counted where the attribute arrives signed too, unless
  it only repeats what is known.

Source: spec §6 (D6), §7, §8.
"""

from __future__ import annotations

from typing import Final

from avow.trust.attribute import Attribute
from avow.trust.contact import Channel, Holding, Role, Scalar
from avow.trust.weighing.checks import is_exempt
from avow.trust.weighing.voice import Voice
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


def classify_elsewhere(
    holding: Holding, value: Scalar, voice: Voice, attribute: Attribute, role: Role
) -> TrafficClass | None:
    """The same of a voice that is neither a token's nor a page's own; None for what is not counted."""
    if voice.verified or (voice.channel is Channel.OBSERVED and not attribute.ever_signed):
        return None
    kind = classify_unsigned(holding, value, proven=voice.proven)
    if voice.channel is Channel.OBSERVED and kind in _REPEATING:
        return None
    if voice.channel is Channel.BOT and (holding.value is not None or is_exempt(voice, role)):
        return None
    return kind


_REPEATING: Final = (TrafficClass.REPEATS, TrafficClass.UNPROVEN_REPEATS)
_CALLED: Final = {Channel.API: "access token", Channel.IMPORT: "import by", Channel.WORKFLOW: "workflow"}
_WITHOUT_PAGE: Final = tuple(f"{word} " for word in _CALLED.values())


def label_without_page(channel: Channel, name: str) -> str:
    """How whoever writes unsigned is called among the writers, where no page is to be named."""
    return f"{_CALLED.get(channel, channel)} {name}"


def is_of_page(label: str) -> bool:
    """Whether that is a page's label."""
    return not label.startswith(_WITHOUT_PAGE)
