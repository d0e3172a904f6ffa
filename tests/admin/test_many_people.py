"""More people than are looked at in one go: a list says how far it looked, goes on, and leaves nobody out."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import urlencode

import pytest

from avow.flow.screens import people
from avow.flow.search.filtering import build
from avow.flow.team.roles import TeamRole
from avow.store.search import glance
from tests.admin.test_people import HERE, listed, names
from tests.support.front_desk import FrontDesk, Shown

MANY = 9


@pytest.fixture(autouse=True)
async def many(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine people, a minute between them; the first and the last are on plan pro. Three are looked at in one go."""
    monkeypatch.setattr(people, "AT_MOST", 3)
    await desk.office.declare("plan")
    for number in range(MANY):
        plan = "pro" if number in (0, MANY - 1) else "free"
        name = "Zoe" if number == 4 else f"Number {number}"
        await desk.office.signed(f"user-{number}", name=name, email=f"n{number}@acme.example", plan=plan)
        desk.office.clock.pass_(60)


def onwards(shown: Shown) -> str:
    """Where it goes on; nothing where it does not."""
    found = re.search(r'href="([^"]*)" rel="next"', shown.text)
    return html.unescape(found[1]) if found else ""


async def all_pages(desk: FrontDesk, address: str) -> list[Shown]:
    """The list, page by page."""
    pages = [await desk.get(address)]
    while address := onwards(pages[-1]):
        pages.append(await desk.get(address))
        assert len(pages) < 30
    return pages


async def test_a_list_without_an_index_says_how_far_it_looked_and_what_would_help(desk: FrontDesk) -> None:
    address = listed(("custom_attributes.plan", "is", "pro"))
    shown = await desk.get(address)
    assert names(shown) == ["Number 8"]
    assert "Looked through the first 3 of 9 people" in shown.words
    assert "There may be more. Go on looking" in shown.words
    assert "People are looked at one by one, because no index is ready for plan" in shown.words
    assert "Make plan filterable" in shown.words
    guest = await desk.as_role(TeamRole.TEAMMATE)
    assert "Make plan filterable" not in (await guest.get(address)).words

    pages = await all_pages(desk, address)
    assert [names(one) for one in pages] == [["Number 8"], [], ["Number 0"]]
    assert "Looked through the first 6 of 9 people" in pages[1].words
    assert "Looked through 9 of 9 people: that is everybody" in pages[2].words


async def test_once_filterable_it_is_found_at_once_and_counted(desk: FrontDesk) -> None:
    address = listed(("custom_attributes.plan", "is", "pro"))
    told = await desk.follow(await desk.post(f"{HERE}/filterable", name="plan", back=address.removeprefix(HERE)))
    assert "plan is being made filterable" in told.words
    assert "because no index is ready for plan (it is being made:" in told.words
    assert names(told) == ["Number 8"]
    await build(desk.office.engine.store, desk.office.workspace_id)
    shown = await desk.get(address)
    assert names(shown) == ["Number 8", "Number 0"]
    assert "2 people" in shown.words
    assert "one by one" not in shown.words


async def test_past_what_is_counted_it_says_how_many_were_looked_at(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (people, glance):
        monkeypatch.setattr(module, "EVERYBODY", 4)
    pages = await all_pages(desk, listed(("custom_attributes.plan", "is", "pro")))
    assert [re.findall(r"Looked through (?:the first )?(\d+) of", one.words) for one in pages] == [["3"], ["6"], ["9"]]


async def test_along_an_index_those_count_whom_it_leads_to(desk: FrontDesk) -> None:
    for number in range(4):
        asked = {"role": "lead", "email": f"lead-{number}@y.example"}
        assert (await desk.office.rest("POST", "/contacts", asked)).status == 200
    pages = await all_pages(desk, listed(("custom_attributes.plan", "is", "pro"), show="users"))
    assert [name for page in pages for name in names(page)] == ["Number 8", "Number 0"]
    assert "Looked through 9 of 9 people: that is everybody" in pages[-1].words


async def test_somebody_found_nowhere_is_nobody_once_everybody_was_looked_at(desk: FrontDesk) -> None:
    pages = await all_pages(desk, f"{HERE}?q=nobody+has+this")
    assert [names(one) for one in pages] == [[], [], []]
    assert "Nobody so far. There may be more." in pages[0].words
    assert "Nobody among these; still looking" in pages[1].words
    assert 'hx-trigger="click, load"' in pages[1].text
    assert "Nobody else fits." in pages[2].words


@pytest.mark.parametrize("order", list(people.Order))
@pytest.mark.parametrize("more", [(), (("custom_attributes.plan", "is", "free"),)])
async def test_nobody_is_lost_in_any_order(
    desk: FrontDesk, order: people.Order, more: tuple[tuple[str, ...], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PAGE", 2)
    pages = await all_pages(desk, listed(*more, sort=order))
    seen = [name for page in pages for name in names(page)]
    everybody = [f"Number {number}" if number != 4 else "Zoe" for number in range(MANY)]
    assert sorted(seen) == sorted(everybody[1:-1] if more else everybody)
    unsorted = order in (people.Order.NAME, people.Order.EMAIL)
    assert {"Newest first:" in page.words for page in pages} == {unsorted}
    if order in (people.Order.NEWEST, people.Order.NAME):
        assert seen == sorted(seen, key=everybody.index, reverse=True)


async def test_by_name_once_names_are_kept_in_order(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAGE", 2)
    first = await desk.get(f"{HERE}?sort=name")
    assert "so many people are put in another order by an index only, and none is ready for name" in first.words
    await desk.post(f"{HERE}/filterable", name="name", back="?sort=name")
    await build(desk.office.engine.store, desk.office.workspace_id)
    assert (await desk.office.rest("POST", "/contacts", {"role": "lead", "email": "x@y.example"})).status == 200
    pages = await all_pages(desk, f"{HERE}?sort=name")
    seen = [name for page in pages for name in names(page)]
    assert seen == [*(f"Number {number}" for number in range(MANY) if number != 4), "Zoe", "Unnamed lead"]
    assert "Newest first:" not in pages[0].words
    assert onwards(first), "a page that was asked for before goes on in its own order"
    assert names(await desk.get(onwards(first))) == ["Number 6", "Number 5"]


async def test_the_beginning_of_a_name_is_found_by_its_index_before_names_are_looked_through(desk: FrontDesk) -> None:
    assert names(await desk.get(f"{HERE}?q=zo")) == []
    await desk.post(f"{HERE}/filterable", name="name", back="?q=zo")
    await build(desk.office.engine.store, desk.office.workspace_id)
    shown = await desk.get(f"{HERE}?q=zo")
    assert names(shown) == ["Zoe"]
    assert "1 person, whose name or e-mail begins with this. Look within names and addresses" in shown.words
    within = await desk.get(f"{HERE}?{urlencode({'q': 'zo', 'within': '1'})}")
    assert (names(within), "Go on looking" in within.words) == ([], True)


async def test_those_who_are_contradicted_are_found_and_counted_at_once(desk: FrontDesk) -> None:
    for number in (1, 5):
        await desk.office.browser(f"user-{number}", name="Mallory")
    shown = await desk.get(f"{HERE}?show=contradicted")
    assert names(shown) == ["Mallory", "Mallory"]
    assert "2 people" in shown.words
    assert "one by one" not in shown.words
    await desk.office.signed("user-5", name="Number 5")
    assert names(await desk.get(f"{HERE}?show=contradicted")) == ["Mallory"]


@pytest.mark.parametrize("mark", [1e308, -1e308, 1e30, 10**40, "x", True, [1]])
async def test_a_cursor_of_impossible_times_begins_again(desk: FrontDesk, mark: object) -> None:

    whole = ["last_seen_at", True, mark, "0" * 24, None, 0]
    after = base64.urlsafe_b64encode(json.dumps(whole).encode()).decode().rstrip("=")
    shown = await desk.get(f"{HERE}?{urlencode({'sort': 'seen', 'after': after})}")
    assert (shown.status, len(names(shown))) == (200, MANY)
