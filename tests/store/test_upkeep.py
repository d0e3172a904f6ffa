"""A copy shows one moment of a database that goes on; its health is told without disturbing it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from avow.errors import Conflict, Unavailable, UsageError
from avow.flow.contract import OutboxRow, Store, Writes
from avow.flow.upkeep.doctor.database import OF_A_PROCESS
from avow.store import head, open_store, open_upkeep
from avow.store.engine import postgres
from avow.store.upkeep import programs
from tests.store.acme import ACME, NOON, move_in, person, stored, write
from tests.support.databases import shared_cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where copies are put."""
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """One in which Acme has its workspaces."""
    store = open_store(url)
    await move_in(store)
    yield store
    await store.close()


async def everybody(store: Store) -> int:
    return (await store.contacts(ACME, before=None, limit=1, most=999))[1]


async def test_a_copy_shows_the_moment_at_which_it_began(store: Store, url: str, folder: Path) -> None:
    await stored(store, *(person() for _ in range(30)))
    seen: list[tuple[int, int | None]] = []
    async with open_upkeep(url).copied(folder, lambda done, total: seen.append((done, total))) as copied:
        await stored(store, person())
        assert (await everybody(copied.store), await everybody(store)) == (30, 31)
        chains = [contact_id async for contact_id, _, _ in copied.store.chains(ACME)]
        assert len(chains) == 30
        assert copied.file.stat().st_mode & 0o077 == 0


async def test_a_copy_of_a_file_is_made_while_somebody_writes_all_the_time(
    sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite begins a copy anew when the file changes under it: ours must hold on to its moment instead."""
    monkeypatch.setattr("avow.store.upkeep.sqlite.PAGES", 1)
    store = open_store(sqlite_url)
    await move_in(store)
    await stored(store, *(person() for _ in range(20)))
    told: list[int] = []
    busy = True

    async def write_on() -> None:
        while busy:
            await stored(store, person())

    writing = asyncio.create_task(write_on())
    async with open_upkeep(sqlite_url).copied(folder, lambda done, _: told.append(done)) as copied:
        busy = False
        await writing
        assert await everybody(copied.store) < await everybody(store)
    assert told == sorted(told)
    with closing(sqlite3.connect(copied.file)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    await store.close()


async def test_nothing_can_be_written_to_a_moment(postgresql_url: str, tmp_path: Path) -> None:
    store = open_store(postgresql_url)
    await move_in(store)
    async with open_upkeep(postgresql_url).copied(tmp_path, lambda *_: None) as copied:
        with pytest.raises(Unavailable, match="copy of one moment"):
            await write(copied.store, Writes())
    await store.close()


async def test_what_is_brought_back_is_what_was_copied_and_needs_an_empty_place(
    store: Store, url: str, folder: Path
) -> None:
    people = await stored(store, person(), person())
    cluster = shared_cluster()
    new = f"sqlite:///{folder / 'new.db'}" if url.startswith("sqlite") else cluster.fresh_database()
    upkeep = open_upkeep(new)
    assert await upkeep.is_empty()
    assert not await open_upkeep(url).is_empty()
    async with open_upkeep(url).copied(folder, lambda *_: None) as copied:
        await upkeep.restore(copied.file, lambda *_: None)
    assert not await upkeep.is_empty()
    assert (await upkeep.migrations()).current == head()
    back = open_store(new)
    assert [await back.contact(ACME, one.id) for one in people] == people
    await back.close()
    with pytest.raises((Conflict, UsageError)):
        await upkeep.restore(copied.file, lambda *_: None)
    if not url.startswith("sqlite"):
        cluster.drop_database(new)


async def test_versions_leap_beyond_everything_that_a_process_may_remember(store: Store, url: str) -> None:
    upkeep = open_upkeep(url)
    assert (await store.versions())[ACME] == 1
    await upkeep.leap(NOON + 0.7)
    assert set((await store.versions()).values()) == {int(NOON)}
    await upkeep.leap(NOON - 100)
    assert set((await store.versions()).values()) == {int(NOON) + 1}


async def test_vitals_tell_of_the_outbox_and_the_settings(store: Store, url: str) -> None:
    before = await open_upkeep(url).vitals()
    assert (before.outbox_rows, before.outbox_oldest_at, before.newest_record_at) == (0, None, None)
    (alice,) = await stored(store, person())
    rows = tuple(OutboxRow(ACME, alice.id, seq, "contact.user.updated", NOON + seq) for seq in (1, 2, 3))
    await write(store, Writes(outbox=rows))
    vitals = await open_upkeep(url).vitals()
    assert (vitals.outbox_rows, vitals.outbox_oldest_at, vitals.newest_record_at) == (3, NOON + 1, NOON + 3)
    if vitals.kind == "SQLite":
        assert vitals.setting("journal_mode") == "wal"
    else:
        assert (vitals.setting("fsync"), vitals.setting("max_connections")) == ("off", "200")
        assert vitals.connections >= 1
        assert vitals.major >= 14
    assert vitals.setting("none of these") is None


def test_the_doctor_counts_the_connections_that_a_process_may_open() -> None:
    assert OF_A_PROCESS == postgres.WRITERS + postgres.READERS + postgres.PROMPT + postgres.PATIENT + 1


async def test_a_machine_without_pg_dump_is_told_what_to_run(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avow.store.upkeep.postgres.program", lambda _: None)
    with pytest.raises(UsageError, match="pg_dump --format=custom") as refusal:
        async with open_upkeep(postgresql_url).copied(tmp_path, lambda *_: None):
            pass
    assert "avow@" not in refusal.value.message
    with pytest.raises(UsageError, match="pg_restore is not installed"):
        await open_upkeep(postgresql_url).restore(tmp_path / "avow.dump", lambda *_: None)


async def test_a_password_is_in_no_command_line(tmp_path: Path) -> None:
    script = tmp_path / "pg_dump"
    script.write_text('#!/bin/sh\necho "$@ $PGPASSWORD $PGHOST $PGPORT $PGDATABASE $PGSSLMODE" >&2\nexit 1\n')
    script.chmod(0o755)
    url = "postgresql://olive:hunt%40er@db.acme.example:6000/avow?ssl=require&application_name=x"
    with pytest.raises(UsageError) as refusal:
        await programs.run(script, url, "--file=x", file=tmp_path / "x", progress=lambda *_: None)
    assert refusal.value.message == ("pg_dump did not succeed: --file=x hunt@er db.acme.example 6000 avow require.")
