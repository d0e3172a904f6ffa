"""How is a contact set aside, and brought back? `/contacts/{id}/archive`, `/unarchive`, `/block`, `/unblock`.

A body is not asked for; of Intercom's three it is not read. Source: contract/intercom-notes.md §4.2.
"""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.api.reading import may_say
from avow.flow import contacts
from avow.flow.contacts import ArchiveContact, BlockContact, SetAside, UnarchiveContact, UnblockContact

_Turn = type[ArchiveContact] | type[UnarchiveContact] | type[BlockContact] | type[UnblockContact]


async def archive(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/archive`."""
    turned = await _turn(call, ArchiveContact)
    return {**_reference(turned), "archived": turned.archived}


async def unarchive(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/unarchive`."""
    turned = await _turn(call, UnarchiveContact)
    return {**_reference(turned), "archived": turned.archived}


async def block(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/block`."""
    turned = await _turn(call, BlockContact)
    return {**_reference(turned), "blocked": turned.blocked}


async def unblock(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/unblock`."""
    may_say(call)
    turned = await _turn(call, UnblockContact)
    return {**_reference(turned), "blocked": turned.blocked}


async def _turn(call: Call, turn: _Turn) -> SetAside:
    contact_id = contacts.contact_id_of(call.path["id"])
    work = turn(token=call.caller.token, idempotency=call.idempotency, contact_id=contact_id)
    turned: SetAside = await call.engine.committer.submit(work)
    return turned


def _reference(turned: SetAside) -> dict[str, Any]:
    return {"type": "contact", "id": turned.contact_id, "external_id": turned.external_id}
