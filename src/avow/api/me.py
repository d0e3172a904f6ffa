"""Whose access token is this? `/me`, as Intercom's clients ask it to see whether a token works.

The administrator is the owner, in a test workspace that of the production one; where there is none, the access token
stands for itself.
Source: contract/intercom-notes.md §4.2; contract/intercom-openapi.yaml, schema `admin_with_app`.
"""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.api.team.performers import owner_of, team_of
from avow.flow.contract import Teammate, Workspace
from avow.trust.policy import Platform
from avow.trust.rules import Rules


async def get(call: Call) -> dict[str, Any]:
    """`GET /me`."""
    token = call.caller.token
    workspace = await call.engine.rulebook.workspace(token.workspace_id)
    owner = owner_of(await team_of(call))
    return {
        "type": "admin",
        **_identity(owner, token.id, token.name),
        "email_verified": None,
        "has_inbox_seat": True,
        "app": _app(workspace, call.rules),
        "access_token": {"id": token.id, "name": token.name, "mode": token.mode, "scopes": token.scopes},
    }


def _identity(owner: Teammate | None, token_id: str, token_name: str) -> dict[str, Any]:
    if owner is None:
        return {"id": token_id, "name": token_name, "email": None}
    return {"id": owner.id, "name": owner.name, "email": owner.email}


def _app(workspace: Workspace, rules: Rules) -> dict[str, Any]:
    return {
        "type": "app",
        "id_code": workspace.id,
        "name": workspace.name,
        "created_at": int(workspace.created_at),
        "identity_verification": rules.policy.requires_proof(Platform.WEB),
        "timezone": workspace.timezone,
        "region": "self-hosted",
        "kind": workspace.kind,
    }
