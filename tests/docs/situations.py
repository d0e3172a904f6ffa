"""How does each reason come about? One request for every page of a reason.

Each situation leads up to its reason and returns what the page shows: the `error.list` of a refusal, or the line of the
receipt. They share one place, so each has a user of its own; its policy is plain first, and strict for some of them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from avow.flow import attributes, keys
from avow.flow.declaring import Definition
from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.keys import Algorithm
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, UndatedTokens
from avow.trust.reasons import Reason
from tests.support.company import Key, acme
from tests.support.place import OLIVE, Answer, Place

Situation = Callable[[Place], Awaitable[Any]]
NOT_IN_THIS_VERSION: Final = {Reason.BOT_EXEMPT, Reason.KEY_COMPROMISED}
PLAIN: Final[dict[str, Any]] = {"undated_tokens": UndatedTokens.FILL_ONLY}
STRICT: Final[dict[str, Any]] = {
    "messenger_security": {Platform.WEB: MessengerSecurity.REQUIRED},
    "may_create": MayCreate.ANYONE,
    "require_exp": True,
    "max_token_lifetime": 3600,
    "undated_tokens": UndatedTokens.REFUSE,
    "issuer": "https://acme.example",
    "audience": "avow",
    "origins": ("https://app.acme.example",),
}
RETIRED, REVOKED = Key("retired", Algorithm.HS256), Key("revoked", Algorithm.HS256)
FOR_APPS = Key("apps", Algorithm.HS256, platforms=frozenset({Platform.IOS}))
IN_A_PLAIN_PLACE: Final[dict[Reason, Situation]] = {}
IN_A_STRICT_PLACE: Final[dict[Reason, Situation]] = {}


def of(reason: Reason, where: dict[Reason, Situation] = IN_A_PLAIN_PLACE) -> Callable[[Situation], Situation]:
    def enter(situation: Situation) -> Situation:
        where[reason] = situation
        return situation

    return enter


# What the situations are made of.


async def declare(
    place: Place, name: str, kind: AttributeType, enforcement: Enforcement = Enforcement.OPEN, *options: str
) -> None:
    """An attribute, as the company declares one."""
    engine = place.engine
    definition = Definition(name, kind, enforcement, "", options)
    await attributes.declare(engine.store, place.workspace_id, definition, entropy=engine.entropy, actor=OLIVE)


async def prepare(place: Place) -> None:
    """Acme's further keys. Servers know them once their rules are confirmed the next time."""
    engine = place.engine
    how: dict[str, Any] = {"master_key": engine.master_key, "entropy": engine.entropy, "actor": OLIVE}
    for key in (RETIRED, REVOKED, FOR_APPS):
        await keys.add(engine.store, place.workspace_id, key.registered, **how)
    await keys.retire(engine.store, place.workspace_id, RETIRED.kid, at=None, **how)
    await keys.revoke(engine.store, place.workspace_id, REVOKED.kid, **how)
    await place.add_hash_key()


def payload(**members: object) -> dict[str, object]:
    """What an honest token says, but for these members; None leaves one out."""
    now = int(time.time())
    honest = {
        "user_id": "honest",
        "iat": now,
        "exp": now + 3600,
        "iss": "https://acme.example",
        "aud": "avow",
        **members,
    }
    return {name: value for name, value in honest.items() if value is not None}


async def sent(place: Place, token: str, **beside: Any) -> dict[str, Any]:
    """The answer's body to a token."""
    return (await place.ping({"intercom_user_jwt": token, **beside})).body


async def signed(place: Place, header: dict[str, object] | None = None, /, **members: object) -> dict[str, Any]:
    """The answer's body to a token of the place's own key, whatever it says."""
    head = {"alg": "HS256", "typ": "JWT", "kid": place.kid, **(header or {})}
    own = Key(place.kid, Algorithm.HS256, imported_secret=place.secret)
    return await sent(place, own.sign(payload(**members), head))


def line(answer: Answer, reason: Reason) -> dict[str, Any]:
    """The receipt's line with that reason."""
    found = [one for one in answer.body["receipt"]["attributes"] if one["reason"] == reason]
    assert len(found) == 1, answer.body
    told: dict[str, Any] = found[0]
    return told


# V1 to V12.


@of(Reason.TOKEN_MALFORMED)
async def _(place: Place) -> Any:
    return await sent(place, "not-a-token")


@of(Reason.TOKEN_ALGORITHM)
async def _(place: Place) -> Any:
    return await signed(place, {"alg": "HS384"})


@of(Reason.TOKEN_HEADER)
async def _(place: Place) -> Any:
    return await signed(place, {"jku": "https://mallory.example/keys"})


@of(Reason.KEY_UNKNOWN)
async def _(place: Place) -> Any:
    return await signed(place, {"kid": "acme-1999"})


@of(Reason.KEY_RETIRED)
async def _(place: Place) -> Any:
    return await sent(place, RETIRED.sign(payload()))


@of(Reason.KEY_REVOKED)
async def _(place: Place) -> Any:
    return await sent(place, REVOKED.sign(payload()))


@of(Reason.KEY_WRONG_PLATFORM)
async def _(place: Place) -> Any:
    return await sent(place, FOR_APPS.sign(payload()))


@of(Reason.SIGNATURE_INVALID)
async def _(place: Place) -> Any:
    return await sent(place, acme().hs.sign(payload(), {"alg": "HS256", "kid": place.kid}))


@of(Reason.USER_ID_MISSING)
async def _(place: Place) -> Any:
    return await signed(place, user_id=None, email="alice@acme.example")


@of(Reason.TIME_MALFORMED)
async def _(place: Place) -> Any:
    return await signed(place, exp=1767225600000)


@of(Reason.TOKEN_EXPIRED)
async def _(place: Place) -> Any:
    return await signed(place, iat=int(time.time()) - 7200, exp=int(time.time()) - 3600)


@of(Reason.TOKEN_NOT_YET_VALID)
async def _(place: Place) -> Any:
    return await signed(place, iat=int(time.time()) + 3600, exp=int(time.time()) + 7200)


@of(Reason.EXP_MISSING, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    return await signed(place, exp=None)


@of(Reason.IAT_MISSING, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    return await signed(place, iat=None)


@of(Reason.TOKEN_TOO_LONG_LIVED, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    return await signed(place, exp=int(payload()["iat"]) + 7200)  # type: ignore[call-overload]


@of(Reason.ISSUER_MISMATCH, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    return await signed(place, iss="https://staging.acme.example")


@of(Reason.AUDIENCE_MISMATCH, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    return await signed(place, aud="billing")


@of(Reason.IDENTITY_MISMATCH)
async def _(place: Place) -> Any:
    return await sent(place, place.token("alice"), user_id="bob")


@of(Reason.IDENTITY_SUPERSEDED)
async def _(place: Place) -> Any:
    kept = place.token("erased", at=time.time() - 60)
    contact_id = (await place.signed("erased")).body["user"]["id"]
    assert (await place.rest("DELETE", f"/contacts/{contact_id}")).status == 200
    return await sent(place, kept)


# Who it is about.


@of(Reason.USER_HASH_INVALID)
async def _(place: Place) -> Any:
    return (await place.ping({"user_id": "alice", "user_hash": acme()["acme-hash"].user_hash("alice")})).body


@of(Reason.IDENTITY_UNPROVEN, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    return (await place.ping({"user_id": "alice"})).body


@of(Reason.SECRET_LEAKED)
async def _(place: Place) -> Any:
    return (await place.ping({"user_id": "alice", "note": f"our key is {place.secret}"})).body


@of(Reason.ORIGIN_NOT_ALLOWED, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    return (await place.ping({}, headers={"origin": "https://elsewhere.example"})).body


# D1 to D9.


@of(Reason.INVALID_NAME)
async def _(place: Place) -> Any:
    await place.signed("names", plan="pro")
    return line(await place.ping({"user_id": "names", "Plan": "free"}), Reason.INVALID_NAME)


@of(Reason.RESERVED_NAME)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "reserved", "role": "admin"}), Reason.RESERVED_NAME)


@of(Reason.DUPLICATE_NAME)
async def _(place: Place) -> Any:
    await declare(place, "pl_an", AttributeType.STRING)
    return line(await place.ping({"user_id": "twice", "pl_an": "a", "pl.an": "b"}), Reason.DUPLICATE_NAME)


@of(Reason.NOT_SUPPORTED)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "staff", "company": {"id": "1", "name": "Acme"}}), Reason.NOT_SUPPORTED)


@of(Reason.UNKNOWN_ATTRIBUTE)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "new", "favourite_colour": "red"}), Reason.UNKNOWN_ATTRIBUTE)


@of(Reason.ATTRIBUTE_LIMIT, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    many = {f"made_up_{number}": "x" for number in range(1, 52)}
    return line(await place.ping(many), Reason.ATTRIBUTE_LIMIT)


@of(Reason.ARCHIVED)
async def _(place: Place) -> Any:
    engine = place.engine
    await declare(place, "fax", AttributeType.STRING)
    away = attributes.Edit(archived=True)
    await attributes.update(engine.store, place.workspace_id, "fax", away, entropy=engine.entropy, actor=OLIVE)
    return line(await place.signed("old", fax="12"), Reason.ARCHIVED)


@of(Reason.TYPE_MISMATCH)
async def _(place: Place) -> Any:
    await declare(place, "seats", AttributeType.INTEGER, Enforcement.MONITOR)
    return line(await place.signed("types", seats="a dozen"), Reason.TYPE_MISMATCH)


@of(Reason.TOO_LONG)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "long", "name": "A" * 300}), Reason.TOO_LONG)


@of(Reason.NOT_AN_OPTION)
async def _(place: Place) -> Any:
    await declare(place, "tier", AttributeType.LIST, Enforcement.OPEN, "gold", "silver")
    return line(await place.signed("lists", tier="platinum"), Reason.NOT_AN_OPTION)


@of(Reason.SUPERSEDED_BY_SIGNED)
async def _(place: Place) -> Any:
    token = place.token("both", plan="pro")
    return line(await place.ping({"intercom_user_jwt": token, "plan": "free"}), Reason.SUPERSEDED_BY_SIGNED)


@of(Reason.UNVERIFIED)
async def _(place: Place) -> Any:
    await place.signed("locked", plan="starter")
    return line(await place.ping({"user_id": "locked", "plan": "enterprise"}), Reason.UNVERIFIED)


@of(Reason.WOULD_IGNORE)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "watched", "seats": 3}), Reason.WOULD_IGNORE)


@of(Reason.STALE)
async def _(place: Place) -> Any:
    await place.signed("moved", plan="pro")
    return line(await place.signed("moved", at=time.time() - 3600, lasting=7200, plan="starter"), Reason.STALE)


@of(Reason.UNDATED)
async def _(place: Place) -> Any:
    await place.signed("undated", plan="starter")
    own = Key(place.kid, Algorithm.HS256, imported_secret=place.secret)
    token = own.sign(payload(user_id="undated", iat=None, plan="pro"))
    return line(await place.ping({"intercom_user_jwt": token}), Reason.UNDATED)


@of(Reason.ALREADY_KNOWN)
async def _(place: Place) -> Any:
    await place.ping({"intercom_user_jwt": place.token("guest"), "phone": "+49 30 1"})
    session = (await place.ping({})).body["anonymous_session"]
    session = (await place.ping({"phone": "+49 30 2"}, anonymous_session=session)).body["anonymous_session"]
    merged = await place.ping({"intercom_user_jwt": place.token("guest")}, anonymous_session=session)
    changes = await place.rest("GET", f"/contacts/{merged.body['user']['id']}/changes")
    told = [one for change in changes.body["data"] for one in change["verdicts"] if "reason" in one]
    return next(one for one in told if one["reason"] == Reason.ALREADY_KNOWN)
