"""Whose words are these? What was said of one person is never written to another, whoever logs in meanwhile."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from playwright.sync_api import Page

from tests.browser.cast import Cast, Seen, answers, call, until

BOOT = "(app) => Intercom('boot', { app_id: app, getToken: async () => (await fetch('/token')).text() })"
ALMOST_AN_HOUR = 3_590_000


def _as_documented(cast: Cast) -> tuple[Page, Seen]:
    """Alice in a page that names nobody, which is the documented way; the test moves its clock."""
    page, seen = cast.plain()
    page.clock.install()
    page.reload()
    cast.site.sign = cast.token
    page.evaluate(BOOT, cast.made.workspace_id)
    until(cast.contact, page)
    return page, seen


def _alices(cast: Cast, seen: Seen) -> list[dict[str, Any]]:
    """What was sent of Alice's values, which must say that they are hers, whatever token is beside them."""
    told = [one for one in seen.user_data() if "seats" in one]
    assert {one.get("user_id") for one in told} == {cast.me}
    return told


def test_what_waits_after_log_out_is_not_written_to_whoever_logs_in_next(cast: Cast) -> None:
    bob = cast.me.replace("alice", "bob")
    page, seen = _as_documented(cast)
    failing = "**/messenger/web/ping"
    page.route(failing, lambda route: route.abort() if "seats" in route.request.post_data else route.continue_())
    call(page, "update", {"seats": 9})
    until(lambda: "seats" in seen.user_data()[-1], page)
    call(page, "shutdown")
    cast.site.sign = lambda: cast.token(bob)
    page.evaluate(BOOT, cast.made.workspace_id)
    until(lambda: cast.contact(bob), page)
    page.clock.fast_forward(ALMOST_AN_HOUR)
    page.unroute(failing)
    until(lambda: [line for line in seen.console if "identity_mismatch" in line], page)
    assert len(_alices(cast, seen)) > 2
    assert "seats" not in cast.values(bob)
    assert page.evaluate("() => Intercom('whoami').user_id") == bob


@pytest.mark.parametrize("more", [{}, {"email": "alice@customer.example"}], ids=["a value", "her e-mail, too"])
def test_a_tab_whose_token_becomes_somebody_elses_writes_nothing_to_her(cast: Cast, more: dict[str, str]) -> None:
    bob = cast.me.replace("alice", "bob")
    page, seen = _as_documented(cast)
    cast.site.sign = lambda: cast.token(bob)  # who logs in, in another tab
    page.clock.fast_forward(ALMOST_AN_HOUR)
    call(page, "update", {"seats": 9, **more})
    until(lambda: [line for line in seen.console if "identity_mismatch" in line], page)
    assert _alices(cast, seen)
    assert cast.contact(bob) == {}
    cast.site.sign = cast.token
    call(page, "update")
    until(lambda: cast.values().get("seats") == 9, page)


def test_a_visitor_who_leaves_before_she_is_known_asks_for_nobodys_token(cast: Cast) -> None:
    page, seen = cast.plain()
    cast.site.sign = lambda: ""
    page.route("**/messenger/web/ping", lambda route: route.abort())
    page.evaluate(BOOT, cast.made.workspace_id)
    call(page, "update", {"seats": 9})
    until(lambda: seen.user_data(), page)
    call(page, "shutdown")
    until(lambda: len(seen.user_data()) >= 2, page)
    page.unroute("**/messenger/web/ping")
    cast.site.sign = cast.token
    asked = cast.site.asked
    sent = len(seen.user_data())
    until(lambda: len(seen.user_data()) > sent, page)
    assert cast.site.asked == asked
    assert [one for one in seen.user_data() if "intercom_user_jwt" in one] == []


@pytest.mark.parametrize("how", ["by name", "by token", "by a token under its other name"])
def test_what_named_one_person_names_nobody_else(cast: Cast, how: str) -> None:
    alice, bob = cast.token("alice"), cast.token("bob")
    before, after, told = {
        "by name": (
            {"user_id": "alice", "user_hash": "0" * 64, "token": alice},
            {"user_id": "bob", "name": "Bob"},
            {"user_id": "bob", "name": "Bob"},
        ),
        "by token": (
            {"intercom_user_jwt": alice},
            {"intercom_user_jwt": bob},
            {"user_id": "bob", "intercom_user_jwt": bob},
        ),
        "by a token under its other name": (
            {"intercom_user_jwt": alice},
            {"token": bob},
            {"user_id": "bob", "intercom_user_jwt": bob},
        ),
    }[how]
    page, seen = cast.plain()
    with answers(page, lambda _: (200, {"user": {}, "identity_verified": False}, {})):
        call(page, "boot", {"app_id": cast.made.workspace_id, "email": "alice@customer.example", **before})
        until(lambda: seen.user_data(), page)
        call(page, "update", after)
        until(lambda: seen.user_data()[-1].get("user_id") == "bob", page)
    assert seen.user_data()[-1] == told
    assert seen.user_data()[0]["email"] == "alice@customer.example"


def test_a_user_id_beyond_what_javascript_can_count_is_left_to_its_token(cast: Cast) -> None:
    number = 2**60 + int(cast.me.removeprefix("alice-"), 16) * 2 + 1
    ring = {"kid": cast.made.kid}
    token = jwt.encode({"user_id": number, "exp": 4_000_000_000}, cast.made.secret, "HS256", headers=ring)
    page, seen = cast.plain()
    call(page, "boot", {"app_id": cast.made.workspace_id, "intercom_user_jwt": token, "seats": 3})
    until(lambda: cast.values(str(number)).get("seats") == 3, page)
    call(page, "update", {"city": "Rome"})
    until(lambda: cast.values(str(number)).get("city") == "Rome", page)
    assert [one.get("user_id") for one in seen.user_data()] == [None, str(number)]
