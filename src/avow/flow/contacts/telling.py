"""How is it told what is known of one person? As JSON: provenance, held values, change records.

Every place that tells of them tells the same: REST, exports, screens. Times are whole seconds. Source: spec §3, §7.
"""

from __future__ import annotations

from typing import Any, Final

from avow.flow.contacts.reading import standings
from avow.trust.change import Change, Verdict, values_of
from avow.trust.contact import Channel, Contact, Held, Slot, Source
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.distrust import has_fallen

_BY_ACTOR: Final = frozenset({Channel.API, Channel.IMPORT, Channel.TEAMMATE, Channel.WORKFLOW})


def provenance_object(contact: Contact, rules: Rules, now: float) -> dict[str, dict[str, Any]]:
    """Who vouched for each value: one entry an attribute. `reason` says why what was vouched for is not any more."""
    return {
        name: {
            "value": standing.value,
            **source_object(standing.source),
            "state": standing.state,
            "reason": Reason.KEY_COMPROMISED if has_fallen(standing.source) else None,
            "slot": None if standing.slot is None else _slot(standing.slot),
            "held": None if standing.held is None else held_object(standing.held),
        }
        for name, standing in standings(contact, rules, now).items()
    }


def verified_object(contact: Contact, rules: Rules, now: float) -> dict[str, dict[str, Any]]:
    """The verified slot of each attribute that has one, and nothing that anybody else has said."""
    return {
        name: _slot(standing.slot)
        for name, standing in standings(contact, rules, now).items()
        if standing.slot is not None
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {"value": slot.value, **source_object(slot.source)}


def source_object(source: Source | None) -> dict[str, Any]:
    """Who wrote a value, by what, and when."""
    if source is None:
        names = ("channel", "key_id", "actor", "signed_at", "received_at", "change")
        return {**dict.fromkeys(names), "verified": False}
    return {
        "channel": source.channel,
        "verified": source.verified,
        "key_id": source.by if source.channel is Channel.SIGNED else None,
        "actor": source.by if source.channel in _BY_ACTOR else None,
        "signed_at": source.signed_at,
        "received_at": int(source.received_at),
        "change": source.change,
    }


def held_object(held: Held) -> dict[str, Any]:
    """A value that was ignored last, and where it came from, as its browser told it."""
    return {
        "value": held.value,
        "version": held.version,
        "channel": held.channel,
        "proven": held.proven,
        "aside": held.aside,
        "count": held.count,
        "first_at": int(held.first_at),
        "last_at": int(held.last_at),
        "origin": held.origin,
        "path": held.path,
    }


def change_object(change: Change) -> dict[str, Any]:
    """One change record. `values` is None once they have run out or were erased."""
    facts, kept = change.facts, values_of(change)
    values = None
    if kept is not None:
        values = {name: {"before": before, "after": after} for name, (before, after) in kept.values.items()}
    return {
        "type": "change",
        "seq": facts.seq,
        "at": int(facts.at),
        "kind": facts.kind,
        "channel": facts.channel,
        "actor": facts.actor,
        "key_id": facts.key,
        "token_digest": facts.token,
        "sdk": facts.sdk,
        "other_contact_id": facts.other,
        "origin": None if kept is None else kept.origin,
        "path": None if kept is None else kept.path,
        "verdicts": [
            {**verdict_object(verdict), "again": verdict.again, "unvouched": verdict.unvouched}
            for verdict in facts.verdicts
        ],
        "values": values,
        "hash": change.hash.hex(),
    }


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """One line of a receipt."""
    return {
        "name": verdict.name,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "channel": verdict.channel,
    }
