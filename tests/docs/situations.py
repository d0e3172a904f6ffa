"""How does each reason come about? One request for every page of a reason.

Each situation leads up to its reason and returns what the page shows: the `error.list` of a refusal, or the line of the
receipt. They share one place, so each has a user of its own; its policy is plain first, and strict for some of them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from avow.flow import attributes, keys
from avow.flow.rules.declaring import Definition
from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.keys import Algorithm
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, UndatedTokens
from avow.trust.reasons import Reason
from tests.support.company import Key
from tests.support.place import OLIVE, Answer, Place

Situation = Callable[[Place], Awaitable[Any]]
NOT_IN_THIS_VERSION: Final = {Reason.BOT_EXEMPT}
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
    how: dict[str, Any] = {"entropy": engine.entropy, "actor": OLIVE}
    for key in (RETIRED, REVOKED, FOR_APPS):
        await keys.add(engine.store, place.workspace_id, key.registered, master_key=engine.master_key, **how)
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
