"""May this voice write this attribute now? The checks D6-D9 on one holding, and how a holding looks afterwards.

- An unverified write never touches the verified slot; one that repeats the slot's value brings the slot back.
- A verified write is never older than the slot. Tokens compare whole seconds of `signed_at`; REST, teammates and
  imports are never stale and win their second.
- A repeat keeps the provenance it finds, unless somebody else vouches for it now: then that is a change of trust.

Source: spec §3, §6.
"""

from __future__ import annotations

import msgspec

from avow.trust.attribute import Attribute, Enforcement
from avow.trust.change import Outcome
from avow.trust.contact import Channel, Held, Holding, Role, Scalar, Source
from avow.trust.policy import UndatedTokens
from avow.trust.reasons import Reason
from avow.trust.weighing.values import Unfit, coerce
from avow.trust.weighing.voice import Voice

# As in `decision.py`: found without the way by their class.
_SIGNED, _APPLIED = Channel.SIGNED, Outcome.APPLIED
_ADOPTING = frozenset({Channel.SIGNED, Channel.API, Channel.IMPORT, Channel.TEAMMATE})


class Weighed(msgspec.Struct, frozen=True, gc=False):
    """What became of one value, and the holding afterwards."""

    outcome: Outcome
    holding: Holding
    reason: Reason | None = None


def adopts(voice: Voice) -> bool:
    """Whether a write by this voice adopts a provisional attribute (§2)."""
    return voice.verified and voice.channel in _ADOPTING


def weigh(
    holding: Holding,
    attribute: Attribute,
    value: Scalar,
    voice: Voice,
    role: Role,
    undated: UndatedTokens,
    now: float,
    change: int,
) -> Weighed:
    """D6-D9 for one value that exists, fits and is not superseded. `change` numbers the record that will tell of it."""
    if voice.verified:
        return _weigh_verified(holding, value, voice, undated, now, change)
    reason: Reason | None = None
    # D6: an unverified write does not reach a locked attribute, whatever the channel
    if attribute.enforcement is not Enforcement.OPEN:
        if is_exempt(voice, role):
            reason = Reason.BOT_EXEMPT
        elif attribute.locked:
            return Weighed(Outcome.IGNORED, holding, Reason.UNVERIFIED)
        else:
            reason = Reason.WOULD_IGNORE
    # D8: a bot fills blanks only
    if voice.channel is Channel.BOT and holding.value is not None:
        return Weighed(Outcome.IGNORED, holding, Reason.ALREADY_KNOWN)
    # D9: it changes something
    if value == holding.value:
        return Weighed(Outcome.UNCHANGED, holding, reason)
    return Weighed(Outcome.APPLIED, _with_unverified(holding, value, voice, now, change), reason)


def is_exempt(voice: Voice, role: Role) -> bool:
    """Whether a lock lets it through all the same: what a lead or visitor answers to a bot's open question."""
    return voice.channel is Channel.BOT and voice.asked and role is not Role.USER


def _with_unverified(holding: Holding, value: Scalar, voice: Voice, now: float, change: int) -> Holding:
    slot = holding.verified_slot
    if slot is not None and slot.value == value:
        return Holding(slot.value, slot.source, None, holding.held)
    source = Source(voice.channel, False, voice.by, voice.signed_at, now, change)
    return Holding(value, source, slot, holding.held)


def _weigh_verified(
    holding: Holding, value: Scalar, voice: Voice, undated: UndatedTokens, now: float, change: int
) -> Weighed:
    source, signed_at = holding.source, voice.signed_at
    vouched = source if source is not None and source.verified else holding.slot.source if holding.slot else None
    # D7: not older than what was vouched for last
    if voice.channel is _SIGNED:
        if not voice.dated and undated is UndatedTokens.FILL_ONLY and (vouched or holding.value is not None):
            return Weighed(Outcome.IGNORED, holding, Reason.UNDATED)
        if vouched is not None and signed_at <= vouched.signed_at and _older(signed_at, vouched, now):
            return Weighed(Outcome.IGNORED, holding, Reason.STALE)
    elif vouched is not None:
        signed_at = max(signed_at, vouched.signed_at)
    # D9: it changes the value, its trust or its signed_at
    if source is None or not source.verified or value != holding.value or _other(source, voice):
        fresh = Source(voice.channel, True, voice.by, signed_at, now, change)
        return Weighed(_APPLIED, Holding(value, fresh, None, holding.held))
    if signed_at <= source.signed_at:
        return Weighed(Outcome.UNCHANGED, holding)
    raised = msgspec.structs.replace(source, signed_at=signed_at)
    return Weighed(Outcome.UNCHANGED, Holding(value, raised, None, holding.held))


def _older(signed_at: int, vouched: Source, now: float) -> bool:
    """Whether a signature of `signed_at`, which is not of the future, is older than what was vouched for."""
    vouched_at = vouched.signed_at
    if vouched_at > int(now):  # a clock was put right: it counts as now, and nobody has to win that second for hours
        return signed_at < int(now)
    return signed_at < vouched_at or (signed_at == vouched_at and vouched.channel is not Channel.SIGNED)


def _other(source: Source, voice: Voice) -> bool:
    return source.channel is not voice.channel or source.by != voice.by


def worth_holding(holding: Holding, value: Scalar, voice: Voice, held_since: float) -> bool:
    """Whether an ignored value says anything that is not known already, as current value or as verified one.

    A caller who has not proven whom she speaks about displaces no evidence: what a proven one said, or what a lock put
    aside, stays until it expires.
    """
    held, slot = holding.held, holding.verified_slot
    if held is not None and held.is_evidence and not voice.proven and held.last_at >= held_since:
        return False
    return value != holding.value and not (slot is not None and value == slot.value)


def hold(
    held: Held | None, value: Scalar, voice: Voice, origin: str | None, path: str | None, now: float, change: int
) -> Held:
    """The held value after one more ignored write: the newest stands, a repeat is counted.

    A held value's version is the number of the change that brought it: never used twice, whatever was discarded
    between.
    """
    if held is not None and repeats(held, value, voice):
        return msgspec.structs.replace(held, last_at=now, count=held.count + 1, origin=origin, path=path)
    return Held(value, change, voice.channel, voice.proven, now, now, 1, origin, path, proven_by=voice.proven_by)


def repeats(held: Held, value: Scalar, voice: Voice) -> bool:
    """Whether this is the held claim once more. What a lock put aside is nobody's claim: nothing repeats it."""
    return held.value == value and held.proven is voice.proven and not held.aside


def settled(holding: Holding, attribute: Attribute) -> Holding:
    """The holding as today's rules see it.

    Unverified leftovers from before an adoption fit the adopted type, or are held (§2).
    """
    source, adopted_at = holding.source, attribute.adopted_at
    if adopted_at is None or source is None or source.verified:
        return holding
    try:
        value = as_adopted(attribute, holding.value, source.received_at)
    except Unfit:
        # Nobody knows any more whether its writer was proven; what is not known to be contradicts nothing.
        # It was put aside by the adoption, and is held from then on, however long it had stood.
        held, slot = holding.held, holding.verified_slot
        aside_at = max(adopted_at, source.received_at)
        if held is None or held.last_at <= aside_at:
            held = Held(holding.value, source.change, source.channel, False, source.received_at, aside_at, 1)
        return Holding(slot.value, slot.source, None, held) if slot else Holding(None, None, None, held)
    if type(value) is type(holding.value) and value == holding.value:
        return holding
    return Holding(value, source, holding.slot, holding.held)


def as_adopted(attribute: Attribute, value: Scalar, received_at: float) -> Scalar:
    """An unverified value as the type has it that its attribute was adopted with. Raises `Unfit` for what does not fit.

    Whatever was written since the adoption fits, so no clock is asked: it may have been set back in between. A list's
    options alone come and go, and a text that came later than the adoption has been one of them.
    """
    try:
        return coerce(attribute, value)
    except Unfit as unfit:
        later = attribute.adopted_at is not None and received_at > attribute.adopted_at
        if later and unfit.reason is Reason.NOT_AN_OPTION and isinstance(value, str):
            return value
        raise
