"""Which database does a URL name? A SQLite file or a PostgreSQL; everything else is refused in words.

`sqlite:///` is followed by the file's path (so an absolute one makes four slashes), percent-encoded where it must be.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from avow.errors import UsageError
from avow.flow.contract import Store
from avow.store.engine.postgres import Postgres
from avow.store.engine.sqlite import SQLite
from avow.store.store import DatabaseStore

_SQLITE = ("sqlite", "sqlite+aiosqlite")
_POSTGRES = ("postgresql", "postgres", "postgresql+asyncpg")


def open_store(url: str, *, now: Callable[[], float] = time.time) -> Store:
    """The store of a migrated database, connecting when it is first asked. `now` is the clock of a SQLite file.

    Not checked here: whether the database is migrated (`migrate.current`). A SQLite file that is missing is not made.
    """
    place = place_of(url)
    return DatabaseStore(SQLite(place, now) if isinstance(place, Path) else Postgres(place))


def place_of(url: str) -> Path | str:
    """The file of a SQLite URL, or a PostgreSQL URL in libpq's form. Raises `UsageError`."""
    scheme = urlsplit(url).scheme
    if scheme in _SQLITE:
        raw_path = url.partition(":///")[2]
        if raw_path and raw_path != ":memory:":
            return Path(unquote(raw_path))
        raise UsageError("The database URL names no file. Expected sqlite:///path/to/avow.db.")
    if scheme in _POSTGRES:
        return "postgresql" + url.removeprefix(scheme)
    raise UsageError(f"The database URL begins with {scheme!r}. Expected sqlite:///… or postgresql://….")
