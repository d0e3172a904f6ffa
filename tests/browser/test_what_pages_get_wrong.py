"""Pages are written by people in a hurry: what they get wrong costs what is wrong, is told, and costs nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.cast import HIDE, Cast, Seen, answers, call, refusal, until

RENEWING = """([app]) => {
  window.why = [];
  Intercom('onTokenRejected', ({ code }) => why.push(code));
  Intercom('boot', { app_id: app, seats: 3, getToken: async () => (await fetch('/token')).text() });
}"""


def _boot(cast: Cast, **settings: Any) -> tuple[Any, Seen]:
    """A page on which she is known, with three seats."""
    page, seen = cast.plain()
    call(page, "boot", {"app_id": cast.made.workspace_id, "seats": 3, **settings})
    until(lambda: cast.values().get("seats") == 3, page)
    page.wait_for_timeout(100)
    return page, seen


@pytest.mark.parametrize("size", [20, 80_000], ids=["a short one", "one longer than a request may be"])
def test_a_page_of_an_error_that_comes_for_a_token_is_never_sent(cast: Cast, size: int) -> None:
    page, seen = cast.plain()
    cast.site.sign = lambda: "<!doctype html>Log in" + "." * size
    page.evaluate(RENEWING, [cast.made.workspace_id])
    until(lambda: [line for line in seen.console if "what it brought is no token" in line], page)
    cast.site.sign = lambda: cast.token(plan="pro")
    until(lambda: cast.values().get("seats") == 3, page)
    assert cast.values()["plan"] == "pro"
    assert page.evaluate("() => why") == []
    assert len(seen.sent) == 1


def test_a_line_break_after_a_token_is_no_part_of_it(cast: Cast) -> None:
    page, seen = cast.plain()
    cast.site.sign = lambda: cast.token() + "\n"
    page.evaluate(RENEWING, [cast.made.workspace_id])
    until(lambda: cast.values().get("seats") == 3, page)
    assert seen.console == []


@pytest.mark.parametrize("name", ["user_id", "intercom_user_jwt"])
def test_who_is_left_undefined_stays_who_she_was(cast: Cast, name: str) -> None:
    named = cast.token() if name == "intercom_user_jwt" else cast.me
    page, _ = _boot(cast, **{name: named})
    page.evaluate(f"() => Intercom('update', {{ {name}: undefined, city: 'Rome' }})")
    until(lambda: cast.values().get("city") == "Rome", page)


@pytest.mark.parametrize("told", ["NaN", "Infinity", "{}", "true"])
def test_what_names_nobody_is_nobodys_name(cast: Cast, told: str) -> None:
    page, seen = cast.plain()
    app = cast.made.workspace_id
    page.evaluate(f"() => Intercom('boot', {{ app_id: '{app}', user_id: {told}, city: 'Rome' }})")
    until(lambda: seen.sent, page)
    assert seen.user_data() == [{"city": "Rome"}]
    assert [line for line in seen.console if '"user_id" is nothing that names anybody' in line]


def test_a_user_id_that_is_a_big_integer_is_its_digits(cast: Cast) -> None:
    page, seen = cast.plain()
    page.evaluate(f"() => Intercom('boot', {{ app_id: '{cast.made.workspace_id}', user_id: 12345678901234567890n }})")
    until(lambda: seen.sent, page)
    assert seen.user_data() == [{"user_id": "12345678901234567890"}]
    assert seen.console == []


@pytest.mark.parametrize("told", ["'hello'", "['a', 'b']", "() => 1", "7"])
def test_settings_that_are_none_become_no_attributes(cast: Cast, told: str) -> None:
    page, seen = _boot(cast, user_id=cast.me)
    page.evaluate(f"() => Intercom('update', {told})")
    until(lambda: len(seen.sent) == 2, page)
    assert seen.user_data()[1] == {"user_id": cast.me}
    assert [line for line in seen.console if "update takes an object of names and values" in line]


@pytest.mark.parametrize("text", ["'A\\ud83d'", "'A\\0'"], ids=["half a smiley", "a zero"])
def test_a_text_that_no_server_takes_costs_no_other(cast: Cast, text: str) -> None:
    page, seen = _boot(cast, user_id=cast.me)
    page.evaluate(f"() => Intercom('update', {{ name: {text}, city: 'Rome' }})")
    until(lambda: cast.values().get("city") == "Rome", page)
    assert cast.values()["name"] is None
    assert [line for line in seen.console if '"name" was left out' in line]


@pytest.mark.parametrize("hidden", [False, True], ids=["in a page", "in a page that is hidden"])
def test_an_event_that_the_server_cannot_take_costs_no_other(cast: Cast, hidden: bool) -> None:
    page, seen = _boot(cast, user_id=cast.me, intercom_user_jwt=cast.token())
    page.evaluate(
        "() => { for (const n of [1, 2, 3, 4, 5]) Intercom('trackEvent', 'event ' + n, n === 3 ? 'text' : { n }); }"
    )
    if hidden:
        page.evaluate(HIDE)
    until(lambda: len(cast.events()) == 4, page)
    assert sorted(cast.events()) == ["event 1", "event 2", "event 4", "event 5"]
    assert [line for line in seen.console if '"event 3" was refused' in line]


@pytest.mark.parametrize(("status", "body"), [(200, None), (408, refusal("request_timeout"))])
def test_an_answer_that_is_not_the_servers_last_word_is_asked_for_again(cast: Cast, status: int, body: Any) -> None:
    page, seen = _boot(cast, user_id=cast.me)
    with answers(page, lambda number: (status, body, {}) if number == 1 else None):
        call(page, "update", {"city": "Rome"})
        until(lambda: cast.values().get("city") == "Rome", page)
    assert len({one["Idempotency-Key"] for one in seen.sent[1:]}) == 1
    assert [line for line in seen.console if "Avow" in line] == []


def test_a_script_that_is_loaded_as_a_module_says_what_is_wrong(cast: Cast) -> None:
    script = f'<script type="module" src="{cast.server.url}/widget/{cast.made.workspace_id}"></script>'
    page, seen = cast.open(f"<!doctype html><title>Acme</title>{script}")
    until(lambda: [line for line in seen.console if "not as a module" in line], page)
    assert seen.errors == []


@pytest.mark.parametrize("named", ["user_id", "intercom_user_jwt"])
def test_an_address_that_was_told_once_is_not_written_each_time(cast: Cast, named: str) -> None:
    by = cast.token() if named == "intercom_user_jwt" else cast.me
    before, after = f"{cast.me}@before.example", f"{cast.me}@after.example"
    page, seen = _boot(cast, **{named: by}, email=before)
    contact = cast.contact()
    cast.rest.put(f"/contacts/{contact['id']}", json={"email": after}).raise_for_status()
    call(page, "update", {"city": "Rome"})
    call(page, "trackEvent", "invited")
    until(lambda: cast.events() == ["invited"], page)
    assert (cast.contact()["email"], cast.values()["city"]) == (after, "Rome")
    assert [("email" in one["user_data"]) for one in seen.sent] == [True, False, False]


def test_an_address_goes_along_where_it_alone_says_who_she_is(cast: Cast) -> None:
    page, seen = cast.plain()
    address = f"{cast.me}@customer.example"
    call(page, "boot", {"app_id": cast.made.workspace_id, "email": address})
    until(lambda: seen.sent, page)
    call(page, "update", {"city": "Rome"})
    until(lambda: len(seen.sent) == 2, page)
    assert [one["email"] for one in seen.user_data()] == [address, address]


def test_a_user_has_no_visitors_id_and_nobody_is_here_before_the_server_says_so(cast: Cast) -> None:
    page, _ = _boot(cast, intercom_user_jwt=cast.token())
    assert page.evaluate("() => [typeof Intercom('getVisitorId'), Intercom('whoami').user_id]") == [
        "undefined",
        cast.me,
    ]
    bob = cast.me.replace("alice", "bob")
    cast.context.set_offline(True)
    call(page, "update", {"intercom_user_jwt": cast.token(bob)})
    assert call(page, "whoami") is None
    cast.context.set_offline(False)
    until(lambda: (call(page, "whoami") or {}).get("user_id") == bob, page)


def test_who_logs_out_in_a_bad_moment_and_leaves_the_page_has_said_it(cast: Cast) -> None:
    page, _ = _boot(cast, intercom_user_jwt=cast.token())
    with answers(page, lambda number: (503, {}, {}) if number == 1 else None) as counted:
        page.evaluate("() => { Intercom('update', { city: 'Rome' }); Intercom('shutdown'); }")
        until(lambda: counted, page)
        page.wait_for_timeout(200)
        page.goto(cast.site.url + "/log-in")
        until(lambda: cast.values().get("city") == "Rome", page)


def test_a_clock_that_is_put_back_takes_no_updates_away(cast: Cast) -> None:
    page, seen = cast.plain()
    page.clock.install(time=2_000_000_000)
    page.reload()
    call(page, "boot", {"app_id": cast.made.workspace_id, "user_id": cast.me})
    for number in range(20):
        call(page, "update", {"number": number})
        until(lambda number=number: len(seen.sent) > number + 1, page)
    call(page, "update", {"number": 20})
    until(lambda: [line for line in seen.console if "20 updates" in line], page)
    page.clock.set_system_time(1_900_000_000)
    call(page, "update", {"seats": 4})
    page.clock.run_for(1000)
    until(lambda: cast.values().get("seats") == 4, page)
