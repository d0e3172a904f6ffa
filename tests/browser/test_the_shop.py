"""The shop of the demo: honest customers are believed, and each cheat fails with its reason and changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from avow.demo.story import ALICE
from tests.browser.cast import until
from tests.support.program import AVOW
from tests.support.scale import full_or_tenth
from tests.support.screens import AXE

FATE = {
    "Change the plan from the console": "ignored plan unverified",
    "Put it beside a valid token": "ignored plan superseded_by_signed",
    "Forge a signature": "refused HTTP 401 signature_invalid",
    "Say that no signature is needed": "refused HTTP 401 token_algorithm",
    "Use a token that has expired": "refused HTTP 401 token_expired",
    "Use yesterday's token after a downgrade": "ignored plan stale",
    "Use somebody else's token": "refused HTTP 401 identity_mismatch",
    "Turn a user hash into a signature": "refused HTTP 401 signature_invalid",
    "Squat on a name": "ignored Plan invalid_name",
    "Flood it": "refused HTTP 429 rate_limit_exceeded",
}


FLOOD = "Flood it"
VIEWS: list[tuple[Any, int]] = [("light", 1280), ("dark", 360), ("light", 360), ("dark", 1280)]
"""Pages at rest are shown in all of them by `make proof`, else in the first two: every width and every scheme once."""
HONEST = ("Put it beside a valid token", "Squat on a name")
"""They come with a token that vouches for the same values again, a little later."""
MOVES = {"last_seen_at", "updated_at"}
"""What may move: that somebody came by is no word of hers."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """`avow demo`, with its shop."""
    place = str(tmp_path_factory.mktemp("shop") / "demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AVOW_")}
    command = [*AVOW, "demo", "--data", place, "--port", "0", "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert running.stdout is not None
    text = ""
    while not text.endswith("}\n"):
        line = running.stdout.readline()
        assert line, "the demo did not start"
        text += line
    yield json.loads(text)
    running.send_signal(signal.SIGTERM)
    running.wait(20)
    running.stdout.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A customer's page."""
    return context.new_page()


def _team(page: Page) -> dict[str, str]:
    rows = page.locator("#team tbody tr").all()
    return {row.locator("th").inner_text(): " ".join(row.inner_text().split()) for row in rows}


def _fire(page: Page, item: Locator) -> list[str]:
    """What came of a cheat, in lines."""
    item.get_by_role("button").click()
    until(lambda: item.locator(".outcome li").count() and item.get_by_role("button").is_enabled(), page)
    return [line.inner_text() for line in item.locator(".outcome li").all()]


def _cheats(page: Page, demo: dict[str, Any], who: str) -> dict[str, Locator]:
    """The console to cheat in, as whoever logs in; her page has told Avow of her then, and says no more by itself."""
    page.goto(demo["shop"] + "/cheat")
    page.get_by_role("button", name=f"Log in as {who}").click()
    until(lambda: "plan" in _team(page), page)
    until(lambda: page.evaluate("() => window.Intercom && (Intercom('whoami') || {}).user_id"), page)
    return {item.locator("h2").inner_text(): item for item in page.locator(".cheats > li").all()}


def _undated(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "signed_at": None, "slot": line["slot"] and {**line["slot"], "signed_at": None}}


@pytest.fixture
def known(demo: dict[str, Any]) -> Iterator[Callable[[], dict[str, Any]]]:
    """What Acme's backend finds of Alice by REST: all values with their provenance, and all attributes there are.

    Left out is what a cheat may add: that somebody came by, and what she claimed, which is kept beside the value.
    """
    secrets = json.loads((Path(demo["data"]) / "demo.json").read_text())
    headers = {"Authorization": f"Bearer {secrets['access_token']}"}

    def told(client: httpx.Client, path: str) -> Any:
        answer = client.get(path)
        answer.raise_for_status()
        return answer.json()

    with httpx.Client(base_url=demo["url"], headers=headers, timeout=20) as client:

        def look() -> dict[str, Any]:
            alice = told(client, f"/contacts/find_by_external_id/{ALICE}")
            about = told(client, f"/contacts/{alice['id']}/provenance")["attributes"]
            return {
                "contact": {name: value for name, value in alice.items() if name not in MOVES},
                "values": {name: {**line, "held": None} for name, line in about.items()},
                "attributes": {one["name"]: one for one in told(client, "/data_attributes")["data"]},
            }

        yield look


def test_every_cheat_fails_before_the_eyes_of_everybody(demo: dict[str, Any], page: Page) -> None:
    cheats = _cheats(page, demo, "Mallory")
    assert list(cheats) == list(FATE)
    for name, item in cheats.items():
        if name != FLOOD:
            assert [line for line in _fire(page, item) if line.startswith(FATE[name])], name
            assert item.locator(".seen").inner_text() == "Acme's team sees plan: free, verified."
    until(lambda: "enterprise" in _team(page)["plan"], page)
    assert _team(page)["plan"].startswith("plan free Verified the browser claims “enterprise”")
    assert _team(page)["seats"].startswith("seats 1 Verified")
    for scheme, width in VIEWS:
        assert _barriers(page, scheme, width) == []


@pytest.mark.parametrize("name", FATE)
def test_a_cheat_changes_nothing_of_whom_it_is_about(
    demo: dict[str, Any], page: Page, known: Callable[[], dict[str, Any]], name: str
) -> None:
    cheats = _cheats(page, demo, "Alice")
    before = known()
    page.wait_for_timeout(1100)  # the next second: a token of then would be seen
    lines = _fire(page, cheats[name])
    assert [line for line in lines if line.startswith(FATE[name])], lines
    after = known()
    if name in HONEST:
        for found in (before, after):
            found["values"] = {name: _undated(line) for name, line in found["values"].items()}
    assert after == before
    assert "Plan" not in after["attributes"]


def test_a_late_answer_does_not_hide_a_newer_one(demo: dict[str, Any], page: Page) -> None:
    _cheats(page, demo, "Mallory")
    looks: list[Any] = []

    def handle(route: Any) -> None:
        looks.append(route)
        if len(looks) == 2:
            route.continue_()

    page.route("**/team", handle)
    until(lambda: len(looks) > 2, page)
    looks[0].fulfill(json={"attributes": []})
    page.wait_for_timeout(300)
    assert "plan" in _team(page)


def test_what_the_team_sees_is_not_told_from_memory(demo: dict[str, Any], page: Page) -> None:
    item = _cheats(page, demo, "Mallory")["Forge a signature"]
    page.route("**/team", lambda route: route.abort())
    assert _fire(page, item)
    page.wait_for_timeout(300)
    assert item.locator(".seen").inner_text() == ""


def test_buying_a_plan_is_believed(demo: dict[str, Any], page: Page) -> None:
    page.goto(demo["shop"] + "/plans")
    page.get_by_role("button", name="Log in as Alice").click()
    page.get_by_role("button", name="Choose enterprise").click()
    page.goto(demo["shop"] + "/cheat")
    until(lambda: _team(page).get("plan", "").startswith("plan enterprise"), page)
    until(lambda: _team(page).get("seats", "") == "seats 50 Verified", page)


def test_the_secret_is_in_no_page(demo: dict[str, Any], page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    secrets = json.loads((Path(demo["data"]) / "demo.json").read_text())
    page.goto(demo["shop"] + "/cheat")
    page.get_by_role("button", name="Log in as Mallory").click()
    texts = [page.content()] + [
        page.evaluate("async (path) => (await fetch(path)).text()", path)
        for path in ("/pockets", "/team", "/token", "/static/cheats.js", "/static/shop.js")
    ]
    for name in ("secret", "hash_secret", "access_token", "owner_password"):
        assert not [text for text in texts if secrets[name] in text], name


def test_the_shop_has_its_icon_where_browsers_look_for_it(demo: dict[str, Any], page: Page) -> None:
    for path in ("/favicon.ico", "/static/icon.svg"):
        answer = page.request.get(f"{demo['shop']}{path}")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
        assert "<path" in answer.text()


def test_another_site_logs_nobody_in(demo: dict[str, Any], page: Page) -> None:
    page.goto("about:blank")
    page.set_content(f'<form method="post" action="{demo["shop"]}/login/mallory"><button>win</button></form>')
    page.get_by_role("button").click()
    assert "Only the shop's own pages" in (page.text_content("body") or "")


@pytest.mark.parametrize(("scheme", "width"), VIEWS[: full_or_tenth(20)])
@pytest.mark.parametrize("path", ["/", "/plans", "/cheat"])
def test_axe_finds_nothing(demo: dict[str, Any], page: Page, scheme: Any, width: int, path: str) -> None:
    page.goto(demo["shop"] + path)
    assert _barriers(page, scheme, width) == []


def _barriers(page: Page, scheme: Any, width: int) -> list[str]:
    """What is in somebody's way, in such a window and such light."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate(AXE + "; 0")
    found = page.evaluate("async () => (await axe.run()).violations.map((one) => `${one.id}: ${one.nodes[0].html}`)")
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    return [*found, *([f"{wide} pixels too wide"] if wide > 0 else [])]
