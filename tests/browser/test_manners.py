"""Good manners in a stranger's page: its policy, its globals, its errors and its console stay its own."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.cast import Cast, call, until

PANEL = (
    "show hide showSpace showMessages showNewMessage showArticle showNews showTicket showConversation startTour "
    "startSurvey startChecklist startConversation hideNotifications onShow onHide"
).split()


def test_a_strict_content_security_policy_is_kept(cast: Cast) -> None:
    avow = cast.server.url
    policy = (
        f"default-src 'none'; script-src {avow} {cast.site.url}; connect-src {avow}; require-trusted-types-for 'script'"
    )
    cast.site.headers["Content-Security-Policy"] = policy
    app = cast.made.workspace_id
    cast.site.scripts["/boot.js"] = f"Intercom('boot', {{app_id: '{app}', user_id: '{cast.me}', seats: 3}});".encode()
    loads = f'<script src="{avow}/widget/{app}"></script><script src="/boot.js"></script>'
    page, seen = cast.open(f"<!doctype html><title>Acme</title>{loads}")
    until(lambda: cast.values().get("seats") == 3, page)
    assert [line for line in seen.console if "Content Security Policy" in line] == []
    assert seen.errors == []


def test_two_globals_and_no_more(cast: Cast) -> None:
    page, _ = cast.open("<!doctype html><title>Acme</title>")
    before = set(page.evaluate("() => Object.getOwnPropertyNames(window)"))
    page.add_script_tag(url=f"{cast.server.url}/widget/{cast.made.workspace_id}")
    after = set(page.evaluate("() => Object.getOwnPropertyNames(window)"))
    assert after - before == {"Intercom", "Avow"}


def test_methods_that_need_a_panel_do_nothing_and_say_so_once(cast: Cast) -> None:
    page, seen = cast.plain()
    for name in PANEL:
        assert call(page, name, "1") is None
    assert len(seen.console) == 1
    assert "panel" in seen.console[0]
    assert seen.errors == []


@pytest.mark.parametrize(
    "script",
    [
        "Intercom()",
        "Intercom(null)",
        "Intercom('nothing-such')",
        "Intercom('update', {a: 1})",
        "Intercom('boot', null)",
        "Intercom('boot', 'text')",
        "Intercom('trackEvent')",
        "Intercom('trackEvent', {})",
        "Intercom('onReceipt', 'no function')",
        "Intercom('boot', {app_id: 7, circle: window})",
        "Intercom('boot', {get app_id() { throw new Error('mine'); }})",
        "Intercom('__proto__')",
        "Intercom('constructor', {})",
    ],
)
def test_no_misuse_throws_into_the_page(cast: Cast, script: str) -> None:
    page, seen = cast.plain()
    assert page.evaluate(f"() => {{ {script}; return 'on'; }}") == "on"
    page.wait_for_timeout(100)
    assert seen.errors == []


def test_a_callback_that_throws_stops_nothing(cast: Cast) -> None:
    page, seen = cast.plain()
    page.evaluate("() => { Intercom('onReceipt', () => { throw new Error('mine'); });"
                  " Intercom('onReceipt', (told) => { window.told = told; }); }")  # fmt: skip
    call(page, "boot", {"app_id": cast.made.workspace_id, "user_id": cast.me, "seats": 3})
    told = until(lambda: page.evaluate("() => window.told"), page)
    assert [line["name"] for line in told["attributes"]] == ["seats"]
    assert seen.errors == []


@pytest.mark.parametrize("value", ["NaN", "Infinity", "() => 1", "Symbol('x')", "10n", "window"])
def test_what_json_has_no_words_for_is_reported_and_clears_nothing(cast: Cast, value: str) -> None:
    page, seen = cast.plain()
    call(page, "boot", {"app_id": cast.made.workspace_id, "user_id": cast.me, "seats": 3})
    until(lambda: cast.values().get("seats") == 3, page)
    page.evaluate(f"() => Intercom('update', {{ seats: {value}, city: 'Rome' }})")
    until(lambda: cast.values().get("city") == "Rome", page)
    assert cast.values()["seats"] == 3
    assert [line for line in seen.console if '"seats" is nothing that can be sent' in line]


def test_a_date_travels_as_seconds(cast: Cast) -> None:
    page, _ = cast.plain()
    app = cast.made.workspace_id
    page.evaluate(f"() => Intercom('boot', {{app_id: '{app}', user_id: '{cast.me}', won_at: new Date(1700000000500)}})")
    until(lambda: cast.values().get("won_at") == 1700000000, page)


def test_a_page_that_moves_on_says_where_it_is(cast: Cast) -> None:
    page, seen = cast.snippet({"user_id": cast.me})
    until(cast.contact, page)
    page.evaluate("() => history.pushState({}, '', '/pricing?utm_campaign=spring')")
    until(lambda: len(seen.sent) == 2, page)
    assert seen.sent[1]["referer"].endswith("/pricing?utm_campaign=spring")
    page.evaluate("() => history.replaceState({}, '', location.href + '#part')")
    page.wait_for_timeout(200)
    assert len(seen.sent) == 2


def test_a_second_script_leaves_the_first_in_place(cast: Cast) -> None:
    page, seen = cast.snippet({"user_id": cast.me, "seats": 1})
    until(cast.contact, page)
    page.add_script_tag(url=f"{cast.server.url}/widget/{cast.made.workspace_id}")
    page.wait_for_timeout(300)
    assert len(seen.sent) == 1


def test_the_script_is_small_cacheable_and_the_same_for_all(cast: Cast) -> None:
    url = f"{cast.server.url}/widget/{cast.made.workspace_id}"
    with httpx.stream("GET", url, headers={"accept-encoding": "gzip"}) as answer:
        size = sum(len(part) for part in answer.iter_raw())
    assert size <= 12 * 1024
    assert answer.headers["content-encoding"] == "gzip"
    assert "max-age=3600" in answer.headers["cache-control"]
    again = httpx.get(url, headers={"if-none-match": answer.headers["etag"], "accept-encoding": "gzip"})
    assert (again.status_code, again.content) == (304, b"")
    version = answer.headers["etag"] and httpx.get(url).text.split("Avow ")[1].split(",")[0]
    assert "immutable" in httpx.get(f"{url}?v={version}").headers["cache-control"]
    assert httpx.get(f"{cast.server.url}/widget/ABC").status_code == 404
    assert httpx.get(url, headers={"accept-encoding": "gzip;q=0"}).headers.get("content-encoding") is None


@pytest.mark.parametrize("missing", ["fetch", "Promise", "URLSearchParams", "TextDecoder"])
def test_an_old_browser_is_left_in_peace(cast: Cast, missing: str) -> None:
    widget = f'<script src="{cast.server.url}/widget/{cast.made.workspace_id}"></script>'
    page, seen = cast.open(f"<!doctype html><title>Acme</title><script>delete window.{missing};</script>{widget}")
    assert page.evaluate("() => typeof window.Avow") == "undefined"
    assert seen.errors == []
