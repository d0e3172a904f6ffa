"""Every screen, by light and by dark, on a desk and on a phone: nothing is in anybody's way, nothing sticks out."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, ViewportSize

from avow.admin.screens import OWN, SCREENS
from tests.support.browser import SMALLEST, TABLET
from tests.support.scale import full_or_tenth
from tests.support.screens import VIEWS, Person, Place

WITHOUT_PARTS = [path for table in (SCREENS, OWN) for path, acts in table.items() if "GET" in acts and "{" not in path]
OPEN = ["/app/sign-in", "/app/nothing-here"]
ASKING = {"/settings/data/people/lock": "?name%5B%5D=email&name%5B%5D=name"}
"""What an address is asked with, where it shows nothing without; addresses below the keys are asked with a kid."""


async def lived_in(place: Place) -> None:
    """A workspace in which something has happened, some of it hostile."""
    place.signed("alice", {"name": "Alice"}, name="Alice", email="alice@customer.example", plan="pro")
    place.signed("mallory", {"plan": "enterprise", "seats": 7}, name="<img src=x onerror=alert(1)>\u202egnp.exe")
    place.unsigned("bob", theme="dark")


async def visit(person: Person, path: str) -> str:
    """Go there, as a link would lead there."""
    asked = f"?kid={person.place.made.kid}" if path.startswith("/settings/security/") else ASKING.get(path, "")
    address = path if path.startswith("/app") else person_root(person) + path
    await person.page.goto(person.place.url + address + asked)
    return path or "/"


def person_root(person: Person) -> str:
    return f"/app/{person.place.made.workspace_id}"


@pytest.mark.long
@pytest.mark.parametrize("turn", range(2))
async def test_nothing_is_in_the_way_of_anybody(place: Place, browser: Browser, turn: int) -> None:
    """Every page in every view in `make proof`; in `make test` each page in one: on a desk, or by dark on a phone."""
    await lived_in(place)
    step = 1 if full_or_tenth(10) > 1 else 2
    found = {}
    for viewport, scheme in VIEWS[turn :: 2 * step]:
        for signed_in, paths in ((True, WITHOUT_PARTS), (False, OPEN)):
            person = await place.person(browser, viewport, scheme=scheme, signed_in=signed_in)
            for path in paths[turn if step > 1 else 0 :: step]:
                name = await visit(person, path)
                if barriers := await person.barriers():
                    found[f"{name} {scheme}"] = barriers
            await person.page.context.close()
    assert found == {}


@pytest.mark.parametrize("viewport", [TABLET, SMALLEST][: full_or_tenth(10)], ids=["820", "360"][: full_or_tenth(10)])
async def test_no_page_is_wider_than_a_small_window(place: Place, browser: Browser, viewport: ViewportSize) -> None:
    """In `make test` in one; `test_long_texts.py` has the smallest there."""
    await lived_in(place)
    person = await place.person(browser, viewport)
    wide = {}
    for path in (*WITHOUT_PARTS, "/settings/data/people/plan", "/settings/data/people/plan/held"):
        name = await visit(person, path)
        if (by := await person.overflow()) > 0:
            wide[name] = by
    await person.page.context.close()
    assert wide == {}


async def test_a_page_does_not_move_while_it_loads(place: Place, olive: Person) -> None:
    await lived_in(place)
    moved = {}
    for path in WITHOUT_PARTS:
        name = await visit(olive, path)
        shift = await olive.page.evaluate(
            """() => new Promise((done) => {
                 let sum = 0;
                 new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))
                   .observe({type: "layout-shift", buffered: true});
                 setTimeout(() => done(sum), 150);
               })"""
        )
        if shift > 0.01:
            moved[name] = shift
    olive.heard.clear()  # a screen that asks for something it was not told answers with a page, and a 400
    assert moved == {}


async def test_what_is_hostile_is_shown_as_text(place: Place, olive: Person) -> None:
    await lived_in(place)
    alerted: list[str] = []
    olive.page.on("dialog", lambda dialog: alerted.append(dialog.message))
    for path in WITHOUT_PARTS:
        await visit(olive, path)
        assert await olive.page.locator("img[src='x']").count() == 0
    olive.heard.clear()
    assert alerted == []
