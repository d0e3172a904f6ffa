"""Traffic is counted by day, too."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from avow.store.schema.columns import TEXT

revision = "0008"
down_revision = "0007"

_FILL = """
INSERT INTO traffic_day (workspace_id, day, attribute, kind, count, last_hour)
SELECT workspace_id, hour / 24, attribute, kind, sum(count), max(hour) FROM traffic
GROUP BY workspace_id, hour / 24, attribute, kind
"""


def upgrade() -> None:
    op.create_table(
        "traffic_day",
        _column("workspace_id"),
        _column("day", sa.BigInteger),
        _column("attribute"),
        _column("kind"),
        _column("count", sa.BigInteger),
        _column("last_hour", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace_id", "day", "attribute", "kind", name="pk_traffic_day"),
        sqlite_with_rowid=False,
    )
    op.execute(_FILL)


def _column(name: str, kind: Any = TEXT) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
