"""What is a contact subscribed to? Nothing: there are no subscription types, and the list says so."""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.flow import contacts


async def of_contact(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/subscriptions`."""
    await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    return {"type": "list", "data": []}
