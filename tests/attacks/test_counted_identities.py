"""How requests prove whom they are about is counted where they come in; who is refused, or lies, counts for nothing."""

from __future__ import annotations

import asyncio

import jwt

from avow.flow.bookkeeping.identities import CALLS, IDENTITIES
from avow.flow.screens import identity
from avow.trust.policy import MessengerSecurity, Platform
from tests.support.place import Place


async def counted(place: Place, total: int) -> dict[str, int]:
    """The counts, once there are so many: they go with the next commit, or within a second."""
    for _ in range(100):
        rows = await place.engine.store.traffic(place.workspace_id, IDENTITIES, since_hour=0)
        if sum(row.count for row in rows) >= total:
            break
        await asyncio.sleep(0.05)
    return {row.kind: row.count for row in rows}


async def test_each_request_is_counted_once_by_platform_and_proof(place: Place) -> None:
    await place.signed("alice", plan="pro")
    await place.signed("alice", plan="pro")
    bare = jwt.encode({"user_id": "alice"}, place.secret, "HS256", headers={"kid": place.kid})
    await place.ping({"intercom_user_jwt": bare}, platform="ios")
    await place.ping({"user_id": "alice"})
    await place.ping({"name": "somebody"})
    assert await counted(place, 5) == {
        "web token": 2,
        "ios without_dates": 1,
        "web unproven": 1,
        "web visitor": 1,
    }
    writers = await place.engine.store.writers(place.workspace_id, IDENTITIES, since_day=0)
    assert len(writers) == 1


async def test_what_was_refused_is_not_counted_as_let_in(place: Place) -> None:
    await place.policy(messenger_security={Platform.WEB: MessengerSecurity.REQUIRED})
    await place.engine.rulebook.confirm()
    assert (await place.ping({"user_id": "alice"})).status == 403
    assert (await place.ping({"intercom_user_jwt": "a.b.c"})).status == 401
    await place.signed("alice")
    assert await counted(place, 1) == {"web token": 1}
    look = await identity.look(place.engine, place.workspace_id)
    assert look.refused == 1
    assert look.writers == ()


async def test_mallory_cannot_write_an_attribute_that_would_count_as_an_identity(place: Place) -> None:
    await place.policy(may_create="anyone")
    names = {IDENTITIES: "mallory", CALLS: "x", "USER_ID": "x", "\uff55ser_id": "x", "Auth_Tokens": "x"}
    await place.ping(names)
    forged = jwt.encode({**names, "iat": 1, "exp": 9_999_999_999}, place.secret, "HS256", headers={"kid": place.kid})
    await place.ping({"intercom_user_jwt": forged})
    assert await counted(place, 2) == {"web unproven": 1, "web token": 1}
    assert await place.engine.store.traffic(place.workspace_id, CALLS, since_hour=0) == []
