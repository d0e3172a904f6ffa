"""What becomes of words that overtake each other, and of those whose answer is lost? The newest stands, and nothing is
said twice."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.cast import HIDE, Cast, Seen, call, until

EVENTS = "**/messenger/web/events"
PINGS = "**/messenger/web/ping"


def _alice(cast: Cast) -> tuple[Page, Seen]:
    page, seen = cast.snippet({"intercom_user_jwt": cast.token()})
    until(cast.contact, page)
    return page, seen


def _hold(page: Page, pattern: str, most: int) -> list[Any]:
    """The next requests, to be answered by hand; whatever comes after them passes."""
    held: list[Any] = []
    page.route(pattern, lambda route: held.append(route) if len(held) < most else route.continue_())
    return held


def _lose_answer(page: Page, pattern: str) -> list[Any]:
    """The next request arrives, but nobody hears so."""
    lost: list[Any] = []

    def handle(route: Any) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    page.route(pattern, handle)
    return lost


@pytest.mark.parametrize("newer", ["fails, too", "is delivered"])
def test_an_older_word_that_fails_never_replaces_a_newer_one(cast: Cast, newer: str) -> None:
    page, seen = _alice(cast)
    held = _hold(page, PINGS, 2)
    call(page, "update", {"seats": 1, "city": "Rome"})
    until(lambda: len(held) == 1, page)
    call(page, "update", {"seats": 2})
    page.evaluate(HIDE)
    until(lambda: len(held) == 2, page)
    if newer == "is delivered":
        held[1].continue_()
        until(lambda: cast.values().get("seats") == 2, page)
        page.wait_for_timeout(100)
    held[0].abort()
    if newer == "fails, too":
        page.wait_for_timeout(100)
        held[1].abort()
    until(lambda: cast.values().get("city") == "Rome", page)
    page.wait_for_timeout(300)
    assert cast.values()["seats"] == 2
    words = [one["seats"] for one in seen.user_data() if "seats" in one]
    assert words == ([1, 2, 2] if newer == "fails, too" else [1, 2])


def test_a_word_said_while_a_hidden_tab_still_sends_waits_for_its_turn(cast: Cast) -> None:
    page, seen = _alice(cast)
    held = _hold(page, PINGS, 1)
    page.evaluate(f"() => {{ Intercom('update', {{ seats: 1 }}); ({HIDE})(); }}")
    until(lambda: len(held) == 1, page)
    call(page, "update", {"seats": 2})
    page.wait_for_timeout(300)
    assert len(seen.user_data()) == 2
    held[0].continue_()
    until(lambda: cast.values().get("seats") == 2, page)


def test_a_retry_is_the_same_request_wherever_the_page_has_gone(cast: Cast) -> None:
    page, seen = _alice(cast)
    assert _lose_answer(page, EVENTS) == []
    call(page, "trackEvent", "signed up")
    until(lambda: cast.events() == ["signed up"], page)
    page.evaluate("() => history.pushState({}, '', '/pricing')")
    until(lambda: len([one for one in seen.sent if one["route"] == "events"]) == 2, page)
    page.wait_for_timeout(300)
    first, second = [one for one in seen.sent if one["route"] == "events"]
    assert first == second
    assert cast.events() == ["signed up"]
    assert [line for line in seen.console if "refused" in line] == []


def test_what_was_taken_with_an_earlier_token_is_not_called_refused(cast: Cast) -> None:
    page, seen = cast.plain()
    page.clock.install()
    page.reload()
    cast.site.sign = cast.token
    boot = "(app) => Intercom('boot', { app_id: app, getToken: async () => (await fetch('/token')).text() })"
    page.evaluate(boot, cast.made.workspace_id)
    until(cast.contact, page)
    _lose_answer(page, PINGS)
    call(page, "update", {"seats": 5})
    until(lambda: cast.values().get("seats") == 5, page)
    page.wait_for_timeout(200)
    cast.site.sign = lambda: cast.token(plan="pro")
    page.clock.fast_forward(3_590_000)
    until(lambda: cast.values().get("plan") == "pro", page)
    assert [line for line in seen.console if "refused" in line] == []
    assert [one.get("seats") for one in seen.user_data()] == [None, 5, 5, None]


def test_events_on_their_way_are_left_to_their_request_when_a_tab_is_hidden(cast: Cast) -> None:
    page, seen = _alice(cast)
    held = _hold(page, EVENTS, 1)
    call(page, "trackEvent", "signed up")
    until(lambda: held, page)
    page.evaluate(HIDE)
    page.wait_for_timeout(300)
    assert len([one for one in seen.sent if one["route"] == "events"]) == 1
    held[0].continue_()
    until(lambda: cast.events() == ["signed up"], page)
