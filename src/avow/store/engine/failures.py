"""What does a driver's error mean to those above? A conflict, a full disk, or a database that cannot be reached.

- Conflicts are told by SQLSTATE and table, never by a constraint's name.
- No driver error goes up: its text may hold the values of the statement. What is nobody's fault but ours (a statement
  that cannot be run) becomes a plain `AvowError` that names the kind of error only.

Source: scale.md rule 10, spec §11 (disk full), PostgreSQL's Appendix A, sqlite.org/rescode.html.
"""

from __future__ import annotations

import errno
import sqlite3
from types import TracebackType
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from avow.errors import AvowError, StorageFull, Unavailable, UsageError
from avow.flow.contract import WriteConflict

CONTESTED: Final = frozenset(
    {
        "contact",
        "contact_key",
        "attribute",
        "change",
        "event",
        "outbox",
        "replay",
        "signing_key",
        "teammate",
        "teammate_session",
        "tag",
        "contact_tag",
        "note",
        "event_summary",
    }
)
"""Tables in which two writers may want the same place at the same time."""

_FULL = "The disk of the database is full. Nothing was written; free some space, and writing goes on by itself."
_GONE = "The database cannot be reached. Nothing was confirmed; try again."
_NOT_LET_IN = "The database's server does not let us in: see the user, the password and its pg_hba.conf."
_NO_SUCH = "The database's server is there, and has no database of this name. Make it, or name another."
_CROWDED = "The database's server has no connection left; raise its max_connections, or run fewer server processes."
_OPTIONS = (
    "The options in the database's address are not understood; expected those of asyncpg, such as ?sslmode=require."
)
_NOT_OURS = (
    "The database's file cannot be opened and written; nothing was confirmed. See that this process's user may write "
    "it, what lies beside it (-wal, -shm) and their directory."
)
_AT_THE_DOOR: Final = {"28": _NOT_LET_IN, "3D": _NO_SUCH, "53300": _CROWDED}
"""What is said of a connection that is refused, by SQLSTATE or its class."""
_BARE = "The database has no tables of ours, or old ones. Run `avow migrate` on it."
_RACE = "Somebody else wrote the same at the same time; nothing was written. Load it and weigh it again."

_BROKEN: Final = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL}
)
_SHUT: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_OUT_OF_REACH: Final = _BROKEN | {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOMEM,
}


class _Telling:
    """`with TELLING:` turns driver errors into ours. Holds nothing, so that one serves everybody."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and (ours := told(error)) is not None:
            raise ours from None


TELLING: Final = _Telling()


def told(error: BaseException) -> AvowError | None:
    """A driver's error in our words, or None for an error that is no driver's."""
    if isinstance(error, DBAPIError):
        return told(_original(error))
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, asyncpg.PostgresError):
        return _of_postgres(error)
    if isinstance(error, OSError):  # TimeoutError is one too
        return StorageFull(_FULL) if error.errno == errno.ENOSPC else Unavailable(_GONE)
    if isinstance(error, asyncpg.ClientConfigurationError):
        return UsageError(_OPTIONS, field="database")
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):  # a parameter of the wrong type
        return AvowError(f"The database refused a statement ({type(error).__name__}).")
    if isinstance(error, (asyncpg.InterfaceError, asyncpg.InternalClientError, PoolTimeout)):
        return Unavailable(_GONE)
    return None


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process is writing to the file just now."""
    return _code(error) == sqlite3.SQLITE_BUSY


def is_broken(error: BaseException) -> bool:
    """Whether a SQLite connection should not be used again."""
    return isinstance(error, sqlite3.Error) and _code(error) in _BROKEN


def _original(error: DBAPIError) -> BaseException:
    """The driver's own error: SQLAlchemy wraps it, and its asyncpg dialect wraps it once more."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return original
    return (original and original.__cause__) or asyncpg.InterfaceError("connection lost")


def _code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF


def _of_sqlite(error: sqlite3.Error) -> AvowError:
    code, text = _code(error), str(error)
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(_FULL)
    if code in _SHUT:
        return Unavailable(_NOT_OURS)
    if code in _OUT_OF_REACH or isinstance(error, sqlite3.ProgrammingError):  # "Cannot operate on a closed database."
        return Unavailable(_GONE)
    if code == sqlite3.SQLITE_CONSTRAINT:
        kind, _, place = text.partition(" constraint failed")
        if kind == "FOREIGN KEY" or (kind == "UNIQUE" and place.removeprefix(": ").partition(".")[0] in CONTESTED):
            return WriteConflict(_RACE)
    if text.startswith("no such table") or "no such column" in text:
        return Unavailable(_BARE)
    return AvowError(f"The database refused a statement ({text}).")


def _of_postgres(error: asyncpg.PostgresError) -> AvowError:
    state = str(error.sqlstate or "")
    table = str(getattr(error, "table_name", None) or "")
    if state in ("40001", "40P01") or (state in ("23505", "23503") and table in CONTESTED):
        return WriteConflict(_RACE)
    if state == "53100":
        return StorageFull(_FULL)
    if state in ("42P01", "42703"):
        return Unavailable(_BARE)
    if (found := _AT_THE_DOOR.get(state) or _AT_THE_DOOR.get(state[:2])) is not None:
        return Unavailable(found)
    # Connections, resources, shutdown, credentials; a standby, a lock that took too long, tables altered under a plan.
    if state[:2] in ("08", "53", "57", "58") or state in ("25006", "55P03", "0A000"):
        return Unavailable(_GONE)
    return AvowError(f"The database refused a statement ({type(error).__name__}, SQLSTATE {state}, table {table!r}).")
