"""How are the tables made? The types and columns that all of them are built of, and the one `MetaData`.

- Contact ids are chosen before the insert. On PostgreSQL they are `uuid`, zero-padded; elsewhere their 24 hex digits.
- JSON is kept as the text that was given; jsonb would not keep it.
- Text compares by its bytes on both: no order and no index depends on the version of a locale.

Source: scale.md.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, ForeignKey, MetaData, String, Text
from sqlalchemy.types import TypeEngine, UserDefinedType


class PlainUuid(UserDefinedType[str]):
    """PostgreSQL's uuid. The connection's codec turns 24 hex digits into one and back (`engine/postgres.py`)."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL and in casts of arrays."""
        return "UUID"


class PlainJson(UserDefinedType[str]):
    """PostgreSQL's json, in and out as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL and in casts of arrays."""
        return "JSON"


TEXT: Final[TypeEngine[str]] = Text().with_variant(Text(collation="C"), "postgresql")
CONTACT_ID: Final[TypeEngine[str]] = String(24).with_variant(PlainUuid(), "postgresql")
JSON_TEXT: Final[TypeEngine[str]] = Text().with_variant(PlainJson(), "postgresql")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Kind = type[TypeEngine[Any]] | TypeEngine[Any]


def column(name: str, kind: _Kind = TEXT) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, kind, nullable=False)


def optional(name: str, kind: _Kind = TEXT) -> Column[Any]:
    """A column that may be empty."""
    return Column(name, kind, nullable=True)


def of_workspace() -> Column[Any]:
    """The workspace that a row of a reference table belongs to."""
    return Column("workspace_id", TEXT, ForeignKey("workspace.id"), nullable=False)
