"""What does the company's backend write of contacts? It creates them, updates them and has them erased.

What of a body is read, and what is read over: `fields.py`. Source: contract/intercom-notes.md §4.2; spec §7.
"""

from __future__ import annotations

from typing import Any

from avow.api.contacts.answers import written_answer
from avow.api.contacts.fields import read_fields
from avow.api.exchange import Call
from avow.api.reading import body, may_say
from avow.errors import BadInput
from avow.flow import contacts
from avow.flow.contacts import CreateContact, EraseContact, Erased, UpdateContact


async def create(call: Call) -> dict[str, Any]:
    """`POST /contacts`."""
    fields = read_fields(body(call))
    if fields.role is None and not fields.external_id and fields.raw_values.get("email") in (None, ""):
        message = "email, external_id and role are missing. Send at least one of them."
        raise BadInput(message, field="email", code="parameter_not_found")
    work = CreateContact(token=call.caller.token, idempotency=call.idempotency, fields=fields)
    return await written_answer(call, await call.engine.committer.submit(work))


async def update(call: Call) -> dict[str, Any]:
    """`PUT /contacts/{id}`: partial."""
    contact_id = contacts.contact_id_of(call.path["id"])
    fields = read_fields(body(call))
    token, idempotency = call.caller.token, call.idempotency
    work = UpdateContact(token=token, idempotency=idempotency, contact_id=contact_id, fields=fields)
    return await written_answer(call, await call.engine.committer.submit(work))


async def erase(call: Call) -> dict[str, Any]:
    """`DELETE /contacts/{id}`: for good."""
    return await _erased(call)


async def forget(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/forget`: the same, by the word that says what is meant."""
    may_say(call)
    return {**await _erased(call), "forgotten": True}


async def _erased(call: Call) -> dict[str, Any]:
    contact_id = contacts.contact_id_of(call.path["id"])
    before = await call.engine.store.contact(call.workspace_id, contact_id)
    work = EraseContact(token=call.caller.token, idempotency=call.idempotency, contact_id=contact_id)
    erased: Erased = await call.engine.committer.submit(work)
    external_id = None if before is None else before.external_id
    return {"type": "contact", "id": erased.contact_id, "external_id": external_id, "deleted": True}
