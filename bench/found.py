"""Is what was answered in the database? Records are counted, and everybody's values compared with the last update sent.

What every server answered with success must be there, all of it, and nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from avow.trust.contact import Holding
from bench.databases import Database
from bench.traffic import external_id, values

_holdings = msgspec.json.Decoder(dict[str, Holding]).decode


class Missing(Exception):
    """The database does not hold what was answered: nothing that was measured counts."""


def check_avow(database: Database, url: str, latest: Mapping[int, int], records: int) -> None:
    """Compare with the number of each person's latest update, and how many records there must be by now."""
    rows = database.rows(url, "SELECT external_id, holdings FROM contact WHERE external_id IS NOT NULL")
    wanted = {external_id(person): serial for person, serial in latest.items()}
    found = {
        name: {attribute: holding.value for attribute, holding in _holdings(holdings).items()}
        for name, holdings in rows
        if name in wanted
    }
    _compare(wanted, found)
    _count(database, url, records)


def check_handler(database: Database, url: str, latest: Mapping[int, int], records: int) -> None:
    """The same for the handler that Avow is compared with."""
    rows = database.rows(url, "SELECT external_id, attributes FROM contact")
    found = {name: json.loads(attributes) for name, attributes in rows}
    _compare({external_id(person): serial for person, serial in latest.items()}, found)
    _count(database, url, records)


def _compare(wanted: Mapping[str, int], found: Mapping[str, Mapping[str, Any]]) -> None:
    for name, serial in wanted.items():
        if found.get(name) != values(serial):
            raise Missing(f"{name} does not have the values of update {serial}; all of them were answered")


def _count(database: Database, url: str, records: int) -> None:
    count = database.rows(url, "SELECT count(*) FROM change")[0][0]
    if count != records:
        raise Missing(f"the database holds {count} change records; {records} updates were answered")
