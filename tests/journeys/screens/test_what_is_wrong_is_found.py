"""A form that comes back with a fault leads to it: the field that is marked has the focus, and is in sight."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.support.browser import PHONE
from tests.support.screens import Person, Place

IN_SIGHT = """() => { const one = document.activeElement, box = one.getBoundingClientRect();
  return {id: one.id, tag: one.tagName, seen: box.top >= 0 && box.bottom <= innerHeight && box.height > 0}; }"""


async def found(person: Person) -> str:
    """What has the focus, which must be in sight: its id, else its name."""
    await person.page.wait_for_function("document.activeElement !== document.body")
    await person.page.wait_for_timeout(100)
    told = await person.page.evaluate(IN_SIGHT)
    assert told["seen"], told
    assert await person.barriers() == []
    person.heard.clear()  # the browser notes the 4xx that this page came with
    return str(told["id"])


async def edited(person: Person) -> str:
    """Alice's page, where she can be edited; she has many values."""
    for name in ("seats", *(f"more_{number:02}" for number in range(30))):
        person.place.rest("POST", "/data_attributes", {"name": name, "model": "contact", "data_type": "integer"})
    person.place.signed("alice", name="Alice", seats=7)
    (alice,) = person.place.stored("SELECT id FROM contact WHERE external_id = 'alice'")[0]
    address = f"/people/{alice}/edit"
    await person.go(address)
    return address


async def test_a_save_that_failed_leads_to_the_field(place: Place, browser: Browser) -> None:
    for viewport in (None, PHONE):
        person = await place.person(browser, **({"viewport": viewport} if viewport else {}))
        await edited(person)
        field = person.page.get_by_label("seats")
        await field.fill("abc")
        await person.page.get_by_role("button", name="Save").click()
        await expect(field).to_be_focused()
        assert await found(person) == await field.get_attribute("id")
        await expect(person.page.locator("#fault")).to_be_attached()
        await person.page.context.close()


async def test_what_somebody_else_wrote_meanwhile_stands_beside_the_field(place: Place, olive: Person) -> None:
    page = olive.page
    await edited(olive)
    field = page.get_by_label("seats")
    await field.fill("8")
    place.signed("alice", name="Alice of Acme", seats=9)
    await page.get_by_role("button", name="Save").click()
    await expect(field).to_be_focused()
    await found(olive)
    await expect(page.locator(".field", has=field)).to_contain_text("stands there now: 9")
    await expect(field).to_have_value("8")
    await expect(page.get_by_label("name", exact=False).first).to_have_value("Alice of Acme")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("seats is written, verified by you.")).to_be_visible()


async def test_a_choice_that_is_missing_is_led_to(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go("/settings/security/keys")
    for name in ("Web", "iOS", "Android"):
        await page.get_by_role("checkbox", name=name).uncheck()
    await page.get_by_role("button", name="Make key").click()
    await expect(page.get_by_role("checkbox", name="Web")).to_be_focused()
    await found(olive)


async def test_a_wrong_password_is_told_where_she_is(place: Place, browser: Browser) -> None:
    person = await place.person(browser, PHONE, signed_in=False)
    page = person.page
    await page.goto(f"{place.url}/app/sign-in")
    await page.get_by_label("E-mail").fill("olive@acme.example")
    await page.get_by_label("Password").fill("not this one, surely")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await found(person)
    await page.context.close()


async def test_a_fault_in_a_dialog_is_led_to(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", name="Alice")
    (alice,) = place.stored("SELECT id FROM contact WHERE external_id = 'alice'")[0]
    await olive.go(f"/people/{alice}")
    await page.get_by_text("More", exact=True).click()
    await page.get_by_role("link", name="Erase").click()
    await page.locator("#f-word").fill("no")
    await page.locator("#f-word").press("Enter")
    await expect(page.locator("#f-word[aria-invalid]")).to_be_focused()
    await found(olive)
    assert place.stored("SELECT count(*) FROM contact WHERE external_id = 'alice'") == [(1,)]


async def test_of_a_choice_that_is_wrong_what_is_chosen_has_the_focus(place: Place, olive: Person) -> None:
    """As a page with such a fault would come back; arrow keys go on from what is chosen."""
    page = olive.page
    await olive.go("/settings/security/keys")
    chosen = page.locator('input[name="purpose"]').nth(1)
    await chosen.check()
    await page.locator("fieldset", has=chosen).evaluate("(one) => one.setAttribute('aria-invalid', 'true')")
    came_back = "new CustomEvent('htmx:afterSettle', {detail: {xhr: {status: 400}}})"
    await page.evaluate(f"document.activeElement.blur(); document.dispatchEvent({came_back})")
    await expect(chosen).to_be_focused()
