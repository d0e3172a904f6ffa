"""Networks that fail and pages that end: nothing that was said is lost, and nothing is said twice."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.cast import Cast, answers, call, refusal, until


def leave(page: Page, script: str) -> None:
    """Follow a link of the page that does something on the way out."""
    page.evaluate(
        "(script) => { const link = document.createElement('a'); link.href = '/else'; link.textContent = 'Leave';"
        " link.onclick = new Function(script); document.body.append(link); }",
        script,
    )
    page.get_by_text("Leave").click()
    page.wait_for_url("**/else")


def test_what_is_said_offline_is_delivered_later_and_the_newest_word_wins(cast: Cast) -> None:
    page, seen = cast.snippet({"intercom_user_jwt": cast.token()})
    until(cast.contact, page)
    cast.context.set_offline(True)
    call(page, "update", {"seats": 1, "city": "Berlin"})
    page.wait_for_timeout(200)
    call(page, "update", {"seats": 2})
    page.wait_for_timeout(1500)
    assert "seats" not in cast.values()
    cast.context.set_offline(False)
    until(lambda: cast.values().get("seats") == 2, page)
    assert cast.values()["city"] == "Berlin"
    assert seen.errors == []


def test_what_fails_while_the_tab_is_hidden_is_delivered_later(cast: Cast) -> None:
    page, _ = cast.snippet({"intercom_user_jwt": cast.token()})
    until(cast.contact, page)
    cast.context.set_offline(True)
    call(page, "update", {"seats": 6})
    page.evaluate(
        "() => { Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    page.wait_for_timeout(300)
    cast.context.set_offline(False)
    until(lambda: cast.values().get("seats") == 6, page)


def test_an_event_that_nobody_can_send_stops_nothing(cast: Cast) -> None:
    page, seen = cast.snippet({"intercom_user_jwt": cast.token()})
    until(cast.contact, page)
    page.evaluate(
        "() => { const round = {}; round.round = round; Intercom('trackEvent', 'went round', round);"
        " Intercom('trackEvent', 'was big', { n: 1n }); Intercom('update', { seats: 4 }); }"
    )
    until(lambda: cast.values().get("seats") == 4, page)
    until(lambda: [one for one in seen.sent if one["route"] == "events" and "went round" in one["event_list"]], page)
    assert [line for line in seen.console if '"went round" is nothing that can be sent' in line]
    assert seen.errors == []


def test_a_page_that_closes_during_an_update_has_said_it(cast: Cast) -> None:
    page, _ = cast.snippet({"intercom_user_jwt": cast.token()})
    until(cast.contact, page)
    leave(page, "Intercom('update', { seats: 7 }); Intercom('trackEvent', 'left');")
    until(lambda: cast.values().get("seats") == 7)
    until(lambda: cast.events() == ["left"])


def test_a_page_that_closes_while_an_answer_is_due_says_what_came_after(cast: Cast) -> None:
    page, _ = cast.snippet({"intercom_user_jwt": cast.token()})
    until(cast.contact, page)
    leave(
        page,
        "Intercom('update', { seats: 8 });"
        " setTimeout(() => { Intercom('update', { city: 'Rome' }); location.href = '/else'; }, 1); return false;",
    )
    until(lambda: cast.values().get("city") == "Rome")
    assert cast.values()["seats"] == 8


def test_a_server_in_trouble_is_asked_again_under_the_same_key(cast: Cast) -> None:
    page, seen = cast.plain()
    give = [(503, refusal("unavailable"), {}), (429, refusal("rate_limit_exceeded"), {"retry-after": "1"}), None]
    with answers(page, lambda number: give[min(number, 3) - 1]):
        page.evaluate(
            "([app, jwt]) => Intercom('boot', { app_id: app, intercom_user_jwt: jwt, seats: 3 })",
            [cast.made.workspace_id, cast.token()],
        )
        until(lambda: cast.values().get("seats") == 3, page)
    assert len({one["Idempotency-Key"] for one in seen.sent}) == 1
    assert len(seen.sent) == 3


def test_a_server_that_never_answers_is_left_alone_after_a_while(cast: Cast) -> None:
    page, seen = cast.plain()
    page.clock.install()
    page.reload()
    with answers(page, lambda _: (500, {}, {})) as counted:
        page.evaluate("(app) => Intercom('boot', { app_id: app, seats: 3 })", cast.made.workspace_id)
        for number in range(1, 8):
            until(lambda wanted=number: len(counted) >= wanted, page)
            page.wait_for_timeout(200)
            page.clock.fast_forward(60_000)
        until(lambda: [line for line in seen.console if "does not answer" in line], page)
        page.clock.fast_forward(600_000)
        page.wait_for_timeout(300)
        assert len(counted) == 7
    assert seen.errors == []


def test_twenty_updates_in_thirty_minutes_then_a_warning_and_the_newest_state_later(cast: Cast) -> None:
    page, seen = cast.plain()
    page.clock.install()
    page.reload()
    page.evaluate(
        "([app, jwt]) => Intercom('boot', { app_id: app, intercom_user_jwt: jwt })",
        [cast.made.workspace_id, cast.token(lasting=7200)],
    )
    until(cast.contact, page)
    for number in range(1, 25):
        call(page, "update", {"number": number})
        until(lambda wanted=number: len(seen.user_data()) > min(wanted, 20), page)
        page.clock.run_for(10)
    page.wait_for_timeout(300)
    assert len(seen.user_data()) == 21
    assert cast.values()["number"] == 20
    assert [line for line in seen.console if "20 updates in 30 minutes" in line]
    page.clock.fast_forward(31 * 60 * 1000)
    until(lambda: cast.values().get("number") == 24, page)
    assert len(seen.user_data()) == 22


def test_a_page_that_ends_says_what_the_limit_held_back(cast: Cast) -> None:
    page, seen = cast.snippet({"intercom_user_jwt": cast.token()})
    until(cast.contact, page)
    for number in range(1, 25):
        call(page, "update", {"number": number})
        until(lambda wanted=number: len(seen.user_data()) > min(wanted, 20), page)
    page.goto(cast.site.url + "/else")
    until(lambda: cast.values().get("number") == 24)


def test_a_server_that_is_away_harms_no_page(cast: Cast) -> None:
    html = '<!doctype html><title>Acme</title><script>window.intercomSettings={app_id:"abcd1234"};</script>'
    page, seen = cast.open(html + '<script src="http://127.0.0.1:9/widget/abcd1234"></script><p id="on">on</p>')
    assert page.text_content("#on") == "on"
    assert seen.errors == []


def test_below_a_path_of_a_proxys_the_server_is_found(cast: Cast) -> None:
    below = f"{cast.server.url}/avow/"
    cast.context.route(
        below + "**", lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace("/avow/", "/", 1)))
    )
    page, seen = cast.open(
        f'<!doctype html><title>Acme</title><script src="{below}widget/{cast.made.workspace_id}"></script>'
    )
    with page.expect_request("**/messenger/web/ping") as asked:
        call(page, "boot", {"user_id": cast.me, "seats": 3})
    assert asked.value.url == below + "messenger/web/ping"
    until(lambda: cast.values().get("seats") == 3, page)
    assert seen.console == []
