"""The lock's dialog: its numbers are of different people, and of what is chosen in it."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest

from avow.flow.screens import leftovers
from avow.trust.attribute import Enforcement
from avow.trust.weighing.voice import Page
from tests.support.front_desk import FrontDesk, Shown

HERE = "/settings/data/people/lock"
OLD = Page("https://old.acme.example", "/v1/settings", "snippet 3")


def asking(*names: str, **fields: str) -> str:
    """The dialog's address for these attributes."""
    return f"{HERE}?{urlencode([*(('name[]', name) for name in names), *fields.items()])}"


def part(shown: Shown, element_id: str) -> str:
    """What is read from that element to the form's foot."""
    found = re.search(rf'id="{element_id}".*?<footer>', shown.text, re.DOTALL)
    assert found, f"no {element_id}"
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", f"<{found[0]}")).split())


def offered(shown: Shown) -> str:
    """What a request for other numbers says of the list it came from."""
    found = re.search(r'name="offered" value="([\d.]+)"', shown.text)
    assert found, "nothing is offered"
    return found[1]


def checked(shown: Shown) -> list[str]:
    """The attributes whose boxes are checked."""
    return re.findall(r'name="name\[\]" id="[^"]+" value="([^"]+)" checked', shown.text)


async def test_somebody_on_two_pages_is_one_person(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.office.browser("alice", name="Alice F.")
    await desk.office.browser("alice", name="Alice G.", page=OLD)
    await desk.settle()
    words = (await desk.get(asking("name"))).words
    assert "1 person wrote it unsigned in the last 7 days" in words
    assert "app.acme.example/v1 (snippet 3) : 1 person" in words
    assert "old.acme.example/v1 (snippet 3) : 1 person" in words


async def test_different_people_behind_different_attributes_are_added(desk: FrontDesk) -> None:
    await desk.office.browser("alice", name="Alice")
    await desk.office.browser("bob", phone="+491")
    await desk.office.browser("alice", phone="+492")
    await desk.settle()
    opened = await desk.get(asking("name", "phone"))
    shown = await desk.get(asking("name", "phone", offered=offered(opened)))
    assert "2 people wrote one of them unsigned in the last 7 days" in shown.words


async def test_nobody_is_said_to_be_elsewhere_who_was_counted_already(desk: FrontDesk) -> None:
    await desk.office.signed("alice", phone="+490")
    await desk.office.browser("alice", phone="+491", name="Alice")
    await desk.office.signed("bob", name="Bob")
    await desk.office.browser("alice", name="Alice F.", page=OLD)
    await desk.settle()
    words = (await desk.get("/settings/data/people")).words
    assert "Not yet: 1 person on app.acme.example/v1 (snippet 3) still sends it unsigned" in words
    assert "elsewhere" not in words


async def test_numbers_are_of_what_is_checked(desk: FrontDesk) -> None:
    await desk.office.signed("alice", email="alice@customer.example", phone="+490")
    await desk.office.browser("bob", phone="+491")
    await desk.office.forged("carol", phone="+492")
    await desk.settle()
    opened = await desk.get(asking("email", "phone"))
    assert checked(opened) == ["email"]
    facts = part(opened, "lock-about")
    assert "What follows is about email ." in facts
    assert "Nobody wrote it unsigned in the last 7 days." in facts
    assert "Every value that is stored was vouched for." in facts

    both = await desk.get(asking("email", "phone", offered=offered(opened), leftovers="hold"))
    facts = part(both, "lock-about")
    assert "What follows is about email and phone ." in facts
    assert "1 person wrote one of them unsigned in the last 7 days." in facts
    assert "1 unsigned claim of callers who had not proven whom they speak about" in facts
    assert "2 stored values were never vouched for." in facts
    assert re.search(r'value="hold" checked', both.text)


async def test_what_is_offered_stays_on_the_page_whatever_is_checked(desk: FrontDesk) -> None:
    """Without a script the page is asked for again: unchecked boxes must not be gone then."""
    opened = await desk.get(asking("email", "phone"))
    assert 'formmethod="get"' in opened.text
    shown = await desk.get(asking("phone", offered=offered(opened)))
    assert checked(shown) == ["phone"]
    assert 'value="email"' in shown.text
    none = await desk.get(asking(offered=offered(opened)))
    assert checked(none) == []
    assert "Nothing is chosen yet." in part(none, "lock-about")
    assert "Nobody wrote" not in none.words


async def test_the_rest_of_the_count_is_of_what_is_checked_too(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "AMONG", 1)
    for number in range(2):
        await desk.office.browser(f"browser-{number}", phone=f"+49{number}", name=f"Browser {number}")
    opened = await desk.get(asking("name", "phone"))
    shown = await desk.get(asking("phone", offered=offered(opened)))
    onward = re.search(r'id="unvouched" hx-get="([^"]+)"', shown.text)
    assert onward
    assert re.findall(r"name%5B%5D=(\w+)", onward[1]) == ["phone"]


@pytest.mark.parametrize("raw_offered", ["", "x", "999999", "2.phone", "٣", "9" * 5000, "-2", "2..6"])
async def test_an_offer_that_was_not_made_is_refused_or_offers_nothing_more(desk: FrontDesk, raw_offered: str) -> None:
    shown = await desk.get(asking("email", offered=raw_offered))
    assert shown.status in (200, 400)
    assert 'value="phone"' not in shown.text or shown.status == 400


async def test_what_somebody_locked_meanwhile_is_offered_no_more(desk: FrontDesk) -> None:
    opened = await desk.get(asking("email", "phone", "name"))
    await desk.office.enforce("phone", Enforcement.LOCKED)
    shown = await desk.get(asking("phone", "email", offered=offered(opened)))
    assert 'value="phone"' not in shown.text
    assert "What follows is about email ." in part(shown, "lock-about")
