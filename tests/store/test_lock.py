"""When the request that locks has been answered, no write that was weighed before is stored any more (spec §2).

Eight writers over two stores write as long as the attribute is open; a third party locks and opens it. While it is
locked, what is stored must stand still. On PostgreSQL the two stores are two pools, as two processes would be.
"""

from __future__ import annotations

import asyncio
import itertools

import msgspec
import pytest

from avow.flow.contract import RulesTransaction, Save, Store, Transaction, WriteConflict, Writes
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import Contact
from tests.store.acme import ACME, person, stored
from tests.store.conftest import Opening
from tests.support.scale import full_or_tenth

WRITERS = 8
TOGGLES = full_or_tenth(200)
PLAN = Attribute(1_001, "plan", AttributeType.STRING, version=0)


async def put(change: RulesTransaction, enforcement: Enforcement) -> None:
    """Lock or open, whatever it was."""
    known = {one.name: one for one in (await change.rules()).attributes}.get("plan", PLAN)
    await change.put_attribute(msgspec.structs.replace(known, enforcement=enforcement, version=known.version + 1))


async def is_open(transaction: Transaction, cached: dict[int, bool]) -> bool:
    """As a committer does it: the version from the clock, the rules only where the version is new."""
    version = (await transaction.clock()).versions[ACME]
    if version not in cached:
        rules = await transaction.rules(ACME)
        cached[rules.version] = not any(one.locked for one in rules.attributes)
    return cached[version]


async def keep_writing(store: Store, alice: Contact, over: asyncio.Event) -> None:
    """Write whenever it is allowed."""
    cached: dict[int, bool] = {}
    while not over.is_set():
        await asyncio.sleep(0)
        try:
            async with store.transaction([ACME]) as transaction:
                if not await is_open(transaction, cached):
                    continue
                (now,) = await transaction.load([(ACME, alice.id)])
                save = Save(msgspec.structs.replace(now, version=now.version + 1), now.version)
                await asyncio.sleep(0.001)
                await transaction.write(Writes(saves=(save,)))
                await transaction.commit()
        except WriteConflict:
            continue


async def written(store: Store) -> int:
    """How many writes are stored."""
    return sum(one.version for one in (await store.contacts(ACME, before=None, limit=WRITERS, most=1))[0])


@pytest.mark.long
async def test_nothing_is_stored_while_it_is_locked(opening: Opening) -> None:
    stores = [opening(), opening()]
    people = await stored(stores[0], *(person() for _ in range(WRITERS)))
    over = asyncio.Event()
    writing = [
        asyncio.create_task(keep_writing(store, alice, over))
        for store, alice in zip(itertools.cycle(stores), people, strict=False)
    ]
    before = await written(stores[0])
    for toggle in range(TOGGLES):
        async with stores[toggle % 2].rules_transaction(ACME) as change:
            await put(change, Enforcement.LOCKED)
        at_once = await written(stores[0])
        await asyncio.sleep(0.01)
        assert await written(stores[0]) == at_once, f"written behind a lock (toggle {toggle})"
        async with stores[toggle % 2].rules_transaction(ACME) as change:
            await put(change, Enforcement.OPEN)
        await asyncio.sleep(0.01)
    over.set()
    await asyncio.gather(*writing)
    assert await written(stores[0]) > before + TOGGLES, "hardly anybody wrote: this showed nothing"
