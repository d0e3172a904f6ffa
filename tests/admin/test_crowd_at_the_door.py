"""Mallory tries thousands of addresses and passwords: she is told to wait, and nobody else is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from avow.admin.frame.passwords import AT_ONCE, WAITING
from avow.admin.frame.tries import PER_MINUTE, THROUGH_A_PROXY
from avow.flow.team import lockout
from avow.web.limits import WINDOW
from tests.admin.test_account import NEW, with_second_factor
from tests.flow.team.test_teammates import invited
from tests.support.front_desk import ORIGIN, PASSWORD, QUICK, FrontDesk
from tests.support.office import OLIVE

AT_A_TIME = PER_MINUTE * WINDOW // 60


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was looked at."""
    found: list[str] = []
    fits = QUICK._fits

    def watched(password_hash: str, raw_password: str) -> bool:
        found.append(raw_password)
        return fits(password_hash, raw_password)

    monkeypatch.setattr(QUICK, "_fits", watched)
    return found


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every try that was written down."""
    found: list[str] = []
    take = lockout.take

    async def watched(store: Any, of: Any, now: float) -> Any:
        found.append(of.here)
        return await take(store, of, now)

    monkeypatch.setattr(lockout, "take", watched)
    return found


async def sign_in(door: FrontDesk, email: str, password: str = PASSWORD, proxied: str | None = None) -> Any:
    own = {"sec-fetch-site": "same-origin", "origin": ORIGIN}
    told = {"x-forwarded-for": proxied} if proxied is not None else {}
    return await door.post("/app/sign-in", email=email, password=password, headers=own | told)


async def test_whoever_tries_many_accounts_is_told_to_wait_before_anything_is_hashed(
    door: FrontDesk, hashed: list[str]
) -> None:
    shown = [await sign_in(door, f"nobody{number}@acme.example") for number in range(AT_A_TIME + 5)]
    assert [one.status for one in shown] == [401] * AT_A_TIME + [429] * 5
    assert len(hashed) == AT_A_TIME
    late = shown[-1]
    assert "Too many tries came from your network at once" in late.words
    assert 1 <= int(late.headers["retry-after"]) <= WINDOW
    assert (late.headers["x-ratelimit-limit"], late.headers["x-ratelimit-remaining"]) == (str(AT_A_TIME), "0")
    assert 'value="nobody14@acme.example"' in late.text
    door.office.clock.pass_(WINDOW)
    assert (await sign_in(door, OLIVE)).status == 303


async def test_a_try_that_is_told_to_wait_leaves_nothing_behind(door: FrontDesk, counted: list[str]) -> None:
    for number in range(AT_A_TIME + 5):
        await sign_in(door, f"nobody{number}@acme.example")
    assert len(counted) == AT_A_TIME


async def test_other_ways_to_guess_count_with_it(door: FrontDesk, desk: FrontDesk) -> None:
    link = f"/app/invitation/{await invited(desk)}"
    await with_second_factor(desk)
    half_way = desk.stranger()
    assert (await sign_in(half_way, OLIVE)).location == "/app/second-step"
    desk.office.clock.pass_(WINDOW)
    for number in range(AT_A_TIME):
        await sign_in(door, f"nobody{number}@acme.example")
    tries: tuple[tuple[FrontDesk, str, dict[str, Any]], ...] = (
        (door, link, {"name": "Otto", "password": NEW}),
        (half_way, "/app/second-step", {"code": "123456"}),
        (desk, "/app/account/password", {"old_password": PASSWORD, "password": NEW}),
        (desk, "/app/account/second-factor", {"do": "off", "code": "123456"}),
    )
    for browser, path, fields in tries:
        shown = await browser.post(path, **fields)
        assert (shown.status, "retry-after" in shown.headers) == (429, True), path
        assert "Too many tries came from your network" in shown.words, path


async def test_whom_an_unnamed_proxy_passes_on_is_not_shut_out_by_another_of_its_callers(door: FrontDesk) -> None:
    for number in range(AT_A_TIME):
        await sign_in(door, f"nobody{number}@acme.example", proxied="198.51.100.66")
    assert (await sign_in(door, OLIVE, proxied="198.51.100.66")).status == 429
    assert (await sign_in(door, OLIVE, proxied="198.51.100.7")).status == 303


async def test_names_that_are_made_up_behind_a_proxy_come_to_an_end(door: FrontDesk, hashed: list[str]) -> None:
    at_a_time = THROUGH_A_PROXY * WINDOW // 60
    shown = [
        await sign_in(door, f"nobody{number}@acme.example", proxied=f"198.51.100.{number}")
        for number in range(at_a_time + 5)
    ]
    assert [one.status for one in shown][-6:] == [401] + [429] * 5
    assert len(hashed) == at_a_time


async def test_a_crowd_is_told_to_come_back_and_nothing_counts_against_it(
    door: FrontDesk, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from many addresses at once, each with a few tries."""
    room = AT_ONCE + WAITING
    full, go_on = asyncio.Event(), asyncio.Event()
    fits = QUICK.fits

    async def slow(password_hash: str, raw_password: str) -> bool:
        if len(counted) == room:
            full.set()
        await go_on.wait()
        return await fits(password_hash, raw_password)

    monkeypatch.setattr(QUICK, "fits", slow)
    crowd = [
        asyncio.create_task(sign_in(door, f"nobody{number}@acme.example", proxied=f"198.51.100.{number}"))
        for number in range(room)
    ]
    await asyncio.wait_for(full.wait(), 20)
    olive = await asyncio.wait_for(sign_in(door, OLIVE, proxied="198.51.100.250"), 20)
    go_on.set()
    assert {one.status for one in await asyncio.gather(*crowd)} == {401}
    assert (olive.status, olive.headers["retry-after"], len(counted)) == (429, "5", room)
    assert "Very many people are signing in" in olive.words
    assert f'value="{OLIVE}"' in olive.text
    assert (await sign_in(door, OLIVE, proxied="198.51.100.250")).status == 303
