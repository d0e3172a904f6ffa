"""People: who is listed, by which filters and texts, in which order, page by page; and what a list says of itself."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest

from avow.flow.screens import people
from avow.trust.attribute import AttributeType, Enforcement
from tests.support.front_desk import FrontDesk, Shown

HERE = "/people"
HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an attribute's end": '"><img src=x onerror=alert(1)>',
    "turned around": "\u202egnp.exe",
    "a lookalike": "\u0430lice@customer.example",
    "a template": "{{ 7 * 7 }}",
    "lines": "Alice\r\nSet-Cookie: a=b",
    "very long": "A" * 255,
}


def names(shown: Shown) -> list[str]:
    """Who is listed, in order."""
    return re.findall(r'id="person-\w{24}".*?<bdi>(.*?)</bdi>', shown.text, re.DOTALL)


def listed(*conditions: tuple[str, ...], **more: str) -> str:
    """The address of a list; a condition is field, operator, value, and perhaps `verified`."""
    pairs = list(more.items())
    for number, (field, operator, value, *verified) in enumerate(conditions):
        pairs += [("f[]", field), ("o[]", operator), ("v[]", value)]
        pairs += [("t[]", str(number))] if verified else []
    return f"{HERE}?{urlencode(pairs)}"


async def some(desk: FrontDesk) -> None:
    """Alice and Bob are signed, Carol's plan is her browser's word; a lead came by REST."""
    office = desk.office
    await office.declare("plan")
    await office.declare("seats", "integer")
    await office.enforce("plan", Enforcement.OPEN)
    await office.signed("alice", name="Alice", email="alice@customer.example", plan="pro", seats=25)
    office.clock.pass_(5)
    await office.signed("bob", name="Bob", email="bob@customer.example", plan="free", seats=3)
    office.clock.pass_(5)
    await office.signed("carol", name="Carol")
    await office.browser("carol", plan="pro")
    office.clock.pass_(5)
    assert (await office.rest("POST", "/contacts", {"role": "lead", "name": "Dora"})).status == 200


async def test_everybody_is_listed_newest_first_with_what_is_known(desk: FrontDesk) -> None:
    await some(desk)
    shown = await desk.get(HERE)
    assert names(shown) == ["Dora", "Carol", "Bob", "Alice"]
    assert "4 people" in shown.words
    alice = shown.row(f"person-{(await desk.office.known('alice')).id}")
    assert "Verified: alice@customer.example" in alice
    assert "Verified: pro" in alice
    assert "Unverified: pro" in shown.row(f"person-{(await desk.office.known('carol')).id}")


async def test_an_empty_workspace_says_where_people_come_from(desk: FrontDesk) -> None:
    assert "Nobody yet" in (await desk.get(HERE)).words
    assert "Nobody fits" in (await desk.get(f"{HERE}?q=alice")).words


@pytest.mark.parametrize(
    ("conditions", "more", "expected"),
    [
        ([("custom_attributes.plan", "is", "PRO")], {}, ["Carol", "Alice"]),
        ([("custom_attributes.plan", "is", "pro", "verified")], {}, ["Alice"]),
        ([("custom_attributes.plan", "set", "")], {}, ["Carol", "Bob", "Alice"]),
        ([("custom_attributes.plan", "unset", "")], {}, ["Dora"]),
        ([("custom_attributes.seats", "over", "3")], {}, ["Alice"]),
        ([("custom_attributes.seats", "least", "3")], {}, ["Bob", "Alice"]),
        ([("email", "ends", "@customer.example"), ("name", "begins", "b")], {}, ["Bob"]),
        ([("name", "is", "Bob"), ("name", "is", "Dora")], {"match": "any"}, ["Dora", "Bob"]),
        ([("role", "is", "lead")], {}, ["Dora"]),
        ([("last_seen_at", "set", "")], {"sort": "name"}, ["Alice", "Bob", "Carol"]),
        ([("created_at", "is", "2027-01-15")], {"sort": "oldest"}, ["Alice", "Bob", "Carol", "Dora"]),
        ([("created_at", "over", "2027-01-15")], {}, []),
        ([("email", "is", "")], {}, ["Dora", "Carol", "Bob", "Alice"]),
        ([("no such field", "is", "x")], {}, ["Dora", "Carol", "Bob", "Alice"]),
    ],
)
async def test_conditions_narrow_the_list(
    desk: FrontDesk, conditions: list[tuple[str, ...]], more: dict[str, str], expected: list[str]
) -> None:
    await some(desk)
    assert names(await desk.get(listed(*conditions, **more))) == expected


async def test_quick_filters_and_shelves_show_their_own(desk: FrontDesk) -> None:
    await some(desk)
    await desk.office.signed("alice", name="Alice F.")
    await desk.office.browser("alice", name="Mallory")
    bob = (await desk.office.known("bob")).id
    await desk.post(f"{HERE}/{bob}/aside", do="archive")
    carol = (await desk.office.known("carol")).id
    await desk.post(f"{HERE}/{carol}/aside", do="block")
    found = {one: names(await desk.get(f"{HERE}?show={one}")) for one in people.Quick}
    assert found == {
        "all": ["Dora", "Mallory"],
        "users": ["Mallory"],
        "leads": ["Dora"],
        "contradicted": ["Mallory"],
        "archived": ["Bob"],
        "blocked": ["Carol"],
    }
    assert "1 contradicted" in (await desk.get(HERE)).words


async def test_a_text_is_found_whole_first_and_within_on_demand(desk: FrontDesk) -> None:
    await some(desk)
    await desk.office.signed("alice2", name="alice@customer.example is my mother")
    whole = await desk.get(f"{HERE}?q=ALICE@customer.example")
    assert names(whole) == ["Alice"]
    assert "Look within names and addresses" in whole.words
    assert len(names(await desk.get(f"{HERE}?q=alice%40customer.example&within=1"))) == 2
    assert names(await desk.get(f"{HERE}?q=bob")) == ["Bob"]
    assert names(await desk.get(f"{HERE}?q=caro")) == ["Carol"]
    alice = (await desk.office.known("alice")).id
    assert names(await desk.get(f"{HERE}?q={alice}")) == ["Alice"]


async def test_what_cannot_be_asked_is_said_at_its_row(desk: FrontDesk) -> None:
    await some(desk)
    shown = await desk.get(listed(("name", "is", "Bob"), ("custom_attributes.seats", "over", "many")))
    assert shown.status == 200
    assert 'aria-describedby="c-1-told"' in shown.text
    assert "This is no number" in shown.words
    assert names(shown) == []


async def test_rows_are_added_and_taken_away_without_a_script(desk: FrontDesk) -> None:
    await some(desk)
    added = await desk.get(listed(("name", "is", "Bob"), add="1"))
    assert added.text.count('class="condition"') == 2
    dropped = await desk.get(listed(("name", "is", "Bob"), ("email", "has", "x"), drop="0"))
    assert dropped.text.count('class="condition"') == 1
    assert 'value="Bob"' not in dropped.text


async def _attribute(desk: FrontDesk, name: str) -> int:
    rules = await desk.office.engine.rulebook.current(desk.office.workspace_id)
    return rules.attributes[name].id


async def test_pages_follow_each_other_and_nobody_is_lost(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAGE", 3)
    for number in range(8):
        await desk.office.signed(f"user-{number}", name=f"Number {number}")
    for order in ("newest", "oldest", "name", "seen"):
        seen: list[str] = []
        shown = await desk.get(f"{HERE}?sort={order}")
        while True:
            seen += names(shown)
            following = re.search(r'href="([^"]*)" rel="next"', shown.text)
            if following is None:
                break
            shown = await desk.get(html.unescape(following[1]))
            assert "8 people" in shown.words
        assert sorted(seen) == [f"Number {number}" for number in range(8)]


@pytest.mark.parametrize("cursor", ["x", "é", "WzFd", "W10", "bnVsbA", "A" * 9000, "WyJpZCIsdHJ1ZSxbXSwieCIsMV0"])
async def test_a_made_up_cursor_begins_again(desk: FrontDesk, cursor: str) -> None:
    await some(desk)
    for order in ("newest", "seen", "name"):
        shown = await desk.get(f"{HERE}?{urlencode({'after': cursor, 'sort': order})}")
        assert shown.status == 200
        assert len(names(shown)) == 4


async def test_columns_are_hers_and_are_kept(desk: FrontDesk) -> None:
    await some(desk)
    seats = await _attribute(desk, "seats")
    shown = await desk.follow(await desk.post(f"{HERE}/columns", column=[str(seats), "999", "x"], back="?show=users"))
    heads = re.findall(r'<th scope="col"><bdi>(.*?)</bdi>', shown.text)
    assert heads == ["seats"]
    assert names(shown) == ["Carol", "Bob", "Alice"]
    assert re.findall(r'<th scope="col"><bdi>(.*?)</bdi>', (await desk.get(HERE)).text) == ["seats"]
    none = await desk.follow(await desk.post(f"{HERE}/columns", back="https://mallory.example"))
    assert re.findall(r'<th scope="col"><bdi>', none.text) == []


async def test_what_is_locked_is_shown_at_first(desk: FrontDesk) -> None:
    for name in ("a", "b", "plan"):
        await desk.office.declare(name)
    for name in ("a", "b"):
        await desk.office.enforce(name, Enforcement.OPEN)
    await desk.office.signed("alice", b="1")
    await desk.office.engine.rulebook.confirm()
    heads = re.findall(r'<th scope="col"><bdi>(.*?)</bdi>', (await desk.get(HERE)).text)
    assert heads == ["plan", "b"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
async def test_what_is_hostile_is_text(desk: FrontDesk, text: str) -> None:
    await desk.office.declare("plan", AttributeType.STRING)
    await desk.office.signed("mallory", name=text[:255], plan=text)
    for address in (HERE, f"{HERE}?{urlencode({'q': text[:200]})}", listed(("name", "is", text[:200]), sort="name")):
        shown = await desk.get(address)
        assert shown.status == 200
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
        assert " 49 " not in shown.words


async def test_who_is_erased_or_of_another_workspace_is_not_listed(desk: FrontDesk) -> None:
    await some(desk)
    assert names(await desk.get(f"/app/{desk.test_workspace_id}{HERE}")) == []
