"""Texts as long as they may be, without one blank: no page is wider than its window, and no card than its page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, ViewportSize, expect

import avow
from tests.journeys.screens.test_every_screen import WITHOUT_PARTS, visit
from tests.support.browser import DESKTOP, PHONE, SMALLEST
from tests.support.scale import full_or_tenth
from tests.support.screens import Place

NAME, VALUE = "n" * 190, "W" * 255
BESIDE = """() => [...document.querySelectorAll("#main .card, #main .banner, #main h1, #main table, .side > *")]
  .filter((one) => {
    const room = one.closest(".scroll, .frame > div, .side") ?? document.body;
    return one.checkVisibility() && one.getBoundingClientRect().right > room.getBoundingClientRect().right + 1;
  })
  .map((one) => `${one.tagName}.${one.className}#${one.id}`)"""


async def told_at_length(place: Place) -> list[str]:
    """Everything that has a name has a long one; the screens of single things."""
    root = f"/app/{place.made.workspace_id}"
    for name in (NAME, "company_name", "held"):
        body = {"name": name, "model": "contact", "data_type": "string", "description": "d" * 900}
        body["messenger_writable"] = name != "held"
        assert place.rest("POST", "/data_attributes", body).status_code == 200
    mail = f"{'m' * 60}@{'h' * 60}.{'h' * 60}.example"
    place.signed("u" * 255, name=VALUE, email=mail, company_name=VALUE, held=VALUE, **{NAME: VALUE})
    said = {"company_name": "X" * 255, "held": "Y" * 255, NAME: "Z" * 255}
    token = avow.sign("u" * 255, key=place.made.secret, kid=place.made.kid)
    body = {
        "app_id": place.made.workspace_id,
        "user_data": {"intercom_user_jwt": token, **said},
        "installation_type": "web 1.9.0",
        "referer": f"https://app.acme.example/{'p' * 2_000}",
    }
    headers = {"origin": "https://app.acme.example"}
    assert place.client.post("/messenger/web/ping", json=body, headers=headers).status_code == 200
    (contact,) = place.stored("SELECT id FROM contact WHERE external_id = ?", "u" * 255)[0]
    tag = place.rest("POST", "/tags", {"name": "t" * 190}).json()
    place.rest("POST", f"/contacts/{contact}/tags", {"id": tag["id"]})
    place.rest("POST", f"/contacts/{contact}/notes", {"body": "o" * 2_000})
    place.rest("POST", "/events", {"event_name": "e" * 190, "user_id": "u" * 255, "created_at": 1_800_000_000})
    numbers = [row[0] for row in place.stored("SELECT id FROM attribute WHERE name IN (?, 'held')", NAME)]
    return [
        f"{root}/people/{contact}",
        f"{root}/people/{contact}/edit",
        f"{root}/people/{contact}/erase",
        f"{root}/people/{contact}/edit?attribute={numbers[0]}",
        f"{root}/settings/security/key?kid={'k' * 128}",
        f"{root}/settings/security/key/revoke?kid={'k' * 128}",
        f"{root}/settings/security/rotate?kid={place.made.kid}",
        f"{root}/settings/security/rotate?kid={'k' * 128}",
        *(f"{root}/settings/data/people/{number}{below}" for number in numbers for below in ("", "/held")),
        f"{root}/settings/security/key/distrust?kid={'k' * 128}",
        f"{root}/activity?show=changes",
    ]


async def named_at_length(place: Place, browser: Browser) -> None:
    """A key, an access token, a teammate and both workspaces get long names, by their forms."""
    person = await place.person(browser)
    page = person.page
    forms = (
        ("/settings/security/keys", {"name": "K" * 100, "kid": "k" * 128, "origin": "made", "purpose": "token"}),
        ("/settings/access-tokens", {"name": "A" * 100}),
        ("/settings/teammates", {"name": "T" * 100, "email": f"{'t' * 60}@acme.example", "role": "teammate"}),
        ("/settings/workspaces", {"name": "S" * 100}),
        ("/app/account", {"name": "O" * 100}),
    )
    for path, fields in forms:
        await person.go(path) if path in WITHOUT_PARTS else None
        for name, text in fields.items():
            field = page.locator(f'main form [name="{name}"]:not([type="radio"], [type="hidden"])').first
            if await field.count() and await field.is_editable():
                await field.fill(text) if await field.evaluate("(it) => it.matches('input, textarea')") else None
        button = page.locator("main form", has=page.locator('[name="name"]')).locator("button.main").first
        if await button.count():
            await button.click()
            await page.wait_for_load_state()
    await page.context.close()


WIDTHS = {"360": SMALLEST, "390": PHONE, "1280": DESKTOP}
"""All of them in `make proof`; the smallest, where most sticks out, in `make test`."""


@pytest.mark.parametrize("viewport", list(WIDTHS.values())[: full_or_tenth(10)], ids=list(WIDTHS)[: full_or_tenth(10)])
async def test_nothing_sticks_out(place: Place, browser: Browser, viewport: ViewportSize) -> None:
    single = await told_at_length(place)
    await named_at_length(place, browser)
    person = await place.person(browser, viewport)
    wide = {}
    for path in (*WITHOUT_PARTS, *single):
        name = await visit(person, path)
        if (by := await person.overflow()) > 0:
            wide[name[-60:]] = by
        if beside := await person.page.evaluate(BESIDE):
            wide[f"{name[-60:]} beside"] = beside[:3]
    assert wide == {}

    await person.page.goto(place.url + next(path for path in single if "attribute=" in path))
    for text, told in (("x" * 300, "#fault"), ("y", ".toast")):
        await person.page.locator("#edit-form input:not([type=hidden]), #edit-form textarea").fill(text)
        await person.page.get_by_role("button", name="Save").click()
        await expect(person.page.locator(told)).to_be_visible()
        assert await person.overflow() <= 0
        assert await person.page.evaluate(BESIDE) == []
    await person.page.context.close()
