"""What of a visitor or lead may become a user's, once the same browser has proven the user, or somebody says that the
two are one person (§5.6).

- Verified slots: the newer wins; a tie is the user's.
- Every unverified value is weighed again as `messenger` under today's rules: a locked attribute holds it and is
  never filled by it; an open one takes it only where the user has nothing. What the user has is never overwritten by
  a visitor's past.
- Held values move along where the user holds none.
- Whoever merges by hand says who somebody is, and proves nothing of what a browser said: held, that is a claim without
  proof, which contradicts nobody and displaces no evidence.

Source: spec §5.6, §6.
"""

from __future__ import annotations

import msgspec

from avow.trust.attribute import Attribute, Enforcement
from avow.trust.change import Outcome, Verdict
from avow.trust.contact import Channel, Contact, Held, Holding, Scalar, Slot, Source
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.checks import settled, worth_holding
from avow.trust.weighing.voice import Voice


class Merging(msgspec.Struct, frozen=True):
    """The user's holdings afterwards, and what became of each of the visitor's values.

    `values` are the user's (before, after) of what was applied, `refused_values` (before, what the visitor had) of what
    was ignored: told apart, for that is kept only as long as the owner says.
    """

    holdings: dict[str, Holding]
    verdicts: tuple[Verdict, ...]
    values: dict[str, tuple[Scalar, Scalar]]
    refused_values: dict[str, tuple[Scalar, Scalar]] = {}

    def told(self, outcome: Outcome) -> tuple[Verdict, ...]:
        """The verdicts of that outcome."""
        return tuple(verdict for verdict in self.verdicts if verdict.verdict is outcome)


class _Terms(msgspec.Struct, frozen=True):
    """In which voice unverified values are weighed, when, since when what is held counts, and in which change."""

    voice: Voice
    now: float
    held_since: float
    change: int


def absorb(user: Contact, guest: Contact, rules: Rules, now: float) -> Merging:
    """Weigh everything the guest (a visitor or lead) holds against the user, whom the same browser has proven."""
    return _absorbed(user, guest, rules, Voice(Channel.MESSENGER, False, None, int(now)), now)


def absorb_by_hand(user: Contact, guest: Contact, rules: Rules, now: float) -> Merging:
    """The same where somebody says that they are one person, and no browser has proven it."""
    return _absorbed(user, guest, rules, Voice(Channel.MESSENGER, False, None, int(now), proven=False), now)


def _absorbed(user: Contact, guest: Contact, rules: Rules, voice: Voice, now: float) -> Merging:
    terms = _Terms(voice, now, now - rules.policy.retention_days * 86_400, user.version + 1)
    holdings = dict(user.holdings)
    verdicts: list[Verdict] = []
    values: dict[str, tuple[Scalar, Scalar]] = {}
    refused_values: dict[str, tuple[Scalar, Scalar]] = {}
    for name, raw_theirs in guest.holdings.items():
        attribute = rules.attributes.get(name)
        if attribute is None:
            continue
        theirs, ours = settled(raw_theirs, attribute), settled(user.holding(name), attribute)
        merged, told = _merge(ours, theirs, attribute, terms)
        if merged != user.holding(name):
            holdings[name] = merged
        verdicts += told
        outcomes = {verdict.verdict for verdict in told}
        if Outcome.APPLIED in outcomes:
            values[name] = (ours.value, merged.value)
        if Outcome.IGNORED in outcomes:
            refused_values[name] = (ours.value, theirs.value)
    return Merging(holdings, tuple(verdicts), values, refused_values)


def _merge(ours: Holding, theirs: Holding, attribute: Attribute, terms: _Terms) -> tuple[Holding, list[Verdict]]:
    """One attribute of both. A slot survives a merge as it survives archiving: it moves even while archived."""
    ours = _with_held(ours, theirs.held, terms)
    slot = theirs.verified_slot
    told: list[Verdict] = []
    if slot is not None and _newer(slot, ours.verified_slot):
        ours = _with_slot(ours, slot, terms.change)
        told.append(Verdict(attribute.name, Outcome.APPLIED, slot.source.channel))
    if theirs.source is not None and not theirs.source.verified and theirs.value is not None:
        ours, verdict = _with_unverified(ours, theirs, theirs.source, attribute, terms)
        told.append(verdict)
    return ours, told


def _newer(theirs: Slot, ours: Slot | None) -> bool:
    return ours is None or theirs.source.signed_at > ours.source.signed_at


def _with_slot(ours: Holding, slot: Slot, change: int) -> Holding:
    """A newer verified slot becomes current too, unless what the user has was written after it, unverified."""
    slot, source = Slot(slot.value, msgspec.structs.replace(slot.source, change=change)), ours.source
    later = source is not None and not source.verified and source.received_at > slot.source.received_at
    if later and ours.value != slot.value:
        return Holding(ours.value, source, slot, ours.held)
    return Holding(slot.value, slot.source, None, ours.held)


def _with_unverified(
    ours: Holding, theirs: Holding, written: Source, attribute: Attribute, terms: _Terms
) -> tuple[Holding, Verdict]:
    voice, channel = terms.voice, terms.voice.channel
    if attribute.archived:
        return ours, Verdict(attribute.name, Outcome.IGNORED, channel, Reason.ARCHIVED)
    slot = ours.verified_slot
    if theirs.value == ours.value or (slot is not None and slot.value == theirs.value):
        return ours, Verdict(attribute.name, Outcome.UNCHANGED, channel)
    if attribute.locked:
        if worth_holding(ours, theirs.value, voice, terms.held_since):
            held = Held(theirs.value, terms.change, channel, voice.proven, written.received_at, terms.now, 1)
            ours = msgspec.structs.replace(ours, held=held)
        return ours, Verdict(attribute.name, Outcome.IGNORED, channel, Reason.UNVERIFIED)
    if ours.value is not None or slot is not None:
        return ours, Verdict(attribute.name, Outcome.IGNORED, channel, Reason.ALREADY_KNOWN)
    reason = Reason.WOULD_IGNORE if attribute.enforcement is Enforcement.MONITOR else None
    source = msgspec.structs.replace(written, channel=channel, change=terms.change)
    return Holding(theirs.value, source, None, ours.held), Verdict(attribute.name, Outcome.APPLIED, channel, reason)


def _with_held(ours: Holding, held: Held | None, terms: _Terms) -> Holding:
    if held is None or ours.held is not None:
        return ours
    held = msgspec.structs.replace(held, version=terms.change)
    if not terms.voice.proven:
        held = msgspec.structs.replace(held, proven=False, proven_by=None)
    return msgspec.structs.replace(ours, held=held)
