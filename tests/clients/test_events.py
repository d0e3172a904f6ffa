"""Events by Intercom's own clients: tracked, listed, counted."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import intercom
import pytest
from intercom.core.api_error import ApiError
from intercom.events import CreateDataEventSummariesRequestEventSummaries as Count

from tests.clients.cast import Acme, codes


def track(acme: Acme, user_id: str, name: str = "ordered", at: int | None = None, **metadata: str) -> None:
    told = acme.client.events.create(
        request=intercom.CreateDataEventRequestWithUserId(
            user_id=user_id, event_name=name, created_at=at or int(time.time()), metadata=metadata
        )
    )
    assert told is None, "202, without a body"


def test_an_event_is_tracked_by_each_name_of_a_user(acme: Acme) -> None:
    email, now = f"{acme.name('alice')}@customer.example", int(time.time())
    alice = acme.user(email=email)
    track(acme, alice.external_id, "by-user-id", now - 2, order="42")
    by_id = intercom.CreateDataEventRequestWithId(id=alice.id, event_name="by-id", created_at=now - 1)
    by_email = intercom.CreateDataEventRequestWithEmail(email=email, event_name="by-email", created_at=now)
    assert [acme.client.events.create(request=one) for one in (by_id, by_email)] == [None, None]
    told = acme.client.events.list(type="user", user_id=alice.external_id)
    assert (told.type, told.intercom_user_id, told.user_id, told.email) == (
        "event.list",
        alice.id,
        alice.external_id,
        email,
    )
    assert [one.event_name for one in told.events] == ["by-email", "by-id", "by-user-id"]
    assert [one.created_at for one in told.events] == [now, now - 1, now - 2]
    assert told.events[2].metadata == {"order": "42"}
    for named in ({"intercom_user_id": alice.id}, {"email": email}):
        assert [one.id for one in acme.client.events.list(type="user", **named).events] == [e.id for e in told.events]


def test_one_event_told_twice_is_one(acme: Acme) -> None:
    alice, now = acme.user(), int(time.time())
    for _ in range(2):
        track(acme, alice.external_id, "ordered", now)
    assert len(acme.client.events.list(type="user", user_id=alice.external_id).events) == 1


def test_older_events_come_with_the_address_of_the_next_page(acme: Acme) -> None:
    alice, now = acme.user(), int(time.time())
    for number in range(5):
        track(acme, alice.external_id, f"step-{number}", now - number)
    seen: list[str] = []
    more: Any = {}
    while True:
        page = acme.client.events.list(type="user", intercom_user_id=alice.id, per_page=2, request_options=more)
        seen += [one.event_name for one in page.events]
        if "next" not in page.pages:
            break
        before = parse_qs(urlsplit(page.pages["next"]).query)["before"][0]
        more = {"additional_query_parameters": {"before": before}}
    assert seen == [f"step-{number}" for number in range(5)]


def test_events_are_counted_with_those_before_their_time(acme: Acme) -> None:
    alice = acme.user()
    handed_in = Count(event_name="ordered", count=12, first=1_600_000_000, last=1_700_000_000)
    assert acme.client.events.summaries(user_id=alice.external_id, event_summaries=handed_in) is None
    track(acme, alice.external_id, "invited")
    told = acme.client.events.list(type="user", user_id=alice.external_id, summary=True)
    counted = {one.name: one for one in told.events}
    assert (told.type, told.user_id) == ("event.summary", alice.external_id)
    assert (counted["ordered"].count, counted["invited"].count) == (12, 1)
    assert counted["ordered"].first.startswith("2020-09-13T12:26:40")
    assert counted["ordered"].last.startswith("2023-11-14T22:13:20")


def test_events_of_nobody_are_refused(acme: Acme) -> None:
    nobody, now = acme.name("nobody"), int(time.time())
    request = intercom.CreateDataEventRequestWithUserId(user_id=nobody, event_name="ordered", created_at=now)
    for ask in (
        lambda: acme.client.events.create(request=request),
        lambda: acme.client.events.list(type="user", user_id=nobody),
    ):
        with pytest.raises(ApiError) as refused:
            ask()
        assert (refused.value.status_code, codes(refused.value)) == (404, ["not_found"])
    with pytest.raises(ApiError) as refused:
        acme.client.events.list(type="user")
    assert codes(refused.value) == ["parameter_not_found"]


def test_node_tracks_lists_and_counts(acme: Acme) -> None:
    told = acme.node("events")
    assert told["tracked"] == [None, None], "202, without a body"
    first, second = told["listed"]["events"]
    assert (first["event_name"], second["event_name"]) == ("invited", "ordered")
    assert second["metadata"] == {
        "order": 42,
        "price": {"amount": 34999, "currency": "eur"},
        "article": {"url": "https://acme.example/1", "value": "One"},
    }
    assert {one["name"]: one["count"] for one in told["summary"]["events"]} == {"invited": 1, "ordered": 8}
    assert (told["refused"]["kind"], told["refused"]["status"]) == ("IntercomError", 404)
