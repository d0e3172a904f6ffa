"""What is wrong with a decision about a held value is said on the page, and in the part of it, that she decided in."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.attribute import Enforcement
from tests.admin.test_everything_that_waits import held_page
from tests.support.front_desk import FrontDesk


@pytest.mark.parametrize("act", ["held", "accept-all"])
async def test_a_fault_is_shown_where_she_decided(desk: FrontDesk, act: str) -> None:
    await desk.office.enforce("phone", Enforcement.LOCKED)
    await desk.office.signed("alice", name="Alice")
    await desk.office.browser("alice", phone="+491")
    here = (await held_page(desk, "phone")).removesuffix("/held")
    for place, told in (
        ("", "How its values arrive"),
        ("held", "among 1 person"),
        (f"held.{'f' * 24}.40", "1 value on this page; among 41 people"),
        ("held.x.1", "How its values arrive"),
    ):
        fields: dict[str, Any] = {"from": place} if place else {}
        shown = await desk.post(f"{here}/{act}", **fields)
        assert shown.status == 400
        assert told in shown.words
        assert ("What waits" in shown.words) is ("among" in told)
        assert 'id="fault"' in shown.text


@pytest.mark.parametrize("where", ["the person's page", "the attribute's page"])
@pytest.mark.parametrize(
    ("claimed", "status", "told"),
    [
        ("no address", 400, "What is held is no e-mail address. Discard it, or write the right one."),
        ("alice@customer.example", 409, "A contact matching those details already exists with id="),
    ],
)
async def test_an_address_that_may_not_be_hers_is_refused_there_and_goes_on_waiting(
    desk: FrontDesk, where: str, claimed: str, status: int, told: str
) -> None:
    await desk.office.rest("POST", "/contacts", {"role": "user", "email": "alice@customer.example"})
    place, fields = await claim(desk, "mallory", claimed)
    if where == "the person's page":
        place, fields = f"/people/{(await desk.office.known('mallory')).id}/held", await on_her_page(desk)
    shown = await desk.post(place, **fields)
    assert (shown.status, told in shown.words) == (status, True)
    assert 'id="fault"' in shown.text
    assert "Accept" in shown.words
    assert (await desk.office.holding("mallory", "email")).held is not None


async def test_many_addresses_are_taken_as_the_words_of_browsers_that_they_are(desk: FrontDesk) -> None:
    await desk.office.rest("POST", "/contacts", {"role": "user", "email": "alice@customer.example"})
    claims = [
        await claim(desk, who, f"{whose}@customer.example") for who, whose in (("bob", "bob"), ("mallory", "alice"))
    ]
    held = [fields["held"] for _, fields in claims]
    sent = await desk.post(claims[0][0].replace("/held", "/accept-all"), held=held)
    assert "2 values are accepted, unverified." in (await desk.follow(sent)).words
    email = await desk.office.holding("mallory", "email")
    assert (email.value, email.verified_slot) == ("alice@customer.example", None)


async def claim(desk: FrontDesk, user_id: str, email: str) -> tuple[str, dict[str, Any]]:
    """What she claims is held: where the form of the attribute is posted to, and its fields."""
    await desk.office.enforce("email", Enforcement.LOCKED)
    await desk.office.browser(user_id, email=email)
    contact, waiting = await desk.office.known(user_id), (await desk.office.holding(user_id, "email")).held
    assert waiting is not None
    return await held_page(desk, "email"), {"held": f"{contact.id}:{waiting.version}", "decision": "accept"}


async def on_her_page(desk: FrontDesk) -> dict[str, Any]:
    waiting = (await desk.office.holding("mallory", "email")).held
    assert waiting is not None
    return {"name": "email", "version": str(waiting.version), "do": "accept"}
