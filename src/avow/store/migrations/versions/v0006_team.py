"""Who signs in: sessions, invitations, second factors with their recovery codes, and failed attempts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from avow.store.schema.columns import TEXT

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _teammate_session()
    op.create_table(
        "invitation",
        _of_workspace("invitation"),
        *_texts("digest", "email", "role", "invited_by"),
        _column("created_at", sa.Double),
        _column("expires_at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "digest", name="pk_invitation"),
    )
    op.create_table(
        "second_factor",
        _of_workspace("second_factor"),
        _column("teammate_id"),
        _column("sealed", sa.LargeBinary),
        _column("created_at", sa.Double),
        _column("confirmed", sa.Boolean),
        _column("last_step", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace_id", "teammate_id", name="pk_second_factor"),
        _of_teammate("second_factor"),
    )
    op.create_table(
        "recovery_code",
        _of_workspace("recovery_code"),
        *_texts("teammate_id", "digest"),
        sa.PrimaryKeyConstraint("workspace_id", "teammate_id", "digest", name="pk_recovery_code"),
        _of_teammate("recovery_code"),
    )
    op.create_table(
        "sign_in_failure",
        _column("key"),
        _column("count", sa.BigInteger),
        _column("since", sa.Double),
        _column("last_at", sa.Double),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_failure"),
    )


def _teammate_session() -> None:
    op.create_table(
        "teammate_session",
        _of_workspace("teammate_session"),
        *_texts("digest", "teammate_id"),
        _column("created_at", sa.Double),
        _column("last_seen_at", sa.Double),
        *_texts("address", "agent"),
        _column("complete", sa.Boolean),
        sa.PrimaryKeyConstraint("workspace_id", "digest", name="pk_teammate_session"),
        _of_teammate("teammate_session"),
    )
    op.create_index("ix_teammate_session_workspace_id_teammate_id", "teammate_session", ["workspace_id", "teammate_id"])


def _column(name: str, kind: Any = TEXT) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_column(name) for name in names]


def _of_workspace(table: str) -> sa.Column[Any]:
    reference = sa.ForeignKey("workspace.id", name=f"fk_{table}_workspace_id")
    return sa.Column("workspace_id", TEXT, reference, nullable=False)


def _of_teammate(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", "teammate_id"],
        ["teammate.workspace_id", "teammate.id"],
        name=f"fk_{table}_workspace_id_teammate_id",
    )
