"""Olive reads a chart by its legend: every entry has the colour of its bars, and no two entries share one."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import Browser, Page, expect

import avow
from tests.support.browser import DESKTOP
from tests.support.screens import Place

FILLS = """(figure) => {
  const filled = (rect) => [rect.getAttribute("class"), getComputedStyle(rect).fill];
  const of = (rects) => Object.fromEntries(rects.map(filled));
  return [of([...figure.querySelectorAll(".legend rect")]), of([...figure.querySelectorAll(".chart rect")])];
}"""


def refused_for_five_reasons(place: Place) -> None:
    """One request after the other that Acme's Avow refuses, each for a reason of its own."""
    key, kid, now = place.made.secret, place.made.kid, int(time.time())
    another = avow.sign("alice", {}, key=key, kid="acme-1999")
    good = avow.sign("alice", {}, key=key, kid=kid)
    late = avow.sign("alice", {}, key=key, kid=kid, now=now - 9_000, expires_in=60)
    ahead = avow.sign("alice", {}, key=key, kid=kid, now=now + 9_000)
    for token in (another, late, ahead, good[:-4] + "AAAA", "a.b"):
        body = {"app_id": place.made.workspace_id, "user_data": {"intercom_user_jwt": token}}
        assert place.client.post("/messenger/web/ping", json=body).status_code in (400, 401)


async def colours(page: Page) -> list[dict[str, str]]:
    """The legends of the page, each by the class of its entries; each one's bars are compared with it on the way."""
    legends = []
    for figure in await page.locator("figure:has(.chart)").all():
        legend, bars = await figure.evaluate(FILLS)
        assert bars.items() <= legend.items()
        assert len(set(legend.values())) == len(legend), "two entries of a legend look the same"
        legends.append(legend)
    return legends


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_entry_of_a_legend_has_the_colour_of_its_bars(place: Place, browser: Browser, scheme: str) -> None:
    refused_for_five_reasons(place)
    place.signed("alice", {"plan": "free", "name": "Alice"}, plan="pro")
    place.rest("POST", "/keys", {"kid": "acme-2027"})
    olive = await place.person(browser, DESKTOP, scheme=scheme)
    await olive.go("/activity")
    await expect(olive.page.locator("figure .legend .series-5")).to_have_count(1)
    assert [len(legend) for legend in await colours(olive.page)] == [1, 5]
    await olive.go("/settings/data/people/plan")
    assert [len(legend) for legend in await colours(olive.page)] == [5]
    await olive.go(f"/settings/security/rotate?kid={place.made.kid}&to=acme-2027")
    assert [len(legend) for legend in await colours(olive.page)] == [2]
    await olive.page.context.close()
