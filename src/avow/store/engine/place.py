"""Which database does a URL name? A SQLite file or a PostgreSQL; everything else is refused in words.

`sqlite:///` is followed by the file's path (so an absolute one makes four slashes), percent-encoded where it must be.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from avow.errors import UsageError

_SQLITE = ("sqlite", "sqlite+aiosqlite")
_POSTGRES = ("postgresql", "postgres", "postgresql+asyncpg")


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
