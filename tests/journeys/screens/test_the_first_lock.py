"""Olive gets from an empty workspace to a lock that holds, and sees every step happen by itself."""

from __future__ import annotations

from playwright.async_api import Route, expect

from tests.support.screens import Person, Place


async def test_the_checklist_completes_itself_while_she_looks_on(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go()
    await expect(page.locator("#step-sign")).to_have_class("next")
    await expect(page.locator("#snippet")).to_contain_text(f"/widget/{place.made.workspace_id}")
    await expect(page.locator("#sample")).to_contain_text(place.made.kid)

    place.signed("alice", plan="pro")

    await expect(page.get_by_text("Get to the first lock")).to_have_count(0, timeout=15_000)
    assert place.enforcement("plan") == "locked"


async def test_what_arrives_signed_and_is_still_open_is_recommended_and_locked(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", {"name": "Alice"}, name="Alice", email="alice@customer.example")
    await olive.go()
    await page.get_by_role("link", name="Review and lock").click()
    await expect(page.get_by_role("heading", name="Recommended: lock 2 attributes")).to_be_visible(timeout=15_000)

    await page.get_by_role("button", name="Lock email").click()
    dialog = page.get_by_role("dialog", name="Lock email?")
    await expect(dialog).to_contain_text("holds for the whole workspace")
    await expect(dialog).to_contain_text("Whoever has kept one can send it again")
    await dialog.get_by_role("button", name="Lock").click()

    await expect(page.get_by_text("email is locked. Unsigned writes are ignored from now on.")).to_be_visible()
    assert place.enforcement("email") == "locked"
    place.unsigned("alice", email="mallory@example.com")
    contact = place.rest("GET", "/contacts/find_by_external_id/alice").json()
    assert contact["email"] == "alice@customer.example"


async def test_a_lock_is_undone_with_one_press(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice")
    await olive.go("/settings/data/people")
    await page.locator("#switch-1").click()
    await page.get_by_role("dialog").get_by_role("button", name="Lock").click()
    await expect(page.locator("#switch-1")).to_have_attribute("aria-checked", "true")
    assert place.enforcement("name") == "locked"

    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("It is as it was before.")).to_be_visible()
    await expect(page.locator("#switch-1")).to_have_attribute("aria-checked", "false")
    assert place.enforcement("name") == "open"


async def test_all_that_is_ready_is_locked_at_once_and_what_is_not_waits(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice", email="alice@customer.example", phone="+4930901820")
    place.signed("alice", {"phone": "+49000"}, email="alice@customer.example")
    await olive.go("/settings/data/people")
    await expect(page.locator("#recommended").get_by_text("Unsigned writes contradict")).to_be_visible()
    await page.get_by_role("button", name="Review and lock all").click()
    dialog = page.get_by_role("dialog", name="Lock 3 attributes?")
    await expect(dialog.get_by_role("checkbox", name="phone")).not_to_be_checked()
    await dialog.get_by_role("button", name="Lock what is chosen").click()

    await expect(page.get_by_text("2 attributes are locked.")).to_be_visible()
    assert [place.enforcement(name) for name in ("name", "email", "phone")] == ["locked", "locked", "open"]


async def test_monitoring_watches_and_changes_nothing(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go("/settings/data/people")
    await page.get_by_text("attributes of which nothing arrived").click()
    await page.get_by_role("button", name="Monitor first for phone").click()
    await expect(page.get_by_text("phone is monitored")).to_be_visible()
    assert place.enforcement("phone") == "monitor"
    place.unsigned("alice", phone="+4930901820")
    assert place.rest("GET", "/contacts/find_by_external_id/alice").json()["phone"] == "+4930901820"


async def test_the_dialog_is_left_without_a_trace(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice")
    await olive.go("/settings/data/people")
    await page.locator("#switch-1").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("#switch-1")).to_be_focused()
    assert place.enforcement("name") != "locked"


async def test_a_lock_is_turned_by_keyboard_alone(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice")
    await olive.go("/settings/data/people")
    await expect(page.locator("#switch-1")).to_be_visible()
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "switch-1":
            break
    await page.keyboard.press("Space")
    await expect(page.get_by_role("dialog", name="Lock name?")).to_be_visible()
    for _ in range(6):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == "Lock":
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("name is locked.")).to_be_visible()
    assert place.enforcement("name") == "locked"


async def test_two_people_see_the_same_lock_at_once(place: Place, olive: Person) -> None:
    other = await place.person(olive.page.context.browser)  # type: ignore[arg-type]
    place.signed("alice", name="Alice")
    for person in (olive, other):
        await person.go("/settings/data/people")
    await olive.page.locator("#switch-1").click()
    await olive.page.get_by_role("dialog").get_by_role("button", name="Lock").click()
    await expect(other.page.locator("#switch-1")).to_have_attribute("aria-checked", "true", timeout=15_000)
    await other.page.context.close()


async def test_what_happens_between_a_page_and_its_stream_is_not_missed(place: Place, olive: Person) -> None:
    held: list[Route] = []
    await olive.page.route("**/live?*", lambda route: held.append(route))
    await olive.go("/settings/data/people")
    await expect(olive.page.locator("#switch-1")).not_to_be_visible()
    place.signed("alice", name="Alice")
    await olive.page.wait_for_timeout(2_000)  # counters are on the disk within a second
    await expect(olive.page.locator("#switch-1")).not_to_be_visible()
    for route in held:
        await route.continue_()
    await expect(olive.page.locator("#switch-1")).to_be_visible()
