"""Who is here? Visitors who become users, two people on one machine, and what is left after logging out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.cast import Cast, call, until


def _boot(cast: Cast, page: Any, **settings: Any) -> None:
    call(page, "boot", {"app_id": cast.made.workspace_id, **settings})


def test_a_visitor_is_known_again_and_merged_when_she_proves_who_she_is(cast: Cast) -> None:
    page, _ = cast.plain()
    _boot(cast, page, city="Berlin")
    visitor = until(lambda: page.evaluate("() => Intercom('getVisitorId')"), page)
    page.reload()
    _boot(cast, page)
    assert until(lambda: page.evaluate("() => Intercom('getVisitorId')"), page) == visitor
    call(page, "update", {"intercom_user_jwt": cast.token(plan="pro")})
    until(lambda: cast.values().get("plan") == "pro", page)
    assert cast.values()["city"] == "Berlin"
    assert page.evaluate("() => Object.keys(localStorage)") == []


@pytest.mark.parametrize("token", ["given", "fetched"])
def test_a_visitor_who_logs_in_before_her_first_answer_keeps_what_she_did(cast: Cast, token: str) -> None:
    page, seen = cast.plain()
    held: list[Any] = []
    page.route("**/messenger/web/ping", lambda route: route.continue_() if held else held.append(route))
    page.evaluate(
        "([app, user]) => { window.user = user; Intercom('boot', { app_id: app, city: 'Berlin',"
        " getToken: async () => window.user && (await fetch('/token')).text() }); }",
        [cast.made.workspace_id, None],
    )
    cast.site.sign = cast.token
    until(lambda: held, page)
    page.evaluate("() => { window.user = 'alice'; }")
    call(page, "update", {"intercom_user_jwt": cast.token()} if token == "given" else {})
    call(page, "update", {"seats": 3})
    page.wait_for_timeout(200)
    assert len(seen.sent) == 1, "whose session it is, is not known yet"
    held[0].continue_()
    until(lambda: cast.values().get("seats") == 3, page)
    assert cast.values()["city"] == "Berlin"
    assert seen.sent[1]["anonymous_session"]
    assert page.evaluate("() => Object.keys(localStorage)") == []
    assert seen.errors == []


def test_a_log_out_page_that_boots_nobody_forgets_the_session_too(cast: Cast) -> None:
    page, _ = cast.plain()
    _boot(cast, page)
    until(lambda: page.evaluate("() => Object.keys(localStorage).length"), page)
    page.reload()
    call(page, "shutdown")
    assert page.evaluate("() => Object.keys(localStorage)") == []


def test_logging_out_leaves_nothing_behind(cast: Cast) -> None:
    page, seen = cast.plain()
    _boot(cast, page, intercom_user_jwt=cast.token(plan="pro"), name="Alice")
    until(cast.contact, page)
    call(page, "shutdown")
    _boot(cast, page)
    until(lambda: page.evaluate("() => Intercom('whoami')"), page)
    last = seen.sent[-1]
    assert last["user_data"] == {}
    assert page.evaluate("() => Intercom('whoami').role") == "visitor_role"
    call(page, "shutdown")
    assert page.evaluate("() => [Object.keys(localStorage), document.cookie]") == [[], ""]


def test_logging_out_still_delivers_what_was_said_before(cast: Cast) -> None:
    page, _ = cast.plain()
    _boot(cast, page, intercom_user_jwt=cast.token())
    until(cast.contact, page)
    page.evaluate("() => { Intercom('update', { seats: 9 }); Intercom('shutdown'); }")
    until(lambda: cast.values().get("seats") == 9, page)


def test_an_answer_that_comes_after_logging_out_brings_nobody_back(cast: Cast) -> None:
    page, _ = cast.plain()
    page.evaluate(
        "([app, jwt]) => { Intercom('boot', { app_id: app }); Intercom('shutdown'); }", [cast.made.workspace_id, ""]
    )
    page.wait_for_timeout(800)
    assert page.evaluate("() => [Intercom('whoami'), Object.keys(localStorage)]") == [None, []]


def test_two_tabs_of_one_user_both_have_their_say(cast: Cast) -> None:
    one, _ = cast.snippet({"intercom_user_jwt": cast.token()})
    two, _ = cast.snippet({"intercom_user_jwt": cast.token()}, path="/two")
    until(cast.contact, one)
    call(one, "update", {"seats": 1})
    call(two, "update", {"city": "Rome"})
    until(lambda: cast.values().get("seats") == 1 and cast.values().get("city") == "Rome", one)


def test_two_tabs_of_two_users_keep_their_values_apart(cast: Cast) -> None:
    bob = cast.me.replace("alice", "bob")
    one, _ = cast.snippet({"intercom_user_jwt": cast.token()})
    two, _ = cast.snippet({"intercom_user_jwt": cast.token(bob)}, path="/two")
    until(lambda: cast.contact() and cast.contact(bob), one)
    call(one, "update", {"seats": 1})
    call(two, "update", {"seats": 2})
    until(lambda: cast.values().get("seats") == 1 and cast.values(bob).get("seats") == 2, one)


def test_another_user_in_the_same_page_gets_a_queue_of_her_own(cast: Cast) -> None:
    bob = cast.me.replace("alice", "bob")
    page, seen = cast.plain()
    _boot(cast, page, intercom_user_jwt=cast.token(), seats=1)
    call(page, "update", {"intercom_user_jwt": cast.token(bob), "seats": 2})
    until(lambda: cast.values().get("seats") == 1 and cast.values(bob).get("seats") == 2, page)
    assert seen.errors == []


def test_an_email_that_the_page_supplies_for_a_visitor_is_announced(cast: Cast) -> None:
    page, _ = cast.plain()
    page.evaluate("() => Intercom('onUserEmailSupplied', (email) => { window.supplied = email; })")
    _boot(cast, page, email=f"{cast.me}@customer.example")
    assert until(lambda: page.evaluate("() => window.supplied"), page) == f"{cast.me}@customer.example"
