"""What a lock put aside is told as that, and comes back with undo, however many people it is."""

from __future__ import annotations

import html
import re

import pytest

from avow.flow.screens import leftovers
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import Holding
from tests.support.front_desk import FrontDesk, Shown

HERE = "/settings/data/people"
MANY = 190


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


async def to_the_end(desk: FrontDesk, shown: Shown) -> Shown:
    """What is shown once nothing is left to go on with."""
    for _ in range(20):
        if "There may be more." not in shown.words:
            break
        assert "Go on" in shown.words
        shown = await pressed(desk, shown)
    return shown


async def known_of(desk: FrontDesk, *names: str) -> list[Holding]:
    """What is kept of six users, one after the other."""
    return [await desk.office.holding(f"user-{number}", name) for number in range(6) for name in names]


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
    shown = await to_the_end(desk, shown)
    holdings = await known_of(desk, "phone", "email")
    assert all(one.value is None and one.held is not None and one.held.aside for one in holdings)
    shown = await to_the_end(desk, await pressed(desk, shown))
    assert "back" in shown.words
    values = [(one.value, one.held) for one in await known_of(desk, "phone", "email")]
    assert values == [
        (value, None) for number in range(6) for value in (f"+49{number}", f"user-{number}@customer.example")
    ]
    attributes = (await desk.office.engine.rulebook.current(desk.office.workspace_id)).attributes
    assert not attributes["phone"].locked
    assert not attributes["email"].locked


async def test_as_many_attributes_as_a_form_can_name_are_gone_on_with(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = desk.office
    async with office.engine.store.rules_transaction(office.workspace_id) as transaction:
        for number in range(MANY):
            one = Attribute(number + 2_000_000_000, "attribute_of_some_length_" + str(number), AttributeType.STRING)
            await transaction.put_attribute(one)
    names = [f"attribute_of_some_length_{number}" for number in range(MANY)]
    await office.browser("alice", **{names[-1]: "stood"})
    await office.browser("bob", **{names[-1]: "stood"})
    monkeypatch.setattr(leftovers, "STEP", 1)
    monkeypatch.setattr(leftovers, "AT_ONCE", 1)
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=names, leftovers="hold"))
    assert "There may be more." in shown.words
    shown = await pressed(desk, await to_the_end(desk, shown))
    await to_the_end(desk, shown)
    assert (await office.holding("alice", names[-1])).value == "stood"


async def test_what_is_archived_between_two_presses_is_left(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    seats = await desk.office.declare("seats", messenger_writable=True)
    for name in ("alice", "bob"):
        await desk.office.browser(name, seats="5")
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["seats"], leftovers="hold"))
    monkeypatch.setattr(leftovers, "STEP", 1)
    monkeypatch.setattr(leftovers, "AT_ONCE", 1)
    shown = await pressed(desk, shown)
    await desk.office.rest("PUT", f"/data_attributes/{seats}", {"archived": True})
    shown = await pressed(desk, shown)
    assert "0 values are back. 1 was left" in shown.words
    values = [(await desk.office.holding(name, "seats")).value for name in ("alice", "bob")]
    assert sorted(values, key=str) == ["5", None]


async def test_undo_puts_back_what_the_lock_that_is_undone_put_aside(desk: FrontDesk) -> None:
    await desk.office.browser("alice", phone="+491", email="alice@customer.example")
    await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold")
    desk.office.clock.pass_(60)
    await desk.post(f"{HERE}/turn", name="phone", enforcement="open")
    desk.office.clock.pass_(60)
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone", "email"], leftovers="hold"))
    desk.office.clock.pass_(60)
    shown = await pressed(desk, shown)
    assert "1 value is back." in shown.words
    assert (await desk.office.holding("alice", "email")).value == "alice@customer.example"
    assert (await desk.office.holding("alice", "phone")).value is None


async def test_undo_goes_on_where_there_are_many(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        await desk.office.browser(f"user-{number}", phone=f"+49{number}")
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold"))
    assert "6 values wait beside it for a decision." in shown.words
    monkeypatch.setattr(leftovers, "STEP", 2)
    monkeypatch.setattr(leftovers, "AT_ONCE", 4)
    shown = await pressed(desk, shown)
    assert "The lock is undone. 4 values are back. There may be more." in shown.words
    shown = await pressed(desk, shown)
    assert "2 values are back." in shown.words
    assert [(await desk.office.holding(f"user-{number}", "phone")).value for number in range(6)] == [
        f"+49{number}" for number in range(6)
    ]


async def contradicted(desk: FrontDesk, unvouched: int) -> None:
    """Alice, whose number contradicts a verified one, and others of whom nobody has vouched for any."""
    await desk.office.signed("alice", phone="+491")
    await desk.office.browser("alice", phone="+492")
    for number in range(unvouched):
        await desk.office.browser(f"user-{number}", phone=f"+49{number}")


@pytest.mark.parametrize(
    ("unvouched", "counted", "told", "undone"),
    [
        (
            0,
            "1 stored value was never vouched for. It contradicts a verified value.",
            "It goes on waiting after an undo, too: a verified value stands there.",
            "The lock is undone. 1 value stays aside: a verified value stands there. Dismiss",
        ),
        (
            2,
            "3 stored values were never vouched for. 1 of them contradicts a verified value.",
            "Undo right after the lock brings back the 2 that contradict no verified value; opened later, all goes on",
            "The lock is undone. 2 values are back. 1 value stays aside: a verified value stands there. Dismiss",
        ),
    ],
)
async def test_what_undo_will_not_bring_back_is_said_before_the_lock_and_after_its_undoing(
    desk: FrontDesk, unvouched: int, counted: str, told: str, undone: str
) -> None:
    await contradicted(desk, unvouched)
    words = (await desk.get(f"{HERE}/lock?name%5B%5D=phone")).words
    assert counted in words
    assert told in words
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold"))
    assert undone in (await pressed(desk, shown)).words
    held = (await desk.office.holding("alice", "phone")).held
    assert held is not None
    assert (held.value, held.aside) == ("+492", True)


async def test_what_is_accepted_before_the_undoing_is_not_said_to_stay_aside(desk: FrontDesk) -> None:
    await contradicted(desk, 0)
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold"))
    desk.office.clock.pass_(60)
    await desk.office.signed("alice", phone="+492")
    assert "0 values are back. 1 was left: something else stands there now" in (await pressed(desk, shown)).words


async def test_while_people_are_counted_the_dialog_promises_no_number(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await contradicted(desk, 2)
    monkeypatch.setattr(leftovers, "AMONG", 1)
    shown = await desk.get(f"{HERE}/lock?name%5B%5D=phone")
    assert "Undo right after the lock brings back what contradicts no verified value;" in shown.words
    while onward := re.search(r'id="unvouched" hx-get="([^"]+)"', shown.text):
        shown = await desk.get(html.unescape(onward[1]))
    assert "3 stored values were never vouched for. 1 of them contradicts a verified value." in shown.words


@pytest.mark.parametrize(
    "fields",
    [
        {"since": ""}, {"since": "nan"}, {"since": "-1"}, {"since": "1e300"}, {"since": "1", "after": "../"}, {},
        {"since": "1", "undo": "1-1-o"}, {"since": "1", "from": "99"}, {"since": "1", "undo": "o1-0000006"},
    ],
)  # fmt: skip
async def test_what_is_no_undoing_changes_nothing(desk: FrontDesk, fields: dict[str, str]) -> None:
    await desk.office.browser("alice", phone="+491")
    await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold")
    before = await desk.office.everything()
    phone = (await desk.office.engine.rulebook.current(desk.office.workspace_id)).attributes["phone"]
    place = {"undo": f"l{phone.version}-{phone.id:08x}", "from": str(phone.id)}
    shown = await desk.post(f"{HERE}/release", **(place | fields))
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


async def test_what_a_distrusted_key_had_vouched_for_is_not_told_as_put_aside(desk: FrontDesk) -> None:
    await desk.office.enforce("phone", Enforcement.LOCKED)
    alice = await desk.office.alice(phone="+491")
    desk.office.clock.pass_(60)
    await desk.office.signed("alice", phone="+492")
    moment = str(int(desk.office.clock()))
    desk.office.clock.pass_(60)
    await desk.post("/settings/security/key/distrust", kid=desk.office.kid, moment=moment)
    held = (await desk.office.holding("alice", "phone")).held
    assert held is not None
    assert held.value == "+492"
    shown = await desk.get(f"/people/{alice}")
    assert "Put aside at a lock" not in shown.words
    assert "+492 , ignored" in shown.words
    assert "key_compromised" in shown.text
