"""How does a request come to be refused as a whole? One situation for each reason of V1 to V12 and of identities."""

from __future__ import annotations

import time
from typing import Any

from avow.trust.reasons import Reason
from tests.docs.situations import FOR_APPS, IN_A_STRICT_PLACE, RETIRED, REVOKED, of, payload, sent, signed
from tests.support.company import acme
from tests.support.place import Place

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


@of(Reason.CONTACT_BLOCKED)
async def _(place: Place) -> Any:
    visitor = (await place.ping({"name": "Mallory"})).body
    found = await place.rest("GET", f"/visitors?user_id={visitor['user']['anonymous_id']}")
    await place.rest("POST", f"/contacts/{found.body['id']}/block")
    return (await place.ping({"name": "Mallory"}, anonymous_session=visitor["anonymous_session"])).body
