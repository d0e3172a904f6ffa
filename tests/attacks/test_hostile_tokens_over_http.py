"""Every hostile token of the collection, delivered by a browser: refused with its reason, and nothing changed.

And every unusual but legitimate one: believed, its user known by exactly the id that was signed.
"""

from __future__ import annotations

import time
from collections import Counter

from avow.flow import keys
from tests.support.company import acme
from tests.support.place import OLIVE, Place
from tests.support.tokens import hostile_tokens, legitimate_tokens


async def _with_acmes_keys(place: Place) -> None:
    engine = place.engine
    for key in acme().keyring.keys:
        await keys.add(
            engine.store, place.workspace_id, key, master_key=engine.master_key, entropy=engine.entropy, actor=OLIVE
        )


async def test_every_hostile_token_is_refused_for_its_reason_and_changes_nothing(place: Place) -> None:
    await _with_acmes_keys(place)
    await place.signed("alice", plan="free")
    before = await place.everything()
    delivered: Counter[str] = Counter()
    for hostile in hostile_tokens(acme(), time.time()):
        if not hostile.deliverable:
            continue
        data = {"intercom_user_jwt": hostile.token, "name": "Mallory"}
        if hostile.unproven_user_id is not None:
            data["user_id"] = hostile.unproven_user_id
        place.client._transport.client = (f"203.0.113.{sum(delivered.values()) % 200}", 4711)  # type: ignore[attr-defined]
        answer = await place.ping(data, platform=str(hostile.platform))
        assert (answer.status, answer.code) == (401, hostile.reason), hostile.name
        delivered[hostile.reason] += 1
    assert await place.everything() == before
    assert sum(delivered.values()) > 250, delivered


async def test_every_unusual_but_legitimate_token_is_believed_byte_for_byte(place: Place) -> None:
    await _with_acmes_keys(place)
    tokens = [one for one in legitimate_tokens(acme(), time.time()) if one.deliverable]
    assert len(tokens) >= 60
    for one in tokens:
        answer = await place.ping({"intercom_user_jwt": one.token})
        assert answer.status == 200, (one.name, answer.body)
        assert answer.body["user"]["user_id"] == one.user_id, one.name
        assert await place.look(one.user_id) is not None
