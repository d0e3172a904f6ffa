"""Contacts may be archived and blocked: since when, and who is listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_LIVING = "role <> 'visitor' AND merged_into IS NULL"
_SHELVES = {
    "listed": f"{_LIVING} AND archived_at IS NULL AND blocked_at IS NULL",
    "archived": f"{_LIVING} AND archived_at IS NOT NULL",
    "blocked": f"{_LIVING} AND blocked_at IS NOT NULL",
}


def upgrade() -> None:
    op.add_column("contact", sa.Column("archived_at", sa.Double, nullable=True))
    op.add_column("contact", sa.Column("blocked_at", sa.Double, nullable=True))
    op.drop_index("ix_contact_listed", "contact")
    for name, where in _SHELVES.items():
        op.create_index(
            f"ix_contact_{name}",
            "contact",
            ["workspace_id", "id"],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
