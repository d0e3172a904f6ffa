"""`POST /contacts/search`: Intercom's language, `verified` on any condition, pages, and errors that name their part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.office import Answer, Office

DAY = 86_400


async def find(office: Office, query: Any, **more: Any) -> Answer:
    return await office.rest("POST", "/contacts/search", {"query": query, **more})


async def found(office: Office, field: str, operator: str, *value: Any, **more: Any) -> list[str]:
    """The external ids of those who fit one condition, oldest first."""
    condition = {"field": field, "operator": operator, **({"value": value[0]} if value else {}), **more}
    answer = await find(office, condition, sort={"field": "created_at", "order": "ascending"})
    assert answer.status == 200, answer.body
    assert answer.body["total_count"] == len(answer.body["data"])
    return [contact["external_id"] for contact in answer.body["data"]]


@pytest.fixture
async def customers(office: Office) -> Office:
    """Three of Acme's."""
    for name, kind in {"plan": "string", "seats": "integer", "spend": "float", "trial": "boolean"}.items():
        await office.declare(name, kind)
    await office.declare("size", "options", options=[{"value": "small"}, {"value": "large"}])
    everybody: dict[str, dict[str, Any]] = {
        "alice": {"email": "Alice@Acme.example", "custom_attributes": {"plan": "Pro", "seats": 5, "size": "large"}},
        "bob": {"email": "bob@globex.example", "custom_attributes": {"plan": "free", "seats": 12, "spend": 0.5}},
        "carol": {"name": "Carol 100%", "custom_attributes": {"trial": True}},
    }
    for external_id, fields in everybody.items():
        office.clock.pass_(1)
        answer = await office.rest("POST", "/contacts", {"external_id": external_id, **fields})
        assert answer.status == 200, answer.body
    return office


CASES = [
    ("custom_attributes.plan", "=", "pro", "alice"),
    ("custom_attributes.plan", "!=", "PRO", "bob carol"),
    ("custom_attributes.plan", "IN", ["free", "pro"], "alice bob"),
    ("custom_attributes.plan", "NIN", ["free"], "alice carol"),
    ("custom_attributes.plan", "~", "R", "alice bob"),
    ("custom_attributes.plan", "!~", "fr", "alice carol"),
    ("custom_attributes.plan", "^", "p", "alice"),
    ("custom_attributes.plan", "$", "EE", "bob"),
    ("custom_attributes.seats", ">", 5, "bob"),
    ("custom_attributes.seats", ">=", "5", "alice bob"),
    ("custom_attributes.seats", "<", 12, "alice"),
    ("custom_attributes.seats", "<=", 12, "alice bob"),
    ("custom_attributes.spend", "=", 0.5, "bob"),
    ("custom_attributes.trial", "=", True, "carol"),
    ("custom_attributes.trial", "!=", True, "alice bob"),
    ("custom_attributes.size", "=", "large", "alice"),
    ("email", "=", "alice@acme.example", "alice"),
    ("email_domain", "=", "acme.example", "alice"),
    ("email", "!=", None, "alice bob"),
    ("email", "=", None, "carol"),
    ("email", "=", "", "carol"),
    ("name", "~", "0%", "carol"),
    ("external_id", "=", "alice", "alice"),
    ("external_id", "=", "ALICE", ""),
    ("external_id", "^", "AL", "alice"),
    ("role", "=", "user", "alice bob carol"),
    ("role", "=", "lead", ""),
    ("unsubscribed_from_emails", "=", False, "alice bob carol"),
    ("has_hard_bounced", "=", False, "alice bob carol"),
    ("location.country", "=", None, "alice bob carol"),
    ("browser", "=", "firefox", ""),
    ("last_contacted_at", ">", 1_700_000_000, ""),
    ("tag_id", "=", "7", ""),
    ("tag_id", "!=", "7", "alice bob carol"),
    ("segment_id", "=", "000000000000000000000001", "alice bob carol"),
    ("segment_id", "=", "000000000000000000000002", ""),
    ("segment_id", "!=", "000000000000000000000004", ""),
    ("segment_id", "=", "none", ""),
]


@pytest.mark.parametrize(("field", "operator", "value", "wanted"), CASES)
async def test_a_condition_finds_whom_it_describes(
    customers: Office, field: str, operator: str, value: Any, wanted: str
) -> None:
    assert await found(customers, field, operator, value) == wanted.split()


async def test_a_condition_without_a_value_asks_whether_there_is_one(customers: Office) -> None:
    """As Intercom's own client for Node asks it."""
    assert await found(customers, "external_id", "!=") == ["alice", "bob", "carol"]
    assert await found(customers, "custom_attributes.plan", "=") == ["carol"]


async def test_groups_hold_all_of_their_conditions_or_one(customers: Office) -> None:
    plan = {"field": "custom_attributes.plan", "operator": "!=", "value": None}
    seats = {"field": "custom_attributes.seats", "operator": ">", "value": 5}
    trial = {"field": "custom_attributes.trial", "operator": "=", "value": True}
    both = {"operator": "AND", "value": [plan, {"operator": "OR", "value": [seats, trial]}]}
    answer = await find(customers, both)
    assert [one["external_id"] for one in answer.body["data"]] == ["bob"]
    either = {"operator": "OR", "value": [{"operator": "AND", "value": [plan, seats]}, trial]}
    answer = await find(customers, either)
    assert [one["external_id"] for one in answer.body["data"]] == ["carol", "bob"]


async def test_dates_are_whole_days_of_the_workspaces_time_zone(office: Office) -> None:
    """Acme is in Berlin, where a day of January begins at 23:00 UTC."""
    await office.declare("renewal_at", "date")
    midnight = 1_735_686_000  # 2025-01-01 00:00 in Berlin
    for name, at in {
        "eve": midnight - 1,
        "first": midnight,
        "late": midnight + DAY - 1,
        "second": midnight + DAY,
    }.items():
        office.clock.pass_(1)
        await office.rest("POST", "/contacts", {"external_id": name, "custom_attributes": {"renewal_at": at}})
    field = "custom_attributes.renewal_at"
    for noon in (midnight + DAY // 2, str(midnight + 3600)):
        assert await found(office, field, "=", noon) == ["first", "late"]
        assert await found(office, field, ">", noon) == ["second"]
        assert await found(office, field, "<", noon) == ["eve"]
    assert await found(office, field, "!=") == ["eve", "first", "late", "second"]


async def test_a_verified_condition_reads_what_somebody_vouched_for(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    for name in ("alice", "bob", "carol", "dave"):
        office.clock.pass_(1)
        await office.rest("POST", "/contacts", {"external_id": name})
    await office.signed("alice", plan="free")
    await office.browser("alice", plan="pro")
    await office.browser("bob", plan="pro")
    await office.signed("carol", plan="pro")
    await office.signed("dave", plan="pro")
    await office.rest("PUT", f"/contacts/{(await office.known('dave')).id}", {"custom_attributes": {"plan": None}})
    field = "custom_attributes.plan"
    assert await found(office, field, "=", "pro") == ["alice", "bob", "carol"]
    assert await found(office, field, "=", "pro", verified=True) == ["carol"]
    assert await found(office, field, "=", "free", verified=True) == ["alice"]
    assert await found(office, field, "!=", "pro", verified=True) == ["alice", "dave"], "nobody vouched for bob"
    assert await found(office, field, "=", None, verified=True) == ["dave"]
    assert await found(office, field, "=", "pro", verified=False) == ["alice", "bob", "carol"]


CONDITION = {"field": "email", "operator": "=", "value": "x"}


async def test_pages_go_on_where_the_last_one_ended_in_every_order(customers: Office) -> None:
    query = {"field": "role", "operator": "=", "value": "user"}
    for field in ("created_at", "email", "custom_attributes.seats", "last_contacted_at", "id", "name", "last_seen_at"):
        for order in ("ascending", "descending"):
            sort, seen, cursor = {"field": field, "order": order}, [], None
            while True:
                pagination = {"per_page": 1, "starting_after": cursor}
                body = (await find(customers, query, sort=sort, pagination=pagination)).body
                assert (body["total_count"], body["pages"]["total_pages"]) == (3, 3)
                assert body["pages"]["page"] == len(seen) + 1
                seen += [one["external_id"] for one in body["data"]]
                if "next" not in body["pages"]:
                    break
                cursor = body["pages"]["next"]["starting_after"]
            assert sorted(seen) == ["alice", "bob", "carol"], (field, order, seen)


async def test_unset_values_come_last_in_either_order(customers: Office) -> None:
    query = {"field": "role", "operator": "=", "value": "user"}
    orders = {}
    for order in ("ascending", "descending"):
        answer = await find(customers, query, sort={"field": "custom_attributes.seats", "order": order})
        orders[order] = [one["external_id"] for one in answer.body["data"]]
    assert orders == {"ascending": ["alice", "bob", "carol"], "descending": ["bob", "alice", "carol"]}


async def test_a_cursor_belongs_to_its_order(customers: Office) -> None:
    query = {"field": "role", "operator": "=", "value": "user"}
    body = (await find(customers, query, pagination={"per_page": 1})).body
    cursor = body["pages"]["next"]["starting_after"]
    answer = await find(customers, query, pagination={"starting_after": cursor}, sort={"field": "email"})
    assert answer.errors == [("client_error", "pagination.starting_after")]


async def test_fifty_come_on_a_page_unless_somebody_asks_for_more(office: Office) -> None:
    body = (await find(office, CONDITION)).body
    assert body == {
        "type": "list",
        "data": [],
        "total_count": 0,
        "pages": {"type": "pages", "page": 1, "per_page": 50, "total_pages": 0},
    }


async def test_a_search_that_looks_at_everybody_says_for_which_fields(customers: Office) -> None:
    slow = {"field": "custom_attributes.plan", "operator": "=", "value": "pro"}
    assert (await find(customers, slow)).body["slow_fields"] == ["custom_attributes.plan"]
    for fast in (
        CONDITION,
        {"field": "role", "operator": "=", "value": "user"},
        {"field": "tag_id", "operator": "=", "value": "1"},
    ):
        assert "slow_fields" not in (await find(customers, fast)).body
    assert (await find(customers, {"operator": "OR", "value": [CONDITION, slow]})).body["slow_fields"] == [
        "custom_attributes.plan"
    ]


async def test_a_total_beyond_what_is_counted_says_that_it_is_capped(
    customers: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avow.flow.search.searching.MOST_COUNTED", 2)
    query = {"field": "role", "operator": "=", "value": "user"}
    body = (await find(customers, query, pagination={"per_page": 1})).body
    assert (body["total_count"], body["total_count_capped"]) == (2, True)


async def test_leftovers_of_browsers_are_found_as_they_are_shown(office: Office) -> None:
    """They were written before anybody vouched for the attribute, as text; today it is a number."""
    await office.policy(may_create="anyone")
    for name, value in {"alice": "42", "bob": "many", "carol": "42"}.items():
        office.clock.pass_(1)
        await office.browser(name, rooms=value)
    office.clock.pass_(5)
    await office.declare("rooms", "integer", messenger_writable=True)
    office.clock.pass_(5)
    await office.signed("dave", rooms=42)
    answer = await find(office, {"field": "custom_attributes.rooms", "operator": "=", "value": 42})
    assert [one["external_id"] for one in answer.body["data"]] == ["dave", "carol", "alice"]
    assert answer.body["total_count_approximate"] is True
    unset = await find(office, {"field": "custom_attributes.rooms", "operator": "=", "value": None})
    assert [one["external_id"] for one in unset.body["data"]] == ["bob"]
