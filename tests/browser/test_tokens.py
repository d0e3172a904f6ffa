"""Tokens that end, are refused or are late: one refresh at a time, a bounded number of tries, and no word lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.cast import Cast, answers, call, refusal, until

FETCH = "async () => (await fetch('/token')).text()"


def _boot(cast: Cast, page: Any, more: str = "") -> None:
    page.evaluate(f"(app) => Intercom('boot', {{ app_id: app, getToken: {FETCH} {more} }})", cast.made.workspace_id)


def test_a_token_that_ends_in_mid_session_is_fetched_anew(cast: Cast) -> None:
    cast.site.sign = lambda: cast.token(lasting=16)
    page, seen = cast.plain()
    _boot(cast, page)
    until(cast.contact, page)
    first = cast.site.asked
    cast.site.sign = lambda: cast.token(plan="pro")
    page.wait_for_timeout(1500)  # it is within the margin of its end now
    assert cast.site.asked == first, "nothing is fetched while nothing is to be sent"
    call(page, "update", {"seats": 4})
    until(lambda: cast.values().get("seats") == 4, page)
    assert cast.values()["plan"] == "pro"
    assert cast.site.asked == first + 1
    assert seen.errors == []


def test_a_storm_of_refusals_costs_one_refresh_each_and_ends(cast: Cast) -> None:
    cast.site.sign = lambda: cast.token(seats=cast.site.asked)
    page, seen = cast.plain()
    page.evaluate("() => { window.rejected = []; Intercom('onTokenRejected', (why) => rejected.push(why.code)); }")
    with answers(page, lambda _: (401, refusal("token_expired"), {})) as counted:
        page.evaluate(
            f"(app) => {{ Intercom('boot', {{ app_id: app, getToken: {FETCH} }});"
            " for (let number = 0; number < 10; number++) Intercom('update', { number }); }",
            cast.made.workspace_id,
        )
        until(lambda: page.evaluate("() => rejected.length"), page)
        page.wait_for_timeout(500)
        assert len(counted) <= 5
        assert cast.site.asked <= 5
    assert page.evaluate("() => rejected")[0] == "token_expired"
    assert [line for line in seen.console if "/docs/reasons/token_expired" in line]
    call(page, "update", {"last": "word"})
    until(lambda: cast.values().get("last") == "word", page)
    assert cast.values()["number"] == 9, "what the storm held up is delivered with the next token"


def test_a_refused_token_without_another_one_waits_for_it(cast: Cast) -> None:
    page, seen = cast.snippet({"intercom_user_jwt": cast.token(ago=7200), "seats": 5})
    until(lambda: [line for line in seen.console if "token_expired" in line], page)
    page.wait_for_timeout(300)
    assert len(seen.user_data()) == 1
    assert cast.contact() == {}
    call(page, "update", {"intercom_user_jwt": cast.token()})
    until(lambda: cast.values().get("seats") == 5, page)


def test_a_newer_token_wins_over_an_answer_on_its_way(cast: Cast) -> None:
    page, seen = cast.plain()
    old, new = cast.token(ago=7200), cast.token(plan="pro")
    page.evaluate(
        "([app, old, now]) => { Intercom('boot', { app_id: app, intercom_user_jwt: old });"
        " setTimeout(() => Intercom('update', { intercom_user_jwt: now }), 0); }",
        [cast.made.workspace_id, old, new],
    )
    until(lambda: cast.values().get("plan") == "pro", page)
    page.wait_for_timeout(300)
    assert [one["intercom_user_jwt"] for one in seen.user_data()][-1] == new


@pytest.mark.parametrize("before", ["a token that has ended", "no token"])
def test_a_token_that_the_page_gives_wins_over_a_fetch_under_way(cast: Cast, before: str) -> None:
    page, seen = cast.plain()
    late, new = cast.token(plan="late"), cast.token(plan="given")
    page.evaluate(
        "([app, ended, late]) => { let answer; window.answer = () => answer(late);"
        " Intercom('boot', { app_id: app, ...ended, getToken: () => new Promise((go) => { answer = go; }) }); }",
        [cast.made.workspace_id, {"intercom_user_jwt": cast.token(ago=7200)} if "ended" in before else {}, late],
    )
    page.wait_for_timeout(100)
    call(page, "update", {"intercom_user_jwt": new, "seats": 5})
    if "ended" in before:
        until(lambda: cast.values().get("plan") == "given", page)  # at once, whatever becomes of the fetch
    page.evaluate("() => answer()")
    until(lambda: cast.values().get("seats") == 5, page)
    call(page, "update", {"city": "Rome"})
    until(lambda: cast.values().get("city") == "Rome", page)
    told = [one["intercom_user_jwt"] for one in seen.user_data() if "seats" in one or "city" in one]
    assert told == [new, new]
    assert seen.errors == []


def test_one_fetch_serves_everybody_who_waits(cast: Cast) -> None:
    page, _ = cast.plain()
    slow = "async () => { window.fetches = (window.fetches || 0) + 1; await new Promise((go) => setTimeout(go, 400));"
    page.evaluate(
        f"(app) => Intercom('boot', {{ app_id: app, getToken: {slow} return (await fetch('/token')).text(); }} }})",
        cast.made.workspace_id,
    )
    cast.site.sign = lambda: cast.token()
    for number in range(5):
        call(page, "update", {"number": number})
    call(page, "trackEvent", "waited")
    until(lambda: cast.values().get("number") == 4, page)
    assert page.evaluate("() => fetches") == 1


def test_nobody_logged_in_means_no_token(cast: Cast) -> None:
    page, seen = cast.plain()
    page.evaluate("(app) => Intercom('boot', { app_id: app, getToken: () => null })", cast.made.workspace_id)
    until(lambda: page.evaluate("() => Intercom('getVisitorId')"), page)
    assert "intercom_user_jwt" not in seen.user_data()[0]
    assert page.evaluate("() => Intercom('whoami').role") == "visitor_role"


def test_a_token_of_somebody_else_writes_nothing_to_either(cast: Cast) -> None:
    bob = f"bob-{cast.me}"
    page, seen = cast.plain()
    cast.site.sign = lambda: cast.token(bob)
    page.evaluate(
        "([app, jwt]) => Intercom('boot', { app_id: app, intercom_user_jwt: jwt, seats: 9,"
        " getToken: async () => (await fetch('/token')).text() })",
        [cast.made.workspace_id, cast.token(ago=7200)],
    )
    until(lambda: [line for line in seen.console if "identity_mismatch" in line], page)
    page.wait_for_timeout(500)
    assert cast.contact(bob) == {}
    assert cast.contact() == {}


def test_a_get_token_that_never_answers_gives_way_to_a_token(cast: Cast) -> None:
    page, _ = cast.plain()
    page.evaluate(
        "(app) => Intercom('boot', { app_id: app, seats: 3, getToken: () => new Promise(() => {}) })",
        cast.made.workspace_id,
    )
    page.wait_for_timeout(300)
    call(page, "update", {"intercom_user_jwt": cast.token()})
    call(page, "update", {"intercom_user_jwt": cast.token(), "city": "Rome"})
    until(lambda: cast.values().get("city") == "Rome", page)
