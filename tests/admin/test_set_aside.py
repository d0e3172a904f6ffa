"""What a lock put aside is told as that, and comes back with undo, however many people it is."""

from __future__ import annotations

import html
import re

import pytest

from avow.flow.screens import leftovers
from tests.support.front_desk import FrontDesk, Shown

HERE = "/settings/data/people"


def toast(shown: Shown) -> tuple[str, dict[str, list[str]]]:
    """The address of the toast's button, and the fields that it sends."""
    found = re.search(r'<div class="toast.*?</div>', shown.text, re.DOTALL)
    assert found, shown.words[-400:]
    action = re.search(r'action="([^"]*)"', found[0])
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([\w\[\]]+)" value="([^"]*)"', found[0]):
        fields.setdefault(name.removesuffix("[]"), []).append(html.unescape(value))
    return html.unescape(action[1]) if action else "", fields


async def pressed(desk: FrontDesk, shown: Shown) -> Shown:
    address, fields = toast(shown)
    sent: dict[str, str | list[str]] = {name: one if name == "name" else one[0] for name, one in fields.items()}
    return await desk.follow(await desk.post(address, **sent))


async def test_it_is_told_as_put_aside_and_not_as_somebody_elses_claim(desk: FrontDesk) -> None:
    await desk.office.browser("alice", phone="+491")
    await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold")
    alice = await desk.office.known("alice")
    shown = await desk.get(f"/people/{alice.id}")
    assert "Put aside at a lock: +491" in shown.words
    assert "Somebody unproven says" not in shown.words
    assert "Written by Messenger" not in shown.words
    assert "+491 waits for a decision" in shown.words
    assert "tried" not in shown.words


async def test_a_crowd_is_put_aside_and_back_press_by_press(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "STEP", 2)
    monkeypatch.setattr(leftovers, "AT_ONCE", 4)
    for number in range(6):
        await desk.office.browser(f"user-{number}", phone=f"+49{number}", email=f"user-{number}@customer.example")
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone", "email"], leftovers="hold"))
    for _ in range(5):
        if "There may be more." not in shown.words:
            break
        shown = await pressed(desk, shown)
    holdings = [await desk.office.holding(f"user-{number}", name) for number in range(6) for name in ("phone", "email")]
    assert all(one.value is None and one.held is not None and one.held.aside for one in holdings)


async def test_undo_goes_on_where_there_are_many(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        await desk.office.browser(f"user-{number}", phone=f"+49{number}")
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold"))
    assert "6 values wait beside it for a decision." in shown.words
    monkeypatch.setattr(leftovers, "STEP", 2)
    monkeypatch.setattr(leftovers, "AT_ONCE", 4)
    shown = await pressed(desk, shown)
    assert "It is as it was before. 4 values are back. There may be more." in shown.words
    shown = await pressed(desk, shown)
    assert "2 values are back." in shown.words
    assert [(await desk.office.holding(f"user-{number}", "phone")).value for number in range(6)] == [
        f"+49{number}" for number in range(6)
    ]


async def test_where_something_is_vouched_for_undo_says_what_stays_aside(desk: FrontDesk) -> None:
    await desk.office.signed("alice", phone="+491")
    await desk.office.browser("alice", phone="+492")
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold"))
    shown = await pressed(desk, shown)
    assert "0 values are back. 1 stays aside: something else stands there now." in shown.words


@pytest.mark.parametrize(
    "fields",
    [{"since": ""}, {"since": "nan"}, {"since": "-1"}, {"since": "1e300"}, {"since": "1", "after": "../"}, {}],
)
async def test_what_is_no_undoing_changes_nothing(desk: FrontDesk, fields: dict[str, str]) -> None:
    await desk.office.browser("alice", phone="+491")
    await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold")
    before = await desk.office.everything()
    shown = await desk.post(f"{HERE}/release", name=["phone"], **fields)
    assert shown.status == 400
    assert await desk.office.everything() == before


async def test_nothing_is_left_to_decide_where_the_same_was_vouched_for(desk: FrontDesk) -> None:
    await desk.office.signed("alice", phone="+491")
    await desk.post(f"{HERE}/lock", name=["phone"])
    await desk.office.browser("alice", phone="+492")
    alice = await desk.office.known("alice")
    assert "The browser says: +492" in (await desk.get(f"/people/{alice.id}")).words
    await desk.office.signed("alice", phone="+492")
    shown = await desk.get(f"/people/{alice.id}")
    assert "The browser says" not in shown.words
    assert "Accept" not in shown.words
