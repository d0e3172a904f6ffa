"""Which segments are there, and which is a contact in? `/segments` and `/contacts/{id}/segments`: for reading only.

`include_count=true` tells how many people are in each, or null where there are too many to count in a request.
Source: contract/intercom-openapi.yaml, schema `segment`.
"""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.api.reading import flag
from avow.flow import contacts
from avow.flow.beside import segments
from avow.flow.contract import Workspace
from avow.trust.audience.segments import SEGMENTS, Segment
from avow.trust.contact import Role


async def listed(call: Call) -> dict[str, Any]:
    """`GET /segments`."""
    return {"type": "segment.list", "segments": await _objects(call, SEGMENTS), "pages": {}}


async def get(call: Call) -> dict[str, Any]:
    """`GET /segments/{id}`."""
    return (await _objects(call, (segments.find(call.path["id"]),)))[0]


async def of_contact(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/segments`."""
    contact = await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    workspace = await call.engine.rulebook.workspace(call.workspace_id)
    found = segments.of_contact(contact, call.engine.now())
    return {"type": "list", "data": [_segment_object(one, workspace) for one in found]}


async def _objects(call: Call, shown: tuple[Segment, ...]) -> list[dict[str, Any]]:
    workspace = await call.engine.rulebook.workspace(call.workspace_id)
    told = [_segment_object(one, workspace) for one in shown]
    if not flag(call.query, "include_count"):
        return told
    counts = await segments.counts(call.engine.store, call.workspace_id, call.engine.now())
    return [{**one, "count": None if counts is None else counts[one["id"]]} for one in told]


def _segment_object(segment: Segment, workspace: Workspace) -> dict[str, Any]:
    """Segments are as old as their workspace."""
    return {
        "type": "segment",
        "id": segment.id,
        "name": segment.name,
        "created_at": int(workspace.created_at),
        "updated_at": int(workspace.created_at),
        "person_type": "contact" if segment.role is Role.LEAD else "user",
    }
