"""May she come in? An e-mail address and a password, then a code where she has a second factor.

- One answer for a wrong address and a wrong password, in words and in time; one for a wrong code, whoever's it is.
- A code that was used is refused (its step is taken in the same statement that looks at it); so is a recovery code.
- A sign-in that is on its way while her password is changed, or she is removed, opens nothing; nor does a code for a
  session that was ended meanwhile.

Source: spec §11; RFC 6238 §5.2 (a code is used once).
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.errors import NotAuthenticated
from avow.flow.contract import Teammate
from avow.flow.engine import Engine
from avow.flow.team import lockout, second_factor, sessions
from avow.flow.team.passwords import MAX_PASSWORD, Passwords, normal
from avow.flow.team.roles import Present
from avow.flow.team.sessions import Begun, Place
from avow.trust.identity import fold_email

MAX_EMAIL: Final = 254


class Credentials(msgspec.Struct, frozen=True):
    """What was typed."""

    raw_email: str
    raw_password: str

    def __repr__(self) -> str:
        """Without what was typed: a repr ends in logs."""
        return "Credentials(...)"


async def sign_in(engine: Engine, passwords: Passwords, typed: Credentials, place: Place) -> Begun:
    """A session, complete unless a second factor is due. Raises `NotAuthenticated`, or `RateLimited` when locked out.

    In a crowd it raises `RateLimited` too, which counts as no failure.
    """
    email = fold_email(typed.raw_email.strip()[:MAX_EMAIL])
    now = engine.now()
    guesses = lockout.guesses(engine.master_key, "password", email, place.address)
    with passwords.place():
        await lockout.take(engine.store, guesses, now)
        teammate = await _who(engine, passwords, email, typed.raw_password)
    if teammate is None:
        raise NotAuthenticated(sessions.NOT_TOGETHER)
    factor = await engine.store.team.second_factor(teammate.workspace_id, teammate.id)
    complete = factor is None or not factor.confirmed
    await lockout.forget(engine.store, guesses)
    return await sessions.begin(engine.store, teammate, place, complete=complete, now=now, entropy=engine.entropy)


async def _who(engine: Engine, passwords: Passwords, email: str, raw_password: str) -> Teammate | None:
    known = await engine.store.team.by_email(email)
    password = normal(raw_password[: MAX_PASSWORD + 1])
    if not known:
        await passwords.decoy(password)
        return None
    return known[0] if await passwords.fits(known[0].password_hash, password) else None


async def finish(engine: Engine, here: Present, raw_code: str, place: Place) -> Begun:
    """A complete session instead of one that waits for a code (or recovery code).

    Raises `NotAuthenticated` for a wrong or used code, and `RateLimited` when locked out.
    """
    now = engine.now()
    teammate = here.teammate
    guesses = second_factor.guesses(engine, teammate, place.address)
    await lockout.take(engine.store, guesses, now)
    if not await second_factor.use(engine, teammate, raw_code):
        raise NotAuthenticated(second_factor.NOT_RIGHT, field="code")
    await lockout.forget(engine.store, guesses)
    waited, entropy = here.session.digest, engine.entropy
    return await sessions.begin(
        engine.store, teammate, place, complete=True, now=now, entropy=entropy, instead_of=waited
    )
