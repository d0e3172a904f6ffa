"""The shop of the demo: honest customers are believed, and each cheat fails with its reason and changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.cast import until
from tests.support.program import AVOW
from tests.support.scale import full_or_tenth

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


def test_every_cheat_fails_with_its_reason_and_changes_nothing(demo: dict[str, Any], page: Page) -> None:
    page.goto(demo["shop"] + "/cheat")
    page.get_by_role("button", name="Log in as Mallory").click()
    until(lambda: "plan" in _team(page), page)
    found = {}
    for item in page.locator(".cheats > li").all():
        item.get_by_role("button").click()
        until(lambda item=item: item.locator(".outcome li").count() and item.get_by_role("button").is_enabled(), page)
        lines = [line.inner_text() for line in item.locator(".outcome li").all()]
        name = item.locator("h2").inner_text()
        found[name] = next((line for line in lines if line.startswith(FATE[name])), lines)
    assert {name: str(line)[: len(FATE[name])] for name, line in found.items()} == FATE
    until(lambda: "enterprise" in _team(page)["plan"], page)
    assert _team(page)["plan"].startswith("plan free Verified the browser claims “enterprise”")
    assert _team(page)["seats"].startswith("seats 1 Verified")


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


def test_another_site_logs_nobody_in(demo: dict[str, Any], page: Page) -> None:
    page.goto("about:blank")
    page.set_content(f'<form method="post" action="{demo["shop"]}/login/mallory"><button>win</button></form>')
    page.get_by_role("button").click()
    assert "Only the shop's own pages" in (page.text_content("body") or "")


VIEWS = [("light", 1280), ("dark", 360), ("light", 360), ("dark", 1280)]
"""In `make test` the first two: every width and every scheme once; in `make proof` all four."""


@pytest.mark.parametrize(("scheme", "width"), VIEWS[: full_or_tenth(20)])
@pytest.mark.parametrize("path", ["/", "/plans", "/cheat"])
def test_axe_finds_nothing(
    demo: dict[str, Any], context: BrowserContext, modules: Path, scheme: Any, width: int, path: str
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(demo["shop"] + path)
    page.evaluate((modules / "axe-core/axe.min.js").read_text() + "; 0")
    found = page.evaluate("async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])")
    assert found == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
