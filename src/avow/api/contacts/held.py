"""What was ignored and may still be decided? `/contacts/{id}/held`, and accepting or discarding one.

Whoever decides sends the `version` she saw; another one by now is a 409. Source: spec §6 ("Held value").
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from avow.api.contacts.answers import written_answer
from avow.api.exchange import Call
from avow.api.reading import body, refuse_unknown, required
from avow.flow import contacts
from avow.flow.contacts import AcceptHeld, DiscardHeld, Written
from avow.flow.contacts.telling import held_object

_Decision = TypeVar("_Decision", AcceptHeld, DiscardHeld)


async def listed(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/held`."""
    contact = await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    held = contacts.held_values(contact, call.rules, call.engine.now())
    shown = [{"type": "held_value", "name": name, **held_object(one)} for name, one in held.items()]
    return {"type": "list", "data": shown}


async def accept(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/held/{name}/accept`: from now on somebody vouches for it."""
    work = _asked(call, AcceptHeld)
    address = await contacts.held_address(call.engine.store, call.workspace_id, work.contact_id, work.name)
    return await _decided(call, msgspec.structs.replace(work, address=address))


async def discard(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/held/{name}/discard`."""
    return await _decided(call, _asked(call, DiscardHeld))


def _asked(call: Call, decision: type[_Decision]) -> _Decision:
    fields = body(call)
    refuse_unknown(fields, "version")
    return decision(
        token=call.caller.token,
        idempotency=call.idempotency,
        contact_id=contacts.contact_id_of(call.path["id"]),
        name=call.path["name"],
        version=required(fields, "version", int),
    )


async def _decided(call: Call, work: AcceptHeld | DiscardHeld) -> dict[str, Any]:
    written: Written = await call.engine.committer.submit(work)
    return await written_answer(call, written)
