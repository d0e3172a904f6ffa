"""Lists come in a known order, page by page, count no further than asked, and forget what has served its time."""

from __future__ import annotations

import pytest

from avow.flow.contract import (
    EventRow,
    OutboxRow,
    RefusalCount,
    Replay,
    Store,
    Tally,
    TrafficCount,
    WriteConflict,
    WriterSeen,
    Writes,
)
from avow.trust.contact import Role
from tests.store.acme import ACME, GLOBEX, NOON, contact_id, person, stored, write

DAY = 86_400


async def test_users_and_leads_are_listed_newest_first(store: Store) -> None:
    roles = [Role.USER, Role.LEAD, Role.VISITOR, Role.USER, Role.LEAD]
    people = await stored(store, *(person(role=role) for role in roles))
    await stored(store, person(merged_into=people[0].id), person(GLOBEX))
    wanted = [people[number].id for number in (4, 3, 1, 0)]
    listed, count = await store.contacts(ACME, before=None, limit=3, most=100)
    assert [one.id for one in listed] == wanted[:3]
    assert listed[0] == people[4]
    assert count == 4
    rest, count = await store.contacts(ACME, before=listed[-1].id, limit=3, most=3)
    assert [one.id for one in rest] == wanted[3:]
    assert count == 3, "counted further than asked"


async def test_somebody_who_becomes_a_lead_is_listed_and_who_is_merged_no_more(store: Store) -> None:
    visitor, lead = await stored(store, person(role=Role.VISITOR), person(role=Role.LEAD))
    async with store.transaction([ACME]) as transaction:
        loaded = {one.id: one for one in await transaction.load([(ACME, visitor.id), (ACME, lead.id)])}
        from tests.store.acme import changed

        saves = (changed(loaded[visitor.id], role=Role.LEAD), changed(loaded[lead.id], merged_into=visitor.id))
        await transaction.write(Writes(saves=saves))
        await transaction.commit()
    listed, count = await store.contacts(ACME, before=None, limit=9, most=9)
    assert ([one.id for one in listed], count) == ([visitor.id], 1)


async def test_nobody_is_listed_before_the_first(store: Store) -> None:
    assert await store.contacts(ACME, before=None, limit=9, most=9) == ([], 0)
    assert await store.contacts(ACME, before=contact_id(), limit=9, most=9) == ([], 0)


async def test_events_come_back_newest_first_and_are_stored_once(store: Store) -> None:
    (alice,) = await stored(store, person())
    rows = [
        EventRow(
            ACME, alice.id, f"event {number}", "ordered é", NOON + at, NOON + 9, bool(number % 2), '{"a":"\\u0000"}'
        )
        for number, at in enumerate((3, 1, 2, 2))
    ]
    await write(store, Writes(events=tuple(rows)))
    await write(store, Writes(events=(rows[0],)))
    assert await store.events(ACME, alice.id, limit=9) == [rows[0], rows[3], rows[2], rows[1]]
    assert await store.events(ACME, alice.id, limit=2) == [rows[0], rows[3]]


async def replays(store: Store, *scopes: str) -> list[Replay]:
    async with store.transaction([ACME]) as transaction:
        found = await transaction.replays([(ACME, scope) for scope in scopes])
    return sorted(found, key=lambda one: one.scope)


async def now_of(store: Store) -> float:
    async with store.transaction([ACME]) as transaction:
        return (await transaction.clock()).now


async def test_an_answer_is_kept_for_a_day_and_given_once(store: Store) -> None:
    now = await now_of(store)
    (alice,) = await stored(store, person())
    fresh = Replay(ACME, "fresh", "body", b"\x00\xff", now - DAY + 60, alice.id)
    old = Replay(ACME, "old", "body", b"", now - DAY - 60)
    await write(store, Writes(replays=(fresh, old)))
    assert await replays(store, "fresh", "old", "none") == [fresh]
    with pytest.raises(WriteConflict):
        await write(store, Writes(replays=(Replay(ACME, "fresh", "body", b"second", now),)))
    again = Replay(ACME, "old", "other body", b"second", now)
    await write(store, Writes(replays=(again,)))
    assert await replays(store, "fresh", "old") == [fresh, again]


async def test_a_sweep_forgets_what_has_served_its_time_and_nothing_else(store: Store) -> None:
    now = float(await now_of(store))
    (somebody,) = await stored(store, person())

    def rows(old: bool) -> Writes:
        before = 60 if old else -60

        def at(days: int) -> float:
            return now - days * DAY - before * 60

        return Writes(
            outbox=tuple(OutboxRow(ACME, contact_id(), 1, "topic", at(7)) for _ in range(450)),
            replays=(Replay(ACME, f"old {old}", "", b"", at(1)),),
            tally=Tally(
                traffic=(TrafficCount(ACME, "plan", int(at(35) // 3600), "signed", 1),),
                refusals=(RefusalCount(ACME, "key_unknown", int(at(35) // 3600), 1, NOON, "web"),),
                writers=(WriterSeen(ACME, "plan", int(now // DAY) - 31 - old, "page", somebody.id, NOON),),
            ),
        )

    await write(store, rows(old=False))
    await write(store, rows(old=True))
    await store.sweep(now)
    await store.sweep(now)
    assert len(await store.outbox(ACME, limit=999)) == 450
    assert len(await store.traffic(ACME, "plan", since_hour=0)) == 1
    assert len(await store.refusals(ACME, since_hour=0)) == 1
    assert len(await store.writers(ACME, "plan", since_day=0)) == 1
    # Whether an old answer is gone shows in that its place can be taken at once.
    await write(store, Writes(replays=(Replay(ACME, "old True", "", b"", now - DAY - 3_600),)))
    with pytest.raises(WriteConflict):
        await write(store, Writes(replays=(Replay(ACME, "old False", "", b"", now - DAY),)))
