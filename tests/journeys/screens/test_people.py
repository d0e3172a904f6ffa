"""Olive finds people and looks after one of them, in a real browser: by keyboard, with a second browser beside her."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import SMALLEST
from tests.support.scale import full_or_tenth
from tests.support.screens import VIEWS, Person, Place


def lived_in(place: Place) -> None:
    """Alice's plan is locked and contradicted by her browser; Bob's is free; Mallory's name is hostile."""
    place.signed("alice", name="Alice", email="alice@customer.example", plan="pro")
    place.signed("bob", name="Bob", email="bob@customer.example", plan="free")
    place.signed("mallory", name="<img src=x onerror=alert(1)>\u202egnp.exe", plan="free")
    place.signed("alice", {"plan": "enterprise"}, email="alice@customer.example")


def id_of(place: Place, user_id: str) -> str:
    return str(place.rest("GET", f"/contacts/find_by_external_id/{user_id}").json()["id"])


def plan_of(place: Place, user_id: str) -> str | None:
    found = place.rest("GET", f"/contacts/find_by_external_id/{user_id}").json()
    return str(found["custom_attributes"]["plan"])


async def tab_to(page: Page, element_id: str, most: int = 80) -> None:
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == element_id:
            return
    raise AssertionError(f"{element_id} is not reached by Tab")


async def test_she_filters_by_keyboard_alone_and_edits_whom_she_finds(place: Place, olive: Person) -> None:
    lived_in(place)
    page = olive.page
    await olive.go("/people")
    await tab_to(page, "add")
    await page.keyboard.press("Enter")
    await expect(page.locator("#f-0")).to_be_visible()
    await tab_to(page, "f-0")
    async with page.expect_response(lambda answer: "custom_attributes.plan" in answer.url):
        await page.keyboard.type("plan")
        await tab_to(page, "v-0-text")
        await page.keyboard.type("pro")
    await expect(page.locator("#f-0")).to_have_value("custom_attributes.plan")
    await expect(page.locator("#v-0-text")).to_have_value("pro")
    await expect(page.locator("#v-0-text")).to_be_focused()
    await tab_to(page, "t-0")
    await page.keyboard.press("Space")
    await tab_to(page, "apply")
    await page.keyboard.press("Enter")

    await expect(page.locator("#count")).to_have_text("1 person")
    await page.get_by_role("link", name="Alice").press("Enter")
    await expect(page.get_by_role("heading", name="Alice", level=1)).to_be_visible()
    await page.get_by_role("link", name="Edit plan").press("Enter")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("plan").fill("business")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("plan is written, verified by you.")).to_be_visible()
    assert plan_of(place, "alice") == "business"


async def test_a_held_value_is_accepted_where_it_is_shown(place: Place, olive: Person) -> None:
    lived_in(place)
    page = olive.page
    await olive.go("/people?show=contradicted")
    await page.get_by_role("link", name="Alice").click()
    plan = page.locator("li.value", has_text="The browser says:")
    await expect(plan).to_contain_text("enterprise")
    await plan.get_by_role("button", name="Accept for plan").click()
    await expect(page.get_by_text("plan is what you accepted, verified by you.")).to_be_visible()
    await expect(page.locator("li.value", has_text="The browser says:")).to_have_count(0)
    assert plan_of(place, "alice") == "enterprise"
    assert "held_accepted" in [one["kind"] for one in changes(place, "alice")]


def changes(place: Place, user_id: str) -> list[dict[str, str]]:
    return list(place.rest("GET", f"/contacts/{id_of(place, user_id)}/changes").json()["data"])


async def test_what_was_replaced_meanwhile_is_not_accepted(place: Place, olive: Person) -> None:
    lived_in(place)
    page = olive.page
    await olive.go(f"/people/{id_of(place, 'alice')}")
    await page.evaluate("document.querySelector('#person').removeAttribute('data-live')")
    place.signed("alice", {"plan": "business"}, email="alice@customer.example")
    await page.get_by_role("button", name="Accept for plan").click()
    await expect(page.locator("#fault")).to_contain_text("Another value is held by now")
    await expect(page.get_by_text("The browser says: business")).to_be_visible()
    assert plan_of(place, "alice") == "pro"
    assert ["409" in said for said in olive.heard] == [True]
    olive.heard.clear()


async def test_an_update_appears_within_a_second_on_both_screens(place: Place, olive: Person) -> None:
    lived_in(place)
    other = await place.person(olive.page.context.browser)  # type: ignore[arg-type]
    await olive.go(f"/people/{id_of(place, 'bob')}")
    await other.go("/people")
    for page in (olive.page, other.page):
        await expect(page.locator("html.is-live")).to_be_attached()
    place.signed("bob", name="Robert")
    await expect(olive.page.get_by_role("heading", name="Robert", level=1)).to_be_visible(timeout=15_000)
    await expect(other.page.get_by_role("link", name="Robert")).to_be_visible(timeout=15_000)
    await expect(olive.page.locator("#history")).to_contain_text("Robert")
    await other.page.context.close()


async def test_what_somebody_does_appears_on_her_open_page(place: Place, olive: Person) -> None:
    lived_in(place)
    page = olive.page
    await olive.go(f"/people/{id_of(place, 'bob')}")
    await expect(page.locator("html.is-live")).to_be_attached()
    events = page.get_by_role("region", name="Events")
    await expect(events).to_contain_text("Nothing was tracked")
    for number, name in enumerate(("exported-report", "invited-a-friend")):
        body = {"event_name": name, "user_id": "bob", "created_at": int(time.time()) - 60 * number}
        assert place.rest("POST", "/events", body).status_code == 202
        await expect(events).to_contain_text(name, timeout=15_000)


async def test_what_one_teammate_does_the_other_sees(place: Place, olive: Person) -> None:
    lived_in(place)
    other = await place.person(olive.page.context.browser)  # type: ignore[arg-type]
    for person in (olive, other):
        await person.go(f"/people/{id_of(place, 'bob')}")
        await expect(person.page.locator("html.is-live")).to_be_attached()
    await olive.page.get_by_label("Tag", exact=True).fill("VIP")
    await olive.page.keyboard.press("Enter")
    await expect(other.page.locator(".tag", has_text="VIP")).to_be_visible(timeout=15_000)
    await olive.page.get_by_label("Note", exact=True).fill("Called <b>twice</b>.")
    await olive.page.get_by_role("button", name="Keep note").click()
    await expect(other.page.locator(".note", has_text="Called <b>twice</b>.")).to_be_visible(timeout=15_000)
    await other.page.context.close()


async def test_an_open_page_of_somebody_who_is_erased_is_left(place: Place, olive: Person) -> None:
    lived_in(place)
    page, bob = olive.page, id_of(place, "bob")
    await olive.go(f"/people/{bob}")
    await expect(page.locator("html.is-live")).to_be_attached()
    assert place.rest("DELETE", f"/contacts/{bob}").status_code == 200
    await expect(page.get_by_text("That person was erased.")).to_be_visible(timeout=15_000)
    await expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
    assert "bob@customer.example" not in await page.content()


async def test_an_open_page_of_somebody_who_is_merged_becomes_the_others(place: Place, olive: Person) -> None:
    lived_in(place)
    lead = place.rest("POST", "/contacts", {"role": "lead", "name": "Guest"}).json()["id"]
    page, bob = olive.page, id_of(place, "bob")
    await olive.go(f"/people/{lead}")
    await expect(page.locator("html.is-live")).to_be_attached()
    merged = place.rest("POST", "/contacts/merge", {"from": lead, "into": bob, "skip_duplicate_validation": True})
    assert merged.status_code == 200, merged.text
    await expect(page.get_by_text("That person became part of this one.")).to_be_visible(timeout=15_000)
    assert page.url.endswith(f"/people/{bob}")


async def test_somebody_is_erased_after_everything_was_taken_out(place: Place, olive: Person) -> None:
    lived_in(place)
    page, bob = olive.page, id_of(place, "bob")
    await olive.go(f"/people/{bob}")
    await page.get_by_text("More", exact=True).click()
    await page.get_by_role("link", name="Erase").click()
    dialog = page.get_by_role("dialog")
    async with page.expect_download() as taken:
        await dialog.get_by_role("link", name="Download everything").click()
    told = await (await taken.value).path()
    assert "bob@customer.example" in told.read_text()
    await dialog.get_by_label("Type erase to go on").fill("erase")
    await dialog.get_by_role("button", name="Erase").click()
    await expect(page.get_by_text("Erased.")).to_be_visible()
    await expect(page.get_by_role("link", name="Bob")).to_have_count(0)
    assert place.stored("SELECT count(*) FROM contact WHERE id = ?", bob) == [(0,)]


async def test_signing_out_everywhere_asks_first_and_ends_tokens(place: Place, olive: Person) -> None:
    lived_in(place)
    page, bob = olive.page, id_of(place, "bob")
    await olive.go(f"/people/{bob}")
    await page.get_by_text("More", exact=True).click()
    await page.get_by_role("button", name="Sign out everywhere").click()
    dialog = page.get_by_role("dialog", name="Sign out everywhere?")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert place.stored("SELECT not_before FROM contact_key WHERE contact_id = ? AND value = 'bob'", bob) == [(None,)]
    if not await page.get_by_role("button", name="Sign out everywhere").is_visible():
        await page.get_by_text("More", exact=True).click()
    await page.get_by_role("button", name="Sign out everywhere").click()
    await dialog.get_by_role("button", name="Sign out everywhere").click()
    await expect(page.get_by_text("Signed out everywhere. Every token")).to_be_visible()
    ((ended,),) = place.stored("SELECT not_before FROM contact_key WHERE contact_id = ? AND value = 'bob'", bob)
    assert ended is not None


@pytest.mark.parametrize(("path", "words"), [("/people", "Columns"), ("/people/{alice}", "More")])
async def test_a_list_that_is_opened_on_a_phone_is_there_whole(
    place: Place, olive: Person, path: str, words: str
) -> None:
    lived_in(place)
    person = await place.person(olive.page.context.browser, SMALLEST)  # type: ignore[arg-type]
    await person.go(path.replace("{alice}", id_of(place, "alice")))
    await person.page.locator("#main summary", has_text=words).click()
    box = await person.page.locator("#main details[open] > .list").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= SMALLEST["width"]
    await person.page.context.close()


async def test_archiving_is_undone_with_one_press(place: Place, olive: Person) -> None:
    lived_in(place)
    page, bob = olive.page, id_of(place, "bob")
    await olive.go(f"/people/{bob}")
    await page.get_by_text("More", exact=True).click()
    await page.get_by_role("button", name="Archive").click()
    await expect(page.locator(".badge", has_text="Archived")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".badge", has_text="Archived")).to_have_count(0)
    assert place.stored("SELECT archived_at FROM contact WHERE id = ?", bob) == [(None,)]


@pytest.mark.long
async def test_a_persons_pages_are_in_nobodys_way(place: Place, olive: Person) -> None:
    lived_in(place)
    person = id_of(place, "alice")
    browser = olive.page.context.browser
    assert browser is not None
    paths = ("", "/edit", "/merge?with=bob", "/erase")
    builder = "?f%5B%5D=custom_attributes.plan&o%5B%5D=is&v%5B%5D=pro&f%5B%5D=created_at&o%5B%5D=is&v%5B%5D=x"
    addresses = [f"/people{builder}", "/people?show=archived", *(f"/people/{person}{path}" for path in paths)]
    found = {}
    for viewport, scheme in VIEWS[::-1][: full_or_tenth(10)]:
        one = await place.person(browser, viewport, scheme=scheme)
        for address in addresses:
            await one.go(address)
            if barriers := [*await one.barriers(), *(["too wide"] if await one.overflow() > 0 else [])]:
                found[f"{address} {scheme}"] = barriers
        await one.page.context.close()
    assert found == {}
