"""Where is it written down? In these tables, the same ones on SQLite, PostgreSQL and Citus.

- Every table has a primary key, and what its rows would be distributed by is part of it and of every unique constraint.
- No triggers, no generated columns, nothing that depends on a constraint's name.

Source: scale.md.
"""

from avow.store.schema.columns import CONTACT_ID, JSON_TEXT, metadata
from avow.store.schema.counters import alert, key_use, refusal, traffic, writer_seen
from avow.store.schema.people import BUCKETS, LISTED, change, contact, contact_key, event, fading, outbox, replay
from avow.store.schema.reference import access_token, attribute, operator_change, signing_key, teammate, workspace

__all__ = [
    "BUCKETS",
    "CONTACT_ID",
    "JSON_TEXT",
    "LISTED",
    "access_token",
    "alert",
    "attribute",
    "change",
    "contact",
    "contact_key",
    "event",
    "fading",
    "key_use",
    "metadata",
    "operator_change",
    "outbox",
    "refusal",
    "replay",
    "signing_key",
    "teammate",
    "traffic",
    "workspace",
    "writer_seen",
]
