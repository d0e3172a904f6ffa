"""Olive reviews what she may lock: the numbers below follow the boxes that she checks, and she stays where she is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Route, expect

from tests.support.browser import DESKTOP
from tests.support.screens import Person, Place

COUNT = re.compile(r"/settings/data/people/lock\?")


def arrived(place: Place) -> None:
    """`email` is only signed; `name` is written unsigned by two people, `phone` by one, and by somebody unproven."""
    place.signed("alice", name="Alice", email="alice@customer.example", phone="+490")
    place.signed("alice", {"name": "Alice F."}, email="alice@customer.example")
    place.signed("bob", {"name": "Bob", "phone": "+491"}, email="bob@customer.example")
    place.unsigned("carol", phone="+492")


async def test_numbers_follow_the_boxes_and_the_focus_stays(place: Place, olive: Person) -> None:
    page = olive.page
    arrived(place)
    await olive.go("/settings/data/people")
    await expect(page.locator("#recommended")).to_contain_text("lock 3 attributes")
    await expect(page.locator("#recommended")).to_contain_text("still sends it unsigned")
    await page.get_by_role("button", name="Review and lock all").click()
    dialog = page.get_by_role("dialog", name="Lock 3 attributes?")
    about, facts = dialog.locator("#lock-about"), dialog.locator("#lock-facts")
    await expect(about).to_have_text("What follows is about email.")
    await expect(facts).to_contain_text("Nobody wrote it unsigned")

    box = dialog.get_by_role("checkbox", name="phone")
    place_before = await box.bounding_box()
    await box.focus()
    await page.keyboard.press("Space")
    await expect(about).to_have_text("What follows is about email and phone.")
    await expect(facts).to_contain_text("1 person wrote one of them unsigned")
    await expect(facts).to_contain_text("1 unsigned claim of callers")
    await expect(facts).to_contain_text("2 stored values were never vouched for.")
    await expect(box).to_be_focused()
    assert await box.bounding_box() == place_before

    await dialog.get_by_label("Put aside, for a decision").check()
    await dialog.get_by_role("checkbox", name="name").check()
    await expect(facts).to_contain_text("2 people wrote one of them unsigned")
    await expect(dialog.get_by_label("Put aside, for a decision")).to_be_checked()
    assert await olive.barriers() == []
    await dialog.get_by_role("checkbox", name="name").uncheck()
    await box.uncheck()
    await expect(about).to_have_text("What follows is about email.")
    await expect(facts).to_contain_text("Every value that is stored was vouched for.")
    await dialog.get_by_role("checkbox", name="email").uncheck()
    await expect(about).to_contain_text("Nothing is chosen yet.")
    await expect(facts).to_be_empty()
    await box.check()
    await expect(dialog.get_by_label("Put aside, for a decision")).to_be_checked()
    await dialog.get_by_role("button", name="Lock what is chosen").click()

    await expect(page.get_by_text("phone is locked.")).to_be_visible()
    assert [place.enforcement(name) for name in ("name", "email", "phone")] == ["open", "open", "locked"]
    assert place.rest("GET", "/contacts/find_by_external_id/bob").json()["phone"] is None


@pytest.mark.parametrize("status", [500, 429, 0])
async def test_what_could_not_be_counted_is_not_locked(place: Place, olive: Person, status: int) -> None:
    """The choice about stored values must not fall back to what nobody chose because a request went wrong."""
    page = olive.page
    arrived(place)
    await olive.go("/settings/data/people")
    await expect(page.locator("#recommended")).to_contain_text("still sends it unsigned")
    await page.get_by_role("button", name="Review and lock all").click()
    dialog = page.get_by_role("dialog", name="Lock 3 attributes?")
    about, facts = dialog.locator("#lock-about"), dialog.locator("#lock-facts")
    lock = dialog.get_by_role("button", name="Lock what is chosen")
    await dialog.get_by_role("checkbox", name="phone").check()
    await dialog.get_by_label("Put aside, for a decision").check()

    async def refuse(route: Route) -> None:
        answer: dict[str, Any] = {"status": status, "content_type": "text/html", "body": "<main id=main>No</main>"}
        await (route.fulfill(**answer) if status else route.abort())

    await page.route(COUNT, refuse)
    await dialog.get_by_role("checkbox", name="name").check()
    await expect(about).to_contain_text("Your choice could not be counted, so it cannot be locked yet")
    await expect(facts).to_contain_text("1 person wrote one of them unsigned")
    await expect(dialog.get_by_label("Put aside, for a decision")).to_be_checked()
    await expect(lock).to_be_disabled()
    assert await olive.barriers() == []

    await page.unroute(COUNT)
    await dialog.get_by_role("checkbox", name="name").uncheck()
    await expect(about).to_have_text("What follows is about email and phone.")
    await lock.click()
    await expect(page.get_by_text("2 attributes are locked.")).to_be_visible()
    assert place.rest("GET", "/contacts/find_by_external_id/bob").json()["phone"] is None
    olive.heard.clear()


async def test_without_a_script_the_numbers_are_asked_for_with_a_button(place: Place, browser: Browser) -> None:
    arrived(place)
    context = await browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    olive = Person(await context.new_page(), place, [])
    await olive.sign_in(*place.owner)
    await olive.go("/settings/data/people")
    await olive.page.get_by_role("button", name="Review and lock all").click()
    about = olive.page.locator("#lock-about")
    await expect(about).to_have_text("What follows is about email.")
    await olive.page.get_by_role("checkbox", name="phone").check()
    await olive.page.get_by_role("button", name="Count for what is chosen").click()
    await expect(about).to_have_text("What follows is about email and phone.")
    await expect(olive.page.get_by_role("checkbox", name="name")).not_to_be_checked()
    await olive.page.get_by_role("button", name="Lock what is chosen").click()
    await expect(olive.page.get_by_text("2 attributes are locked.")).to_be_visible()
    assert [place.enforcement(name) for name in ("name", "email", "phone")] == ["open", "locked", "locked"]
    await context.close()
