"""Olive looks at one attribute: what arrives, what is held, and what she decides about it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.scale import full_or_tenth
from tests.support.screens import VIEWS, Person, Place


def holding(place: Place, user_id: str, name: str) -> list[Any]:
    """Value, source, slot and held value, as they are stored."""
    ((text,),) = place.stored("SELECT holdings FROM contact WHERE external_id = ?", user_id)
    return list(json.loads(text)[name])


async def open_attribute(olive: Person, name: str) -> None:
    """As everybody does: from the list, by its name."""
    await olive.go("/settings/data/people")
    await olive.page.get_by_role("link", name=name, exact=True).click()
    await expect(olive.page.get_by_role("heading", level=1, name=name)).to_be_visible()


async def open_contested(place: Place, olive: Person) -> None:
    """The page of `plan`, which is locked, and which the browsers of Bob and Carol have tried to write."""
    place.signed("alice", plan="pro")
    for user_id in ("bob", "carol"):
        place.signed(user_id, {"plan": "enterprise"}, name=user_id.title())
    await open_attribute(olive, "plan")


async def test_a_held_value_appears_by_itself_and_is_accepted(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice", plan="pro")
    await open_attribute(olive, "plan")
    await expect(page.get_by_text("Nothing ignored lately waits for a decision")).to_be_visible()

    place.unsigned("alice", plan="enterprise")

    row = page.locator("#held").get_by_role("row", name=re.compile("Alice"))
    await expect(row).to_contain_text("enterprise", timeout=15_000)
    await expect(row).to_contain_text("Sender not proven")
    await row.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("It counts as verified: you vouched for it.")).to_be_visible()
    value, source, _, held = holding(place, "alice", "plan")
    assert (value, source[0], source[1], held) == ("enterprise", "teammate", True, None)


async def test_what_she_has_chosen_stays_chosen_while_the_page_renews_itself(place: Place, olive: Person) -> None:
    page = olive.page
    await open_contested(place, olive)
    await page.get_by_label("Choose Bob").check()
    await page.get_by_label("Choose Bob").blur()
    place.signed("dave", {"plan": "enterprise"}, name="Dave")
    await page.wait_for_timeout(2_000)
    await expect(page.get_by_label("Choose Bob")).to_be_checked()
    await page.get_by_label("Choose Bob").uncheck()
    await page.get_by_label("Choose Bob").blur()
    await expect(page.get_by_label("Choose Dave")).to_be_visible()


async def test_many_held_values_are_accepted_at_once_and_stay_unverified(place: Place, olive: Person) -> None:
    page = olive.page
    await open_contested(place, olive)
    await page.get_by_label("Choose Bob").check()
    await page.get_by_label("Choose Carol").check()
    await page.get_by_role("button", name="Accept those chosen, unverified").click()
    await expect(page.get_by_text("2 values are accepted, unverified.")).to_be_visible()
    for user_id in ("bob", "carol"):
        value, source, _, held = holding(place, user_id, "plan")
        assert (value, source[1], held) == ("enterprise", False, None)


async def test_everything_that_waits_is_a_page_of_its_own_and_she_stays_on_it(place: Place, olive: Person) -> None:
    page = olive.page
    await open_contested(place, olive)
    await page.get_by_role("link", name="Everything that waits").click()
    await expect(page.get_by_role("heading", level=1, name="What waits")).to_be_visible()
    await expect(page.locator("#count")).to_contain_text("2 values among 3 people; that is everybody")
    assert await olive.barriers() == []
    await page.get_by_role("row", name=re.compile("Bob")).get_by_role("button", name="Discard").click()
    await expect(page.get_by_text("The value is let go.")).to_be_visible()
    await expect(page.locator("#count")).to_contain_text("1 value among 3 people")
    await expect(page.get_by_role("row", name=re.compile("Carol"))).to_be_visible()
    assert page.url.endswith("/held")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1, name="plan")).to_be_visible()


async def test_it_is_locked_and_unlocked_on_its_own_page(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice")
    await olive.go("/settings/data/people/name")
    await page.get_by_role("switch", name="Prevent insecure updates via the Messenger: name").click()
    await page.get_by_role("dialog", name="Lock name?").get_by_role("button", name="Lock").click()
    await expect(page.get_by_text("name is locked.")).to_be_visible()
    assert place.enforcement("name") == "locked"
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator("#switch")).to_have_attribute("aria-checked", "false")
    assert place.enforcement("name") == "open"
    await expect(page.locator("#history")).to_contain_text("Locked")
    await expect(page.get_by_role("heading", level=1, name="name")).to_be_visible()


async def test_an_attribute_is_created_and_archived_by_keyboard(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go("/settings/data/people/new")
    await page.get_by_label("Name").focus()
    await page.keyboard.type("tier")
    await page.get_by_label("Type").focus()
    await page.keyboard.type("Whole")
    await page.get_by_role("button", name="Create").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("tier is there.")).to_be_visible()
    assert place.stored("SELECT type, enforcement FROM attribute WHERE name = 'tier'") == [("integer", "locked")]

    await page.wait_for_load_state()  # until then the button is a link
    await page.locator("#archive").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Archive tier?")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Archive").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("tier is archived.")).to_be_visible()
    assert place.stored("SELECT archived FROM attribute WHERE name = 'tier'") == [(1,)]


async def test_the_chart_can_be_read_as_a_table(place: Place, olive: Person) -> None:
    place.signed("alice", {"name": "Alice"}, name="Alice")
    place.signed("bob", {"name": "Mallory"})
    await olive.go("/settings/data/people/name?over=24h")
    chart = olive.page.get_by_role("img", name="Writes of name over time, by how they came")
    await expect(chart).to_be_visible()
    await olive.page.get_by_text("As a table").click()
    table = olive.page.get_by_role("table", name="Writes of name over time, by how they came")
    await expect(table.get_by_role("row").nth(1)).to_contain_text("1")


@pytest.mark.long
async def test_nothing_of_it_is_in_anybodys_way(place: Place, browser: Browser) -> None:
    place.signed("alice", name="Alice", plan="pro")
    place.signed("alice", {"plan": "<img src=x onerror=alert(1)>\u202e"}, name="Alice")
    place.signed("bob", {"plan": "enterprise"}, name="Bob")
    for viewport, scheme in VIEWS[::-1][: full_or_tenth(10)]:
        person = await place.person(browser, viewport, scheme=scheme)
        for path in ("/settings/data/people/plan", "/settings/data/people/plan/archive", "/activity?reason=unverified"):
            await person.go(path)
            assert await person.barriers() == [], path
            assert await person.overflow() <= 0, path
            assert await person.page.locator("img[src='x']").count() == 0
        await person.page.context.close()
