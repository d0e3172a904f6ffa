"""Olive signs in, and Mallory does not, whatever she tries; nobody learns who has an account."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from avow.admin.frame.browser import SESSION
from avow.admin.frame.passwords import Argon2
from avow.flow.team import sessions
from avow.web.limits import WINDOW
from tests.support.front_desk import PASSWORD, QUICK, FrontDesk
from tests.support.office import OLIVE


async def sign_in(door: FrontDesk, email: str = OLIVE, password: str = PASSWORD, **more: str) -> Any:
    return await door.post("/app/sign-in", email=email, password=password, **more)


async def test_who_knows_the_password_comes_in(door: FrontDesk) -> None:
    shown = await sign_in(door)
    assert (shown.status, shown.location) == (303, "/app")
    assert "Overview" in (await door.follow(shown)).title


async def test_an_address_is_hers_however_she_writes_it(door: FrontDesk) -> None:
    assert (await sign_in(door, f"  {OLIVE.upper()} ")).status == 303


async def test_the_way_leads_back_to_where_she_wanted_to_go(door: FrontDesk) -> None:
    wanted = f"{door.root}/settings/data/people"
    shown = await door.get(wanted)
    assert shown.location == f"/app/sign-in?next={wanted}"
    assert (await sign_in(door, next=wanted)).location == wanted


@pytest.mark.parametrize(
    "wanted",
    ["//mallory.example", "https://mallory.example", "/app/../logout", "/app//mallory.example", "/healthz", "/app/\\x"],
)
async def test_the_way_never_leads_elsewhere(door: FrontDesk, wanted: str) -> None:
    assert (await sign_in(door, next=wanted)).location == "/app"


async def test_a_wrong_address_and_a_wrong_password_sound_the_same(door: FrontDesk) -> None:
    wrong = [await sign_in(door, password="not her password"), await sign_in(door, "nobody@acme.example")]
    assert [shown.status for shown in wrong] == [401, 401]
    told = [shown.words.replace(OLIVE, "") for shown in wrong]
    assert told[0] == told[1]
    assert "do not belong together" in told[0]
    assert door.cookies.get(SESSION) is None


async def test_a_wrong_address_takes_as_long_as_a_wrong_password(
    door: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fits = QUICK._fits
    monkeypatch.setattr(QUICK, "_fits", lambda known, typed: (asked.append(typed), fits(known, typed))[1])
    for email in (OLIVE, "nobody@acme.example"):
        await sign_in(door, email, "not the password")
    assert asked == ["not the password"] * 2


async def test_five_wrong_passwords_shut_the_door_even_for_the_right_one(door: FrontDesk) -> None:
    for _ in range(5):
        assert (await sign_in(door, password="not her password")).status == 401
    shown = await sign_in(door)
    assert shown.status == 429
    assert "Too many attempts. Try again in 15 min." in shown.words
    door.office.clock.pass_(15 * 60 + 1)
    assert (await sign_in(door)).status == 303


async def test_an_account_that_does_not_exist_is_locked_out_too(door: FrontDesk) -> None:
    told = []
    for email in (OLIVE, "nobody@acme.example"):
        door.office.clock.pass_(WINDOW)
        for _ in range(6):
            shown = await sign_in(door, email, "not the password")
        told.append((shown.status, shown.words.replace(email, "")))
    assert told[0] == told[1]
    assert told[0][0] == 429


async def test_guesses_that_come_at_once_are_counted_before_they_are_looked_at(door: FrontDesk) -> None:
    import asyncio

    shown = await asyncio.gather(*(sign_in(door, password=f"guess number {number}") for number in range(12)))
    told = [one.status for one in shown]
    assert set(told) <= {401, 429}
    assert told.count(401) <= 5


async def test_the_right_password_clears_what_was_wrong_before(door: FrontDesk) -> None:
    for _ in range(3):
        door.office.clock.pass_(WINDOW)
        for _ in range(4):
            await sign_in(door, password="not her password")
        assert (await sign_in(door)).status == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(door: FrontDesk) -> None:
    plain = (await sign_in(door)).headers["set-cookie"]
    assert plain.startswith("avow_session=")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    over_tls = await door.post(
        "/app/sign-in",
        email=OLIVE,
        password=PASSWORD,
        headers={"sec-fetch-site": "same-origin", "origin": "https://avow.test", "host": "avow.test"},
    )
    guarded = over_tls.headers["set-cookie"]
    assert guarded.startswith("__Host-avow_session=")
    assert "Secure" in guarded
    assert "Path=/;" in guarded


async def test_what_is_stored_of_a_session_opens_nothing(door: FrontDesk) -> None:
    await sign_in(door)
    text = door.cookies[SESSION]
    assert door.office.workspace_id in text
    found = await door.office.engine.store.team.sessions(door.office.workspace_id, (await olive(door)).id)
    assert sessions.digest_of(text) in {one.digest for one in found}
    door.cookies[SESSION] = f"{door.office.workspace_id}.{found[0].digest[:43]}"
    assert (await door.get("")).status == 303


@pytest.mark.parametrize("after", [8 * 86_400], ids=["a week without use"])
async def test_a_session_that_nobody_uses_ends(door: FrontDesk, after: float) -> None:
    await sign_in(door)
    door.office.clock.pass_(after)
    assert (await door.get("")).location.startswith("/app/sign-in")


async def test_a_session_in_daily_use_ends_after_a_month(door: FrontDesk) -> None:
    await sign_in(door)
    days = 0
    while (await door.get("")).status == 200:
        door.office.clock.pass_(86_400)
        days += 1
    assert days == 30


async def test_who_signs_out_is_out_and_her_cookie_is_worth_nothing(door: FrontDesk) -> None:
    await sign_in(door)
    text = door.cookies[SESSION]
    assert (await door.post("/app/sign-out")).location == "/app/sign-in"
    door.cookies[SESSION] = text
    assert (await door.get("")).location.startswith("/app/sign-in")


async def test_reading_the_sign_out_signs_nobody_out(door: FrontDesk) -> None:
    await sign_in(door)
    await door.get("/app/sign-out")
    assert (await door.get("")).status == 200


async def test_a_browser_at_the_front_comes_to_the_screens_and_a_client_does_not(door: FrontDesk) -> None:
    assert (await door.get("/")).location == "/app"
    assert (await door.get("/", accept="application/json")).status == 200


async def test_argon2_is_what_passwords_are_kept_by() -> None:
    passwords = Argon2()
    hashed = await passwords.hashed(PASSWORD)
    assert hashed.startswith("$argon2id$")
    assert await passwords.fits(hashed, PASSWORD)
    assert not await passwords.fits(hashed, PASSWORD[:-1])


async def test_a_password_for_nobody_is_looked_at_as_any_other() -> None:
    looked_at: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - as it is called there
            looked_at.append(str(hash))
            return super().verify(hash, password)

    hasher = Watched()
    await Argon2(hasher).decoy(PASSWORD)
    (decoy,) = looked_at
    assert not hasher.check_needs_rehash(decoy)  # the same costs
    with pytest.raises(VerifyMismatchError):  # and no fault in its form, which would be told at once
        hasher.verify(decoy, PASSWORD)


async def olive(door: FrontDesk) -> Any:
    (found,) = await door.office.engine.store.team.by_email(OLIVE)
    return found
