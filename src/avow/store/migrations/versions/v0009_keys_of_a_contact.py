"""The keys of one contact come from an index that holds all that is read of them."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("ix_contact_key_of_contact", "contact_key", ["workspace_id", "contact_id", "not_before"])
    op.drop_index("ix_contact_key_workspace_id_contact_id", "contact_key")
