"""Your account: your name, your password, your second factor, and the browsers in which you are signed in."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from avow.admin.frame.qr_code import QrCode, qr_code
from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.errors import BadInput
from avow.flow.contract import TeammateSession
from avow.flow.team import second_factor, sessions, teammates
from avow.flow.team.second_factor import Standing

HERE: Final = "/app/account"


class Account(msgspec.Struct, frozen=True):
    """What is shown. `offered` is a secret to set a device up with, `link` says the same to an authenticator, and
    `picture` to its camera (none where it would be too fine); `codes` are recovery codes, told this once.
    """

    sessions: tuple[TeammateSession, ...]
    standing: Standing
    offered: str = ""
    link: str = ""
    picture: QrCode | None = None
    codes: tuple[str, ...] = ()


async def show(visit: Visit) -> Page:
    """The page."""
    return await _page(visit)


async def rename(visit: Visit) -> Reply:
    """Another name."""
    await teammates.rename(visit.engine, visit.here, visit.need("name"))
    return SeeOther(HERE, Toast("Your name is changed."))


async def change_password(visit: Visit) -> Reply:
    """Another password; every other browser is signed out."""
    visit.house.take_try(visit.browser)
    await teammates.change_password(
        visit.engine,
        visit.house.passwords,
        visit.here,
        visit.need("old_password"),
        visit.need("password"),
        visit.browser.place.address,
    )
    return SeeOther(HERE, Toast("Your password is changed. Everywhere else you are signed out."))


async def end_session(visit: Visit) -> Reply:
    """End one session, or all but this one."""
    which = visit.need("session")
    if which == "others":
        await sessions.end_others(visit.engine.store, visit.here)
        return SeeOther(HERE, Toast("Everywhere else you are signed out."))
    await sessions.end(visit.engine.store, visit.here.teammate, which)
    return SeeOther(HERE, Toast("That browser is signed out."))


async def set_second_factor(visit: Visit) -> Reply:
    """Begin, confirm, renew the codes of, or turn off the second factor."""
    act, who, engine, address = visit.need("do"), visit.here.teammate, visit.engine, visit.browser.place.address
    if act == "begin":
        return await _page(visit, (await second_factor.offer(engine, who)).secret)
    visit.house.take_try(visit.browser)
    if act == "confirm":
        return await _page(visit, codes=tuple(await second_factor.confirm(engine, who, visit.need("code"))))
    if act == "renew":
        codes = await second_factor.renew_codes(engine, who, visit.need("code"), address)
        return await _page(visit, codes=tuple(codes))
    if act == "off":
        await second_factor.turn_off(engine, who, visit.need("code"), address)
        return SeeOther(HERE, Toast("The second factor is off."))
    raise BadInput("There is nothing of this kind to do here.", field="do")


async def _page(visit: Visit, offered: str = "", codes: tuple[str, ...] = ()) -> Page:
    store, who = visit.engine.store, visit.here.teammate
    if visit.fault is not None and visit.form.get("do") == "confirm":
        waiting = await second_factor.offered(visit.engine, who)
        offered = waiting.secret if waiting is not None else ""
    link = _link(f"Avow {visit.workspace.name}", who.email, offered) if offered else ""
    it = Account(
        tuple(await sessions.every(store, who, visit.now)),
        await second_factor.standing(visit.engine, who),
        offered,
        link,
        qr_code(link) if link else None,
        codes,
    )
    return Page("account.html", "Your account", it)


def _link(issuer: str, email: str, secret: str) -> str:
    """What authenticators call a key URI."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{email}', safe='')}?{query}"
