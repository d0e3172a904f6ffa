"""Whatever state a database is in, migrating brings it to today's tables once, or refuses and changes nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from avow.errors import Unavailable, UsageError
from avow.flow.contract import KeyKind, Writes
from avow.store import current, head, migrate, open_store
from avow.store.engine import postgres, sqlite
from avow.store.engine.place import place_of
from avow.store.schema import metadata
from avow.store.upkeep.migrate import LOCK
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import Role
from tests.store.acme import ACME, GLOBEX, key, leads, move_in, person, stored, write

MIGRATE = """
import asyncio, sys
from avow.store import migrate
print("ready", flush=True)
print(asyncio.run(migrate(sys.argv[1])))
"""

WITHOUT_0012 = tuple(
    f"DROP INDEX ix_{name}"
    for name in ("refusal_hour", "teammate_session_last_seen_at", "invitation_expires_at", "sign_in_failure_last_at")
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'avow.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


def engine_of(url: str) -> AsyncEngine:
    place = place_of(url)
    return sqlite.async_engine(place, ()) if isinstance(place, Path) else postgres.async_engine(place, 1)


async def look(url: str, ask: Any) -> Any:
    """What a function of a plain connection finds."""
    engine = engine_of(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(ask)
    await engine.dispose()
    return found


async def test_an_empty_database_gets_our_tables_and_keeps_them(url: str) -> None:
    assert await current(url) is None
    assert await migrate(url) == head()
    store = open_store(url)
    await move_in(store)
    (alice,) = await stored(store, person())
    assert await migrate(url) == await current(url) == head()
    assert await store.contact(alice.workspace_id, alice.id) == alice
    await store.close()


async def test_asking_makes_no_file(tmp_path: Path) -> None:
    assert await current(f"sqlite:///{tmp_path / 'none.db'}") is None
    assert not any(await asyncio.to_thread(lambda: list(tmp_path.iterdir())))


async def test_the_steps_lead_to_the_tables_that_the_code_means(url: str) -> None:
    await migrate(url)

    def difference(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": _other_type})
        return list(compare_metadata(context, metadata))

    assert await look(url, difference) == []


async def test_a_name_that_stands_twice_keeps_the_attribute_that_was_vouched_for(url: str) -> None:
    """Two servers had made both at one moment. What came in under the open one's type is held, and no index is left."""
    await migrate(url)
    store = open_store(url)
    await move_in(store)
    locked = Attribute(1_001, "vip", AttributeType.BOOLEAN, Enforcement.LOCKED, ever_signed=True)
    await write(store, Writes(attributes=((ACME, locked),)))

    def go_back(connection: Connection) -> None:
        columns = ", ".join(column.name for column in metadata.tables["attribute"].columns)
        twin = {"id": "2001", "folded": "'?vip'", "enforcement": "'open'", "provisional": "true", "type": "'string'"}
        values = ", ".join(twin.get(name, name) for name in columns.split(", "))
        for statement in (
            *WITHOUT_0012,
            "DROP INDEX ix_attribute_workspace_id_name",
            f"INSERT INTO attribute ({columns}) SELECT {values} FROM attribute",
            "INSERT INTO attribute_filter VALUES ('acme0001', 2001, 'ready', 1, 0, 0, NULL)",
            "UPDATE alembic_version SET version_num = '0009'",
        ):
            connection.execute(text(statement))
        connection.commit()

    await look(url, go_back)
    await migrate(url)
    found = await store.rules(ACME)
    assert found is not None
    (kept,) = found.attributes
    assert (kept.id, kept.locked, kept.provisional, kept.version) == (locked.id, True, False, 2)
    assert kept.adopted_at is not None
    assert (found.version, found.filters, (await store.versions())[GLOBEX]) == (3, (), 1)
    await store.close()


async def test_addresses_come_to_lead_apart_to_those_whom_no_id_names(url: str) -> None:
    await migrate(url)
    store = open_store(url)
    await move_in(store)
    alice, bob, lead = await stored(store, person(), person(external_id="bob"), person(role=Role.LEAD))
    address = "office@acme.example"
    await write(store, Writes(put_keys=tuple(leads(KeyKind.EMAIL, address, one) for one in (alice, bob, lead))))

    def go_back(connection: Connection) -> None:
        for statement in (*WITHOUT_0012, "UPDATE alembic_version SET version_num = '0010'"):
            connection.execute(text(statement))
        connection.commit()

    await look(url, go_back)
    await migrate(url)
    assert await store.find(key(KeyKind.EMAIL_ALONE, address)) == [leads(KeyKind.EMAIL_ALONE, address, alice)]
    assert len(await store.find(key(KeyKind.EMAIL, address))) == 3
    await store.close()


def _other_type(context: Any, _: Any, __: Any, found: Any, meant: Any) -> bool:
    """Whether a column's type is another one than the code says."""
    names = [str(kind.compile(context.dialect)).partition(" COLLATE")[0] for kind in (found, meant)]
    same = [{"DOUBLE PRECISION": "DOUBLE", "REAL": "DOUBLE"}.get(name, name) for name in names]
    return same[0] != same[1]


async def test_two_processes_may_migrate_at_once(url: str) -> None:
    """A third party holds the lock until both are waiting for it."""
    place = place_of(url)
    if isinstance(place, Path):
        sqlite.create_file(place)
    engine = engine_of(url)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("BEGIN IMMEDIATE" if isinstance(place, Path) else "BEGIN")
        if not isinstance(place, Path):
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        both = [await start(url) for _ in range(2)]
        await asyncio.sleep(0.5)
        assert [one.returncode for one in both] == [None, None], "somebody did not wait"
        await connection.exec_driver_sql("COMMIT")
    await engine.dispose()
    answers = await asyncio.gather(*(one.communicate() for one in both))
    assert [answer[0].decode().strip() for answer in answers] == [head(), head()]
    assert await current(url) == head()


async def start(url: str) -> asyncio.subprocess.Process:
    """A process that is about to migrate."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, url, stdout=subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    return process


async def test_a_database_from_the_future_is_left_alone(url: str) -> None:
    await migrate(url)

    def age(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()

    await look(url, age)
    with pytest.raises(UsageError, match="newer"):
        await migrate(url)
    assert await current(url) == "9999"


async def test_a_step_that_fails_leaves_nothing_behind(url: str) -> None:
    """The last table is in the way: none of the others may be made."""

    def obstruct(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE writer_seen (other integer)"))
        connection.commit()

    if url.startswith("sqlite"):
        sqlite.create_file(Path(url.removeprefix("sqlite:///")))
    await look(url, obstruct)
    with pytest.raises(Exception, match="refused"):
        await migrate(url)
    assert await current(url) is None


@pytest.mark.parametrize(
    "url",
    ["mysql://acme", "sqlite://", "sqlite:///", "sqlite:///:memory:", "", "acme.db"],
)
def test_a_url_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="Expected sqlite:///"):
        open_store(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_postgresql_may_be_named_in_each_usual_way(scheme: str) -> None:
    assert place_of(f"{scheme}://olive:secret@db:5433/avow?ssl=require") == (
        "postgresql://olive:secret@db:5433/avow?ssl=require"
    )


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await migrate("postgresql://olive@127.0.0.1:9/avow")
