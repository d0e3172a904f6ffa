"""A signing secret stands in a request from a browser: somebody has shipped it to everybody."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from avow.flow import keys
from avow.trust.keys import Algorithm, KeyState, Purpose, SigningKey, register_secret
from avow.trust.policy import Platform
from tests.support.place import OLIVE, Place

IMPORTED = "8f3KqZ2mW9xT4vB7nR1cL6yD0sJ5hG2p"


def _places(secret: str) -> dict[str, dict[str, object]]:
    return {
        "as a value": {"user_data": {"user_id": "alice", "api_key": secret}},
        "as a name": {"user_data": {"user_id": "alice", secret: "x"}},
        "as the token": {"user_data": {"intercom_user_jwt": secret}},
        "as the hash": {"user_data": {"user_id": "alice", "user_hash": secret}},
        "as the user id": {"user_data": {"user_id": secret}},
        "nested": {"user_data": {"user_id": "alice", "company": {"id": 1, "secret": secret}}},
        "beside the data": {"user_data": {}, "secret": secret},
        "as text in text": {"user_data": json.dumps({"user_id": "alice", "k": secret})},
        "in events": {"user_data": {}, "event_list": json.dumps({"data": [{"event_name": secret}]})},
        "escaped": {"user_data": {"user_id": "alice", "k": "\\u0061" + secret[1:]}},
    }


@pytest.mark.parametrize("where", list(_places("")))
@pytest.mark.parametrize("whose", ["ours", "imported"])
async def test_it_is_refused_wherever_it_stands_and_nothing_is_stored(place: Place, where: str, whose: str) -> None:
    secret = place.secret if whose == "ours" else IMPORTED
    if whose == "imported":
        await _import(place)
    before = await place.everything()
    text = json.dumps({"app_id": place.workspace_id, **_places(secret)[where]}).replace("\\\\u0061", "\\u0061")
    if where == "escaped" and whose == "imported":
        text = text.replace("\\u0061", "\\u0038")
    answer = await place.post("/messenger/web/ping", text.encode(), "application/json")
    assert (answer.status, answer.code) == (403, "secret_leaked")
    assert secret not in str(answer.body)
    assert await place.everything() == before


async def test_it_is_found_in_a_form_and_inside_a_longer_text(place: Place) -> None:
    data = quote(json.dumps({"user_id": "alice", "note": f"key={place.secret};"}))
    form = f"app_id={place.workspace_id}&user_data={data}".replace("avow_sk_", "avow%5Fsk%5F")
    answer = await place.post("/messenger/web/ping", form.encode(), "application/x-www-form-urlencoded")
    assert (answer.status, answer.code) == (403, "secret_leaked")


async def test_one_alert_a_day_tells_the_operator(place: Place) -> None:
    for _ in range(3):
        await place.ping({"user_id": "alice", "k": place.secret})
    await place.signed("alice", name="Alice")
    app_engine_flushed = [
        alert
        for alert in await _alerts(place)
        if (alert.kind, alert.workspace_id) == ("secret_leaked", place.workspace_id)
    ]
    assert len(app_engine_flushed) == 1


async def test_a_text_that_only_looks_like_a_secret_is_a_text(place: Place) -> None:
    lookalike = place.secret[:-1] + ("a" if place.secret[-1] != "a" else "b")
    assert (await place.ping({"user_id": "alice", "name": lookalike})).status == 200


async def _alerts(place: Place) -> list[object]:
    import asyncio

    for _ in range(40):
        alerts = await place.engine.store.alerts(place.workspace_id, since_day=0)
        if alerts:
            return list(alerts)
        await asyncio.sleep(0.1)
    return []


async def _import(place: Place) -> None:
    engine = place.engine
    key = SigningKey(
        kid="imported",
        name="imported",
        algorithm=Algorithm.HS256,
        purpose=Purpose.TOKEN,
        platforms=frozenset(Platform),
        state=KeyState.LIVE,
        created_at=0.0,
        material=register_secret(IMPORTED),
    )
    await keys.add(
        engine.store, place.workspace_id, key, master_key=engine.master_key, entropy=engine.entropy, actor=OLIVE
    )
