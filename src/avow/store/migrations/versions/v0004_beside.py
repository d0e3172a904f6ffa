"""What is kept beside contacts: tags and who wears them, notes, and summaries of events."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from avow.store.schema.columns import CONTACT_ID, TEXT

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "tag",
        *_texts("workspace_id"),
        _column("id", sa.BigInteger),
        *_texts("name", "folded"),
        _column("created_at", sa.Double),
        sa.Column("deleted_at", sa.Double, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_tag"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_tag_workspace_id"),
        sa.UniqueConstraint("workspace_id", "folded", name="uq_tag_workspace_id_folded"),
    )
    _contact_tag()
    op.create_table(
        "note",
        *_of_contact("note"),
        _column("id", sa.BigInteger),
        _column("at", sa.Double),
        *_texts("channel", "actor"),
        sa.Column("author", TEXT, nullable=True),
        _column("body"),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", "id", name="pk_note"),
    )
    op.create_table(
        "event_summary",
        *_of_contact("event_summary"),
        _column("name"),
        _column("count", sa.BigInteger),
        _column("first_at", sa.Double),
        _column("last_at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", "name", name="pk_event_summary"),
        sqlite_with_rowid=False,
    )


def _contact_tag() -> None:
    op.create_table(
        "contact_tag",
        *_of_contact("contact_tag"),
        _column("tag_id", sa.BigInteger),
        _column("at", sa.Double),
        *_texts("channel", "actor"),
        _column("verified", sa.Boolean),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", "tag_id", name="pk_contact_tag"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_contact_tag_workspace_id_tag_id_contact_id", "contact_tag", ["workspace_id", "tag_id", "contact_id"]
    )


def _of_contact(table: str) -> list[Any]:
    return [
        _column("workspace_id"),
        _column("contact_id", CONTACT_ID),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=f"fk_{table}_workspace_id_contact_id",
        ),
    ]


def _column(name: str, kind: Any = TEXT) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_column(name) for name in names]
