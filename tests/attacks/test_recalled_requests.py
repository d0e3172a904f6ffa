"""Requests that come again byte for byte are recalled, not read again. What has changed meanwhile still counts."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from avow.errors import TokenRefused
from avow.flow import keys
from avow.messenger.admission import Admission, Limits, Request
from avow.messenger.ping import Messenger
from avow.messenger.recall import Recall
from avow.trust.policy import Platform
from avow.web.limits import Allowance, Limiter
from avow.web.request import Media
from tests.support.place import OLIVE, Place

AGO = int(time.time()) - 100


async def _again(place: Place, token: str, times: int = 3) -> None:
    for _ in range(times):
        assert (await place.ping({"intercom_user_jwt": token})).status == 200


async def test_a_revoked_key_is_refused_however_often_its_token_was_believed(place: Place) -> None:
    token = place.token("alice", at=AGO, plan="free")
    await _again(place, token)
    engine = place.engine
    await keys.revoke(engine.store, place.workspace_id, place.kid, entropy=engine.entropy, actor=OLIVE)
    answer = await place.ping({"intercom_user_jwt": token})
    assert (answer.status, answer.code) == (401, "key_revoked")


async def test_a_token_expires_however_often_it_was_believed(place: Place) -> None:
    # Within the leeway of a minute it is still believed, and then it is not.
    begun = time.time()
    token = place.token("alice", at=begun - 120, lasting=62, plan="free")
    await _again(place, token)
    while (answer := await place.ping({"intercom_user_jwt": token})).status == 200:
        assert time.time() < begun + 30
        await asyncio.sleep(0.25)
    assert (answer.status, answer.code) == (401, "token_expired")


async def test_erasure_ends_a_recalled_token(place: Place) -> None:
    token = place.token("alice", at=AGO, plan="free")
    await _again(place, token)
    contact = await place.known("alice")
    assert (await place.rest("DELETE", f"/contacts/{contact.id}")).status == 200
    assert (await place.ping({"intercom_user_jwt": token})).code == "identity_superseded"
    assert await place.look("alice") is None


async def test_what_somebody_else_wrote_meanwhile_is_weighed(place: Place) -> None:
    token = place.token("alice", at=AGO, plan="pro")
    await _again(place, token)
    contact = await place.known("alice")
    await place.rest("PUT", f"/contacts/{contact.id}", {"custom_attributes": {"plan": "free"}})
    assert (await place.ping({"intercom_user_jwt": token})).verdict("plan") == ("ignored", "stale")


async def test_a_policy_changed_meanwhile_counts(place: Place) -> None:
    token = place.token("alice", at=AGO, plan="pro")
    await _again(place, token)
    await place.policy(max_token_lifetime=60)
    answer = await place.ping({"intercom_user_jwt": token})
    assert (answer.status, answer.code) == (401, "token_too_long_lived")


async def test_the_same_bytes_on_another_platform_are_another_request(place: Place) -> None:
    token = place.token("alice", at=AGO, plan="pro")
    await _again(place, token)
    await place.policy(origins=("https://app.acme.example",))
    elsewhere = await place.ping({"intercom_user_jwt": token}, headers={"origin": "https://evil.example"})
    assert (elsewhere.status, elsewhere.code) == (403, "origin_not_allowed")
    assert (await place.ping({"intercom_user_jwt": token}, platform="ios")).status == 200


async def test_a_visitor_of_the_same_browser_is_merged_though_the_bytes_are_the_same(place: Place) -> None:
    visitor = await place.ping({"phone": "1"})
    session = visitor.body["anonymous_session"]
    token = place.token("alice", at=AGO, plan="pro")
    for _ in range(3):
        assert (await place.ping({"intercom_user_jwt": token}, anonymous_session=session)).status == 200
    assert await place.value("alice", "phone") == "1"


class Noted(Limiter):
    """Who was charged."""

    def __init__(self) -> None:
        super().__init__(6_000)
        self.charged: list[str] = []

    def take(self, key: str, now: float) -> Allowance:
        self.charged.append(key)
        return super().take(key, now)


async def test_what_is_refused_is_paid_by_who_asks_and_not_by_who_asked_first(place: Place) -> None:
    unproven = Noted()
    messenger = Messenger(place.engine, Limits(Limiter(600), unproven, Limiter(600)))
    token = place.token("alice", at=AGO, plan="pro")
    body = json.dumps({"app_id": place.workspace_id, "user_data": {"intercom_user_jwt": token}}).encode()
    async with place.engine.running():
        for _ in range(3):
            await messenger.ping(Request(Platform.WEB, Media.JSON, body, "10.1.1.1", None))
        assert unproven.charged == []
        await place.rest("DELETE", f"/contacts/{(await place.known('alice')).id}")
        with pytest.raises(TokenRefused):
            await messenger.ping(Request(Platform.WEB, Media.JSON, body, "10.2.2.2", None))
    assert unproven.charged == ["10.2.2.2"]


@pytest.mark.parametrize("kept", [1, 3])
async def test_only_the_newest_requests_that_came_twice_are_remembered(place: Place, kept: int) -> None:
    admission, recall, now = (
        Admission(place.engine, Limits(Limiter(600), Limiter(600), Limiter(600))),
        Recall(kept),
        time.time(),
    )
    requests = []
    for number in range(5):
        body = {"app_id": place.workspace_id, "token": place.token("alice", at=AGO, seats=number)}
        requests.append(Request(Platform.WEB, Media.JSON, json.dumps(body).encode(), None, None))
        admitted = await admission.admit(requests[-1])
        recall.keep(admitted, now)
        assert recall.find(requests[-1], now) is None
        recall.keep(admitted, now)
    assert [recall.find(request, now) is not None for request in requests] == [False] * (5 - kept) + [True] * kept
