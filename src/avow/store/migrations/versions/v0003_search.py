"""What searches go by: filterable attributes, their values in order, and contacts by age and role."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from avow.store.schema.columns import CONTACT_ID, TEXT

revision = "0003"
down_revision = "0002"

_LISTED = "role <> 'visitor' AND merged_into IS NULL AND archived_at IS NULL AND blocked_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "attribute_filter",
        _column("workspace_id"),
        _column("attribute_id", sa.BigInteger),
        _column("state"),
        _column("since", sa.Double),
        _column("done", sa.BigInteger),
        _column("total", sa.BigInteger),
        sa.Column("reached", CONTACT_ID, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "attribute_id", name="pk_attribute_filter"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_attribute_filter_workspace_id"),
    )
    op.create_table(
        "filter_value",
        _column("workspace_id"),
        _column("contact_id", CONTACT_ID),
        _column("attribute_id", sa.BigInteger),
        _column("verified", sa.Boolean),
        _column("value"),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", "attribute_id", "verified", name="pk_filter_value"),
        sqlite_with_rowid=False,
    )
    in_order = ["workspace_id", "attribute_id", "verified", "value", "contact_id"]
    op.create_index("ix_filter_value_in_order", "filter_value", in_order)
    for name, column in {"age": "created_at", "role": "role"}.items():
        op.create_index(
            f"ix_contact_by_{name}",
            "contact",
            ["workspace_id", column, "id"],
            sqlite_where=sa.text(_LISTED),
            postgresql_where=sa.text(_LISTED),
        )


def _column(name: str, kind: Any = TEXT) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
