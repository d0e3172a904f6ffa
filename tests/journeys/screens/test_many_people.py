"""Olive looks for one among thousands, in a real browser: the list says how far it came, and goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import expect

from avow.flow.screens.leftovers import AMONG
from avow.flow.screens.people import AT_MOST
from tests.support.program import avow
from tests.support.screens import Person, Place

MORE = 150


def built(place: Place, name: str) -> bool:
    """Whether the attribute's index is ready."""
    every = place.rest("GET", "/data_attributes").json()["data"]
    return bool(next(one for one in every if one["name"] == name)["filter"]["state"] == "ready")


async def test_she_goes_on_looking_until_somebody_fits(place: Place, olive: Person, tmp_path: Path) -> None:
    place.signed("alice", name="Alice", plan="enterprise")
    others = tmp_path / "people.csv"
    others.write_text(
        "external_id,name,plan\n" + "".join(f"u{one},Person {one},free\n" for one in range(AT_MOST + MORE))
    )
    await asyncio.sleep(1.1)  # ids grow by the second: she is older than everybody else
    avow("import", str(others), *place.made.place)
    page = olive.page
    await olive.go("/people?f[]=custom_attributes.plan&o[]=is&v[]=enterprise")
    told = f"Looked through the first {AT_MOST:,} of {AT_MOST + MORE + 1:,} people"
    await expect(page.locator("#count")).to_have_text(told)
    await expect(page.get_by_text("Nobody so far. There may be more.")).to_be_visible()
    await page.get_by_role("link", name="Go on looking").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Alice")).to_be_visible()
    await expect(page.get_by_text("That is everybody.")).to_be_visible()

    await page.get_by_role("button", name="Make plan filterable").click()
    for _ in range(200):
        if built(place, "plan"):
            break
        await asyncio.sleep(0.1)
    await page.reload()
    await expect(page.locator("#count")).to_have_text("1 person")
    await expect(page.get_by_role("link", name="Alice")).to_be_visible()
    assert olive.heard == []


async def test_a_lock_counts_what_nobody_vouched_for_among_all_of_them(
    place: Place, olive: Person, tmp_path: Path
) -> None:
    place.unsigned("alice", name="Alice", phone="+491")
    await asyncio.sleep(1.1)
    others = tmp_path / "people.csv"
    others.write_text("external_id,name\n" + "".join(f"u{one},Person {one}\n" for one in range(AMONG // 2 + MORE)))
    avow("import", str(others), *place.made.place)
    page = olive.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await olive.go("/settings/data/people/lock?offered=1.3&name[]=phone&name[]=name")
    await expect(page.locator("#unvouched")).to_have_text("2 stored values were never vouched for.")
    assert len([one for one in asked if "/lock/count?" in one]) == 1
    assert olive.heard == []
