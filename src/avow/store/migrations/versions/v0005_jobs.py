"""What takes longer than a request: jobs, the bytes they are fed, and the lines they rejected."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from avow.store.schema.columns import TEXT

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "job",
        *_texts("workspace_id", "id"),
        _column("version", sa.BigInteger),
        *_texts("kind", "state", "actor", "fingerprint", "details", "progress"),
        _column("created_at", sa.Double),
        _column("updated_at", sa.Double),
        sa.Column("finished_at", sa.Double, nullable=True),
        sa.Column("lease", sa.Double, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_job"),
    )
    op.create_index("ix_job_workspace_id_fingerprint", "job", ["workspace_id", "fingerprint"])
    leased = sa.text("lease IS NOT NULL")
    op.create_index("ix_job_lease", "job", ["lease"], sqlite_where=leased, postgresql_where=leased)
    op.create_table(
        "job_part",
        *_texts("workspace_id", "job_id"),
        _column("start", sa.BigInteger),
        _column("content", sa.LargeBinary),
        sa.PrimaryKeyConstraint("workspace_id", "job_id", "start", name="pk_job_part"),
    )
    op.create_table(
        "job_rejection",
        *_texts("workspace_id", "job_id"),
        _column("line", sa.BigInteger),
        _column("errors"),
        sa.PrimaryKeyConstraint("workspace_id", "job_id", "line", name="pk_job_rejection"),
    )


def _column(name: str, kind: Any = TEXT) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_column(name) for name in names]
