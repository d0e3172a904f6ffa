"""How would the tables lie on Citus? Rules in reference tables, everything of a contact where the contact is.

- What may be believed is on every node; what belongs to a contact lies by its id, beside the contact.
- Keys lie by what is looked up, counters by what they count, queues by their bucket.
- Done once or again, it leads to the same: what is distributed already is left alone.

Nothing else in the code knows about Citus. Source: scale.md rules 1, 8, 11, 13; docs.citusdata.com, "Citus Utility
Functions".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy import Table

from avow.errors import UsageError
from avow.store.schema import metadata

EXTENSION: Final = "CREATE EXTENSION IF NOT EXISTS citus"
HOME: Final = "contact"
BY: Final = {
    "contact_key": "value",
    "replay": "scope",
    "outbox": "bucket",
    "traffic": "attribute",
    "traffic_day": "attribute",
    "writer_seen": "attribute",
    "refusal": "reason",
    "key_use": "kid",
    "alert": "subject",
}
"""Tables that lie by something else than a contact's id, each by a part of its primary key."""


LOCAL: Final = frozenset({"job", "job_part", "job_rejection"})
"""Plain tables, reached through the coordinator only."""
REFERENCE: Final = frozenset({"workspace", "sign_in_failure"})
"""On every node, as is whatever points at one of these."""


def is_reference(table: Table) -> bool:
    """Whether a table is on every node."""
    return table.name in REFERENCE or any(is_reference(one.referred_table) for one in table.foreign_key_constraints)


def place_of(table: Table) -> str | None:
    """The column by which a table's rows are distributed; None for one that is not."""
    if table.name == HOME:
        return "id"
    if table.name in BY:
        return BY[table.name]
    return "contact_id" if "contact_id" in table.primary_key.columns else None


def statements() -> tuple[str, ...]:
    """Everything that distributes an empty or a filled database, in order."""
    return (EXTENSION, *(statement for _, statement in _steps()))


async def run(connection: Any) -> AsyncIterator[str]:
    """Distribute what is not yet; each statement before it runs. Raises `UsageError` without the extension."""
    if not await connection.fetchval("SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'"):
        raise UsageError(
            "This PostgreSQL has not the extension citus, so nothing was distributed. Install Citus on every node, add "
            "it to shared_preload_libraries, or stay with one PostgreSQL: it carries far.",
            field="database",
        )
    yield EXTENSION
    await connection.execute(EXTENSION)
    rows = await connection.fetch("SELECT logicalrelid::regclass::text FROM pg_dist_partition")
    done = {row[0] for row in rows}
    for name, statement in _steps():
        if name not in done:
            yield statement
            await connection.execute(statement)


def _steps() -> list[tuple[str, str]]:
    tables = metadata.sorted_tables
    reference = [table.name for table in tables if is_reference(table)]
    steps = [(name, f"SELECT create_reference_table('{name}')") for name in reference]
    steps.append((HOME, f"SELECT create_distributed_table('{HOME}', 'id')"))
    for table in tables:
        place = place_of(table)
        if place is None or table.name == HOME:
            continue
        beside = HOME if place == "contact_id" else "none"
        name = table.name
        steps.append((name, f"SELECT create_distributed_table('{name}', '{place}', colocate_with => '{beside}')"))
    return steps
