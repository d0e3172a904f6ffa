"""Who vouched for each value? `/contacts/{id}/provenance`.

One entry an attribute: the current value and its source, its state in a word, the verified slot, what is held. `reason`
says why what was vouched for once is not any more.
Times are whole Unix seconds. Source: spec §3.
"""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.flow import contacts
from avow.flow.contacts.telling import provenance_object


async def get(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/provenance`."""
    contact = await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    return {
        "type": "provenance",
        "contact_id": contact.id,
        "attributes": provenance_object(contact, call.rules, call.engine.now()),
    }
