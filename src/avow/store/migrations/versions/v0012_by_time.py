"""What is too old is found by its time, past nothing that stays."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

_TIMES = {
    "refusal": "hour",
    "teammate_session": "last_seen_at",
    "invitation": "expires_at",
    "sign_in_failure": "last_at",
}


def upgrade() -> None:
    for table, time in _TIMES.items():
        op.create_index(f"ix_{table}_{time}", table, [time])
