"""Is it safe to lock? Asked of real counters: what pages send, as it was told apart when it arrived."""

from __future__ import annotations

import asyncio

from avow.flow import readiness
from avow.flow.contract import Tally, TrafficCount, WriterSeen, Writes
from avow.flow.readiness import Report
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import ContactId
from avow.trust.readiness import Readiness
from avow.trust.traffic import TrafficClass
from tests.support.office import Office

HOUR, DAY = 3_600, 86_400
PLAN = Attribute(1_000, "plan", AttributeType.STRING, Enforcement.OPEN)


async def counted(
    office: Office,
    *,
    traffic: dict[tuple[TrafficClass, float], int],
    writers: dict[tuple[str, int], float] | None = None,
) -> Report:
    """Counters as if these had arrived: class and age in seconds → how many; label and person → age in seconds."""
    now, workspace = office.clock(), office.workspace_id
    tally = Tally(
        traffic=tuple(
            TrafficCount(workspace, "plan", int((now - age) // HOUR), kind, count)
            for (kind, age), count in traffic.items()
        ),
        writers=tuple(
            WriterSeen(workspace, "plan", int((now - age) // DAY), label, ContactId(f"{person:024x}"), now - age)
            for (label, person), age in (writers or {}).items()
        ),
    )
    async with office.engine.store.transaction([workspace]) as transaction:
        await transaction.write(Writes(tally=tally))
        await transaction.commit()
    return await readiness.report(office.engine.store, workspace, PLAN, now)


async def test_each_stretch_of_time_counts_its_own(office: Office) -> None:
    report = await counted(
        office,
        traffic={
            (TrafficClass.SIGNED, HOUR): 8,
            (TrafficClass.REPEATS, 2 * HOUR): 2,
            (TrafficClass.CHANGES, 3 * DAY): 4,
            (TrafficClass.CONTRADICTS, 20 * DAY): 1,
            (TrafficClass.CONTRADICTS, 40 * DAY): 1,
        },
    )
    states = {name: window.state for name, window in report.windows.items()}
    assert states == {"24h": Readiness.READY, "7d": Readiness.NOT_YET, "30d": Readiness.CONTRADICTED}
    assert report.headline is report.windows["7d"]
    assert report.windows["24h"].signed_share == 0.8
    assert report.windows["30d"].counts[TrafficClass.CONTRADICTS] == 1


async def test_people_are_counted_once_however_often_they_come_and_from_wherever(office: Office) -> None:
    report = await counted(
        office,
        traffic={(TrafficClass.SIGNED, 0): 1, (TrafficClass.FILLS, 0): 9},
        writers={("app.acme.example/v1", person): 0 for person in range(12)}
        | {("app.acme.example/v2", 1): DAY, ("app.acme.example/v2", 40): DAY}
        | {("old.acme.example", 7): 20 * DAY},
    )
    assert report.headline.sentence == (
        "Not yet: 12 people on app.acme.example/v1 and 1 elsewhere still send it unsigned"
    )
    assert report.headline.people == 13
    assert {one.label: one.people for one in report.windows["30d"].writers}["old.acme.example"] == 1


async def test_it_says_when_a_write_of_either_kind_came_last(office: Office) -> None:
    report = await counted(
        office,
        traffic={
            (TrafficClass.SIGNED, 5 * HOUR): 1,
            (TrafficClass.SIGNED, 2 * HOUR): 1,
            (TrafficClass.FILLS, 9 * DAY): 1,
            (TrafficClass.UNPROVEN_FILLS, 0): 1,
        },
    )
    assert report.last_signed_at == (office.clock() - 2 * HOUR) // HOUR * HOUR
    assert report.last_unsigned_at == (office.clock() - 9 * DAY) // HOUR * HOUR


async def test_what_pages_send_arrives_in_the_counters(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.signed("alice", plan="pro")
    await office.browser("alice", plan="pro")
    await office.browser("alice", plan="enterprise")
    await office.forged("bob", plan="free")
    for _ in range(40):
        await asyncio.sleep(0.05)
        answer = (await office.rest("GET", "/data_attributes/plan/readiness")).body
        if answer["windows"]["24h"]["counts"]["contradicts"]:
            break
    day = answer["windows"]["24h"]
    assert day["counts"] == {"signed": 1, "repeats": 1, "fills": 0, "changes": 0, "contradicts": 1}
    assert day["unproven"]["fills"] == 1
    assert [(one["label"], one["people"]) for one in day["writers"]] == [("app.acme.example/v1 (snippet 3)", 1)]
    assert answer["sentence"] == "Unsigned writes contradict verified values"
