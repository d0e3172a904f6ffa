"""Who works for the company? `/admins`.

Source: contract/intercom-openapi.yaml, schemas `admin_list`, `admin`.
"""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.api.team.performers import admin_object, team_of, with_id


async def listed(call: Call) -> dict[str, Any]:
    """`GET /admins`."""
    return {"type": "admin.list", "admins": [admin_object(one) for one in await team_of(call)]}


async def get(call: Call) -> dict[str, Any]:
    """`GET /admins/{id}`."""
    return admin_object(with_id(call.path["id"], await team_of(call)))
