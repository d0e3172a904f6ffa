"""Olive requires proofs, tries a token under tomorrow's settings, and gives and takes access to REST."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from playwright.async_api import Browser, Dialog, ViewportSize, expect

import avow
from tests.support.browser import SMALLEST
from tests.support.scale import full_or_tenth
from tests.support.screens import VIEWS, Person, Place

AT = "/settings/security"


def policy(place: Place) -> dict[str, Any]:
    """The settings, as they are stored; what is as it always was is not among them."""
    ((raw,),) = place.stored("SELECT policy FROM workspace WHERE id = ?", place.made.workspace_id)
    return dict(json.loads(raw))


def claimed(place: Place, user_id: str) -> int:
    """The status that somebody gets who only says who she is."""
    body = {"app_id": place.made.workspace_id, "user_data": {"user_id": user_id}}
    headers = {"origin": "https://old.acme.example"}
    return place.client.post("/messenger/web/ping", json=body, headers=headers).status_code


async def test_a_proof_is_required_where_it_is_ready_and_unproven_claims_end(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", plan="pro")
    await olive.go(f"{AT}/messenger")
    row = page.locator("#platform-web")
    await expect(row).to_contain_text("Ready: every request of 7 days proved", timeout=15_000)
    assert claimed(place, "bob") == 200
    await expect(row).to_contain_text("Not yet: 1 request in 7 days", timeout=15_000)
    await expect(page.get_by_role("cell", name="old.acme.example")).to_be_visible(timeout=15_000)

    await page.get_by_role("switch", name="Require a proof: Web").click()
    dialog = page.get_by_role("dialog", name="Require a proof on Web?")
    await expect(dialog).to_contain_text("1 request in 7 days would have been refused")
    await dialog.get_by_role("button", name="Require it").click()
    await expect(row).to_contain_text("Required")
    assert policy(place)["messenger_security"] == {"web": "required"}
    assert claimed(place, "bob") == 403
    place.signed("alice", plan="pro")
    await expect(page.get_by_text("without a proof was refused in 7 days")).to_be_visible(timeout=15_000)

    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("switch", name="Require a proof: Web")).to_have_attribute("aria-checked", "false")
    assert claimed(place, "bob") == 200


async def test_a_token_is_tried_under_tomorrows_settings_and_nothing_is_written(place: Place, olive: Person) -> None:
    page = olive.page
    place.signed("alice", {"theme": "light"}, plan="pro")
    before = place.stored("SELECT count(*) FROM change")
    token = avow.sign("alice", {"plan": "enterprise"}, key=place.made.secret, kid=place.made.kid)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await olive.go(f"{AT}/checker")
    await page.get_by_label("Token (intercom_user_jwt)").fill(token)
    await page.get_by_label("What the page sends beside it").fill('{"plan": "free", "name": "Alice"}')
    await page.get_by_text("Lock what is not locked").click()
    await page.get_by_role("checkbox", name="name", exact=True).check()
    await page.get_by_role("button", name="Check").click()

    await expect(page.locator("#result")).to_contain_text("Today: let in. 2 values would be applied.")
    await expect(page.locator("#check-V6")).to_contain_text("Passed")
    name = page.get_by_role("row", name="name Differs Messenger, unsigned")
    await expect(name).to_contain_text("Applied")
    await expect(name).to_contain_text("unverified")
    await expect(page.get_by_role("row", name="plan Messenger, unsigned").first).to_contain_text("superseded_by_signed")
    assert place.stored("SELECT count(*) FROM change") == before
    assert place.enforcement("name") != "locked"
    assert not [url for url in asked if token[:40] in url]
    assert token[:40] not in page.url


async def test_a_checker_that_was_filled_by_keyboard_says_which_check_failed(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go(f"{AT}/checker")
    await page.get_by_label("Token (intercom_user_jwt)").focus()
    old = avow.sign("alice", key=place.made.secret, kid=place.made.kid, now=1_000_000_000)
    await page.keyboard.insert_text(old)
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == "Check":
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#check-V9")).to_contain_text("token_expired")
    await expect(page.locator("#check-V10")).to_contain_text("Not reached")


async def test_tokens_without_a_date_are_seen_and_then_refused(place: Place, olive: Person) -> None:
    page = olive.page
    token = jwt.encode({"user_id": "alice"}, place.made.secret, "HS256", headers={"kid": place.made.kid})
    body = {"app_id": place.made.workspace_id, "user_data": {"intercom_user_jwt": token}}
    assert place.client.post("/messenger/web/ping", json=body).status_code == 200
    place.signed("bob")
    await olive.go(f"{AT}/policy")
    await expect(page.locator("#tokens")).to_contain_text("Replayable")
    await page.get_by_role("radio", name="Refuse").check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    assert policy(place)["undated_tokens"] == "refuse"
    assert place.client.post("/messenger/web/ping", json=body).json()["errors"][0]["code"] == "iat_missing"
    await expect(page.locator("#tokens")).to_contain_text("1 had no iat")


async def test_an_access_token_is_made_used_and_ended(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go("/settings/access-tokens")
    await page.get_by_role("link", name="New access token").click()
    await page.get_by_label("Name").fill("Nightly sync")
    await page.get_by_role("radio", name="Relaying").check()
    await page.get_by_role("checkbox", name="Create, change, merge and erase people").uncheck()
    await page.get_by_role("button", name="Make access token").click()
    text = await page.locator("#text").inner_text()
    headers = {"authorization": f"Bearer {text}"}
    assert place.client.get("/contacts", headers=headers).status_code == 200
    assert place.client.post("/contacts", headers=headers, json={"email": "a@b.example"}).status_code == 403
    assert place.stored("SELECT count(*) FROM access_token WHERE digest = ?", text) == [(0,)]

    await page.get_by_role("link", name="I have it").click()
    assert text not in await page.content()
    await page.get_by_role("button", name="Revoke Nightly sync").click()
    await page.get_by_role("dialog", name="Revoke Nightly sync?").get_by_role("button", name="Revoke for good").click()
    await expect(page.get_by_text("Nightly sync is revoked, for good.")).to_be_visible()
    assert place.client.get("/contacts", headers=headers).status_code == 401


async def test_what_is_hostile_shows_as_text(place: Place, olive: Person) -> None:
    page, said = olive.page, list[str]()

    async def heard(dialog: Dialog) -> None:
        said.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", heard)
    hostile = '<img src=x onerror="alert(1)">'
    await olive.go(f"{AT}/keys")
    await page.get_by_label("Name").fill(hostile)
    await page.get_by_role("button", name="Make key").click()
    await expect(page.locator("h1")).to_have_text(f"{hostile} is made")
    body = {"app_id": place.made.workspace_id, "user_data": {"user_id": hostile}, "installation_type": hostile}
    place.client.post("/messenger/web/ping", json=body, headers={"origin": "https://x.example"})
    for path in (AT, f"{AT}/messenger", f"{AT}/samples", f"{AT}/rotate?kid={place.made.kid}"):
        await olive.go(path)
        assert await page.locator("main img").count() == 0
    assert said == []


@pytest.mark.long
@pytest.mark.parametrize(("viewport", "scheme"), VIEWS[: full_or_tenth(10)])
async def test_nothing_is_in_anybodys_way(place: Place, browser: Browser, viewport: ViewportSize, scheme: str) -> None:
    place.signed("alice", {"name": "Alice"}, plan="pro")
    person = await place.person(browser, viewport, scheme=scheme)
    key = f"kid={place.made.kid}"
    for path in (
        AT, f"{AT}/keys", f"{AT}/key?{key}", f"{AT}/key/revoke?{key}", f"{AT}/key/distrust?{key}", f"{AT}/rotate?{key}",
        f"{AT}/messenger", f"{AT}/messenger/turn?platform=web", f"{AT}/policy", f"{AT}/checker", f"{AT}/samples?in=go",
        "/settings/access-tokens", "/settings/access-tokens/new",
    ):  # fmt: skip
        await person.go(path)
        assert await person.barriers() == [], path
        assert await person.overflow() <= 0, path
    await person.go(f"{AT}/checker")
    await person.page.get_by_label("Token (intercom_user_jwt)").fill("a.b.c")
    await person.page.get_by_role("button", name="Check").click()
    await expect(person.page.locator("#check-V1")).to_be_visible()
    assert await person.barriers() == []
    await person.page.context.close()


async def test_the_smallest_window_holds_every_screen(place: Place, browser: Browser) -> None:
    person = await place.person(browser, SMALLEST)
    for path in (
        AT,
        f"{AT}/keys",
        f"{AT}/messenger",
        f"{AT}/policy",
        f"{AT}/checker",
        f"{AT}/samples",
        "/settings/access-tokens",
    ):
        await person.go(path)
        assert await person.overflow() <= 0, path
    await person.page.context.close()
