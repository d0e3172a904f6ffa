"""What does a workspace believe, and who runs it? Reference tables: read often, written rarely, the same on every node.

Source: scale.md rule 11, spec §1, §2, §4.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from avow.store.schema.columns import TEXT, column, metadata, of_workspace, optional

workspace = Table(
    "workspace",
    metadata,
    column("id"),
    column("name"),
    column("kind"),
    column("timezone"),
    column("policy"),
    column("created_at", Double),
    Column("production_id", TEXT, ForeignKey("workspace.id"), nullable=True),
    column("rules_version", BigInteger),
    PrimaryKeyConstraint("id"),
)

attribute = Table(
    "attribute",
    metadata,
    of_workspace(),
    column("id", BigInteger),
    column("name"),
    column("folded"),
    column("type"),
    column("enforcement"),
    column("standard", Boolean),
    column("options"),
    column("provisional", Boolean),
    column("archived", Boolean),
    column("ever_signed", Boolean),
    column("description"),
    column("created_at", Double),
    column("updated_at", Double),
    optional("adopted_at", Double),
    column("version", BigInteger),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "folded"),
    # What is provisional folds apart from what is not (`store/attributes.py`), and still no name stands twice.
    Index(None, "workspace_id", "name", unique=True),
)

signing_key = Table(
    "signing_key",
    metadata,
    of_workspace(),
    column("kid"),
    # The production workspace's id, for it and for its test workspace: the same material serves one of them only.
    column("family"),
    column("details", LargeBinary),
    column("sealed", LargeBinary),
    column("fingerprint", LargeBinary),
    PrimaryKeyConstraint("workspace_id", "kid"),
    UniqueConstraint("family", "fingerprint"),
)

access_token = Table(
    "access_token",
    metadata,
    of_workspace(),
    column("id"),
    column("name"),
    column("digest"),
    column("mode"),
    column("scopes"),
    column("created_at", Double),
    optional("revoked_at", Double),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "digest"),
)

teammate = Table(
    "teammate",
    metadata,
    of_workspace(),
    column("id"),
    column("email"),
    column("name"),
    column("role"),
    column("password_hash"),
    column("created_at", Double),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "email"),
)

operator_change = Table(
    "operator_change",
    metadata,
    of_workspace(),
    column("id"),
    column("at", Double),
    column("actor"),
    column("action"),
    column("subject"),
    column("before"),
    column("after"),
    PrimaryKeyConstraint("workspace_id", "id"),
    Index(None, "workspace_id", "at"),
)
