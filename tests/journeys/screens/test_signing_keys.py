"""Olive makes a key and sees it used, exchanges one without refusing anybody, and ends one that has leaked."""

from __future__ import annotations

import re
from typing import Any

import httpx
from playwright.async_api import expect

import avow
from tests.support.screens import Person, Place

AT = "/settings/security"


def sent(place: Place, secret: str, kid: str, user_id: str = "alice", /, **values: Any) -> httpx.Response:
    """Acme's backend signs with that key, and a browser delivers it."""
    token = avow.sign(user_id, values, key=secret, kid=kid)
    body = {"app_id": place.made.workspace_id, "user_data": {"intercom_user_jwt": token}}
    return place.client.post("/messenger/web/ping", json=body, headers={"origin": "https://app.acme.example"})


def state(place: Place, kid: str) -> str | None:
    """A key's state, as it is stored; None for one that is not there."""
    rows = place.stored("SELECT details FROM signing_key WHERE kid = ?", kid)
    found = (
        re.search(rb'"state":"(\w+)"', rows[0][0] if isinstance(rows[0][0], bytes) else rows[0][0].encode())
        if rows
        else None
    )
    return found[1].decode() if found else None


async def made(olive: Person, name: str, kid: str) -> str:
    """Fill in the form that is shown; the secret that comes."""
    page = olive.page
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Key id (kid)").fill(kid)
    await page.get_by_role("button", name="Make key").click()
    await expect(page.get_by_role("heading", name=f"{name} is made")).to_be_visible()
    return await page.locator("#secret").inner_text()


async def test_a_key_is_made_copied_and_seen_in_use(place: Place, olive: Person) -> None:
    page = olive.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await olive.go(AT)
    await page.get_by_role("link", name="New key").click()
    secret = await made(olive, "Backend 2027", "acme-2027")
    await page.get_by_role("button", name="Copy").first.click()
    assert await page.evaluate("navigator.clipboard.readText()") == secret
    await page.get_by_role("link", name="I have it").click()
    row = page.get_by_role("row", name="Backend 2027")
    await expect(row).to_contain_text("None in 30 days")
    assert state(place, "acme-2027") == "live"
    assert secret not in await page.content()

    assert sent(place, secret, "acme-2027", plan="pro").status_code == 200
    await expect(row).to_contain_text("just now", timeout=15_000)
    await expect(row.get_by_role("img", name="1 use in 30 days")).to_be_visible()


async def test_a_pasted_key_says_what_is_wrong_with_it_until_nothing_is(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go(f"{AT}/keys")
    await expect(page.get_by_label("What you paste")).to_be_hidden()
    await page.get_by_role("radio", name="Paste a secret").check()
    await page.get_by_label("What you paste").fill("short")
    await page.get_by_label("Key id (kid)").fill("imported")
    await page.get_by_role("button", name="Make key").click()
    await expect(page.get_by_text("expected 32 to 1024 bytes").first).to_be_visible()
    await expect(page.get_by_label("Key id (kid)")).to_have_value("imported")
    assert state(place, "imported") is None
    olive.heard.clear()  # the browser notes the 400 that this page came with
    await page.get_by_label("What you paste").fill("hT4-kW9_pZ2.vN7~qL5!xR8+mJ3=cY6@bD1")
    await page.get_by_role("button", name="Make key").click()
    await expect(page.get_by_role("heading", name="imported")).to_be_visible()
    assert state(place, "imported") == "live"
    assert sent(place, "hT4-kW9_pZ2.vN7~qL5!xR8+mJ3=cY6@bD1", "imported").status_code == 200


async def test_the_rotation_goes_on_by_itself_and_refuses_nobody(place: Place, olive: Person) -> None:
    page, old = olive.page, place.made
    assert sent(place, old.secret, old.kid).status_code == 200
    await olive.go(AT)
    await page.get_by_role("link", name="Rotate First key").click()
    await page.get_by_role("link", name="Make the new key").click()
    secret = await made(olive, "Backend 2027", "acme-2027")
    await page.get_by_role("link", name="go on with the rotation").click()
    await expect(page.locator("#step-deploy")).to_have_class("next")
    await expect(page.locator("#sample")).to_contain_text("acme-2027")

    assert sent(place, secret, "acme-2027", plan="pro").status_code == 200
    await expect(page.locator("#step-watch")).to_have_class("next", timeout=15_000)
    assert sent(place, old.secret, old.kid, plan="pro").status_code == 200

    await page.get_by_label("When").select_option("in an hour")
    await page.get_by_role("button", name="Retire", exact=True).click()
    await expect(page.get_by_text("Until then both are believed.")).to_be_visible()
    await expect(page.locator("#step-retire")).to_have_class("done")
    assert state(place, old.kid) == "retiring"
    assert sent(place, old.secret, old.kid, plan="pro").status_code == 200

    await page.get_by_label("When").select_option("now")
    await page.get_by_role("button", name="Retire", exact=True).click()
    await expect(page.locator("#step-over")).to_have_class("done")
    assert state(place, old.kid) == "retired"
    refused = sent(place, old.secret, old.kid, plan="pro")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "key_retired")
    assert sent(place, secret, "acme-2027", plan="pro").status_code == 200


async def test_a_key_is_revoked_by_keyboard_after_reading_who_is_shut_out(place: Place, olive: Person) -> None:
    page, key = olive.page, place.made
    sent(place, key.secret, key.kid, plan="pro")
    await olive.go(f"{AT}/key?kid={key.kid}")
    await expect(page.locator("#uses")).to_contain_text("just now", timeout=15_000)
    await page.locator("#revoke").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Revoke First key?")
    await expect(dialog).to_contain_text("1 request in the last 24 hours")
    await expect(dialog).to_contain_text("There is no other live key")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#revoke")).to_be_focused()
    assert state(place, key.kid) == "live"

    await page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()
    for _ in range(6):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == "Revoke for good":
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("First key is revoked, for good.")).to_be_visible()
    assert state(place, key.kid) == "revoked"
    assert sent(place, key.secret, key.kid).json()["errors"][0]["code"] == "key_revoked"


async def test_what_a_leaked_key_vouched_for_is_seen_first_and_then_taken_back(place: Place, olive: Person) -> None:
    page, key = olive.page, place.made
    for number in range(3):
        sent(place, key.secret, key.kid, f"user-{number}", plan="enterprise")
    await olive.go(f"{AT}/key?kid={key.kid}")
    await page.get_by_role("link", name="Distrust…").click()
    await page.get_by_role("button", name="See what would be taken back").click()
    await expect(page.get_by_role("heading", name="3 people would lose something")).to_be_visible()
    assert state(place, key.kid) == "live"
    provenance = "/contacts/find_by_external_id/user-1"
    person = place.rest("GET", provenance).json()["id"]
    assert place.rest("GET", f"/contacts/{person}/provenance").json()["attributes"]["plan"]["verified"] is True

    await page.get_by_role("button", name="Revoke it and take this back").click()
    await expect(page.get_by_text("is taken back: 3 people.")).to_be_visible(timeout=30_000)
    assert state(place, key.kid) == "revoked"
    assert place.rest("GET", f"/contacts/{person}/provenance").json()["attributes"]["plan"]["verified"] is False


async def test_a_secret_in_a_browser_raises_the_alarm_while_she_looks_on(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go(AT)
    await expect(page.locator("#alarm")).to_have_count(0)
    body = {"app_id": place.made.workspace_id, "user_data": {"user_id": "alice", "note": place.made.secret}}
    assert place.client.post("/messenger/web/ping", json=body).status_code == 403
    await expect(page.locator("#alarm")).to_contain_text("A signing secret was seen in a browser", timeout=15_000)
    assert place.stored("SELECT kind FROM alert") == [("secret_leaked",)]
