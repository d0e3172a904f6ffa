"""A `getToken` that fails: asked again, less and less often, and never in the way of what works."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.cast import HIDE, Cast, Seen, answers, call, refusal, until

FAILING = """([app, more]) => {
  window.asked = []; window.why = []; window.broken = true;
  Intercom('onTokenRejected', ({ code }) => why.push(code));
  window.getToken = async () => {
    asked.push(Date.now());
    if (broken) throw new Error('the shop is closed');
    return (await fetch('/token')).text();
  };
  Intercom('boot', { app_id: app, getToken, ...more });
}"""


def _boot(cast: Cast, **more: Any) -> tuple[Page, Seen]:
    """A page whose clock the test moves."""
    page, seen = cast.plain()
    page.clock.install()
    page.reload()
    page.evaluate(FAILING, [cast.made.workspace_id, more])
    cast.site.sign = lambda: cast.token()
    return page, seen


def _pass(page: Page, seconds: float, *, saying: bool = False) -> None:
    """Let time go by in small steps, so that each timer has its hour; a page may go on talking meanwhile."""
    for step in range(int(seconds * 4)):
        if saying and step % 4 == 3:
            call(page, "update", {"number": step})
        page.clock.run_for(250)


def _asked(page: Page) -> list[int]:
    """When it was asked, in milliseconds."""
    return list(page.evaluate("() => asked"))


def test_it_is_asked_less_and_less_often_and_then_left_alone(cast: Cast) -> None:
    page, seen = _boot(cast, seats=2)
    _pass(page, 20, saying=True)
    _pass(page, 70)
    asked = _asked(page)
    pauses = [(later - before) / 1000 for before, later in itertools.pairwise(asked)]
    assert len(pauses) == 6
    for number, pause in enumerate(pauses):
        assert 2**number <= pause < 2**number * 1.25 + 1, pauses
    assert page.evaluate("() => why") == ["token_unavailable"]
    page.clock.fast_forward(3_600_000)
    page.wait_for_timeout(200)
    assert len(_asked(page)) == 7
    assert seen.sent == [], "nobody knows who is here, so nothing is said of anybody"
    assert len([line for line in seen.console if "getToken failed (the shop is closed)" in line]) == 7
    assert seen.errors == []


def test_what_was_said_meanwhile_is_delivered_when_it_works_again(cast: Cast) -> None:
    page, seen = _boot(cast, seats=2)
    _pass(page, 4)
    call(page, "update", {"city": "Rome"})
    call(page, "trackEvent", "waited")
    page.evaluate("() => { broken = false; }")
    _pass(page, 6)
    until(lambda: cast.values().get("city") == "Rome", page)
    assert cast.values()["seats"] == 2
    until(lambda: [one for one in seen.sent if one["route"] == "events"], page)
    assert page.evaluate("() => why") == []


@pytest.mark.parametrize(
    "come_back",
    [
        "Intercom('update')",
        "dispatchEvent(new Event('online'))",
        "Intercom('trackEvent', 'came back')",
        "history.pushState({}, '', '/pricing')",
    ],
    ids=["an update", "the network", "an event", "another page"],
)
def test_it_is_asked_anew_once_something_happens(cast: Cast, come_back: str) -> None:
    page, _ = _boot(cast, seats=2)
    _pass(page, 90)
    until(lambda: page.evaluate("() => why") == ["token_unavailable"], page)
    page.evaluate(f"() => {{ broken = false; {come_back}; }}")
    until(lambda: cast.values().get("seats") == 2, page)


def test_a_token_that_the_page_gives_meanwhile_is_used_at_once(cast: Cast) -> None:
    page, _ = _boot(cast, user_id=cast.me, seats=2)
    _pass(page, 4)
    before = len(_asked(page))
    call(page, "update", {"intercom_user_jwt": cast.token(plan="pro")})
    until(lambda: cast.values().get("plan") == "pro", page)
    assert cast.values()["seats"] == 2
    assert len(_asked(page)) == before


def test_a_token_that_has_ended_is_not_sent_while_the_next_one_is_awaited(cast: Cast) -> None:
    ended = cast.token(ago=7200, lasting=3600)
    page, seen = _boot(cast, intercom_user_jwt=ended, seats=2)
    _pass(page, 4)
    assert seen.sent == []
    page.evaluate("() => { broken = false; }")
    _pass(page, 6)
    until(lambda: cast.values().get("seats") == 2, page)
    assert [one["intercom_user_jwt"] == ended for one in seen.user_data()] == [False]


def test_a_refused_token_is_not_sent_again_while_the_next_one_is_awaited(cast: Cast) -> None:
    refused = cast.token()
    page, seen = cast.plain()
    with answers(page, lambda number: (401, refusal("key_revoked"), {}) if number == 1 else None):
        page.evaluate(FAILING, [cast.made.workspace_id, {"intercom_user_jwt": refused, "seats": 2}])
        cast.site.sign = lambda: cast.token(plan="pro")
        until(lambda: len(_asked(page)) == 2, page)
        assert len(seen.sent) == 1
        page.evaluate("() => { broken = false; }")
        until(lambda: cast.values().get("seats") == 2, page)
    assert len(seen.sent) == 2
    assert cast.values()["plan"] == "pro"
    assert page.evaluate("() => why") == []


def test_an_outage_costs_no_update_while_nothing_is_sent(cast: Cast) -> None:
    page, seen = _boot(cast, intercom_user_jwt=cast.token(lasting=60), seats=2)
    until(lambda: cast.values().get("seats") == 2, page)
    page.clock.fast_forward(50_000)
    _pass(page, 28, saying=True)
    assert len(seen.user_data()) == 1
    page.evaluate("() => { broken = false; }")
    _pass(page, 8)
    until(lambda: cast.values().get("number") == 111, page)
    assert [line for line in seen.console if "20 updates" in line] == []


def test_a_hidden_tab_goes_on_asking(cast: Cast) -> None:
    page, seen = _boot(cast, seats=3)
    until(lambda: len(_asked(page)) == 1, page)
    page.evaluate(HIDE)
    page.evaluate("() => { broken = false; }")
    _pass(page, 4)
    until(lambda: cast.values().get("seats") == 3, page)
    assert len(_asked(page)) == 2
    assert len(seen.sent) == 1


@pytest.mark.parametrize("works", ["at once", "later"])
@pytest.mark.parametrize("parting", ["another person", "shutdown"])
def test_who_leaves_meanwhile_loses_nothing(cast: Cast, parting: str, works: str) -> None:
    bob = cast.me.replace("alice", "bob")
    page, _ = _boot(cast, user_id=cast.me, seats=3)
    until(lambda: len(_asked(page)) == 1, page)
    other = f"Intercom('update', {{ user_id: '{bob}', city: 'Rome' }})"
    script = "Intercom('shutdown')" if parting == "shutdown" else other
    page.evaluate(f"(broken) => {{ window.broken = broken; {script}; }}", works == "later")
    if works == "later":
        page.evaluate("() => { broken = false; }")
        _pass(page, 4)
    until(lambda: cast.values().get("seats") == 3, page)
    assert "city" not in cast.values()
    assert "seats" not in cast.values(bob)


def test_each_giving_up_is_told_once(cast: Cast) -> None:
    page, seen = _boot(cast, seats=2)
    _pass(page, 90)
    until(lambda: page.evaluate("() => why.length") == 1, page)
    page.evaluate(HIDE)
    page.wait_for_timeout(200)
    assert (len(_asked(page)), page.evaluate("() => why.length")) == (7, 1), "a tab that is hidden says nothing new"
    for number in range(5):
        call(page, "trackEvent", f"event {number}")
        page.wait_for_timeout(50)
    assert (len(_asked(page)), page.evaluate("() => why.length")) == (8, 1), "what is new asks again, once"
    _pass(page, 90)
    until(lambda: page.evaluate("() => why.length") == 2, page)
    assert len(_asked(page)) == 14
    assert seen.sent == []


def test_a_token_that_was_refused_and_is_believed_later_is_used(cast: Cast) -> None:
    page, _ = cast.plain()
    with answers(page, lambda number: (401, refusal("key_revoked"), {}) if number == 1 else None):
        page.evaluate(FAILING, [cast.made.workspace_id, {"intercom_user_jwt": cast.token(), "seats": 2}])
        until(lambda: len(_asked(page)) == 1, page)
        page.evaluate(HIDE)
        until(lambda: cast.values().get("seats") == 2, page)
    before = len(_asked(page))
    call(page, "update", {"city": "Rome"})
    until(lambda: cast.values().get("city") == "Rome", page)
    assert len(_asked(page)) == before


@pytest.mark.parametrize(
    "settings",
    ["{ getToken }", "{ getToken: () => getToken() }", "{ getToken, intercom_user_jwt: ended }"],
    ids=["the same function", "another function", "with the token that has ended"],
)
def test_a_page_that_passes_its_settings_again_changes_no_wait(cast: Cast, settings: str) -> None:
    ended = cast.token(ago=7200, lasting=3600)
    page, seen = _boot(cast, **({"intercom_user_jwt": ended} if "ended" in settings else {}), seats=2)
    page.evaluate("(jwt) => { window.ended = jwt; }", ended)
    for _ in range(15):
        page.evaluate(f"() => Intercom('update', {settings})")
        page.clock.run_for(200)
    assert len(_asked(page)) <= 3
    assert seen.sent == []
    page.evaluate("() => { broken = false; }")
    _pass(page, 6)
    until(lambda: cast.values().get("seats") == 2, page)
