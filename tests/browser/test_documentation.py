"""The documentation can be read by everybody: in any window from 360 px, light or dark, without a script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.browser import DESKTOP, SMALLEST
from tests.support.program import Server
from tests.support.scale import full_or_tenth
from tests.support.screens import AXE, RULES

PAGES = ("/docs/", "/docs/api", "/docs/reasons/unverified", "/docs/reasons/nope", "/docs/reference/http")
ALL = [(path, *view) for path in PAGES for view in ((DESKTOP, "light"), (SMALLEST, "dark"))]
SOME = ALL[::3]  # each page, in one of the views


@pytest.mark.long
@pytest.mark.parametrize(("path", "window", "scheme"), ALL if full_or_tenth(10) > 1 else SOME)
def test_nothing_on_a_page_is_in_anybodys_way(
    browser: Browser, server: Server, path: str, window: Any, scheme: Any
) -> None:
    context = browser.new_context(viewport=window, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(server.url) else None)
    page.goto(server.url + path)
    if full_or_tenth(10) == 1:  # all chapters are laid out alike
        page.evaluate("document.querySelectorAll('section.chapter:nth-of-type(n+3)').forEach((one) => one.remove())")
    page.evaluate(AXE)
    found = page.evaluate(
        "async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']})).violations", RULES
    )
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert [f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary']}" for one in found] == []
    assert wide <= 0
    assert [one for one in heard if "404" not in one] == []
    assert foreign == []


def test_a_reader_without_scripts_finds_an_operation_and_its_reasons(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/docs/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="API", exact=True).click()
    page.get_by_role("navigation", name="Contents", exact=True).get_by_role("link", name="Create a contact").click()
    assert page.url.endswith("/docs/api#post-contacts")
    way = page.locator("#post-contacts")
    way.locator("summary").click()
    way.get_by_role("link", name="too_long").click()
    assert page.url.endswith("/docs/reasons/too_long")
    context.close()
