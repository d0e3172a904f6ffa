"""Counts of several processes add up, samples are the newest, and noise cannot fill the disk."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec

from avow.flow.contract import Alert, KeyUse, RefusalCount, Store, Tally, TrafficCount, WriterSeen, Writes
from avow.trust.contact import ContactId
from tests.store.acme import ACME, GLOBEX, NOON, changed, person, write
from tests.store.conftest import Opening

REFUSED = RefusalCount(ACME, "signature_invalid", 100, 3, NOON, "web", "key1", "https://acme.example")


def nobody(number: int) -> ContactId:
    return ContactId(f"{number:024x}")


def seen(number: int, label: str, day: int = 7, attribute: str = "plan") -> WriterSeen:
    return WriterSeen(ACME, attribute, day, label, nobody(number), NOON + number)


async def living(store: Store, number: int) -> None:
    """So many people, whom `seen` may name."""
    await write(store, Writes(saves=tuple(changed(person(id=nobody(one))) for one in range(number))))


async def test_traffic_adds_up_over_batches_and_processes(opening: Opening) -> None:
    stores = [opening(), opening()]
    rows = tuple(TrafficCount(ACME, "plan", hour, kind, 1 + hour) for hour in (10, 11) for kind in ("signed", "fills"))
    for store in stores * 3:
        await write(store, Writes(tally=Tally(traffic=rows)))
    found = await stores[0].traffic(ACME, "plan", since_hour=10)
    assert {(row.hour, row.kind): row.count for row in found} == {
        (10, "fills"): 66,
        (10, "signed"): 66,
        (11, "fills"): 72,
        (11, "signed"): 72,
    }
    assert {row.hour for row in await stores[0].traffic(ACME, "plan", since_hour=11)} == {11}
    assert await stores[0].traffic(ACME, "seats", since_hour=0) == []
    assert await stores[0].traffic(GLOBEX, "plan", since_hour=0) == []


async def test_counting_at_the_same_time_loses_nothing(opening: Opening) -> None:
    stores = [opening(), opening()]
    rows = tuple(TrafficCount(ACME, f"a{number}", 1, "signed", 1) for number in range(20))
    batches = [rows, rows[::-1]]
    await asyncio.gather(*(write(stores[n % 2], Writes(tally=Tally(traffic=batches[n % 2]))) for n in range(12)))
    assert [row.count for row in await stores[0].traffic(ACME, "a3", since_hour=0)] == [12]


async def test_the_newest_refusal_is_the_sample(store: Store) -> None:
    later = msgspec.structs.replace(REFUSED, count=1, last_at=NOON + 5, platform="ios", kid=None, origin=None)
    earlier = msgspec.structs.replace(REFUSED, count=1, last_at=NOON - 5, origin="https://old.example")
    for row in (REFUSED, later, earlier):
        await write(store, Writes(tally=Tally(refusals=(row,))))
    other = msgspec.structs.replace(REFUSED, reason="token_expired", hour=99)
    await write(store, Writes(tally=Tally(refusals=(other,))))
    assert await store.refusals(ACME, since_hour=0) == [other, msgspec.structs.replace(later, count=5)]
    assert len(await store.refusals(ACME, since_hour=100)) == 1
    assert await store.refusals(GLOBEX, since_hour=0) == []


async def test_uses_of_a_key_add_up_and_the_last_one_is_known(store: Store) -> None:
    for at in (NOON + 3, NOON + 1):
        await write(
            store, Writes(tally=Tally(key_uses=(KeyUse(ACME, "key1", 7, 2, at), KeyUse(ACME, "key1", 8, 1, at))))
        )
    assert await store.key_uses(ACME, since_day=7) == [
        KeyUse(ACME, "key1", 7, 4, NOON + 3),
        KeyUse(ACME, "key1", 8, 2, NOON + 3),
    ]
    assert len(await store.key_uses(ACME, since_day=8)) == 1


async def test_an_alert_is_raised_once_a_day(store: Store) -> None:
    rows = [Alert(ACME, "leaked_secret", "key1", day, NOON + day) for day in (7, 8)]
    for row in (*rows, msgspec.structs.replace(rows[0], at=NOON + 99)):
        await write(store, Writes(tally=Tally(alerts=(row,))))
    assert await store.alerts(ACME, since_day=0) == rows
    assert await store.alerts(ACME, since_day=8) == rows[1:]


async def test_a_writer_is_named_once_for_each_label_and_day(store: Store) -> None:
    first = (seen(1, "app.acme.example/v1"), seen(2, "app.acme.example/v1"), seen(1, "app.acme.example/v2"))
    later = msgspec.structs.replace(first[0], at=NOON + 99)
    await living(store, 3)
    await write(store, Writes(tally=Tally(writers=first)))
    await write(store, Writes(tally=Tally(writers=(later, seen(1, "app.acme.example/v1", day=8)))))
    found = await store.writers(ACME, "plan", since_day=7)
    assert found == [*first, seen(1, "app.acme.example/v1", day=8)]
    assert len(await store.writers(ACME, "plan", since_day=8)) == 1


async def test_after_fifty_labels_a_day_the_rest_is_called_other(store: Store) -> None:
    await living(store, 1_000)
    for start in (0, 30, 60):
        rows = tuple(seen(number, f"page {number:02}") for number in range(start, start + 40))
        await write(store, Writes(tally=Tally(writers=rows)))
    labels = [row.label for row in await store.writers(ACME, "plan", since_day=0)]
    assert len(set(labels)) == 51
    assert labels.count("other") == 50
    await write(store, Writes(tally=Tally(writers=(seen(999, "page 07"), seen(999, "new page", day=8)))))
    found = {
        (row.label, row.day) for row in await store.writers(ACME, "plan", since_day=0) if row.contact_id == nobody(999)
    }
    assert found == {("page 07", 7), ("new page", 8)}


async def test_of_a_thousand_people_a_day_no_writer_takes_more_places_than_are_left_for_others(store: Store) -> None:
    await living(store, 1_500)
    for label in ("access token Sync", "page"):
        for start in range(0, 1_500, 250):
            rows = tuple(seen(number, label) for number in range(start, start + 250))
            await write(store, Writes(tally=Tally(writers=(*rows, seen(start, label, attribute="seats")))))
    labels = Counter(row.label for row in await store.writers(ACME, "plan", since_day=0))
    assert labels == {"access token Sync": 500, "page": 250}
    assert len(await store.writers(ACME, "seats", since_day=0)) == 12
