"""Who signs in? Reference tables: sessions, invitations and second factors beside the teammates they belong to.

Source: scale.md rule 11, spec §11.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)

from avow.store.schema.columns import column, metadata, of_workspace

_TEAMMATE = (["workspace_id", "teammate_id"], ["teammate.workspace_id", "teammate.id"])

teammate_session = Table(
    "teammate_session",
    metadata,
    of_workspace(),
    column("digest"),
    column("teammate_id"),
    column("created_at", Double),
    column("last_seen_at", Double),
    column("address"),
    column("agent"),
    column("complete", Boolean),
    PrimaryKeyConstraint("workspace_id", "digest"),
    ForeignKeyConstraint(*_TEAMMATE),
    Index(None, "workspace_id", "teammate_id"),
    Index(None, "last_seen_at"),
)

invitation = Table(
    "invitation",
    metadata,
    of_workspace(),
    column("digest"),
    column("email"),
    column("role"),
    column("invited_by"),
    column("created_at", Double),
    column("expires_at", Double),
    PrimaryKeyConstraint("workspace_id", "digest"),
    Index(None, "expires_at"),
)

second_factor = Table(
    "second_factor",
    metadata,
    of_workspace(),
    column("teammate_id"),
    column("sealed", LargeBinary),
    column("created_at", Double),
    column("confirmed", Boolean),
    column("last_step", BigInteger),
    PrimaryKeyConstraint("workspace_id", "teammate_id"),
    ForeignKeyConstraint(*_TEAMMATE),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    of_workspace(),
    column("teammate_id"),
    column("digest"),
    PrimaryKeyConstraint("workspace_id", "teammate_id", "digest"),
    ForeignKeyConstraint(*_TEAMMATE),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    column("key"),
    column("count", BigInteger),
    column("since", Double),
    column("last_at", Double),
    PrimaryKeyConstraint("key"),
    Index(None, "last_at"),
)
