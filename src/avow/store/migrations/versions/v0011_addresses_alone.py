"""Addresses lead once more to those of their users whom no external id names, apart from whoever else claims them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_STEP = 1_000
# Step by step and without a join: keys lie by their value, contacts by their id.
_UNNAMED = """
SELECT workspace_id, id FROM contact WHERE role = 'user' AND external_id IS NULL AND {after}
ORDER BY workspace_id, id LIMIT :step
"""
_FIRST = sa.text(_UNNAMED.format(after="TRUE"))
_NEXT = sa.text(_UNNAMED.format(after="(workspace_id, id) > (:workspace_id, :id)"))
_ADDRESSES = sa.text(
    "SELECT workspace_id, value, holder, contact_id FROM contact_key"
    " WHERE workspace_id = :workspace_id AND contact_id = :id AND kind = 'email'"
)
_LEAD = sa.text(
    "INSERT INTO contact_key (workspace_id, kind, value, holder, contact_id)"
    " VALUES (:workspace_id, 'email_alone', :value, :holder, :contact_id)"
)


def upgrade() -> None:
    connection = op.get_bind()
    people = connection.execute(_FIRST, {"step": _STEP}).mappings().all()
    while people:
        for one in people:
            rows = connection.execute(_ADDRESSES, dict(one)).mappings().all()
            if rows:
                connection.execute(_LEAD, [dict(row) for row in rows])
        people = connection.execute(_NEXT, {**people[-1], "step": _STEP}).mappings().all()
