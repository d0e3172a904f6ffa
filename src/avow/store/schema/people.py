"""What is known of people? Contacts, the keys that lead to them, and the records of what became of them.

- The contact's id is part of every primary key that may hold many rows of one contact.
- `contact_key` points at contacts by value only: both are written in one transaction, and erased in one.
- The two halves of a change are kept as the bytes that were hashed.

Source: scale.md rules 1-5, 8.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)

from avow.store.schema.columns import CONTACT_ID, JSON_TEXT, column, metadata, optional

BUCKETS: Final = 16
"""How many workers may share the outbox at most."""

LIVING: Final = "role <> 'visitor' AND merged_into IS NULL"
"""Who is a person of the company's, whether lists show her or not."""
LISTED: Final = f"{LIVING} AND archived_at IS NULL AND blocked_at IS NULL"
"""Which contacts lists show. Written as a literal, or the index over them would not be used; so are the next three."""
ARCHIVED: Final = f"{LIVING} AND archived_at IS NOT NULL"
BLOCKED: Final = f"{LIVING} AND blocked_at IS NOT NULL"
DOUBTED: Final = f"{LISTED} AND contradicted_until IS NOT NULL"
"""Those of the listed who are contradicted, or were until a held value expired."""

contact = Table(
    "contact",
    metadata,
    column("workspace_id"),
    column("id", CONTACT_ID),
    column("version", BigInteger),
    column("role"),
    column("created_at", Double),
    column("updated_at", Double),
    optional("last_seen_at", Double),
    optional("external_id"),
    optional("merged_into", CONTACT_ID),
    column("head", LargeBinary),
    column("holdings", JSON_TEXT),
    column("ignored"),
    optional("archived_at", Double),
    optional("blocked_at", Double),
    # What orders lists and finds the contradicted (`store/search/places.py`); it moves rarely.
    optional("seen_hour", BigInteger),
    optional("changed_day", BigInteger),
    optional("contradicted_until", Double),
    PrimaryKeyConstraint("workspace_id", "id"),
    *(
        Index(f"ix_contact_{shelf}", "workspace_id", "id", sqlite_where=text(where), postgresql_where=text(where))
        for shelf, where in (("listed", LISTED), ("archived", ARCHIVED), ("blocked", BLOCKED))
    ),
    Index(
        "ix_contact_by_role",
        "workspace_id",
        "role",
        "id",
        sqlite_where=text(LISTED),
        postgresql_where=text(LISTED),
    ),
    Index(
        "ix_contact_by_age",
        "workspace_id",
        "created_at",
        "id",
        sqlite_where=text(LISTED),
        postgresql_where=text(LISTED),
    ),
    *(
        Index(
            f"ix_contact_by_{what}",
            "workspace_id",
            place,
            "id",
            sqlite_where=text(LISTED),
            postgresql_where=text(LISTED),
        )
        for what, place in (("seen", "seen_hour"), ("changed", "changed_day"))
    ),
    Index(
        "ix_contact_contradicted",
        "workspace_id",
        "id",
        "contradicted_until",
        sqlite_where=text(DOUBTED),
        postgresql_where=text(DOUBTED),
    ),
    Index(
        None,
        "workspace_id",
        "merged_into",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
    # Room beside each row lets PostgreSQL update it in place, without touching an index.
    postgresql_with={"fillfactor": "60"},
)

contact_key = Table(
    "contact_key",
    metadata,
    column("workspace_id"),
    column("kind"),
    column("value"),
    # '' where the key leads to one contact at most; the contact's id where several may share it.
    column("holder"),
    optional("contact_id", CONTACT_ID),
    optional("not_before", BigInteger),
    PrimaryKeyConstraint("workspace_id", "kind", "value", "holder"),
    # All that is read of a contact's keys stands in it: else SQLite, which keeps no count of rows, reads everybody's.
    Index("ix_contact_key_of_contact", "workspace_id", "contact_id", "not_before"),
    sqlite_with_rowid=False,
)

change = Table(
    "change",
    metadata,
    column("workspace_id"),
    column("contact_id", CONTACT_ID),
    column("seq", BigInteger),
    column("at", Double),
    optional("kid"),
    column("raw_facts", LargeBinary),
    optional("raw_values", LargeBinary),
    column("hash", LargeBinary),
    PrimaryKeyConstraint("workspace_id", "contact_id", "seq"),
    Index(
        None,
        "workspace_id",
        "kid",
        "at",
        sqlite_where=text("kid IS NOT NULL"),
        postgresql_where=text("kid IS NOT NULL"),
    ),
)

fading = Table(
    "fading",
    metadata,
    column("workspace_id"),
    column("contact_id", CONTACT_ID),
    column("seq", BigInteger),
    column("at", Double),
    PrimaryKeyConstraint("workspace_id", "contact_id", "seq"),
    Index(None, "workspace_id", "at"),
)

event = Table(
    "event",
    metadata,
    column("workspace_id"),
    column("contact_id", CONTACT_ID),
    column("created_at", Double),
    column("id"),
    column("name"),
    column("received_at", Double),
    column("verified", Boolean),
    column("metadata"),
    PrimaryKeyConstraint("workspace_id", "contact_id", "created_at", "id"),
    # An event that comes in while its contact is being erased would stay behind for ever.
    ForeignKeyConstraint(["workspace_id", "contact_id"], ["contact.workspace_id", "contact.id"]),
)

outbox = Table(
    "outbox",
    metadata,
    column("workspace_id"),
    column("bucket", SmallInteger),
    column("at", Double),
    column("contact_id", CONTACT_ID),
    column("seq", BigInteger),
    column("topic"),
    PrimaryKeyConstraint("workspace_id", "at", "contact_id", "seq", "topic", "bucket"),
    sqlite_with_rowid=False,
)

replay = Table(
    "replay",
    metadata,
    column("workspace_id"),
    column("scope"),
    column("body"),
    column("outcome", LargeBinary),
    column("at", Double),
    optional("contact_id", CONTACT_ID),
    PrimaryKeyConstraint("workspace_id", "scope"),
    Index(None, "at"),
    Index(
        None,
        "workspace_id",
        "contact_id",
        sqlite_where=text("contact_id IS NOT NULL"),
        postgresql_where=text("contact_id IS NOT NULL"),
    ),
)
