"""Which database is looked after? The one that a URL names."""

from __future__ import annotations

from pathlib import Path

from avow.flow.contract import Upkeep
from avow.store.engine.place import place_of
from avow.store.upkeep.postgres import PostgresUpkeep
from avow.store.upkeep.sqlite import SQLiteUpkeep


def open_upkeep(url: str) -> Upkeep:
    """The upkeep of a database, connecting when it is asked. Raises `UsageError` for a URL that names none."""
    place = place_of(url)
    return SQLiteUpkeep(place) if isinstance(place, Path) else PostgresUpkeep(place)
