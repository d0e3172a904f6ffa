"""Which role may do what? One table; whoever acts in a teammate's name gets that name from here, or is refused.

- Owner: everything. Admin: everything but making owners. Teammate: people and their values. Read-only: looks.
- A role is read with the session of each request, so one that was taken away is gone with the next request.

Source: spec §11 (roles), §1 (promotion), §4 (keys).
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.errors import Forbidden
from avow.flow.contract import Teammate, TeammateSession
from avow.trust.contact import WorkspaceId
from avow.trust.words import Word


class TeamRole(Word):
    """What somebody is to the workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    TEAMMATE = "teammate"
    READ_ONLY = "read_only"


class May(Word):
    """What somebody may do. The words are those of the screens' tables and of the documentation."""

    LOOK = "look"
    EDIT_PEOPLE = "edit_people"
    ERASE_PEOPLE = "erase_people"
    EXPORT_PEOPLE = "export_people"
    REACH_OUT = "reach_out"
    MANAGE_ATTRIBUTES = "manage_attributes"
    LOCK = "lock"
    MANAGE_KEYS = "manage_keys"
    SET_POLICY = "set_policy"
    PROMOTE = "promote"
    MANAGE_ACCESS_TOKENS = "manage_access_tokens"
    MANAGE_TEAM = "manage_team"
    MANAGE_OWNERS = "manage_owners"


_LOOKS: Final = frozenset({May.LOOK})
_WORKS: Final = _LOOKS | {May.EDIT_PEOPLE, May.REACH_OUT}
_ALL: Final = frozenset(May)

ALLOWED: Final[dict[TeamRole, frozenset[May]]] = {
    TeamRole.OWNER: _ALL,
    TeamRole.ADMIN: _ALL - {May.MANAGE_OWNERS},
    TeamRole.TEAMMATE: _WORKS,
    TeamRole.READ_ONLY: _LOOKS,
}
"""Role → what it may do."""

WORDS: Final[dict[TeamRole, str]] = {
    TeamRole.OWNER: "Owner",
    TeamRole.ADMIN: "Admin",
    TeamRole.TEAMMATE: "Teammate",
    TeamRole.READ_ONLY: "Read-only",
}
"""What screens call a role."""


class Present(msgspec.Struct, frozen=True):
    """Somebody who is signed in, as the database knew her when this request began."""

    teammate: Teammate
    session: TeammateSession

    @property
    def role(self) -> TeamRole:
        """What she is here."""
        return TeamRole(self.teammate.role)

    @property
    def home(self) -> WorkspaceId:
        """The production workspace she belongs to; its test workspace is open to her as well."""
        return self.teammate.workspace_id

    @property
    def name(self) -> str:
        """How screens call her."""
        return self.teammate.name or self.teammate.email

    def may(self, what: May) -> bool:
        """Whether her role may do that."""
        return what in ALLOWED[self.role]

    def acting(self, what: May) -> str:
        """Her name for records of what she does now. Raises `Forbidden` where her role may not."""
        if not self.may(what):
            who = f"Whoever has the role {WORDS[self.role]}"
            raise Forbidden(f"{who} may not do this here. Ask an admin or the owner.", code="role")
        return actor_of(self.teammate)


def actor_of(teammate: Teammate) -> str:
    """How records name a teammate."""
    return f"teammate:{teammate.email}"


def role_of(raw_role: str) -> TeamRole:
    """The role of that word, or `Forbidden`."""
    try:
        return TeamRole(raw_role)
    except ValueError:
        raise Forbidden("There is no such role.", field="role") from None
