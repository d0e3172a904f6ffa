"""Which keys are there, and what is done with them? `/keys`: listed, made or registered, retired, revoked.

- A secret that is made here is told once, in the answer that made it. Nothing tells one again.
- Whoever makes a key can vouch for everything: a relaying access token makes and ends none.

Source: spec §4 "Keys".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from avow.api.exchange import Call
from avow.api.keys.fresh import TO_KEEP_KEYS, asking, fresh_kid, made, read_again, registered
from avow.api.reading import body, may_say, optional, refuse_unknown, required
from avow.errors import BadInput
from avow.flow import keys
from avow.flow.contacts import require_vouching
from avow.flow.workspaces import fresh_key
from avow.trust.keys import (
    ALGORITHM_OF,
    Algorithm,
    HashedField,
    KeyState,
    Purpose,
    SigningKey,
    check_kid,
    register_public_key,
    register_secret,
)
from avow.trust.policy import Platform
from avow.trust.words import Word

USES_OF: Final = 7 * 86_400
_MADE_OF: Final = ("kid", "name", "platforms", "algorithm", "purpose", "hashes", "secret", "public_key")
_W = TypeVar("_W", bound=Word)
Used = dict[str, tuple[int, float | None]]
"""By kid, how often it verified a token or a user_hash in the last seven days, and when last."""


async def listed(call: Call) -> dict[str, Any]:
    """`GET /keys`: every key of the workspace, whatever its state, the newest first."""
    found, used = await keys.every(call.engine.store, call.workspace_id), await uses(call)
    return {"type": "list", "data": [key_object(key, used) for key in found]}


async def create(call: Call) -> dict[str, Any]:
    """`POST /keys`: a new secret made here, or a public key or secret that the company has already."""
    require_vouching(call.caller.token, TO_KEEP_KEYS)
    fields = body(call)
    refuse_unknown(fields, *_MADE_OF)
    kid = optional(fields, "kid", str)
    kid = fresh_kid(call) if kid is None else check_kid(kid)
    name, platforms = read_name(fields) or kid, _platforms(fields)
    if "public_key" not in fields and "secret" not in fields:
        _refuse_beside(fields, "purpose", "hashes")
        if _word(fields, "algorithm", Algorithm, ALGORITHM_OF) not in (None, Algorithm.HS256):
            raise BadInput("public_key is missing: only HS256 secrets are made here.", field="public_key")
        key, secret = fresh_key(kid, name, call.engine.now(), call.engine.entropy, platforms=platforms)
        await made(call, key)
        return {**key_object(key), "secret": secret}
    purpose = _word(fields, "purpose", Purpose) or Purpose.TOKEN
    hashes = _word(fields, "hashes", HashedField)
    if hashes is not None and purpose is not Purpose.USER_HASH:
        raise BadInput("hashes is for the purpose user_hash. Send that purpose too, or leave it out.", field="hashes")
    algorithm, material = _material(fields)
    key = SigningKey(
        kid=kid,
        name=name,
        algorithm=algorithm,
        purpose=purpose,
        platforms=platforms,
        state=KeyState.LIVE,
        created_at=call.engine.now(),
        material=material,
        hashes=hashes or HashedField.USER_ID,
    )
    return key_object(await registered(call, key))


async def retire(call: Call) -> dict[str, Any]:
    """`POST /keys/{kid}/retire`: at once, or from `retires_at` on."""
    require_vouching(call.caller.token, TO_KEEP_KEYS)
    fields = may_say(call, "retires_at")
    return key_object(await _ended(call, KeyState.RETIRED, optional(fields, "retires_at", int)))


async def revoke(call: Call) -> dict[str, Any]:
    """`POST /keys/{kid}/revoke`: at once and for good, on every process within a second."""
    require_vouching(call.caller.token, TO_KEEP_KEYS)
    may_say(call)
    return key_object(await _ended(call, KeyState.REVOKED))


async def _ended(call: Call, state: KeyState, at: int | None = None) -> SigningKey:
    engine = call.engine
    ended = await keys.end_asked(
        engine.store,
        asking(call),
        call.path["kid"],
        state,
        at=at,
        entropy=engine.entropy,
    )
    await read_again(engine)
    return ended


async def uses(call: Call) -> Used:
    """How much each key is used."""
    since = int((call.engine.now() - USES_OF) // 86_400)
    used: Used = defaultdict(lambda: (0, None))
    for use in await call.engine.store.key_uses(call.workspace_id, since_day=since):
        count, last = used[use.kid]
        used[use.kid] = (count + use.count, max(last or 0.0, use.last_at))
    return used


def key_object(key: SigningKey, used: Used | None = None) -> dict[str, Any]:
    """The key as JSON, without what it is made of."""
    answer = {
        "type": "signing_key",
        "kid": key.kid,
        "name": key.name,
        "algorithm": key.algorithm,
        "purpose": key.purpose,
        "hashes": key.hashes if key.purpose is Purpose.USER_HASH else None,
        "platforms": sorted(key.platforms),
        "state": key.state,
        "created_at": int(key.created_at),
        "retires_at": key.retires_at,
        "distrusted_since": None if key.distrusted_since is None else int(key.distrusted_since),
    }
    if used is None:
        return answer
    count, last = used.get(key.kid, (0, None))
    return {**answer, "uses_7d": count, "last_used_at": None if last is None else int(last)}


def read_name(fields: Mapping[str, object]) -> str | None:
    """The name, if one came. Raises `BadInput`."""
    name = optional(fields, "name", str)
    return None if name is None else keys.check_name(name)


def _platforms(fields: Mapping[str, object]) -> frozenset[Platform]:
    raw = optional(fields, "platforms", list)
    if raw is None:
        return frozenset(Platform)
    try:
        named = frozenset(Platform(one) for one in raw)
    except (ValueError, TypeError):
        named = frozenset()
    if not named:
        raise BadInput(f"platforms is not a list of {_either(Platform)}.", field="platforms")
    return named


def _word(
    fields: Mapping[str, object], name: str, words: type[_W], spelled: Mapping[str, _W] | None = None
) -> _W | None:
    raw = optional(fields, name, str)
    if raw is None:
        return None
    found = {str(word): word for word in words} | dict(spelled or {})
    if raw not in found:
        raise BadInput(f"{name} is not {_either(words)}, one of which is expected.", field=name)
    return found[raw]


def _either(words: Iterable[str]) -> str:
    *others, last = [str(word) for word in words]
    return f"{', '.join(others)} or {last}"


def _material(fields: Mapping[str, object]) -> tuple[Algorithm, bytes]:
    algorithm = _word(fields, "algorithm", Algorithm, ALGORITHM_OF)
    secret = optional(fields, "secret", str)
    if secret is not None:
        _refuse_beside(fields, "public_key")
        if algorithm not in (None, Algorithm.HS256):
            raise BadInput(f"secret is for HS256; {algorithm} takes public_key.", field="secret")
        return Algorithm.HS256, register_secret(secret)
    raw = fields["public_key"] if "public_key" in fields else required(fields, "secret", str)
    text = msgspec.json.encode(raw) if isinstance(raw, dict) else raw.encode() if isinstance(raw, str) else b""
    if algorithm is None:
        raise BadInput("algorithm is missing. Send the key's.", field="algorithm", code="parameter_not_found")
    if algorithm is Algorithm.HS256:
        raise BadInput("HS256 is a shared secret: it takes secret, or neither to have one made.", field="public_key")
    return algorithm, register_public_key(text, algorithm)


def _refuse_beside(fields: Mapping[str, object], *names: str) -> None:
    for name in names:
        if fields.get(name) is not None:
            raise BadInput(f"{name} does not go with the rest. Leave it out.", field=name)
