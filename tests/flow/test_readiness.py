"""Is it safe to lock? Asked of real counters: what pages send, as it was told apart when it arrived."""

from __future__ import annotations

import asyncio

import pytest

from avow.flow import attributes, readiness
from avow.flow.bookkeeping.tally import label_of
from avow.flow.contract import Tally, TrafficCount, WriterSeen, Writes
from avow.flow.readiness import Report
from avow.flow.updates.submissions import Submission
from avow.flow.updates.update import MessengerUpdate
from avow.sign import sign
from avow.trust.access import Mode
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import Channel
from avow.trust.policy import Platform
from avow.trust.readiness import Assessment, Readiness
from avow.trust.token import verify
from avow.trust.traffic import TrafficClass, is_of_page, label_without_page
from avow.trust.weighing.voice import Page
from tests.store.acme import changed, contact_id, person
from tests.support.office import PAGE, Office
from tests.support.settling import settled
from tests.support.sheets import csv, imported

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
            WriterSeen(workspace, "plan", int((now - age) // DAY), label, contact_id(number), now - age)
            for (label, number), age in (writers or {}).items()
        ),
    )
    people = {writer.contact_id: changed(person(workspace, id=writer.contact_id)) for writer in tally.writers}
    async with office.engine.store.transaction([workspace]) as transaction:
        await transaction.write(Writes(saves=tuple(people.values()), tally=tally))
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


async def test_somebody_erased_before_she_was_counted_is_not_named(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    alice = await office.alice()
    await office.browser("bob", plan="free")
    await office.browser("alice", plan="pro")
    assert (await office.rest("DELETE", f"/contacts/{alice}")).status == 200
    await settled(office.engine, office.workspace_id)
    named = await office.engine.store.writers(office.workspace_id, "plan", since_day=0)
    assert [one.contact_id for one in named] == [(await office.known("bob")).id]


async def report_of(office: Office, name: str) -> Assessment:
    await settled(office.engine, office.workspace_id)
    attribute = (await attributes.every(office.engine.store, office.workspace_id))[name]
    return (await readiness.report(office.engine.store, office.workspace_id, attribute, office.clock())).headline


async def test_an_attribute_that_a_sync_writes_back_is_not_ready_and_the_sync_is_named(office: Office) -> None:
    """Its values are the first that a lock would ignore, and no page tells of them."""
    for name in ("plan", "seats"):
        await office.declare(name, messenger_writable=True)
    alice = await office.alice()
    await office.signed("alice", plan="pro")
    await office.signed("bob", seats="5")
    sync = await office.token(Mode.RELAYING)
    for plan in ("pro", "pro"):
        await office.rest("PUT", f"/contacts/{alice}", {"custom_attributes": {"plan": plan}}, token=sync)
    assert (await report_of(office, "plan")).sentence == "Ready: unsigned writes only repeat what is known"
    for seats in ("6", "7"):
        written = await office.rest("PUT", f"/contacts/{alice}", {"custom_attributes": {"seats": seats}}, token=sync)
        assert written.status == 200
    await office.rest("POST", "/contacts", {"external_id": "eve", "custom_attributes": {"seats": "1"}}, token=sync)
    found = await report_of(office, "seats")
    assert (found.state, found.sentence) == (
        Readiness.NOT_YET, "Not yet: access token Other still writes it unsigned, of 2 people",
    )  # fmt: skip
    assert (found.counts[TrafficClass.FILLS], found.counts[TrafficClass.CHANGES]) == (2, 1)
    await office.rest("PUT", f"/contacts/{alice}", {"custom_attributes": {"plan": "free"}}, token=sync)
    assert (await report_of(office, "plan")).state is Readiness.CONTRADICTED


@pytest.mark.parametrize("dry_run", [False, True])
async def test_an_import_that_relays_is_counted_when_it_writes(office: Office, dry_run: bool) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.signed("bob", plan="pro")
    content = csv("external_id,plan", "alice,free", "carol,free")
    await imported(office, content, mode=Mode.RELAYING, dry_run=dry_run)
    found = await report_of(office, "plan")
    assert found.counts[TrafficClass.FILLS] == (0 if dry_run else 2)
    assert [(one.label, one.people) for one in found.writers] == ([] if dry_run else [("import by cli:olive", 2)])


async def test_what_vouches_without_a_token_is_no_unsigned_write(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.alice(custom_attributes={"plan": "pro"})
    await imported(office, csv("external_id,plan", "alice,free"))
    assert sum((await report_of(office, "plan")).counts.values()) == 0


async def observed(office: Office, values: dict[str, str]) -> None:
    """A visit of Alice's, of which the server sees these."""
    rules, now = await office.engine.rulebook.current(office.workspace_id), office.clock()
    token = sign("alice", {}, key=office.secret, kid=office.kid, now=now)
    claims = verify(token, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=now)
    visit = Submission(office.workspace_id, Platform.WEB, rules.version, claims, observed=values, page=PAGE)
    await office.engine.committer.submit(MessengerUpdate(visit))


async def test_what_a_page_lets_the_server_observe_counts_where_it_arrives_signed(office: Office) -> None:
    await office.signed("alice", referrer="https://acme.example/")
    for said in ("https://acme.example/", "https://mallory.example/"):
        for name in ("referrer", "utm_source"):
            await observed(office, {name: said})
    found = await report_of(office, "referrer")
    assert (found.state, found.counts[TrafficClass.CONTRADICTS]) == (Readiness.CONTRADICTED, 1)
    assert [one.label for one in found.writers] == ["app.acme.example/v1 (snippet 3)"]
    assert sum((await report_of(office, "utm_source")).counts.values()) == 0


@pytest.mark.parametrize(
    "origin", ["https://access token Sync", "https://import by olive", "https://workflow\u2003x@y"]
)
def test_no_page_is_called_like_a_token_that_relays(origin: str) -> None:
    label = label_of(Page(origin, "/a"))
    assert is_of_page(label)
    assert not is_of_page(label_without_page(Channel.API, "Sync"))
