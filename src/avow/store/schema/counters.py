"""What is counted? Rows that are added to, by hour or day, and swept when they are old.

Source: spec §7, §8.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, Index, PrimaryKeyConstraint, Table

from avow.store.schema.columns import CONTACT_ID, column, metadata, optional

traffic = Table(
    "traffic",
    metadata,
    column("workspace_id"),
    column("attribute"),
    column("hour", BigInteger),
    column("kind"),
    column("count", BigInteger),
    PrimaryKeyConstraint("workspace_id", "attribute", "hour", "kind"),
    Index(None, "hour"),
    sqlite_with_rowid=False,
)

traffic_day = Table(
    "traffic_day",
    metadata,
    column("workspace_id"),
    column("day", BigInteger),
    column("attribute"),
    column("kind"),
    column("count", BigInteger),
    column("last_hour", BigInteger),
    PrimaryKeyConstraint("workspace_id", "day", "attribute", "kind"),
    sqlite_with_rowid=False,
)
"""The same by whole days, so that a month of all attributes is read at once. A stretch of time lies together."""

writer_seen = Table(
    "writer_seen",
    metadata,
    column("workspace_id"),
    column("attribute"),
    column("day", BigInteger),
    column("label"),
    column("contact_id", CONTACT_ID),
    column("at", Double),
    PrimaryKeyConstraint("workspace_id", "attribute", "day", "label", "contact_id"),
    Index(None, "day"),
    Index(None, "workspace_id", "contact_id"),
    sqlite_with_rowid=False,
)

refusal = Table(
    "refusal",
    metadata,
    column("workspace_id"),
    column("reason"),
    column("hour", BigInteger),
    column("count", BigInteger),
    column("last_at", Double),
    column("platform"),
    optional("kid"),
    optional("origin"),
    PrimaryKeyConstraint("workspace_id", "reason", "hour"),
    Index(None, "hour"),
)

key_use = Table(
    "key_use",
    metadata,
    column("workspace_id"),
    column("kid"),
    column("day", BigInteger),
    column("count", BigInteger),
    column("last_at", Double),
    PrimaryKeyConstraint("workspace_id", "kid", "day"),
)

alert = Table(
    "alert",
    metadata,
    column("workspace_id"),
    column("kind"),
    column("subject"),
    column("day", BigInteger),
    column("at", Double),
    PrimaryKeyConstraint("workspace_id", "kind", "subject", "day"),
)
