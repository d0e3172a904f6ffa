"""Is the database set up right? Its tables' version, whether it keeps what it answers, its connections, its outbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from avow.flow.contract.upkeep import Migrations, Vitals
from avow.flow.upkeep.doctor.finding import Finding, advised, fine, wrong

OLDEST_POSTGRESQL: Final = 14
OF_A_PROCESS: Final = 16
"""Connections that one server process may open: for writing, for reading, for long reading, and one to migrate."""
OUTBOX_KEPT_FOR: Final = 8 * 86_400
"""A running server throws outbox rows away after a week; a day more is patience."""
LONG_OUTBOX: Final = 500_000
LONG_LOG: Final = 1 << 30
IDLE_FOR: Final = 300.0
_MUST: Final = (
    ("fsync", ("on",), "a power cut may lose what was answered, or all of it"),
    ("full_page_writes", ("on",), "a power cut may tear pages of the database"),
    ("synchronous_commit", ("on", "remote_apply", "remote_write", "local"), "a crash may lose what was answered"),
    ("server_encoding", ("UTF8",), "not every value can be stored"),
)


def of_migrations(it: Migrations) -> Finding:
    """Whether program and tables fit."""
    if it.is_ahead:
        return wrong(
            "migrations",
            f"The tables are of a newer version ({it.current}; this program knows {it.head} at most).",
            "Use the newer program.",
        )
    if it.current is None:
        return wrong("migrations", "The database has no tables of ours.", "Make them with: avow init")
    if it.pending:
        return wrong(
            "migrations",
            f"The tables are at {it.current}, this program's at {it.head}.",
            "Back up with the program that ran until now, then run: avow migrate",
        )
    return fine("migrations", f"The tables are this program's ({it.head}).")


def of_database(it: Vitals, workers: int) -> Iterator[Finding]:
    """Everything about a database that answers. `workers` are the server processes that the settings ask for."""
    yield from _postgresql(it, workers) if it.kind == "PostgreSQL" else _sqlite(it)
    yield _outbox(it)


def _sqlite(it: Vitals) -> Iterator[Finding]:
    mode = it.setting("journal_mode")
    if mode != "wal":
        yield wrong(
            "database_settings",
            f"The file's journal_mode is {mode}; expected wal.",
            "Start the server once: it sets it. If it does not stay, another program changes it.",
        )
    elif it.log_bytes > LONG_LOG:
        yield advised(
            "database_settings",
            f"The write-ahead log has grown to {it.log_bytes / (1 << 30):.1f} GiB.",
            "Look for a program that keeps the file open in a long read, such as a backup that hangs.",
        )
    else:
        yield fine("database_settings", f"SQLite {it.version}, journal_mode wal; commits wait for the disk.")


def _postgresql(it: Vitals, workers: int) -> Iterator[Finding]:
    faults = [
        (name, value, why) for name, good, why in _MUST if (value := it.setting(name)) is not None and value not in good
    ]
    for name, value, why in faults:
        yield wrong("database_settings", f"{name} is {value}: {why}.", f"Set {name} to {_good(name)} and reload.")
    if it.major < OLDEST_POSTGRESQL:
        yield wrong("database_settings", f"This is PostgreSQL {it.version}.", f"Use {OLDEST_POSTGRESQL} or newer.")
    elif not faults:
        yield fine("database_settings", f"PostgreSQL {it.version}; commits wait for the disk.")
    if it.is_standby:
        yield wrong("database_settings", "This server is a standby: it takes no writes.", "Connect to the primary.")
    if it.longest_idle > IDLE_FOR:
        yield advised(
            "database_settings",
            f"Somebody has kept a transaction open for {it.longest_idle / 60:.0f} minutes without doing anything.",
            "Find it in pg_stat_activity: it keeps old rows from being cleared away.",
        )
    yield _connections(it, workers)


def _connections(it: Vitals, workers: int) -> Finding:
    reserved = int(it.setting("superuser_reserved_connections") or 3)
    room, needed = it.most_connections - reserved, OF_A_PROCESS * workers
    found = f"{workers} server processes may open {needed} connections; the server has {room}, {it.connections} in use."
    if needed > room:
        return wrong("connections", found, "Raise max_connections, or use fewer workers.")
    if it.connections > 0.9 * room:
        return advised("connections", found, "Raise max_connections, or see who else is connected.")
    return fine("connections", found)


def _outbox(it: Vitals) -> Finding:
    age = it.now - it.outbox_oldest_at if it.outbox_oldest_at is not None else 0.0
    found = f"{it.outbox_rows} rows, the oldest {age / 3600:.0f} hours old."
    if age > OUTBOX_KEPT_FOR:
        advice = "Start a server: it clears it after ten minutes. If one runs for longer, look for failures in its log."
        return wrong("outbox", found, advice)
    if it.outbox_rows > LONG_OUTBOX:
        return advised("outbox", found, "See that what reads it keeps up; it is emptied after a week in any case.")
    return fine("outbox", found)


def _good(name: str) -> str:
    return next(good[0] for known, good, _ in _MUST if known == name)
