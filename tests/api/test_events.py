"""Events by REST: stored once for whom they are about, listed for 90 days, counted for ever."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.access import Mode, Scope
from tests.support.office import START, Office

AT = int(START) - 100
DAY = 86_400


async def track(office: Office, name: str = "ordered", at: int = AT, **fields: Any) -> int:
    whom = {} if {"id", "user_id", "email"} & fields.keys() else {"user_id": "alice"}
    answer = await office.rest("POST", "/events", {"event_name": name, "created_at": at, **whom, **fields})
    assert answer.body is None or answer.status >= 400
    return answer.status


async def listed(office: Office, query: str = "user_id=alice") -> Any:
    answer = await office.rest("GET", f"/events?type=user&{query}")
    assert answer.status == 200, answer.body
    return answer.body


async def test_an_event_is_taken_without_a_word_and_listed(office: Office) -> None:
    alice = await office.alice(email="alice@customer.example")
    assert await track(office, metadata={"price": {"amount": 349, "currency": "eur"}, "rush": True}) == 202
    body = await listed(office)
    whose = {"intercom_user_id": alice, "user_id": "alice", "email": "alice@customer.example"}
    assert body == {
        "type": "event.list",
        **whose,
        "events": [
            {
                "type": "event",
                "id": body["events"][0]["id"],
                "event_name": "ordered",
                "created_at": AT,
                **whose,
                "metadata": {"price": {"amount": 349, "currency": "eur"}, "rush": True},
                "verified": True,
            }
        ],
        "pages": {},
    }


async def test_the_same_event_told_twice_is_one(office: Office) -> None:
    await office.alice()
    for metadata in ({"n": 1}, {"n": 2}):
        assert await track(office, metadata=metadata) == 202
    assert await track(office, at=AT + 1) == 202
    assert await track(office, "left") == 202
    events = (await listed(office))["events"]
    assert [(one["event_name"], one["created_at"]) for one in events].count(("ordered", AT)) == 1
    assert len(events) == 3
    assert {one["metadata"].get("n") for one in events} == {1, None}


async def test_a_lead_is_named_by_id(office: Office) -> None:
    lead = (await office.rest("POST", "/contacts", {"role": "lead", "email": "lea@customer.example"})).body["id"]
    assert await track(office, id=lead) == 202
    assert len((await listed(office, f"intercom_user_id={lead}"))["events"]) == 1
    assert await track(office, email="lea@customer.example") == 404


async def test_names_that_lead_to_different_people_are_ambiguous(office: Office) -> None:
    """Whoever mixes two people up is told, instead of one of them being taken."""
    alice = await office.alice(email="alice@customer.example")
    lead = (await office.rest("POST", "/contacts", {"role": "lead", "email": "lea@customer.example"})).body["id"]
    bob = await office.rest("POST", "/contacts", {"external_id": "bob", "email": "bob@customer.example"})
    for whom, field in (
        ({"id": lead, "user_id": "alice"}, "user_id"),
        ({"id": bob.body["id"], "user_id": "alice"}, "user_id"),
        ({"id": alice, "user_id": "nobody"}, "user_id"),
        ({"user_id": "alice", "email": "Bob@customer.example"}, "email"),
        ({"id": alice, "user_id": "alice", "email": "bob@customer.example"}, "email"),
    ):
        body = {"event_name": "ordered", "created_at": AT, **whom}
        answer = await office.rest("POST", "/events", body)
        assert (answer.status, answer.errors) == (400, [("parameter_invalid", field)]), whom
    assert (await listed(office))["events"] == []
    assert await track(office, id=alice, user_id="alice", email="ALICE@customer.example") == 202
    assert await track(office, "left", user_id="alice", email="new@customer.example") == 202, "nobody has it"
    assert [one["verified"] for one in (await listed(office))["events"]] == [True, True]


async def test_an_address_that_only_a_lead_has_is_nobody_elses(office: Office) -> None:
    """An address names no lead, so it cannot contradict whom the user_id names."""
    await office.alice()
    await office.rest("POST", "/contacts", {"role": "lead", "email": "alice@customer.example"})
    assert await track(office, user_id="alice", email="alice@customer.example") == 202
    assert len((await listed(office))["events"]) == 1


async def test_a_summary_of_two_people_is_refused_too(office: Office) -> None:
    await office.alice()
    bob = await office.rest("POST", "/contacts", {"external_id": "bob", "email": "bob@customer.example"})
    summary = {"event_name": "ordered", "count": 4, "first": AT - 50, "last": AT - 10}
    for other, field in (({"email": "bob@customer.example"}, "email"), ({"id": bob.body["id"]}, "user_id")):
        body = {"user_id": "alice", **other, "event_summaries": summary}
        answer = await office.rest("POST", "/events/summaries", body)
        assert (answer.status, answer.errors) == (400, [("parameter_invalid", field)])
    assert (await listed(office, "user_id=bob&summary=true"))["events"] == []


async def test_mallory_stops_no_event_by_claiming_an_address(office: Office) -> None:
    await office.alice()
    await office.browser("mallory", email="alice@customer.example")
    assert await track(office, user_id="alice", email="alice@customer.example") == 202
    assert len((await listed(office))["events"]) == 1


async def test_who_is_not_there_is_not_found_and_not_made(office: Office) -> None:
    for whom in ({"user_id": "bob"}, {"id": "f" * 24}, {"id": "x"}, {"id": 7}, {"email": "bob@customer.example"}):
        assert await track(office, **whom) == 404
    assert (await office.rest("GET", "/contacts")).body["total_count"] == 0


async def test_several_users_of_one_address_are_not_guessed_among(office: Office) -> None:
    email = "office@customer.example"
    for name in ("alice", "bob"):
        await office.rest("POST", "/contacts", {"external_id": name, "email": email})
    assert await track(office, email=email) == 409
    answer = await office.rest("GET", f"/events?type=user&email={email}")
    assert (answer.status, answer.errors) == (409, [("conflict", "email")])


async def test_mallory_is_not_vouched_for_by_claiming_alices_address(office: Office) -> None:
    """Her browser says that she is alice@…: what the company says of that address is Alice's, or nobody's for sure."""
    email = "alice@customer.example"
    await office.browser("mallory", email=email)
    assert await track(office, email=email) == 202
    (event,) = (await listed(office, "user_id=mallory"))["events"]
    assert event["verified"] is False
    await office.alice(email=email)
    assert await track(office, "paid", email=email) == 202
    assert [one["event_name"] for one in (await listed(office, "user_id=mallory"))["events"]] == ["ordered"]
    assert [one["verified"] for one in (await listed(office))["events"]] == [True]


async def test_who_only_relays_verifies_no_event(office: Office) -> None:
    await office.alice()
    relay = await office.token(Mode.RELAYING)
    body = {"event_name": "ordered", "created_at": AT, "user_id": "alice"}
    assert (await office.rest("POST", "/events", body, token=relay)).status == 202
    assert [one["verified"] for one in (await listed(office))["events"]] == [False]
    assert await track(office, metadata={"order": 7}) == 202
    for _ in range(2):
        (event,) = (await listed(office))["events"]
        assert (event["verified"], event["metadata"]) == (True, {"order": 7}), "who came first keeps out no backend"
        await office.rest("POST", "/events", {**body, "metadata": {"order": 0}}, token=relay)


async def test_events_come_newest_first_page_by_page(office: Office) -> None:
    await office.alice()
    for number in range(7):
        await track(office, f"e{number}", AT + number // 2)
    page, names = await listed(office, "user_id=alice&per_page=3"), []
    while True:
        names += [(one["created_at"], one["event_name"]) for one in page["events"]]
        if "next" not in page["pages"]:
            break
        assert len(page["events"]) == 3
        page = (await office.rest("GET", page["pages"]["next"])).body
    assert sorted(names) == [(AT + number // 2, f"e{number}") for number in range(7)]
    assert [at for at, _ in names] == sorted((at for at, _ in names), reverse=True)
    recent = await listed(office, f"user_id=alice&since={AT + 2}&before={AT + 3}")
    assert {one["event_name"] for one in recent["events"]} == {"e4", "e5"}


async def test_pages_of_what_came_since_end_there(office: Office) -> None:
    await office.alice()
    for number in range(6):
        await track(office, at=AT + number)
    page, times = await listed(office, f"user_id=alice&per_page=2&since={AT + 2}"), []
    while page["events"]:
        times += [one["created_at"] for one in page["events"]]
        following = page["pages"].get("next")
        page = (await office.rest("GET", following)).body if following else {"events": []}
    assert times == [AT + 5, AT + 4, AT + 3, AT + 2]


async def test_lists_go_back_90_days_and_summaries_for_ever(office: Office) -> None:
    await office.alice()
    await track(office, at=int(START) - 91 * DAY)
    await track(office, at=int(START) - 89 * DAY)
    assert [one["created_at"] for one in (await listed(office))["events"]] == [int(START) - 89 * DAY]
    body = await listed(office, "user_id=alice&summary=true")
    assert (body["type"], len(body["events"])) == ("event.summary", 1)
    assert body["events"][0] == {
        "name": "ordered",
        "first": "2026-10-16T08:00:00.000+00:00",
        "last": "2026-10-18T08:00:00.000+00:00",
        "count": 2,
    }


async def test_what_happened_before_is_counted_with_what_is_tracked(office: Office) -> None:
    await office.alice()
    await track(office)
    for count in (4, 9):
        summary = {"event_name": "ordered", "count": count, "first": AT - 50, "last": AT - 10}
        body = {"user_id": "alice", "event_summaries": summary}
        answer = await office.rest("POST", "/events/summaries", body)
        assert (answer.status, answer.body) == (200, None)
    (counted,) = (await listed(office, "user_id=alice&summary=true"))["events"]
    assert (counted["count"], counted["first"] < counted["last"]) == (10, True)


async def test_a_browsers_events_are_listed_beside_and_not_verified(office: Office) -> None:
    await office.signed("alice", name="Alice")
    assert await track(office) == 202
    assert [one["verified"] for one in (await listed(office))["events"]] == [True]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_name", None),
        ("event_name", " "),
        ("event_name", 7),
        ("event_name", "x" * 121),
        ("created_at", None),
        ("created_at", "yesterday"),
        ("created_at", -1),
        ("created_at", 1.5),
        ("created_at", True),
        ("created_at", AT * 1000),
        ("created_at", AT + 3600),
        ("created_at", 10**30),
        ("user_id", {}),
        ("user_id", " "),
        ("user_id", "x" * 256),
        ("metadata", []),
        ("metadata", "x"),
        ("metadata", {f"k{number}": number for number in range(11)}),
        ("metadata.a", {"a": [1]}),
        ("metadata.a", {"a": {"b": {}}}),
        ("metadata.a", {"a": {"url": "x"}}),
        ("metadata.a", {"a": {"amount": "1", "currency": "eur"}}),
        ("metadata", {"": 1}),
        ("metadata", {"a": "x" * 5_000}),
        ("metadata." + "x" * 64, {"x" * 191: 1}),
    ],
)
async def test_what_is_no_event_is_refused_and_nothing_is_stored(office: Office, field: str, value: Any) -> None:
    await office.alice()
    named, _, _ = field.partition(".")
    body = {"event_name": "ordered", "created_at": AT, "user_id": "alice", named: value}
    answer = await office.rest("POST", "/events", body)
    assert (answer.status, answer.errors[0][1]) == (400, field)
    assert (await listed(office))["events"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("user_id=alice", "type"),
        ("type=company&user_id=alice", "type"),
        ("type=user", "user_id"),
        ("type=user&user_id=alice&email=a@b.example", "user_id"),
        ("type=user&user_id=alice&per_page=0", "per_page"),
        ("type=user&user_id=alice&before=x", "before"),
        ("type=user&user_id=alice&before=1.5-zz", "before"),
        ("type=user&user_id=alice&since=-1", "since"),
        ("type=user&user_id=alice&summary=maybe", "summary"),
    ],
)
async def test_a_question_that_is_none_is_refused(office: Office, query: str, field: str) -> None:
    await office.alice()
    answer = await office.rest("GET", f"/events?{query}")
    assert (answer.status, answer.errors[0][1]) == (400, field)


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", 0), ("count", -1), ("count", 2**63), ("count", "3"), ("first", None), ("last", 0), ("last", AT + 9999)],
)
async def test_a_summary_that_cannot_be_is_refused(office: Office, field: str, value: Any) -> None:
    await office.alice()
    summary = {"event_name": "ordered", "count": 1, "first": AT - 50, "last": AT, field: value}
    answer = await office.rest("POST", "/events/summaries", {"user_id": "alice", "event_summaries": summary})
    assert (answer.status, answer.errors[0][1]) == (400, field)
    assert (await listed(office, "user_id=alice&summary=true"))["events"] == []


async def test_who_may_only_read_tracks_nothing(office: Office) -> None:
    await office.alice()
    reader = await office.token(Mode.VOUCHING, Scope.READ_CONTACTS)
    body = {"event_name": "ordered", "created_at": AT, "user_id": "alice"}
    assert (await office.rest("POST", "/events", body, token=reader)).status == 403
    assert (await listed(office))["events"] == []
