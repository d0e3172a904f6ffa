"""How does a database get a million people in a minute? A thousand are pinged into it, and their rows are copied.

- A copy has an id and an external id of its own; everything else, its change record included, is what Avow wrote about
  the first thousand. So every table and every index is as large as if they had all come by themselves.
- Ids grow with the number of the person, as they grow with time, and are otherwise scattered.
- The copied records name the contact that they were copied from. Updates only look at a chain's end, so this costs and
  saves nothing; such a database is for measuring, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from avow.store.schema import change, contact, contact_key
from bench.databases import Database
from bench.traffic import external_id

SOURCES = {
    contact: ("id", {"id": "c.id", "external_id": "c.external_id"}, ""),
    change: ("contact_id", {"contact_id": "c.id"}, ""),
    contact_key: ("contact_id", {"contact_id": "c.id", "value": "c.external_id"}, " AND t.kind = 'external_id'"),
}


def fill(database: Database, url: str, people: int) -> None:
    """Copy those who are there until there are so many."""
    first = _first(database, url)
    kind = {"SQLite": "TEXT", "PostgreSQL": "UUID"}[database.name]
    create = f"CREATE TABLE crowd (template {kind} NOT NULL, id {kind} NOT NULL, external_id TEXT NOT NULL)"
    copies = [*_copies(), "DROP TABLE crowd"]
    database.fill(url, create, "crowd", _crowd(database, first, people), copies)


def _first(database: Database, url: str) -> list[str]:
    """The ids of those who are there, in the order of their numbers."""
    found = database.rows(url, "SELECT external_id, id FROM contact ORDER BY external_id")
    assert [name for name, _ in found] == [external_id(person) for person in range(len(found))], "not who was expected"
    return [str(contact_id).replace("-", "") for _, contact_id in found]


def _crowd(database: Database, first: list[str], people: int) -> Iterator[tuple[str, str, str]]:
    began = int(first[-1][-24:-16], 16) + 1
    for person in range(len(first), people):
        scattered = person * 0x9E3779B97F4A7C15 % 2**64
        fresh = f"{began + person // 1000:08x}{scattered:016x}"
        yield first[person % len(first)], database.contact_id(fresh), external_id(person)


def _copies() -> Iterator[str]:
    for table, (place, new, more) in SOURCES.items():
        names = [column.name for column in table.columns]
        values = ", ".join(new.get(name, f"t.{name}") for name in names)
        yield (
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} "
            f"FROM crowd AS c JOIN {table.name} AS t ON t.{place} = c.template{more} ORDER BY c.id"
        )
