"""A SQLite file is its owner's alone, has one writer, never stops the event loop, and comes back from a full disk."""

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from avow.errors import StorageFull, Unavailable
from avow.flow.contract import Erasure, KeyKind, OutboxRow, Store, Tally, TrafficCount, Writes
from avow.store import migrate, open_store
from avow.store.engine import checkpoint, sqlite
from avow.trust.contact import Holding
from tests.store.acme import ACME, NOON, changed, contact_id, leads, move_in, person, stored, tombstone, write

ANOTHER_PROCESS = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE workspace SET rules_version = 7 WHERE id = 'acme0001'")
print("writing", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("COMMIT")
"""


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    store = open_store(sqlite_url)
    await move_in(store)
    yield store
    await store.close()


def writer_of(store: Any) -> sqlite3.Connection:
    """The connection that writes."""
    connection: sqlite3.Connection = store._engine._writer
    return connection


def pragma(store: Store, name: str) -> Any:
    return writer_of(store).execute(f"PRAGMA {name}").fetchone()[0]


async def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new folder's 100%.db"
    await migrate(f"sqlite:///{path}".replace("%", "%25"))
    store = open_store(f"sqlite:///{path}".replace("%", "%25"))
    await move_in(store)
    found = {one.name: stat.S_IMODE(one.stat().st_mode) for one in os.scandir(tmp_path)}
    await store.close()
    assert found == {path.name + end: 0o600 for end in ("", "-wal", "-shm")}


async def test_what_is_answered_is_on_the_disk(store: Store) -> None:
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2
    assert pragma(store, "foreign_keys") == 1


def times(text: str, path: Path) -> int:
    """How often a text stands in a file."""
    return path.read_bytes().count(text.encode())


async def test_what_is_erased_is_no_longer_in_the_file(store: Store, path: Path) -> None:
    secret = f"{'Alice' * 9} lives in the Rue Morgue"
    alice = person(holdings={"address": Holding(secret), "long": Holding(secret * 200)}, external_id=secret)
    (alice,) = await stored(store, alice, keys=[leads(KeyKind.EXTERNAL_ID, secret, alice)])
    await store.close()
    assert times(secret, path) > 200
    store = open_store(f"sqlite:///{path}")
    await write(store, Writes(erasures=(Erasure(ACME, alice.id, 1, (tombstone(alice),)),)))
    await store.close()
    assert times(secret[:30], path) == 0


async def test_a_missing_file_is_not_made_by_opening_it(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(Unavailable):
        await store.versions()
    with pytest.raises(Unavailable):
        await stored(store, person())
    await store.close()
    assert not any(os.scandir(tmp_path))


async def test_a_file_without_our_tables_says_what_to_do(tmp_path: Path) -> None:
    sqlite.create_file(tmp_path / "empty.db")
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}")
    for ask in (store.versions(), stored(store, person())):
        with pytest.raises(Unavailable, match="avow migrate"):
            await ask
    await store.close()


async def busy_loop(beats: list[float]) -> None:
    while True:
        beats.append(time.perf_counter())
        await asyncio.sleep(0.005)


async def test_while_another_process_writes_we_wait_and_the_loop_goes_on(store: Store, path: Path) -> None:
    beats: list[float] = []
    beating = asyncio.create_task(busy_loop(beats))
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ANOTHER_PROCESS, str(path), "0.5", stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    await other.stdout.readline()
    assert (await store.versions())[ACME] == 1, "read what is not committed"
    async with store.transaction([ACME]) as transaction:
        assert (await transaction.clock()).versions[ACME] == 7, "began before the other one had committed"
    await other.wait()
    beating.cancel()
    assert max(after - before for before, after in itertools.pairwise(beats)) < 0.25


async def test_who_waits_too_long_for_another_process_is_told(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="Another process"):
            await stored(store, person())
        other.execute("ROLLBACK")
    other.close()
    await stored(store, person())


async def test_a_full_disk_stops_writing_and_nothing_else(store: Store) -> None:
    (alice,) = await stored(store, person())
    writer_of(store).execute(f"PRAGMA max_page_count = {pragma(store, 'page_count') + 2}")
    many = tuple(changed(person()) for _ in range(200))
    with pytest.raises(StorageFull):
        await write(store, Writes(saves=many))
    assert await store.contact(ACME, alice.id) == alice
    assert await store.contact(ACME, many[0].contact.id) is None
    writer_of(store).execute("PRAGMA max_page_count = 1000000")
    await write(store, Writes(saves=many))
    assert await store.contact(ACME, many[0].contact.id) == many[0].contact


async def test_a_broken_connection_is_replaced(store: Store) -> None:
    writer_of(store).close()
    with pytest.raises(Unavailable):
        await stored(store, person())
    await stored(store, person())


async def test_a_caller_who_leaves_during_the_commit_leaves_the_turn_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her commit is carried to its end all the same: nobody begins while it is under way."""
    commit = sqlite.SQLiteSession._commit
    monkeypatch.setattr(sqlite.SQLiteSession, "_commit", lambda session: (time.sleep(0.1), commit(session)))
    alice = changed(person())
    leaving = asyncio.create_task(write(store, Writes(saves=(alice,))))
    await asyncio.sleep(0.03)
    leaving.cancel()
    await stored(store, person())
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await store.contact(ACME, alice.contact.id) == alice.contact


async def test_a_caller_who_leaves_before_the_commit_leaves_nothing(store: Store) -> None:
    alice = changed(person())
    begun = asyncio.Event()

    async def dither() -> None:
        async with store.transaction([ACME]) as transaction:
            await transaction.write(Writes(saves=(alice,)))
            begun.set()
            await asyncio.sleep(9)

    leaving = asyncio.create_task(dither())
    await begun.wait()
    leaving.cancel()
    await stored(store, person())
    assert await store.contact(ACME, alice.contact.id) is None


async def test_the_log_stays_short_however_long_we_write(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "ROWS", 200)
    monkeypatch.setattr(checkpoint, "LONGEST", 500)
    for number in range(120):
        rows = tuple(OutboxRow(ACME, contact_id(), 1, "t" * 900, NOON + number) for _ in range(50))
        counted = Tally(traffic=(TrafficCount(ACME, "plan", 1, "signed", 1),))
        await write(store, Writes(outbox=rows, tally=counted))
    pages = path.with_name("avow.db-wal").stat().st_size / 4096
    assert pages < 1_500, "without checkpoints it would have some 2,000 pages"
    assert len(await store.outbox(ACME, limit=9_999)) == 6_000
    assert (await store.traffic(ACME, "plan", since_hour=0))[0].count == 120


async def test_a_reader_in_the_middle_of_a_page_does_not_stop_the_writer(store: Store) -> None:
    await stored(store, *(person() for _ in range(450)))
    seen = 0
    async for _ in store.chains(ACME):
        if seen % 150 == 0:
            await stored(store, person())
        seen += 1
    assert seen >= 450
