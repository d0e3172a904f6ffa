"""Who did it? The actor that records name, as Intercom's clients expect to be told: a teammate, or who else it was.

- Nobody is said to have done what an access token or somebody at the command line did: those have types of their own.
- A test workspace has the teammates of the production one that it belongs to.

Source: contract/intercom-openapi.yaml, schemas `admin`, `reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from avow.api.exchange import Call
from avow.errors import NotFound
from avow.flow.contract import Teammate


async def team_of(call: Call) -> list[Teammate]:
    """Who works in the caller's workspace."""
    workspace = await call.engine.rulebook.workspace(call.workspace_id)
    return await call.engine.store.teammates(workspace.production_id or workspace.id)


def admin_object(teammate: Teammate) -> dict[str, Any]:
    """A teammate, as far as somebody else's clients need know."""
    return {
        "type": "admin",
        "id": teammate.id,
        "name": teammate.name,
        "email": teammate.email,
        "away_mode_enabled": False,
        "away_mode_reassign": False,
        "has_inbox_seat": True,
        "team_ids": [],
        "avatar": None,
        "role": {"type": "role", "id": teammate.role, "name": teammate.role.replace("_", " ").capitalize()},
    }


def owner_of(team: Sequence[Teammate]) -> Teammate | None:
    """Whose access tokens are, for clients that ask: the workspace's owner."""
    return next((one for one in team if one.role == "owner"), None)


def with_id(admin_id: str, team: Sequence[Teammate]) -> Teammate:
    """The teammate of that id. Raises `NotFound`."""
    for one in team:
        if one.id == admin_id:
            return one
    raise NotFound("There is no admin of this id here. List them to see who there is.", code="admin_not_found")


def teammate_of(actor: str, team: Sequence[Teammate]) -> Teammate | None:
    """The teammate whom records name so, while she is one."""
    kind, _, name = actor.rpartition(":")
    return next((one for one in team if kind in ("", "teammate") and one.email == name), None)


def reference(actor: str, team: Sequence[Teammate]) -> dict[str, str]:
    """An actor by type and id: `admin`, `access_token`, or `operator` for whoever else records name."""
    teammate = teammate_of(actor, team)
    if teammate is not None:
        return {"type": "admin", "id": teammate.id}
    kind, _, name = actor.partition(":")
    return {"type": kind, "id": name} if kind == "access_token" else {"type": "operator", "id": actor}
