"""Olive makes access tokens, sees when they were used, and ends them; their text is shown once."""

from __future__ import annotations

import html
import re

import pytest

from avow.flow import access
from avow.flow.bookkeeping.identities import CALLS
from avow.trust.access import AccessToken, Mode, Scope, digest_of
from tests.support.front_desk import FrontDesk, Shown
from tests.support.settling import settled

AT = "/settings/access-tokens"


async def fresh_id(desk: FrontDesk) -> str:
    """The id that the form names."""
    found = re.search(r'name="id" value="(\w+)"', (await desk.get(f"{AT}/new")).text)
    assert found
    return found[1]


async def make(desk: FrontDesk, **fields: str | list[str]) -> Shown:
    """Send the form."""
    sent: dict[str, str | list[str]] = {
        "id": await fresh_id(desk), "name": "Billing", "mode": "vouching", "scope": ["contacts:read"],
    }  # fmt: skip
    return await desk.post(f"{AT}/new", **(sent | fields))


def text_of(shown: Shown) -> str:
    """What the page shows this once."""
    found = re.search(r'<pre id="text"[^>]*>([^<]*)</pre>', shown.text)
    assert found
    return html.unescape(found[1])


async def billing(desk: FrontDesk) -> AccessToken:
    """The token of that name, as it is kept."""
    known = await access.every(desk.office.engine.store, desk.office.workspace_id)
    return next(one for one in known if one.name == "Billing")


async def test_a_new_token_is_shown_once_and_opens_what_it_may(desk: FrontDesk) -> None:
    text = text_of(await make(desk, mode="relaying", scope=["contacts:read", "attributes:read"]))
    stored = await billing(desk)
    assert (stored.name, stored.mode) == ("Billing", Mode.RELAYING)
    assert stored.scopes == (Scope.READ_CONTACTS, Scope.READ_ATTRIBUTES)
    assert stored.digest == digest_of(text)
    assert (await desk.office.rest("GET", "/contacts", token=text)).status == 200
    assert (await desk.office.rest("POST", "/contacts", {"email": "a@b.example"}, token=text)).status == 403
    assert text not in (await desk.get(AT)).text
    assert "contacts:read attributes:read" in (await desk.get(AT)).row(f"token-{stored.id}")


async def test_reloading_the_page_that_shows_a_new_token_makes_no_second_one(desk: FrontDesk) -> None:
    fields: dict[str, str | list[str]] = {"id": await fresh_id(desk)}
    text = text_of(await make(desk, **fields))
    before = await access.every(desk.office.engine.store, desk.office.workspace_id)
    again = await make(desk, **fields)
    assert again.status == 409
    assert "This access token was made already, and its text is told once." in again.words
    assert text not in again.text
    assert await access.every(desk.office.engine.store, desk.office.workspace_id) == before
    assert (await make(desk, id=re.findall(r'name="id" value="(\w+)"', again.text)[0])).status == 200


async def test_when_it_was_used_last_is_told_to_the_hour(desk: FrontDesk) -> None:
    text = text_of(await make(desk))
    stored = await billing(desk)
    row = f"token-{stored.id}"
    assert "Not yet" in (await desk.get(AT)).row(row)
    await desk.office.rest("GET", "/contacts", token=text)
    await settled(desk.office.engine, desk.office.workspace_id)
    assert "In the last 2 hours" in (await desk.get(AT)).row(row)
    desk.office.clock.pass_(5 * 3600)
    assert "5 h ago" in (await desk.get(AT)).row(row)


async def test_many_calls_in_an_hour_are_noted_once(desk: FrontDesk) -> None:
    for _ in range(20):
        await desk.office.rest("GET", "/data_attributes")
    await settled(desk.office.engine, desk.office.workspace_id)
    noted = await desk.office.engine.store.traffic(desk.office.workspace_id, CALLS, since_hour=0)
    assert [one.count for one in noted] == [1]


async def test_a_revoked_token_opens_nothing_and_stays_named(desk: FrontDesk) -> None:
    text = text_of(await make(desk))
    stored = await billing(desk)
    asked = await desk.get(f"{AT}/revoke?id={stored.id}")
    assert "Revoke Billing?" in asked.words
    assert "It was not used in 30 days." in asked.words
    shown = await desk.follow(await desk.post(f"{AT}/revoke", id=stored.id))
    assert "Billing is revoked, for good." in shown.words
    assert "1 revoked token" in shown.words
    assert (await billing(desk)).revoked_at is not None
    assert (await desk.office.rest("GET", "/contacts", token=text)).status == 401


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": " "}, "The name is not usable"),
        ({"name": "x" * 101}, "The name is not usable"),
        ({"mode": "owning"}, "That is no mode"),
        ({"scope": []}, "Choose at least one"),
        ({"scope": ["everything"]}, "Choose at least one"),
        ({"id": "first"}, "This is no id of an access token"),
        ({"id": "0123456789ab\n"}, "This is no id of an access token"),
    ],
)
async def test_what_can_be_no_token_makes_none(desk: FrontDesk, fields: dict[str, str | list[str]], told: str) -> None:
    before = await access.every(desk.office.engine.store, desk.office.workspace_id)
    shown = await make(desk, **fields)
    assert shown.status == 400
    assert told in shown.words
    assert await access.every(desk.office.engine.store, desk.office.workspace_id) == before


async def test_a_token_of_the_test_workspace_is_not_found_here(desk: FrontDesk) -> None:
    other = f"/app/{desk.test_workspace_id}{AT}"
    await desk.post(f"{other}/new", id=await fresh_id(desk), name="T", mode="vouching", scope=["contacts:read"])
    (theirs,) = await access.every(desk.office.engine.store, desk.test_workspace_id)
    assert (await desk.get(f"{other}/revoke?id={theirs.id}")).status == 200
    assert (await desk.post(f"{AT}/revoke", id=theirs.id)).status == 404
    assert (await access.every(desk.office.engine.store, desk.test_workspace_id))[0].revoked_at is None
