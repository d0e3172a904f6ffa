"""Who vouched for each value? `/contacts/{id}/provenance`.

One entry an attribute: the current value and its source, its state in a word, the verified slot, what is held.
Times are whole Unix seconds. Source: spec §3.
"""

from __future__ import annotations

from typing import Any, Final

from avow.api.exchange import Call
from avow.flow import contacts
from avow.trust.contact import Channel, Held, Slot, Source

_BY_ACTOR: Final = frozenset({Channel.API, Channel.IMPORT, Channel.TEAMMATE, Channel.WORKFLOW})


async def get(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/provenance`."""
    contact = await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    return {
        "type": "provenance",
        "contact_id": contact.id,
        "attributes": {
            name: {
                "value": standing.value,
                **_source(standing.source),
                "state": standing.state,
                "slot": None if standing.slot is None else _slot(standing.slot),
                "held": None if standing.held is None else held_object(standing.held),
            }
            for name, standing in contacts.standings(contact, call.rules, call.engine.now()).items()
        },
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {"value": slot.value, **_source(slot.source)}


def _source(source: Source | None) -> dict[str, Any]:
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
        "count": held.count,
        "first_at": int(held.first_at),
        "last_at": int(held.last_at),
        "origin": held.origin,
        "path": held.path,
    }
