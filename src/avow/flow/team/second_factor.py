"""How does somebody get and use a second factor? One-time codes from a device, and ten codes for when it is lost.

- The device's secret is sealed under the master key, bound to the workspace and to her. It counts once a code of it was
  typed; recovery codes are shown then, once, and kept as digests.
- Whoever begins is offered a new secret, so that none counts which somebody saw before; an unconfirmed one goes with
  her password.
- To turn it off, or to make new recovery codes, she types a code that is right now; it may be guessed as seldom as at
  the door.

Source: spec §11; RFC 6238.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from avow.errors import BadInput, Conflict, UsageError
from avow.flow.bookkeeping.operator_log import log_teammate
from avow.flow.contract import RecoveryCode, SecondFactor, Teammate, TeamTransaction
from avow.flow.engine import Engine
from avow.flow.rules.sealing import derived
from avow.flow.team import lockout, totp
from avow.flow.team.roles import actor_of
from avow.flow.work import Entropy

CODES: Final = 10
_CODE_BYTES: Final = 10
_NONCE_BYTES: Final = 12
_NONE_WAITS: Final = "There is no device to confirm. Begin again."
NOT_RIGHT: Final = "This code is not right, or it was used already. Wait for the next one."


class Offer(msgspec.Struct, frozen=True):
    """A second factor that is not confirmed: what to type into the device, in base 32."""

    secret: str

    def __repr__(self) -> str:
        """Without the secret."""
        return "Offer(...)"


class Standing(msgspec.Struct, frozen=True):
    """Whether somebody has a second factor, since when, and how many recovery codes are left."""

    on: bool
    since: float | None
    codes_left: int


async def standing(engine: Engine, teammate: Teammate) -> Standing:
    """What she has."""
    factor = await engine.store.team.second_factor(teammate.workspace_id, teammate.id)
    if factor is None or not factor.confirmed:
        return Standing(False, None, 0)
    left = await engine.store.team.recovery_codes(teammate.workspace_id, teammate.id)
    return Standing(True, factor.created_at, left)


async def offer(engine: Engine, teammate: Teammate) -> Offer:
    """A new secret to set a device up with; one that was not confirmed is gone. Raises `Conflict` where one is on."""
    secret = engine.entropy(totp.SECRET_BYTES)
    sealed = _sealed(engine, teammate, secret)
    new = SecondFactor(teammate.workspace_id, teammate.id, sealed, engine.now(), confirmed=False, last_step=0)
    async with engine.store.team_transaction(teammate.workspace_id) as transaction:
        factor = await transaction.second_factor(teammate.id)
        if factor is not None and factor.confirmed:
            raise Conflict("A second factor is on already. Turn it off first, to set up another device.")
        await transaction.put_second_factor(new, ())
    return Offer(totp.shown(secret))


async def offered(engine: Engine, teammate: Teammate) -> Offer | None:
    """The secret that was offered last, for a form that comes back; None where none waits to be confirmed."""
    factor = await engine.store.team.second_factor(teammate.workspace_id, teammate.id)
    if factor is None or factor.confirmed:
        return None
    return Offer(totp.shown(_unsealed(engine, factor)))


async def confirm(engine: Engine, teammate: Teammate, raw_code: str) -> list[str]:
    """Turn it on, with a code of the device: the recovery codes, told once. Raises `BadInput` for a wrong code."""
    factor = await engine.store.team.second_factor(teammate.workspace_id, teammate.id)
    if factor is None or factor.confirmed:
        raise Conflict(_NONE_WAITS)
    step = totp.step_of(_unsealed(engine, factor), raw_code, engine.now())
    if step is None:
        raise BadInput(
            "This is not the code that the device shows now. Check the device's clock, and type the newest code.",
            field="code",
        )
    on = msgspec.structs.replace(factor, confirmed=True, created_at=engine.now(), last_step=step)
    async with engine.store.team_transaction(teammate.workspace_id) as transaction:
        if await transaction.second_factor(teammate.id) != factor:
            raise Conflict(_NONE_WAITS)
        codes = await _new_codes(engine, transaction, on)
        await log_teammate(transaction, teammate, engine.entropy, actor_of(teammate), "second_factor.on", "off", "on")
    return codes


async def renew_codes(engine: Engine, teammate: Teammate, raw_code: str, address: str) -> list[str]:
    """New recovery codes; the old ones are worth nothing any more. Raises `BadInput`, `RateLimited` as `turn_off`."""
    await _require(engine, teammate, raw_code, address)
    async with engine.store.team_transaction(teammate.workspace_id) as transaction:
        factor = await transaction.second_factor(teammate.id)
        if factor is None or not factor.confirmed:
            raise Conflict("The second factor was turned off a moment ago.")
        codes = await _new_codes(engine, transaction, factor)
        await log_teammate(transaction, teammate, engine.entropy, actor_of(teammate), "second_factor.codes")
    return codes


async def turn_off(engine: Engine, teammate: Teammate, raw_code: str, address: str) -> None:
    """Turn it off. Raises `BadInput` for a wrong code, `RateLimited` after too many of them from `address`."""
    await _require(engine, teammate, raw_code, address)
    async with engine.store.team_transaction(teammate.workspace_id) as transaction:
        await drop(transaction, teammate, entropy=engine.entropy, actor=actor_of(teammate))


async def drop(transaction: TeamTransaction, teammate: Teammate, *, entropy: Entropy, actor: str) -> None:
    """Let go of what she has, in a change of the team; it is written down where a second factor was on."""
    factor = await transaction.second_factor(teammate.id)
    await transaction.drop_second_factor(teammate.id)
    if factor is not None and factor.confirmed:
        await log_teammate(transaction, teammate, entropy, actor, "second_factor.off", "on", "off")


async def drop_unconfirmed(transaction: TeamTransaction, teammate_id: str) -> None:
    """Let go of a secret that was offered and counts for nothing yet."""
    factor = await transaction.second_factor(teammate_id)
    if factor is not None and not factor.confirmed:
        await transaction.drop_second_factor(teammate_id)


async def use(engine: Engine, teammate: Teammate, raw_code: str) -> bool:
    """Whether this is a code of hers that was not used before; it is used now."""
    team = engine.store.team
    factor = await team.second_factor(teammate.workspace_id, teammate.id)
    if factor is None or not factor.confirmed:
        return False
    step = totp.step_of(_unsealed(engine, factor), raw_code, engine.now())
    if step is not None:
        return await team.take_step(teammate.workspace_id, teammate.id, step)
    return await team.take_recovery_code(RecoveryCode(teammate.workspace_id, teammate.id, _digest(raw_code)))


def guesses(engine: Engine, teammate: Teammate, address: str) -> lockout.Guesses:
    """What a code of hers that is typed at `address` counts under, at the door and within."""
    return lockout.guesses(engine.master_key, "code", f"{teammate.workspace_id}\0{teammate.id}", address)


async def _require(engine: Engine, teammate: Teammate, raw_code: str, address: str) -> None:
    counted = guesses(engine, teammate, address)
    await lockout.take(engine.store, counted, engine.now())
    if not await use(engine, teammate, raw_code):
        raise BadInput(NOT_RIGHT, field="code")
    await lockout.forget(engine.store, counted)


async def _new_codes(engine: Engine, transaction: TeamTransaction, factor: SecondFactor) -> list[str]:
    codes = [_code(engine.entropy(_CODE_BYTES)) for _ in range(CODES)]
    kept = [RecoveryCode(factor.workspace_id, factor.teammate_id, _digest(code)) for code in codes]
    await transaction.put_second_factor(factor, kept)
    return codes


def _code(entropy: bytes) -> str:
    text = base64.b32encode(entropy).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(raw_code: str) -> str:
    return hashlib.sha256("".join(raw_code.lower().replace("-", "").split()).encode(errors="replace")).hexdigest()


def _sealed(engine: Engine, teammate: Teammate, secret: bytes) -> bytes:
    nonce = engine.entropy(_NONCE_BYTES)
    place = f"{teammate.workspace_id}\0{teammate.id}".encode()
    return nonce + AESGCM(derived(engine.master_key, "second factor")).encrypt(nonce, secret, place)


def _unsealed(engine: Engine, factor: SecondFactor) -> bytes:
    nonce, sealed = factor.sealed[:_NONCE_BYTES], factor.sealed[_NONCE_BYTES:]
    place = f"{factor.workspace_id}\0{factor.teammate_id}".encode()
    try:
        return AESGCM(derived(engine.master_key, "second factor")).decrypt(nonce, sealed, place)
    except InvalidTag:
        raise UsageError("A second factor cannot be opened with this master key.") from None
