"""What an operator asks of a database, beside its contents: its tables' state, its health, a copy, a place on Citus.

Nothing here is asked while requests are answered. Source: spec §10 (CLI), scale.md rule 13.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from avow.flow.contract.store import Store

Progress = Callable[[int, int | None], None]
"""Told how much is done, of how much (None: nobody knows)."""
OnStep = Callable[[str], None]
"""Told the name of a step that is done."""


class Migrations(msgspec.Struct, frozen=True):
    """Where a database's tables stand. `current` is None for a database without tables of ours.

    `pending` are the steps that lead to this program's tables, in order; `is_ahead`: a newer program made the tables.
    """

    current: str | None
    head: str
    pending: tuple[str, ...]
    is_ahead: bool = False


class DatabaseSetting(msgspec.Struct, frozen=True):
    """One setting of a database's own, as it tells it."""

    name: str
    value: str


class Vitals(msgspec.Struct, frozen=True):
    """How a database does. Times are Unix seconds, `now` its own clock; what a database does not know is None or 0.

    `connections` and `most_connections` are the whole server's; `longest_idle` are the seconds that somebody has kept a
    transaction open without doing anything; `outbox_rows` is counted up to a bound.
    """

    kind: str
    version: str
    major: int
    now: float
    settings: tuple[DatabaseSetting, ...] = ()
    newest_record_at: float | None = None
    outbox_rows: int = 0
    outbox_oldest_at: float | None = None
    log_bytes: int = 0
    connections: int = 0
    most_connections: int = 0
    longest_idle: float = 0.0
    is_standby: bool = False

    def setting(self, name: str) -> str | None:
        """What a setting is, None for one that the database has not."""
        return next((one.value for one in self.settings if one.name == name), None)


class Upkeep(Protocol):
    """One database in an operator's hands. Anything may raise `Unavailable` and `UsageError`."""

    async def migrations(self) -> Migrations: ...
    async def migrate(self, on_step: OnStep) -> Migrations: ...
    async def vitals(self) -> Vitals: ...
    async def is_empty(self) -> bool: ...
    def copied(self, folder: Path, progress: Progress) -> AbstractAsyncContextManager[Copied]: ...
    async def restore(self, file: Path, progress: Progress) -> None: ...
    async def leap(self, now: float) -> None: ...
    def distribution(self) -> tuple[str, ...]: ...
    def distribute(self) -> AsyncIterator[str]: ...


class Copied(msgspec.Struct, frozen=True):
    """A copy that was just made: its file, and a store that shows exactly what is in it, for as long as it is open."""

    file: Path
    store: Store
