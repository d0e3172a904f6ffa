"""What is kept beside a contact? Tags of the workspace, and whatever of a contact's is no attribute.

Owned tables hold on to their contact: what comes in while it is being erased would stay behind for ever.
Source: scale.md rules 1, 3 and 11.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from avow.store.schema.columns import CONTACT_ID, column, metadata, of_workspace, optional


def _of_contact() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["workspace_id", "contact_id"], ["contact.workspace_id", "contact.id"])


tag = Table(
    "tag",
    metadata,
    of_workspace(),
    column("id", BigInteger),
    column("name"),
    # What no two tags have in common; a deleted one's is its own id.
    column("folded"),
    column("created_at", Double),
    optional("deleted_at", Double),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "folded"),
)

contact_tag = Table(
    "contact_tag",
    metadata,
    column("workspace_id"),
    column("contact_id", CONTACT_ID),
    column("tag_id", BigInteger),
    column("at", Double),
    column("channel"),
    column("actor"),
    column("verified", Boolean),
    PrimaryKeyConstraint("workspace_id", "contact_id", "tag_id"),
    Index(None, "workspace_id", "tag_id", "contact_id"),
    _of_contact(),
    sqlite_with_rowid=False,
)

note = Table(
    "note",
    metadata,
    column("workspace_id"),
    column("contact_id", CONTACT_ID),
    column("id", BigInteger),
    column("at", Double),
    column("channel"),
    column("actor"),
    optional("author"),
    column("body"),
    PrimaryKeyConstraint("workspace_id", "contact_id", "id"),
    _of_contact(),
)

event_summary = Table(
    "event_summary",
    metadata,
    column("workspace_id"),
    column("contact_id", CONTACT_ID),
    column("name"),
    column("count", BigInteger),
    column("first_at", Double),
    column("last_at", Double),
    PrimaryKeyConstraint("workspace_id", "contact_id", "name"),
    _of_contact(),
    sqlite_with_rowid=False,
)
