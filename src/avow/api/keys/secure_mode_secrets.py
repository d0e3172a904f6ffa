"""Which secrets sign for the Messenger, as Intercom's Preview API asks? `/secure_mode_secrets`.

- Shared secrets only, those in use: what was revoked or retired is not there any more. The id is the key's kid.
- The secret is told by the answer that made it, and never again. Deleting one revokes it.

Source: contract/intercom-notes.md §1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.keys.family import read_name
from avow.api.keys.fresh import TO_KEEP_KEYS, fresh_kid, made, read_again
from avow.api.reading import body, required
from avow.errors import BadInput, NotFound, Unprocessable
from avow.flow import keys
from avow.flow.contacts import require_vouching
from avow.flow.workspaces import fresh_key
from avow.trust.keys import Algorithm, SigningKey
from avow.trust.policy import Platform

_FLAGS: Final = {
    Platform.WEB: "supports_web",
    Platform.IOS: "supports_ios",
    Platform.ANDROID: "supports_android",
}


async def listed(call: Call) -> dict[str, Any]:
    """`GET /secure_mode_secrets`."""
    return {"type": "list", "data": [_secret_object(key) for key in await _in_use(call)]}


async def create(call: Call) -> dict[str, Any]:
    """`POST /secure_mode_secrets`: a new one, for at least one platform."""
    require_vouching(call.caller.token, TO_KEEP_KEYS)
    fields = body(call)
    try:
        name, platforms = read_name({"name": required(fields, "name", str)}), _platforms(fields)
    except BadInput as error:
        raise Unprocessable(error.message, code="parameter_invalid", field=error.field) from None
    engine = call.engine
    kid = fresh_kid(call)
    key, secret = fresh_key(kid, name or kid, engine.now(), engine.entropy, platforms=platforms)
    await made(call, key)
    return {**_secret_object(key), "secret": secret}


async def delete(call: Call) -> None:
    """`DELETE /secure_mode_secrets/{id}`: whoever it signed for is shut out at once."""
    require_vouching(call.caller.token, TO_KEEP_KEYS)
    engine, kid = call.engine, call.path["id"]
    if not any(key.kid == kid for key in await _in_use(call)):
        message = "There is no such secret in use. List them to see which there are."
        raise NotFound(message, code="identity_verification_secret_not_found")
    await keys.revoke(
        engine.store,
        call.workspace_id,
        kid,
        entropy=engine.entropy,
        actor=call.caller.token.actor,
    )
    await read_again(engine)


async def _in_use(call: Call) -> list[SigningKey]:
    now = call.engine.now()
    found = await keys.every(call.engine.store, call.workspace_id)
    return [key for key in found if key.algorithm is Algorithm.HS256 and key.verifies_at(now)]


def _platforms(fields: Mapping[str, object]) -> frozenset[Platform]:
    for flag in _FLAGS.values():
        if not isinstance(fields.get(flag, False), bool):
            raise BadInput(f"{flag} is not true or false, one of which is expected.", field=flag)
    platforms = frozenset(platform for platform, flag in _FLAGS.items() if fields.get(flag) is True)
    if not platforms:
        raise BadInput(
            f"No platform is named. Send true for one of {', '.join(_FLAGS.values())}.", field="supports_web"
        )
    return platforms


def _secret_object(key: SigningKey) -> dict[str, Any]:
    return {
        "type": "identity_verification_secret",
        "id": key.kid,
        "name": key.name,
        **{flag: platform in key.platforms for platform, flag in _FLAGS.items()},
        "created_at": int(key.created_at),
        "purpose": key.purpose,
    }
