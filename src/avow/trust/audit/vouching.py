"""Who vouched for this attribute before? What one change record tells of it, so that a slot can be found again.

- Only what was applied and vouched for counts: signed values, teammates', and those of REST, imports and automations
  whose record does not say that nobody vouched. A record that names no channel moves or lets stand what others said
  (in bulk, at a lock and its undoing): it vouches for nothing.
- A record has no `signed_at`: the second of the record itself stands for it, which no honest token is later than.
- A slot that came by a merge was vouched for in the chain of whoever was merged.

Source: spec §3, §4 "Keys" (distrust), §7.
"""

from __future__ import annotations

from typing import Final

from avow.trust.change import Change, ChangeKind, Facts, Outcome, Verdict, values_of
from avow.trust.contact import Channel, ContactId, Slot, Source
from avow.trust.keys import Keyring
from avow.trust.weighing.distrust import Doubt

_VOUCHING: Final = frozenset({Channel.SIGNED, Channel.API, Channel.IMPORT, Channel.TEAMMATE, Channel.WORKFLOW})
RETOLD: Final = frozenset({ChangeKind.MERGED, ChangeKind.DISTRUSTED})
"""Records that move or bring back what others have told: those tell who vouched."""


def slot_of(change: Change, name: str, keyring: Keyring, doubt: Doubt) -> Slot | None:
    """The slot that this record wrote, if it can be trusted still: by no key that is distrusted, or doubted now."""
    facts, verdict = change.facts, vouched(change.facts, name)
    if verdict is None or facts.kind in RETOLD:
        return None
    kept = values_of(change)
    if kept is None or name not in kept.values:
        return None
    by = facts.key if verdict.channel is Channel.SIGNED else facts.actor
    slot = Slot(kept.values[name][1], Source(verdict.channel, True, by, int(facts.at), facts.at, facts.seq))
    return slot if is_trusted(slot, keyring) and not doubt.covers(slot.source) else None


def is_trusted(slot: Slot | None, keyring: Keyring) -> bool:
    """Whether no key that was distrusted since stands behind it. Who is no key cannot be distrusted."""
    if slot is None or slot.source.channel is not Channel.SIGNED:
        return True
    ready = keyring.find(slot.source.by) if slot.source.by is not None else None
    return ready is not None and ready.key.trusted_at(slot.source.received_at)


def merged_from(change: Change, name: str) -> ContactId | None:
    """Who was merged, where that brought this attribute a slot."""
    moved = change.facts.kind is ChangeKind.MERGED and vouched(change.facts, name) is not None
    return change.facts.other if moved else None


def vouched(facts: Facts, name: str) -> Verdict | None:
    """The verdict by which a record wrote what was vouched for, or retells that."""
    for verdict in reversed(facts.verdicts):
        if verdict.name == name and verdict.verdict is Outcome.APPLIED:
            named = facts.channel is not None and not verdict.unvouched
            return verdict if named and verdict.channel in _VOUCHING else None
    return None
