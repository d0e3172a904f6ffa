"""What is too old goes by its time: nobody pays for what stays, nor for workspaces in which nothing is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from avow.store import open_store, retention
from avow.store.engine.reader import Reader
from avow.store.engine.sqlite import connect
from avow.store.team import people
from tests.store.acme import ACME, NOON, move_in

DAY = 86_400
BY = {
    "replay": "ix_replay_at (at<?)",
    "traffic": "ix_traffic_hour (hour<?)",
    "refusal": "ix_refusal_hour (hour<?)",
    "writer_seen": "ix_writer_seen_day (day<?)",
    "traffic_day": "PRIMARY KEY (workspace_id=? AND day<?)",
    "outbox": "PRIMARY KEY (workspace_id=? AND at<?)",
    "teammate_session": "ix_teammate_session_last_seen_at (last_seen_at<?)",
    "invitation": "ix_invitation_expires_at (expires_at<?)",
    "sign_in_failure": "ix_sign_in_failure_last_at (last_at<?)",
}
"""By what SQLite finds the old ones of each table, and nothing besides."""


def queries() -> Iterator[tuple[str, Select[Any]]]:
    yield from ((table.name, old) for table, old in retention.by_time(NOON))
    yield from ((table.name, old) for table, old in retention.by_workspace([ACME, "other001"], NOON))
    yield from ((removal.table.name, old) for removal, old in people.too_old(NOON))


def test_sqlite_finds_what_is_too_old_by_its_time(migrated_file: Path) -> None:
    connection = connect(migrated_file)
    found = {}
    for name, old in queries():
        text = old.limit(200).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()]
        (found[name],) = [step.partition("INDEX ")[2] or step.partition("USING ")[2] for step in steps]
    connection.close()
    assert found == BY


async def test_a_workspace_in_which_nothing_is_due_costs_no_look(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(sqlite_url)
    await move_in(store)
    looks = 0
    rows = Reader.rows

    async def watched(self: Reader, statement: Select[Any]) -> Any:
        nonlocal looks
        looks += 1
        return await rows(self, statement)

    monkeypatch.setattr(Reader, "rows", watched)
    await store.sweep(NOON)
    few, looks = looks, 0
    double(Path(sqlite_url.removeprefix("sqlite:///")), 60)
    await store.sweep(NOON)
    await store.close()
    assert looks == few


def double(file: Path, times: int) -> None:
    """That many workspaces more."""
    database = sqlite3.connect(file)
    columns = [row[1] for row in database.execute("PRAGMA table_info(workspace)")]
    row = dict(zip(columns, database.execute("SELECT * FROM workspace").fetchone(), strict=True))
    for number in range(times):
        values = tuple({**row, "id": f"more{number:04}"}.values())
        database.execute(f"INSERT INTO workspace VALUES ({', '.join('?' * len(values))})", values)
    database.commit()
    database.close()
