"""Lists by last seen and last changed, and who is contradicted, come from indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_LISTED = "role <> 'visitor' AND merged_into IS NULL AND archived_at IS NULL AND blocked_at IS NULL"
_INDEXES = {
    "by_seen": (["workspace_id", "seen_hour", "id"], _LISTED),
    "by_changed": (["workspace_id", "changed_day", "id"], _LISTED),
    "contradicted": (
        ["workspace_id", "id", "contradicted_until"],
        f"{_LISTED} AND contradicted_until IS NOT NULL",
    ),
}
# Times are positive: to cut the fraction off is to round down. PostgreSQL's cast rounds to the nearest.
_CUT = {"sqlite": "CAST({} / {} AS bigint)", "postgresql": "CAST(floor({} / {}) AS bigint)"}
_DOUBTS = {
    "sqlite": """
UPDATE contact SET contradicted_until = (
  SELECT max(CASE
    WHEN coalesce(json_extract(h.value, '$[1][1]'), 0) <> 1 THEN
      CASE WHEN json_type(h.value, '$[2]') = 'array' THEN 1e18 END
    WHEN json_extract(h.value, '$[3][3]') = 1
      AND json_extract(h.value, '$[3][0]') IS NOT json_extract(h.value, '$[0]')
      THEN CAST(json_extract(h.value, '$[3][5]') AS REAL) END)
  FROM json_each(holdings) AS h)
WHERE instr(holdings, '],[') > 0 OR instr(holdings, ',null,[') > 0
""",
    "postgresql": """
UPDATE contact SET contradicted_until = (
  SELECT max(CASE
    WHEN coalesce(h.value #>> '{1,1}', '') <> 'true' THEN
      CASE WHEN json_typeof(h.value -> 2) = 'array' THEN 1e18 END
    WHEN (h.value #>> '{3,3}') = 'true' AND (h.value #> '{3,0}')::jsonb IS DISTINCT FROM (h.value #> '{0}')::jsonb
      THEN (h.value #>> '{3,5}')::float8 END)
  FROM json_each(holdings) AS h)
WHERE strpos(holdings::text, '],[') > 0 OR strpos(holdings::text, ',null,[') > 0
""",
}


def upgrade() -> None:
    op.add_column("contact", sa.Column("seen_hour", sa.BigInteger, nullable=True))
    op.add_column("contact", sa.Column("changed_day", sa.BigInteger, nullable=True))
    op.add_column("contact", sa.Column("contradicted_until", sa.Double, nullable=True))
    dialect = op.get_bind().dialect.name
    seen = _CUT[dialect].format("last_seen_at", 3_600)
    changed = _CUT[dialect].format("updated_at", 86_400)
    op.execute(f"UPDATE contact SET changed_day = {changed}, seen_hour = coalesce({seen}, -1)")  # noqa: S608
    op.execute(_DOUBTS[dialect])
    for name, (columns, where) in _INDEXES.items():
        op.create_index(
            f"ix_contact_{name}", "contact", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
