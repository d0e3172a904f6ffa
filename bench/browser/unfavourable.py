"""What would make screens slow? Two hundred attributes full of traffic, and lists that no index was made for.

People who were seen within the same minutes, a filter or a text that fits nobody, an order by names: whoever looks at
everybody for one of these is found out here.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

ATTRIBUTES: Final = 240
DAYS: Final = 30
LABELS: Final = 3
WRITERS: Final = 5
KINDS: Final = ("signed", "repeats", "fills", "changes", "unproven_fills")
_PAST: Final = 7


def _listed(*conditions: tuple[str, str, str], **more: str) -> str:
    pairs = list(more.items())
    for field, operator, value in conditions:
        pairs += [("f[]", field), ("o[]", operator), ("v[]", value)]
    return f"/people?{urlencode(pairs)}"


_NOBODY: Final = ("custom_attributes.plan", "is", "nobody has this plan")
VIEWS: Final = {
    "people, last seen first": _listed(sort="seen"),
    "people, last changed first": _listed(sort="changed"),
    "people by name": _listed(sort="name"),
    "people by e-mail": _listed(sort="email"),
    "users, last seen first": _listed(show="users", sort="seen"),
    "people who are contradicted": _listed(show="contradicted"),
    "people who are contradicted, last seen first": _listed(show="contradicted", sort="seen"),
    "people with a plan, no index": _listed(("custom_attributes.plan", "is", "pro")),
    "people with a plan that nobody has": _listed(_NOBODY),
    "people with a plan that nobody has, last seen first": _listed(_NOBODY, sort="seen"),
    "people without seats": _listed(("custom_attributes.seats", "unset", "")),
    "people of a domain that nobody has": _listed(("email_domain", "is", "nowhere.example")),
    "people who were seen long ago": _listed(("last_seen_at", "under", "2020-01-01")),
    "people whose names contain a text": _listed(q="person"),
    "people whose names contain a text that nobody's has": _listed(q="nobody has this"),
    "the lock of an attribute that nobody has": "/settings/data/people/lock?name%5B%5D=fact_000",
    "attributes that accept unsigned writes": "/settings/data/people?show=accepting",
}
"""Addresses within a workspace, by what they show."""


def crowd_attributes(database: Path, workspace_id: str) -> None:
    """Declare the attributes, and count traffic and writers as if they had been written by thousands for a month."""
    connection = sqlite3.connect(database)
    try:
        names = _declare(connection, workspace_id)
        hour = int(time.time() // 3_600)
        facts = list(_traffic(workspace_id, names, hour))
        connection.executemany("INSERT INTO traffic VALUES (?, ?, ?, ?, ?)", facts)
        connection.execute(
            "INSERT INTO traffic_day (workspace_id, day, attribute, kind, count, last_hour) "
            "SELECT workspace_id, hour / 24, attribute, kind, sum(count), max(hour) FROM traffic "
            "WHERE attribute LIKE 'fact%' GROUP BY workspace_id, hour / 24, attribute, kind"
        )
        people = [row[0] for row in connection.execute("SELECT id FROM contact LIMIT ?", (WRITERS,))]
        writers = (
            (workspace_id, name, hour // 24 - day, f"https://app.acme.example/v{label}", one, 3_600.0 * hour)
            for name in names
            for day in range(_PAST)
            for label in range(LABELS)
            for one in people
        )
        connection.executemany("INSERT INTO writer_seen VALUES (?, ?, ?, ?, ?, ?)", writers)
        connection.execute("UPDATE workspace SET rules_version = rules_version + 1")
        connection.commit()
    finally:
        connection.close()


def _declare(connection: sqlite3.Connection, workspace_id: str) -> list[str]:
    """Copies of the attribute that pings have made, some open and some watched."""
    connection.row_factory = sqlite3.Row
    (first,) = connection.execute("SELECT * FROM attribute WHERE workspace_id = ? AND name = 'plan'", (workspace_id,))
    (last,) = connection.execute("SELECT max(id) FROM attribute WHERE workspace_id = ?", (workspace_id,)).fetchone()
    connection.row_factory = None
    names = [f"fact_{number:03}" for number in range(ATTRIBUTES)]
    for number, name in enumerate(names):
        enforcement = ("open", "monitor", "locked")[number % 3]
        row = {**dict(first), "id": last + 1 + number, "name": name, "folded": name, "enforcement": enforcement}
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO attribute ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    return names


def _traffic(workspace_id: str, names: list[str], hour: int) -> Iterator[tuple[Any, ...]]:
    for name in names:
        for past in range(24 * DAYS):
            for count, kind in enumerate(KINDS, 1):
                yield workspace_id, name, hour - past, kind, count
