"""Something goes wrong on a page that renews itself: she reads what, and the page is still there at the next event."""

from __future__ import annotations

import re

from playwright.async_api import Route, expect

from tests.support.screens import Person, Place


async def refuse_renewals(route: Route) -> None:
    """Let nothing through by which a page renews itself."""
    request = route.request
    if request.method == "GET" and "hx-request" in request.headers:
        await route.abort()
    else:
        await route.continue_()


async def contested(place: Place, olive: Person) -> None:
    """The page of `plan`, on which Bob's claim waits that is another one by the time that she decides about it."""
    place.signed("alice", plan="pro")
    place.signed("bob", {"plan": "enterprise"}, name="Bob")
    await olive.page.route("**/*", refuse_renewals)
    await olive.go("/settings/data/people/plan")
    place.signed("bob", {"plan": "gold"}, name="Bob")


async def test_a_decision_that_came_too_late_leaves_the_attributes_page_live(place: Place, olive: Person) -> None:
    page = olive.page
    await contested(place, olive)
    row = page.locator("#held").get_by_role("row", name=re.compile("Bob"))
    await row.get_by_role("button", name="Accept").click()
    await expect(page.locator("#fault")).to_be_visible()
    await expect(page.get_by_role("heading", level=1, name="plan")).to_be_visible()
    await page.unroute("**/*", refuse_renewals)
    place.signed("carol", {"plan": "enterprise"}, name="Carol")
    await expect(page.locator("#held").get_by_role("row", name=re.compile("Carol"))).to_be_visible()
    olive.heard.clear()  # the browser reports the 409, and what was refused


async def test_what_is_wrong_with_a_decision_about_what_waits_is_said_there(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", plan="pro")
    place.signed("bob", {"plan": "enterprise"}, name="Bob")
    await olive.go("/settings/data/people/plan/held")
    place.signed("bob", {"plan": "gold"}, name="Bob")
    await page.get_by_role("button", name="Accept for Bob").click()
    await expect(page.locator("#fault")).to_be_visible()
    await expect(page.get_by_role("heading", level=1, name="What waits")).to_be_visible()
    await expect(page.get_by_role("row", name=re.compile("Bob"))).to_contain_text("gold")
    olive.heard.clear()


async def test_a_list_in_which_nothing_was_chosen_to_lock_goes_on_being_live(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice", email="alice@customer.example")
    await olive.go("/settings/data/people")
    await page.get_by_role("button", name="Review and lock all").click()
    dialog = page.get_by_role("dialog", name="Lock 2 attributes?")
    for name in ("name", "email"):
        await dialog.get_by_role("checkbox", name=name).uncheck()
    await expect(dialog.locator("#lock-about")).to_contain_text("Nothing is chosen yet.")
    await dialog.get_by_role("button", name="Lock what is chosen").click()
    await expect(page.locator("#fault")).to_contain_text("Nothing is chosen.")
    olive.heard.clear()

    place.signed("alice", seats=7)
    await expect(page.get_by_role("link", name="seats")).to_be_visible()


async def test_a_page_that_cannot_be_renewed_for_once_stays_as_it_is(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", plan="pro")
    await olive.go("/settings/data/people")
    refused: list[str] = []

    async def refuse(route: Route) -> None:
        refused.append(route.request.url)
        await route.fulfill(status=503, content_type="text/html", body="<main id=main>Busy</main>")

    await page.route("**/settings/data/people", refuse)
    async with page.expect_response("**/settings/data/people"):
        place.signed("alice", seats=7)
    await page.wait_for_timeout(300)
    await expect(page.get_by_role("link", name="plan")).to_be_visible()
    await page.unroute("**/settings/data/people")
    place.signed("alice", tier="gold")
    await expect(page.get_by_role("link", name="tier")).to_be_visible()
    olive.heard.clear()
