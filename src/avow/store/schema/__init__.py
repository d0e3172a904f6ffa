"""Where is it written down? In these tables, the same ones on SQLite, PostgreSQL and Citus.

- Every table has a primary key, and what its rows would be distributed by is part of it and of every unique constraint.
- No triggers, no generated columns, nothing that depends on a constraint's name.

Source: scale.md.
"""

from avow.store.schema.beside import contact_tag, event_summary, note, tag
from avow.store.schema.columns import CONTACT_ID, JSON_TEXT, metadata
from avow.store.schema.counters import alert, key_use, refusal, traffic, traffic_day, writer_seen
from avow.store.schema.filters import attribute_filter, filter_value
from avow.store.schema.jobs import job, job_part, job_rejection
from avow.store.schema.people import (
    ARCHIVED,
    BLOCKED,
    BUCKETS,
    DOUBTED,
    LISTED,
    LIVING,
    change,
    contact,
    contact_key,
    event,
    fading,
    outbox,
    replay,
)
from avow.store.schema.reference import access_token, attribute, operator_change, signing_key, teammate, workspace
from avow.store.schema.team import invitation, recovery_code, second_factor, sign_in_failure, teammate_session

__all__ = [
    "ARCHIVED",
    "BLOCKED",
    "BUCKETS",
    "CONTACT_ID",
    "DOUBTED",
    "JSON_TEXT",
    "LISTED",
    "LIVING",
    "access_token",
    "alert",
    "attribute",
    "attribute_filter",
    "change",
    "contact",
    "contact_key",
    "contact_tag",
    "event",
    "event_summary",
    "fading",
    "filter_value",
    "invitation",
    "job",
    "job_part",
    "job_rejection",
    "key_use",
    "metadata",
    "note",
    "operator_change",
    "outbox",
    "recovery_code",
    "refusal",
    "replay",
    "second_factor",
    "sign_in_failure",
    "signing_key",
    "tag",
    "teammate",
    "teammate_session",
    "traffic",
    "traffic_day",
    "workspace",
    "writer_seen",
]
