"""PostgreSQL may stop, restart, deadlock or be silent: callers are told, nothing is half done, and we come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from avow.errors import Unavailable
from avow.flow.contract import KeyKind, KeyRow, Store, WriteConflict, Writes
from avow.store import migrate, open_store
from avow.store.engine import postgres as engine
from tests.store.acme import ACME, NOON, changed, contact_id, key, leads, move_in, person, stored, write
from tests.support.postgres import Cluster, durable_cluster


@pytest.fixture
async def store(postgresql_url: str) -> AsyncIterator[Store]:
    store = open_store(postgresql_url)
    await move_in(store)
    yield store
    await store.close()


@pytest.fixture
async def operator(postgresql_url: str) -> AsyncIterator[Any]:
    """Somebody with a connection of her own."""
    connection = await asyncpg.connect(postgresql_url)
    yield connection
    await connection.close()


@pytest.fixture
def own_server() -> Iterator[Cluster]:
    """A server that a test may stop, and that keeps what it has answered."""
    with durable_cluster() as cluster:
        yield cluster


async def test_after_a_restart_the_same_store_goes_on(own_server: Cluster) -> None:
    url = own_server.fresh_database()
    await migrate(url)
    store = open_store(url)
    await move_in(store)
    (alice,) = await stored(store, person())
    for stop in (own_server.halt, own_server.kill):
        await asyncio.to_thread(stop)
        for ask in (store.versions(), stored(store, person()), store.rules(ACME)):
            with pytest.raises(Unavailable):
                await ask
        await asyncio.to_thread(own_server.start)
        assert await store.contact(ACME, alice.id) == alice
        (alice,) = await stored(store, person())
        await asyncio.to_thread(own_server.halt)
        await asyncio.to_thread(own_server.start)
        assert await store.contact(ACME, alice.id) == alice, "nobody had noticed the restart yet"
        (alice,) = await stored(store, person())
    await store.close()


async def test_a_conflict_costs_no_connection(store: Store, operator: Any) -> None:
    async def pids() -> set[int]:
        rows = await operator.fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {row[0] for row in rows}

    (alice,) = await stored(store, person())
    before = await pids()
    await write(store, Writes(saves=(changed(alice),)))
    for _ in range(3):
        with pytest.raises(WriteConflict):
            await write(store, Writes(saves=(changed(alice),)))
    assert await pids() == before


async def test_a_connection_that_is_cut_in_mid_batch_undoes_the_batch(store: Store, operator: Any) -> None:
    alice = changed(person())

    async def cut() -> None:
        async with store.transaction([ACME]) as transaction:
            await transaction.write(Writes(saves=(alice,)))
            await operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'avow' AND datname = current_database()"
            )
            await transaction.commit()

    with pytest.raises(Unavailable):
        await cut()
    assert await store.contact(ACME, alice.contact.id) is None
    await write(store, Writes(saves=(alice,)))


async def test_two_batches_that_block_each_other_are_told_of_a_conflict(store: Store, postgresql_url: str) -> None:
    other = open_store(postgresql_url)
    alice, bob = await stored(store, person(), person())
    outcomes = []

    async def cross(store: Store, first: Any, second: Any, ready: asyncio.Event, wait: asyncio.Event) -> None:
        try:
            async with store.transaction([ACME]) as transaction:
                await transaction.write(Writes(saves=(changed(first),)))
                ready.set()
                await wait.wait()
                await transaction.write(Writes(saves=(changed(second),)))
                await transaction.commit()
            outcomes.append("committed")
        except WriteConflict:
            outcomes.append("conflict")

    here, there = asyncio.Event(), asyncio.Event()
    await asyncio.gather(cross(store, alice, bob, here, there), cross(other, bob, alice, there, here))
    await other.close()
    assert "conflict" in outcomes


async def test_a_silent_lock_ends_the_wait_and_not_the_service(
    store: Store, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 0.3)
    async with operator.transaction():
        await operator.execute(f"SELECT pg_advisory_xact_lock({engine.lock_number(ACME)})")
        with pytest.raises(Unavailable):
            await stored(store, person())
    await stored(store, person())


async def test_more_batches_than_connections_wait_for_each_other(store: Store) -> None:
    await asyncio.gather(*(stored(store, person()) for _ in range(5 * engine.WRITERS)))
    assert (await store.contacts(ACME, before=None, limit=1, most=99))[1] == 5 * engine.WRITERS


async def test_a_caller_who_leaves_holds_no_lock(store: Store) -> None:
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
    async with asyncio.timeout(3), store.rules_transaction(ACME):
        assert await store.contact(ACME, alice.contact.id) is None


async def test_only_who_looks_for_the_same_address_waits(store: Store) -> None:
    """Everybody else pays nothing for it, and who waits reads what was committed meanwhile."""
    alice, address = person(), "alice@acme.example"
    row = leads(KeyKind.EMAIL, address, alice)

    async def find(kind: KeyKind, value: str) -> list[KeyRow]:
        async with store.transaction([ACME]) as transaction:
            return await transaction.find([key(kind, value)])

    async with store.transaction([ACME]) as first:
        assert await first.find([row.key]) == []
        assert await find(KeyKind.EMAIL, "bob@acme.example") == []
        asking = {kind: asyncio.create_task(find(kind, address)) for kind in KeyKind}
        await asyncio.wait(asking.values(), timeout=0.5)
        waiting = {kind for kind, task in asking.items() if not task.done()}
        assert waiting == {KeyKind.EMAIL, KeyKind.EMAIL_ALONE, KeyKind.EMAIL_PROOF}
        await first.write(Writes(saves=(changed(alice),), put_keys=(row,)))
        await first.commit()
    assert await asking[KeyKind.EMAIL] == [row]
    assert await asking[KeyKind.EMAIL_PROOF] == []


async def test_contact_ids_are_zero_padded_uuids(store: Store, operator: Any) -> None:
    (alice,) = await stored(store, person(id=contact_id(0xABCDEF)))
    assert await operator.fetchval("SELECT id::text FROM contact") == "00000000-0000-0000-0000-000000abcdef"
    assert (await store.contacts(ACME, before=None, limit=1, most=1))[0] == [alice]


async def test_the_clock_is_the_databases_and_is_read_after_the_wait(store: Store, operator: Any) -> None:
    async with operator.transaction():
        await operator.execute(f"SELECT pg_advisory_xact_lock({engine.lock_number(ACME)})")
        waiting = asyncio.create_task(write(store, Writes()))
        reading = asyncio.create_task(clock(store))
        await asyncio.sleep(0.2)
        released: float = await operator.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    await waiting
    assert await reading >= released > NOON


async def clock(store: Store) -> float:
    async with store.transaction([ACME]) as transaction:
        return (await transaction.clock()).now
