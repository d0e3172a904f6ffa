"""What happens while somebody signs in: comparing takes a while, and what was true before it may be so no more."""

from __future__ import annotations

import asyncio
from base64 import b32decode
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

import msgspec
import pytest

from avow.errors import AvowError, BadInput, Conflict, NotAuthenticated, RateLimited
from avow.flow.contract import Teammate
from avow.flow.team import lockout, second_factor, sessions, signing_in, teammates, totp
from avow.flow.team.roles import Present
from avow.flow.team.sessions import Begun, Place
from avow.flow.team.signing_in import Credentials
from tests.support.front_desk import PASSWORD, QUICK, FrontDesk
from tests.support.office import OLIVE

NEW = "quite another row of words"
HERE = Place("198.51.100.4", "Firefox on Linux")
ELSEWHERE = Place("192.0.2.9", "Chromium on Linux")


class Gate:
    """`Passwords` that compare, and then wait until they are let through."""

    def __init__(self) -> None:
        self.compared = asyncio.Event()
        self.open = asyncio.Event()

    def place(self) -> AbstractContextManager[None]:
        return QUICK.place()

    async def hashed(self, password: str) -> str:
        return await QUICK.hashed(password)

    async def fits(self, password_hash: str, raw_password: str) -> bool:
        found = await QUICK.fits(password_hash, raw_password)
        self.compared.set()
        await self.open.wait()
        return found

    async def decoy(self, raw_password: str) -> None:
        await QUICK.decoy(raw_password)


@pytest.fixture
async def olive(desk: FrontDesk) -> Present:
    """Olive, signed in, with a password."""
    engine = desk.office.engine
    assert desk.teammate is not None
    known = msgspec.structs.replace(desk.teammate, password_hash=await QUICK.hashed(PASSWORD))
    async with engine.store.team_transaction(known.workspace_id) as transaction:
        await transaction.put_teammate(known)
    found = await sessions.present(engine.store, next(iter(desk.cookies.values())), engine.now())
    assert found is not None
    return found


async def sign_in(desk: FrontDesk, password: str = PASSWORD, place: Place = HERE, email: str = OLIVE) -> Begun:
    return await signing_in.sign_in(desk.office.engine, QUICK, Credentials(email, password), place)


async def how_many(desk: FrontDesk, of: Teammate) -> int:
    return len(await desk.office.engine.store.team.sessions(of.workspace_id, of.id))


async def meanwhile(desk: FrontDesk, act: Callable[[], Awaitable[object]]) -> AvowError | Begun:
    """Sign in with Olive's password, and do something else between its comparison and the session."""
    gate, engine = Gate(), desk.office.engine
    on_its_way = asyncio.create_task(signing_in.sign_in(engine, gate, Credentials(OLIVE, PASSWORD), HERE))
    await gate.compared.wait()
    await act()
    gate.open.set()
    (told,) = await asyncio.gather(on_its_way, return_exceptions=True)
    assert isinstance(told, AvowError | Begun), told
    return told


async def test_an_old_password_that_is_being_compared_opens_nothing_once_it_was_changed(
    desk: FrontDesk, olive: Present
) -> None:
    async def change() -> None:
        await teammates.change_password(desk.office.engine, QUICK, olive, PASSWORD, NEW, HERE.address)

    told = await meanwhile(desk, change)
    assert isinstance(told, NotAuthenticated)
    assert told.message == "This e-mail address and this password do not belong together."
    assert await how_many(desk, olive.teammate) == 1  # the one she changed it from


async def test_a_password_that_the_operator_replaced_meanwhile_opens_nothing(desk: FrontDesk, olive: Present) -> None:
    async def reset() -> None:
        await teammates.reset_password(desk.office.engine, QUICK, olive.teammate, NEW, actor="cli:root")

    assert isinstance(await meanwhile(desk, reset), NotAuthenticated)
    assert await how_many(desk, olive.teammate) == 0


async def test_who_is_removed_while_she_signs_in_is_told_what_others_are(desk: FrontDesk, olive: Present) -> None:
    engine = desk.office.engine
    text = (await teammates.invite(engine, olive, "otto@acme.example", "owner")).text
    otto = await teammates.accept(engine, QUICK, text, "Otto", PASSWORD)
    his = await sessions.begin(engine.store, otto, ELSEWHERE, complete=True, now=engine.now(), entropy=engine.entropy)

    async def remove() -> None:
        await teammates.remove(engine, Present(otto, his.session), olive.teammate.id)

    assert isinstance(await meanwhile(desk, remove), NotAuthenticated)
    assert await how_many(desk, olive.teammate) == 0


async def test_of_two_changes_with_one_old_password_the_second_is_refused(desk: FrontDesk, olive: Present) -> None:
    engine = desk.office.engine
    told = await asyncio.gather(
        *(teammates.change_password(engine, QUICK, olive, PASSWORD, new, HERE.address) for new in (NEW, f"{NEW}!")),
        return_exceptions=True,
    )
    assert [type(one) for one in told if one is not None] == [BadInput]


async def turned_on(desk: FrontDesk, olive: Present) -> bytes:
    """A second factor of Olive's; the device's secret."""
    engine = desk.office.engine
    secret = b32decode((await second_factor.offer(engine, olive.teammate)).secret)
    await second_factor.confirm(engine, olive.teammate, code_of(desk, secret))
    desk.office.clock.pass_(30)
    return secret


def code_of(desk: FrontDesk, secret: bytes) -> str:
    return totp.code_at(secret, int(desk.office.clock.now) // 30)


async def test_a_code_opens_nothing_once_what_waited_for_it_was_signed_out(desk: FrontDesk, olive: Present) -> None:
    engine, secret = desk.office.engine, await turned_on(desk, olive)
    begun = await sign_in(desk)
    assert not begun.session.complete
    await teammates.sign_out(engine, olive, olive.teammate.id)
    with pytest.raises(NotAuthenticated):
        await signing_in.finish(engine, Present(olive.teammate, begun.session), code_of(desk, secret), HERE)
    assert await how_many(desk, olive.teammate) == 0


@pytest.mark.parametrize("act", [second_factor.turn_off, second_factor.renew_codes])
async def test_whoever_holds_a_session_guesses_no_code_for_long(
    desk: FrontDesk, olive: Present, act: Callable[..., Awaitable[object]]
) -> None:
    engine, secret = desk.office.engine, await turned_on(desk, olive)
    for _ in range(5):
        with pytest.raises(BadInput):
            await act(engine, olive.teammate, "000000", HERE.address)
    for code in ("000000", code_of(desk, secret)):
        with pytest.raises(RateLimited):
            await act(engine, olive.teammate, code, HERE.address)
    assert (await second_factor.standing(engine, olive.teammate)).on
    desk.office.clock.pass_(lockout.WITHIN + 1)
    await act(engine, olive.teammate, code_of(desk, secret), HERE.address)


async def test_one_address_shuts_nobody_out_elsewhere(desk: FrontDesk, olive: Present) -> None:
    told = []
    for _ in range(60):
        with pytest.raises((NotAuthenticated, RateLimited)) as caught:
            await sign_in(desk, "not her password", ELSEWHERE)
        told.append(caught.type)
    assert told == [NotAuthenticated] * 5 + [RateLimited] * 55
    assert (await sign_in(desk)).session.complete


async def test_fifty_guesses_from_anywhere_shut_her_out_and_fifty_right_passwords_do_not(
    desk: FrontDesk, olive: Present
) -> None:
    for _ in range(lockout.FROM_ANYWHERE + 1):
        await sign_in(desk)
    for guess in range(lockout.FROM_ANYWHERE):
        with pytest.raises(NotAuthenticated):
            await sign_in(desk, "not her password", Place(f"192.0.2.{guess // 5}", "curl"))
    with pytest.raises(RateLimited):
        await sign_in(desk)


async def test_each_beginning_of_a_second_factor_has_a_secret_of_its_own(desk: FrontDesk, olive: Present) -> None:
    engine = desk.office.engine
    first = await second_factor.offer(engine, olive.teammate)
    second = await second_factor.offer(engine, olive.teammate)
    assert first.secret != second.secret
    with pytest.raises(BadInput):
        await second_factor.confirm(engine, olive.teammate, code_of(desk, b32decode(first.secret)))
    shown = await second_factor.offered(engine, olive.teammate)
    assert shown is not None
    assert shown.secret == second.secret


async def test_a_secret_that_was_offered_goes_with_the_password(desk: FrontDesk, olive: Present) -> None:
    engine = desk.office.engine
    seen = b32decode((await second_factor.offer(engine, olive.teammate)).secret)
    await teammates.change_password(engine, QUICK, olive, PASSWORD, NEW, HERE.address)
    assert await engine.store.team.second_factor(olive.home, olive.teammate.id) is None
    with pytest.raises(Conflict):
        await second_factor.confirm(engine, olive.teammate, code_of(desk, seen))


async def test_a_second_factor_that_is_on_outlasts_another_password(desk: FrontDesk, olive: Present) -> None:
    await turned_on(desk, olive)
    await teammates.change_password(desk.office.engine, QUICK, olive, PASSWORD, NEW, HERE.address)
    assert (await second_factor.standing(desk.office.engine, olive.teammate)).on
    with pytest.raises(Conflict):
        await second_factor.offer(desk.office.engine, olive.teammate)


async def test_a_reset_that_drops_a_second_factor_says_so(desk: FrontDesk, olive: Present) -> None:
    engine = desk.office.engine
    await teammates.reset_password(engine, QUICK, olive.teammate, NEW, actor="cli:root")
    await turned_on(desk, olive)
    await teammates.reset_password(engine, QUICK, olive.teammate, NEW, actor="cli:root")
    log = await engine.store.operator_changes(olive.home, limit=20)
    told = [(one.actor, one.before, one.after) for one in log if one.action == "second_factor.off"]
    assert told == [("cli:root", "on", "off")]
