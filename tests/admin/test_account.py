"""Your account: another name, another password, a second factor, and an end to other browsers."""

from __future__ import annotations

import re

import pytest

from avow.admin.frame.browser import SESSION
from avow.flow.team import totp
from tests.support.front_desk import PASSWORD, FrontDesk
from tests.support.office import OLIVE

NEW = "quite another row of words"


async def elsewhere(desk: FrontDesk) -> FrontDesk:
    """Olive in another browser."""
    assert desk.teammate is not None
    return await desk.of(desk.teammate)


def secret_of(text: str) -> bytes:
    import base64

    found = re.search(r'id="secret"[^>]*>([A-Z2-7]+)<', text)
    assert found, "no secret is offered"
    return base64.b32decode(found[1] + "=" * (-len(found[1]) % 8))


async def with_second_factor(olive: FrontDesk) -> tuple[bytes, list[str]]:
    """Turn it on; the device's secret, and the recovery codes."""
    offered = await olive.post("/app/account/second-factor", do="begin")
    secret = secret_of(offered.text)
    code = totp.code_at(secret, int(olive.office.clock.now) // 30)
    shown = await olive.post("/app/account/second-factor", do="confirm", code=code)
    assert "The second factor is on." in shown.words, shown.words
    codes = re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", shown.text)
    return secret, codes


async def test_another_name_is_kept(olive: FrontDesk) -> None:
    shown = await olive.follow(await olive.post("/app/account/name", name="  Olive Öl "))
    assert "Your name is changed." in shown.words
    assert (await olive.office.engine.store.teammates(olive.office.workspace_id))[0].name == "Olive Öl"


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "a\u202eb"])
async def test_a_name_that_cannot_be_is_shown_again_with_the_reason(olive: FrontDesk, name: str) -> None:
    shown = await olive.post("/app/account/name", name=name)
    assert shown.status == 400
    assert "The name is not usable" in shown.words
    assert 'aria-invalid="true"' in shown.text


async def test_a_new_password_ends_every_other_session(olive: FrontDesk) -> None:
    other = await elsewhere(olive)
    shown = await olive.follow(await olive.post("/app/account/password", old_password=PASSWORD, password=NEW))
    assert "Everywhere else you are signed out." in shown.words
    assert (await other.get("/app/account")).status == 303
    assert (await olive.get("/app/account")).status == 200
    stranger = olive.stranger()
    assert (await stranger.post("/app/sign-in", email=OLIVE, password=PASSWORD)).status == 401
    assert (await stranger.post("/app/sign-in", email=OLIVE, password=NEW)).status == 303


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("not her password", NEW, "This is not your present password."),
        (PASSWORD, "short", "has 5 characters; use at least 12"),
        (PASSWORD, "olive123456789", "among the first that are guessed"),
        (PASSWORD, "passwordpassword", "among the first that are guessed"),
        (PASSWORD, "aaaaaaaaaaaaaaaa", "among the first that are guessed"),
        (PASSWORD, "x" * 257, "more than 256 characters"),
    ],
)
async def test_a_password_that_will_not_do_is_told_why(olive: FrontDesk, old: str, new: str, told: str) -> None:
    shown = await olive.post("/app/account/password", old_password=old, password=new)
    assert shown.status == 400
    assert told in shown.words
    assert new not in shown.text
    assert (await olive.stranger().post("/app/sign-in", email=OLIVE, password=PASSWORD)).status == 303


async def test_guessing_the_present_password_is_locked_out(olive: FrontDesk) -> None:
    for _ in range(5):
        await olive.post("/app/account/password", old_password="a guess at it", password=NEW)
    assert (await olive.post("/app/account/password", old_password=PASSWORD, password=NEW)).status == 429


async def test_a_session_is_ended_from_another_one(olive: FrontDesk) -> None:
    other = await elsewhere(olive)
    shown = await olive.get("/app/account")
    assert shown.words.count("Firefox on Linux") >= 2
    (digest,) = re.findall(r'name="session" value="([0-9a-f]{64})"', shown.text)
    await olive.post("/app/account/sessions", session=digest)
    assert (await other.get("")).status == 303
    assert (await olive.get("")).status == 200


async def test_nobody_ends_a_session_of_somebody_else(olive: FrontDesk) -> None:
    from avow.flow.team.roles import TeamRole

    other = await olive.as_role(TeamRole.READ_ONLY)
    (hers,) = await olive.office.engine.store.team.sessions(olive.office.workspace_id, olive.teammate.id)  # type: ignore[union-attr]
    shown = await other.post("/app/account/sessions", session=hers.digest)
    assert shown.status == 404
    assert (await olive.get("")).status == 200


async def test_with_a_second_factor_a_password_alone_opens_nothing(olive: FrontDesk) -> None:
    secret, _ = await with_second_factor(olive)
    thief = olive.stranger()
    shown = await thief.post("/app/sign-in", email=OLIVE, password=PASSWORD)
    assert shown.location == "/app/second-step"
    assert (await thief.get("")).location.startswith("/app/sign-in")
    assert (await thief.post("/app/second-step", code="000000")).status == 401
    olive.office.clock.pass_(30)
    before = thief.cookies[SESSION]
    code = totp.code_at(secret, int(olive.office.clock.now) // 30)
    assert (await thief.post("/app/second-step", code=code)).location == "/app"
    assert thief.cookies[SESSION] != before
    assert (await thief.get("")).status == 200


async def test_a_code_that_was_seen_is_worth_nothing(olive: FrontDesk) -> None:
    secret, _ = await with_second_factor(olive)
    olive.office.clock.pass_(30)
    code = totp.code_at(secret, int(olive.office.clock.now) // 30)
    told = []
    for _ in range(2):
        browser = olive.stranger()
        await browser.post("/app/sign-in", email=OLIVE, password=PASSWORD)
        told.append((await browser.post("/app/second-step", code=code)).status)
    assert told == [303, 401]


async def test_a_recovery_code_works_once(olive: FrontDesk) -> None:
    _, codes = await with_second_factor(olive)
    assert len(set(codes)) == 10
    told = []
    for _ in range(2):
        browser = olive.stranger()
        await browser.post("/app/sign-in", email=OLIVE, password=PASSWORD)
        told.append((await browser.post("/app/second-step", code=codes[3].upper())).status)
    assert told == [303, 401]
    assert "9 recovery codes left" in (await olive.get("/app/account")).words


async def test_codes_cannot_be_guessed_for_long(olive: FrontDesk) -> None:
    await with_second_factor(olive)
    browser = olive.stranger()
    await browser.post("/app/sign-in", email=OLIVE, password=PASSWORD)
    told = [(await browser.post("/app/second-step", code=f"{number:06}")).status for number in range(7)]
    assert told == [401] * 5 + [429] * 2


async def test_the_second_factor_is_turned_off_with_a_code_only(olive: FrontDesk) -> None:
    secret, _ = await with_second_factor(olive)
    wrong = await olive.post("/app/account/second-factor", do="off", code="000000")
    assert (wrong.status, "not right" in wrong.words) == (400, True)
    olive.office.clock.pass_(30)
    code = totp.code_at(secret, int(olive.office.clock.now) // 30)
    await olive.post("/app/account/second-factor", do="off", code=code)
    browser = olive.stranger()
    assert (await browser.post("/app/sign-in", email=OLIVE, password=PASSWORD)).location == "/app"


async def test_within_a_session_codes_cannot_be_guessed_for_long_either(olive: FrontDesk) -> None:
    secret, _ = await with_second_factor(olive)
    olive.office.clock.pass_(30)
    right = totp.code_at(secret, int(olive.office.clock.now) // 30)
    told = [
        (await olive.post("/app/account/second-factor", do=act, code=code)).status
        for act, code in (*[("off", "000000"), ("renew", "000000")] * 3, ("off", right))
    ]
    assert told == [400] * 5 + [429] * 2


async def test_a_device_that_shows_another_code_is_not_taken(olive: FrontDesk) -> None:
    begun = await olive.post("/app/account/second-factor", do="begin")
    shown = await olive.post("/app/account/second-factor", do="confirm", code="123")
    assert shown.status == 400
    assert "not the code that the device shows now" in shown.words
    assert secret_of(shown.text) == secret_of(begun.text)


async def test_who_saw_a_secret_once_knows_none_that_counts_later(olive: FrontDesk) -> None:
    seen = secret_of((await olive.post("/app/account/second-factor", do="begin")).text)
    assert secret_of((await olive.post("/app/account/second-factor", do="begin")).text) != seen


async def test_the_device_secret_is_sealed_where_it_is_stored(olive: FrontDesk) -> None:
    secret, _ = await with_second_factor(olive)
    kept = await olive.office.engine.store.team.second_factor(olive.office.workspace_id, olive.teammate.id)  # type: ignore[union-attr]
    assert kept is not None
    assert secret not in kept.sealed
