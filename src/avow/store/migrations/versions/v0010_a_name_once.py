"""A name stands for one attribute: two servers could make a locked and a provisional one of it at the same moment.

Of such a pair the provisional one goes, as if it had been adopted now: what came in under its type fits, or is held.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_PAIRS = sa.text("""
SELECT a.workspace_id, a.id AS kept, b.id AS gone, b.enforcement = 'locked' AS locked
FROM attribute AS a, attribute AS b
WHERE a.workspace_id = b.workspace_id AND a.name = b.name AND b.provisional AND NOT a.provisional
""")
_MEND = (
    "DELETE FROM filter_value WHERE workspace_id = :workspace_id AND attribute_id = :gone",
    "DELETE FROM attribute_filter WHERE workspace_id = :workspace_id AND attribute_id = :gone",
    "DELETE FROM attribute WHERE workspace_id = :workspace_id AND id = :gone",
    "UPDATE attribute SET adopted_at = :now, version = version + 1 WHERE workspace_id = :workspace_id AND id = :kept",
    # Whoever has locked the one that stood before it has locked the name.
    "UPDATE attribute SET enforcement = 'locked' WHERE workspace_id = :workspace_id AND id = :kept AND :locked",
    "UPDATE workspace SET rules_version = rules_version + 1 WHERE id = :workspace_id",
)


def upgrade() -> None:
    connection = op.get_bind()
    for pair in connection.execute(_PAIRS).mappings().all():
        values = {**pair, "locked": bool(pair["locked"]), "now": time.time()}
        for statement in _MEND:
            connection.execute(sa.text(statement), values)
    op.create_index("ix_attribute_workspace_id_name", "attribute", ["workspace_id", "name"], unique=True)
