"""Olive pastes a token, and sees what would become of it, today and tomorrow; nothing is written, nothing is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest

from avow.sign import sign
from avow.trust.attribute import Enforcement
from tests.support.front_desk import FrontDesk, Shown
from tests.support.settling import settled

AT = "/settings/security/checker"


def token(desk: FrontDesk, user_id: str = "alice", /, **values: Any) -> str:
    """As Acme's backend signs it."""
    return sign(user_id, values, key=desk.office.secret, kid=desk.office.kid, now=desk.office.clock())


async def check(desk: FrontDesk, token: str = "", payload: str = "", **more: str | list[str]) -> Shown:
    """Send the form."""
    sent: dict[str, str | list[str]] = {"platform": "web", "token": token, "payload": payload}
    return await desk.post(AT, **(sent | more))


def value(shown: Shown, name: str) -> str:
    """The line of one attribute."""
    rows = re.findall(r'<tr[^>]*><td class="name"><bdi>(.*?)</bdi>(.*?)</tr>', shown.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", dict(rows)[name]).split())


async def test_a_good_token_passes_every_check_and_writes_nothing(desk: FrontDesk) -> None:
    before = await desk.office.everything()
    shown = await check(desk, token(desk, plan="pro"))
    assert shown.status == 200
    assert "Today: let in. 1 value would be applied." in shown.words
    for number in range(1, 13):
        assert "Passed" in shown.row(f"check-V{number}")
    assert "(would be new)" in shown.words
    assert "Applied" in value(shown, "plan")
    assert await desk.office.everything() == before
    await settled(desk.office.engine, desk.office.workspace_id)
    assert await desk.office.engine.store.key_uses(desk.office.workspace_id, since_day=0) == []


async def test_what_failed_and_why_is_told_and_what_came_after_was_not_reached(desk: FrontDesk) -> None:
    good = token(desk, plan="pro")
    shown = await check(desk, good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB"))
    assert "Passed" in shown.row("check-V5")
    assert "Failed : signature_invalid" in shown.row("check-V6")
    assert "Not reached" in shown.row("check-V7")
    assert "/docs/reasons/signature_invalid" in shown.text
    assert "The whole request would be refused (401)" in shown.words
    assert "Whom it is about" not in shown.words


async def test_tomorrows_lock_is_seen_before_it_is_turned(desk: FrontDesk) -> None:
    await desk.office.declare("theme")
    await desk.office.enforce("theme", Enforcement.OPEN)
    shown = await check(desk, token(desk), '{"theme": "dark"}', lock=["theme"])
    line = value(shown, "theme")
    assert line.startswith("Differs Messenger, unsigned Applied")
    assert line.endswith("Ignored: unverified")
    stored = await desk.office.engine.store.rules(desk.office.workspace_id)
    assert stored is not None
    assert {one.name: one.enforcement for one in stored.attributes}["theme"] is Enforcement.OPEN


async def test_a_page_without_a_token_is_refused_tomorrow_where_a_proof_is_required(desk: FrontDesk) -> None:
    shown = await check(desk, "", '{"user_id": "alice", "name": "Mallory"}', required="yes")
    assert "Today: let in." in shown.words
    assert "Under tomorrow's settings: refused." in shown.words


async def test_undated_tokens_are_called_replayable_and_may_be_refused_tomorrow(desk: FrontDesk) -> None:
    import jwt

    undated = jwt.encode({"user_id": "alice"}, desk.office.secret, "HS256", headers={"kid": desk.office.kid})
    shown = await check(desk, undated, undated="refuse", require_exp="yes")
    assert "No date: replayable." in shown.words
    assert "Passed Failed : exp_missing" in shown.row("check-V9") or "iat_missing" in shown.row("check-V9")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "There is nothing to try"),
        ({"payload": "{"}, "is no strict JSON"),
        ({"payload": '{"a": 1, "a": 2}'}, "is no strict JSON"),
        ({"payload": "[1]"}, "is no JSON object"),
        ({"payload": '{"intercom_user_jwt": "x"}'}, "user_data holds intercom_user_jwt"),
        ({"payload": '{"user_id": "   "}'}, "is not a text of 1 to 255"),
        ({"token": "x", "platform": "vms"}, "That is no platform"),
        ({"token": "x", "lock": ["nothing"]}, "There is no attribute"),
        ({"token": "x", "undated": "perhaps"}, "undated_tokens cannot be that"),
        ({"payload": "[" * 500}, "is no strict JSON"),
    ],
)
async def test_what_cannot_be_tried_is_said(desk: FrontDesk, fields: dict[str, str | list[str]], told: str) -> None:
    shown = await desk.post(AT, **({"platform": "web"} | fields))  # type: ignore[arg-type]
    assert shown.status == 400
    assert told in shown.words


@pytest.mark.parametrize("text", ["", "a.b.c", "." * 20_000, "\u202e<script>alert(1)</script>", "eyJ.é.x"])
async def test_no_text_is_too_hostile_to_be_looked_at(desk: FrontDesk, text: str) -> None:
    shown = await check(desk, text, '{"plan": "<img src=x onerror=alert(1)>", "<b>": 1}')
    assert shown.status == 200
    assert "<script>alert" not in shown.text
    assert "<img src=x" not in shown.text


async def test_the_token_is_in_no_address_and_in_no_cookie(desk: FrontDesk) -> None:
    text = token(desk, plan="pro")
    shown = await check(desk, text)
    assert re.search(r'<form method="post" action="[^"?]*/checker">', shown.text)
    assert all(text not in one for one in re.findall(r'(?:href|action|src)="([^"]*)"', shown.text))
    assert text not in str(shown.headers)
    assert text not in repr(desk.cookies)
    assert shown.headers["cache-control"] == "no-store"
    assert text not in (await desk.get(AT)).text


async def test_a_query_is_never_taken_for_a_token(desk: FrontDesk) -> None:
    text = token(desk)
    shown = await desk.get(f"{AT}?token={text}")
    assert text not in shown.text
