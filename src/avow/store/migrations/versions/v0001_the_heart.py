"""The first tables: workspaces and their rules, contacts and their chains, counters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from avow.store.schema.columns import CONTACT_ID, JSON_TEXT, TEXT

revision = "0001"
down_revision = None


def upgrade() -> None:
    _workspace()
    _access_token()
    _attribute()
    _operator_change()
    _signing_key()
    _teammate()
    _change()
    _fading()
    _contact()
    _contact_key()
    _outbox()
    _replay()
    _event()
    _alert()
    _key_use()
    _refusal()
    _traffic()
    _writer_seen()


def _workspace() -> None:
    op.create_table(
        "workspace",
        *_texts("id", "name", "kind", "timezone", "policy"),
        _column("created_at", sa.Double),
        _optional("production_id"),
        _column("rules_version", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_workspace"),
        sa.ForeignKeyConstraint(["production_id"], ["workspace.id"], name="fk_workspace_production_id"),
    )


def _access_token() -> None:
    op.create_table(
        "access_token",
        *_texts("workspace_id", "id", "name", "digest", "mode", "scopes"),
        _column("created_at", sa.Double),
        _optional("revoked_at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_access_token"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_access_token_workspace_id"),
        sa.UniqueConstraint("workspace_id", "digest", name="uq_access_token_workspace_id_digest"),
    )


def _attribute() -> None:
    op.create_table(
        "attribute",
        _column("workspace_id"),
        _column("id", sa.BigInteger),
        *_texts("name", "folded", "type", "enforcement"),
        _column("standard", sa.Boolean),
        _column("options"),
        _column("provisional", sa.Boolean),
        _column("archived", sa.Boolean),
        _column("ever_signed", sa.Boolean),
        _column("description"),
        _column("created_at", sa.Double),
        _column("updated_at", sa.Double),
        _optional("adopted_at", sa.Double),
        _column("version", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_attribute"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_attribute_workspace_id"),
        sa.UniqueConstraint("workspace_id", "folded", name="uq_attribute_workspace_id_folded"),
    )


def _operator_change() -> None:
    op.create_table(
        "operator_change",
        *_texts("workspace_id", "id"),
        _column("at", sa.Double),
        *_texts("actor", "action", "subject", "before", "after"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_operator_change"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_operator_change_workspace_id"),
    )
    op.create_index("ix_operator_change_workspace_id_at", "operator_change", ["workspace_id", "at"])


def _signing_key() -> None:
    op.create_table(
        "signing_key",
        *_texts("workspace_id", "kid", "family"),
        _column("details", sa.LargeBinary),
        _column("sealed", sa.LargeBinary),
        _column("fingerprint", sa.LargeBinary),
        sa.PrimaryKeyConstraint("workspace_id", "kid", name="pk_signing_key"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_signing_key_workspace_id"),
        sa.UniqueConstraint("family", "fingerprint", name="uq_signing_key_family_fingerprint"),
    )


def _teammate() -> None:
    op.create_table(
        "teammate",
        *_texts("workspace_id", "id", "email", "name", "role", "password_hash"),
        _column("created_at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_teammate"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_teammate_workspace_id"),
        sa.UniqueConstraint("workspace_id", "email", name="uq_teammate_workspace_id_email"),
    )


def _change() -> None:
    op.create_table(
        "change",
        _column("workspace_id"),
        _column("contact_id", CONTACT_ID),
        _column("seq", sa.BigInteger),
        _column("at", sa.Double),
        _optional("kid"),
        _column("raw_facts", sa.LargeBinary),
        _optional("raw_values", sa.LargeBinary),
        _column("hash", sa.LargeBinary),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", "seq", name="pk_change"),
    )
    _partial("ix_change_workspace_id_kid_at", "change", ["workspace_id", "kid", "at"], "kid IS NOT NULL")


def _fading() -> None:
    op.create_table(
        "fading",
        _column("workspace_id"),
        _column("contact_id", CONTACT_ID),
        _column("seq", sa.BigInteger),
        _column("at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", "seq", name="pk_fading"),
    )
    op.create_index("ix_fading_workspace_id_at", "fading", ["workspace_id", "at"])


def _contact() -> None:
    op.create_table(
        "contact",
        _column("workspace_id"),
        _column("id", CONTACT_ID),
        _column("version", sa.BigInteger),
        _column("role"),
        _column("created_at", sa.Double),
        _column("updated_at", sa.Double),
        _optional("last_seen_at", sa.Double),
        _optional("external_id"),
        _optional("merged_into", CONTACT_ID),
        _column("head", sa.LargeBinary),
        _column("holdings", JSON_TEXT),
        _column("ignored"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_contact"),
        postgresql_with={"fillfactor": "60"},
    )
    _partial("ix_contact_listed", "contact", ["workspace_id", "id"], "role <> 'visitor' AND merged_into IS NULL")
    _partial(
        "ix_contact_workspace_id_merged_into", "contact", ["workspace_id", "merged_into"], "merged_into IS NOT NULL"
    )


def _contact_key() -> None:
    op.create_table(
        "contact_key",
        *_texts("workspace_id", "kind", "value", "holder"),
        _optional("contact_id", CONTACT_ID),
        _optional("not_before", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "value", "holder", name="pk_contact_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_contact_key_workspace_id_contact_id", "contact_key", ["workspace_id", "contact_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        _column("workspace_id"),
        _column("bucket", sa.SmallInteger),
        _column("at", sa.Double),
        _column("contact_id", CONTACT_ID),
        _column("seq", sa.BigInteger),
        _column("topic"),
        sa.PrimaryKeyConstraint("workspace_id", "at", "contact_id", "seq", "topic", "bucket", name="pk_outbox"),
        sqlite_with_rowid=False,
    )


def _replay() -> None:
    op.create_table(
        "replay",
        *_texts("workspace_id", "scope", "body"),
        _column("outcome", sa.LargeBinary),
        _column("at", sa.Double),
        _optional("contact_id", CONTACT_ID),
        sa.PrimaryKeyConstraint("workspace_id", "scope", name="pk_replay"),
    )
    op.create_index("ix_replay_at", "replay", ["at"])
    _partial("ix_replay_workspace_id_contact_id", "replay", ["workspace_id", "contact_id"], "contact_id IS NOT NULL")


def _event() -> None:
    op.create_table(
        "event",
        _column("workspace_id"),
        _column("contact_id", CONTACT_ID),
        _column("created_at", sa.Double),
        *_texts("id", "name"),
        _column("received_at", sa.Double),
        _column("verified", sa.Boolean),
        _column("metadata"),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", "created_at", "id", name="pk_event"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name="fk_event_workspace_id_contact_id",
        ),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        *_texts("workspace_id", "kind", "subject"),
        _column("day", sa.BigInteger),
        _column("at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "subject", "day", name="pk_alert"),
    )


def _key_use() -> None:
    op.create_table(
        "key_use",
        *_texts("workspace_id", "kid"),
        _column("day", sa.BigInteger),
        _column("count", sa.BigInteger),
        _column("last_at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "kid", "day", name="pk_key_use"),
    )


def _refusal() -> None:
    op.create_table(
        "refusal",
        *_texts("workspace_id", "reason"),
        _column("hour", sa.BigInteger),
        _column("count", sa.BigInteger),
        _column("last_at", sa.Double),
        _column("platform"),
        _optional("kid"),
        _optional("origin"),
        sa.PrimaryKeyConstraint("workspace_id", "reason", "hour", name="pk_refusal"),
    )


def _traffic() -> None:
    op.create_table(
        "traffic",
        *_texts("workspace_id", "attribute"),
        _column("hour", sa.BigInteger),
        _column("kind"),
        _column("count", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace_id", "attribute", "hour", "kind", name="pk_traffic"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_traffic_hour", "traffic", ["hour"])


def _writer_seen() -> None:
    op.create_table(
        "writer_seen",
        *_texts("workspace_id", "attribute"),
        _column("day", sa.BigInteger),
        _column("label"),
        _column("contact_id", CONTACT_ID),
        _column("at", sa.Double),
        sa.PrimaryKeyConstraint("workspace_id", "attribute", "day", "label", "contact_id", name="pk_writer_seen"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_writer_seen_day", "writer_seen", ["day"])
    op.create_index("ix_writer_seen_workspace_id_contact_id", "writer_seen", ["workspace_id", "contact_id"])


def _column(name: str, kind: Any = TEXT) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_column(name) for name in names]


def _optional(name: str, kind: Any = TEXT) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _partial(name: str, table: str, columns: Sequence[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
