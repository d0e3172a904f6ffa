"""Olive comes in, by password and by device; invites Otto; and is out everywhere when she says so."""

from __future__ import annotations

import time

import segno
from playwright.async_api import Browser, expect

from avow.flow.team import totp
from tests.support.browser import PHONE
from tests.support.screens import Person, Place

NEW = "quite another row of words"


async def offered_secret(person: Person) -> bytes:
    import base64

    text = (await person.page.locator("#secret").inner_text()).strip()
    return base64.b32decode(text + "=" * (-len(text) % 8))


def code(secret: bytes, ahead: int = 0) -> str:
    return totp.code_at(secret, int(time.time()) // 30 + ahead)


async def drawn_by_the_browser(person: Person) -> list[list[int]]:
    """The modules of the picture, as the browser fills them: its quiet zone is left out."""
    picture = person.page.get_by_role("img", name="QR code")
    await expect(picture).to_be_visible()
    dark: list[list[int]] = await picture.evaluate(
        """picture => {
          const size = picture.viewBox.baseVal.width;
          const path = picture.querySelector("path[fill='#000']");
          const modules = [...Array(size - 8).keys()].map((one) => one + 4.5);
          return modules.map((y) => modules.map((x) => Number(path.isPointInFill(new DOMPoint(x, y)))));
        }"""
    )
    return dark


def matrix(text: str) -> list[list[int]]:
    return [list(row) for row in segno.make_qr(text, error="m").matrix]


async def test_the_servers_address_leads_to_the_sign_in_and_on(place: Place, browser: Browser) -> None:
    person = await place.person(browser, signed_in=False)
    await person.page.goto(f"{place.url}/")
    await expect(person.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await person.sign_in(*place.owner)
    await expect(person.page.get_by_role("heading", name="Overview")).to_be_visible()
    assert place.stored("SELECT count(*) FROM teammate_session WHERE complete") == [(1,)]
    await person.page.context.close()


async def test_a_wrong_password_is_told_and_the_address_stays_typed(place: Place, browser: Browser) -> None:
    person = await place.person(browser, signed_in=False)
    page = person.page
    await page.goto(f"{place.url}/app/sign-in")
    await page.get_by_label("E-mail").fill(place.owner[0])
    await page.get_by_label("Password").fill("not her password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    await expect(page.get_by_label("E-mail")).to_have_value(place.owner[0])
    await expect(page.get_by_label("Password")).to_have_value("")
    assert place.stored("SELECT count(*) FROM teammate_session") == [(0,)]
    await page.context.close()


async def test_she_signs_in_by_keyboard_alone(place: Place, browser: Browser) -> None:
    person = await place.person(browser, signed_in=False)
    page = person.page
    await page.goto(f"{place.url}/app/sign-in")
    await page.locator("body").press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type(place.owner[0])
    await page.keyboard.press("Tab")
    await page.keyboard.type(place.owner[1])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/app")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    await page.context.close()


async def test_a_device_is_asked_for_once_it_is_set_up(place: Place, browser: Browser, olive: Person) -> None:
    page = olive.page
    await olive.go("/app/account")
    await page.get_by_role("button", name="Set up").click()
    secret = await offered_secret(olive)
    link = await page.get_by_role("link", name="open it on this device").get_attribute("href")
    assert await drawn_by_the_browser(olive) == matrix(str(link))
    assert await olive.barriers() == []
    await page.get_by_label("The code it shows").fill(code(secret))
    await page.get_by_role("button", name="Turn on").click()
    recovery = (await page.locator("#recovery").inner_text()).split()
    assert len(recovery) == 10

    other = await place.person(browser, signed_in=False)
    await other.sign_in(*place.owner)
    await expect(other.page.get_by_role("heading", name="One more step")).to_be_visible()
    await other.page.get_by_label("Code").fill(code(secret, ahead=1))
    await other.page.get_by_role("button", name="Continue").click()
    await expect(other.page.get_by_role("heading", name="Overview")).to_be_visible()
    await other.page.context.close()

    lost = await place.person(browser, signed_in=False)
    await lost.sign_in(*place.owner)
    await lost.page.get_by_label("Code").fill(recovery[0])
    await lost.page.get_by_role("button", name="Continue").click()
    await expect(lost.page.get_by_role("heading", name="Overview")).to_be_visible()
    await lost.page.context.close()
    assert place.stored("SELECT count(*) FROM recovery_code") == [(9,)]


async def test_a_new_password_ends_the_session_in_the_other_browser(
    place: Place, browser: Browser, olive: Person
) -> None:
    other = await place.person(browser)
    await other.go()
    await olive.go("/app/account")
    await olive.page.get_by_label("Present password").fill(place.owner[1])
    await olive.page.get_by_label("New password").fill(NEW)
    await olive.page.get_by_role("button", name="Change password").click()
    await expect(olive.page.get_by_text("Your password is changed.")).to_be_visible()
    await other.page.reload()
    await expect(other.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await other.page.context.close()
    assert place.stored("SELECT count(*) FROM teammate_session") == [(1,)]


async def test_a_password_that_is_too_short_is_told_at_its_field(place: Place, olive: Person) -> None:
    before = place.stored("SELECT password_hash FROM teammate")
    await olive.go("/app/account")
    await olive.page.get_by_label("Present password").fill(place.owner[1])
    await olive.page.get_by_label("New password").fill("short")
    await olive.page.get_by_role("button", name="Change password").click()
    field = olive.page.get_by_label("New password")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(
        "The password has 5 characters; use at least 12. "
        "Some words that only you put together are easier to keep in mind than signs."
    )
    assert place.stored("SELECT password_hash FROM teammate") == before
    olive.heard.clear()  # the browser notes every 400 in its console


async def test_she_ends_the_session_of_another_browser(place: Place, browser: Browser, olive: Person) -> None:
    other = await place.person(browser, PHONE)
    await other.go()
    await olive.go("/app/account")
    await olive.page.get_by_role("button", name="End Chrome on Linux").click()
    await expect(olive.page.get_by_text("That browser is signed out.")).to_be_visible()
    await other.page.reload()
    await expect(other.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await other.page.context.close()


async def test_signing_out_leaves_nothing_behind(place: Place, olive: Person) -> None:
    await olive.go()
    await olive.page.get_by_text("owner", exact=True).first.click()
    await olive.page.get_by_role("button", name="Sign out").click()
    await expect(olive.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await olive.page.go_back()
    await expect(olive.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert place.stored("SELECT count(*) FROM teammate_session") == [(0,)]


async def test_it_is_always_visible_which_workspace_this_is(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go()
    await page.locator("#workspaces-side summary").click()
    await page.get_by_role("link", name="My company (test)").click()
    await expect(page.get_by_text("Test workspace: nothing here touches production.")).to_be_visible()
    assert place.made.told["test_workspace"]["id"] in page.url
    await expect(page.locator("#step-key")).to_have_class("next")


async def test_dark_and_light_are_chosen_and_stay(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go()

    async def background() -> str:
        return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))

    light = await background()
    await page.locator(".side").get_by_role("button", name="Dark").click()
    dark = await background()
    assert dark != light
    await page.reload()
    assert await background() == dark
    await page.locator(".side").get_by_role("button", name="Light").click()
    assert await background() == light


async def test_a_page_that_is_open_ends_with_the_server_at_once(place: Place, olive: Person) -> None:
    await olive.go()
    await expect(olive.page.locator("html")).to_have_class("is-live")
    assert place.server.stop() < 5
    olive.heard.clear()
