"""What takes longer than a request? Jobs, the bytes they are fed, and the lines they rejected.

Plain tables, reached through the coordinator. Source: scale.md rule 8.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, Index, LargeBinary, PrimaryKeyConstraint, Table, text

from avow.store.schema.columns import column, metadata, optional

job = Table(
    "job",
    metadata,
    column("workspace_id"),
    column("id"),
    column("version", BigInteger),
    column("kind"),
    column("state"),
    column("actor"),
    column("fingerprint"),
    column("details"),
    column("progress"),
    column("created_at", Double),
    column("updated_at", Double),
    optional("finished_at", Double),
    optional("lease", Double),
    PrimaryKeyConstraint("workspace_id", "id"),
    Index(None, "workspace_id", "fingerprint"),
    Index(
        "ix_job_lease",
        "lease",
        sqlite_where=text("lease IS NOT NULL"),
        postgresql_where=text("lease IS NOT NULL"),
    ),
)

job_part = Table(
    "job_part",
    metadata,
    column("workspace_id"),
    column("job_id"),
    column("start", BigInteger),
    column("content", LargeBinary),
    PrimaryKeyConstraint("workspace_id", "job_id", "start"),
)

job_rejection = Table(
    "job_rejection",
    metadata,
    column("workspace_id"),
    column("job_id"),
    column("line", BigInteger),
    column("errors"),
    PrimaryKeyConstraint("workspace_id", "job_id", "line"),
)
