"""Requests of one moment are let in together: what is wrong with one of them is that one's alone."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from avow.messenger.envelope import Envelope, read
from avow.web.request import Media
from tests.support.place import Answer, Place


async def at_once(place: Place, *hostile: bytes) -> tuple[list[Answer], list[Answer]]:
    """Alice and Bob, and the hostile bodies between them, in one moment: how each side was answered."""
    honest = [
        {"app_id": place.workspace_id, "user_data": {"intercom_user_jwt": place.token(who, plan="pro")}}
        for who in ("alice", "bob")
    ]
    first, last = (json.dumps(one).encode() for one in honest)
    answers = await asyncio.gather(
        *(place.post("/messenger/web/ping", body, Media.JSON) for body in (first, *hostile, last))
    )
    return [answers[0], answers[-1]], answers[1:-1]


async def test_each_refused_one_hears_its_own_reason_and_the_others_are_believed(place: Place) -> None:
    def ping(**fields: object) -> bytes:
        return json.dumps({"app_id": place.workspace_id, **fields}).encode()

    token = place.token("carol", at=time.time() - 7200, lasting=60)
    await place.policy(origins=())
    honest, hostile = await at_once(
        place,
        b'{"app_id": ',
        ping(user_data={"intercom_user_jwt": token}),
        ping(user_data={"intercom_user_jwt": place.token("carol")[:-2] + "AA"}),
        ping(user_data={"user_id": "dave", "intercom_user_jwt": place.token("carol")}),
        ping(app_id="nobody00", user_data={}),
        ping(user_data={"intercom_user_jwt": ""}),
    )
    assert [(one.status, one.body["identity_verified"]) for one in honest] == [(200, True)] * 2
    assert [(one.status, one.code) for one in hostile] == [
        (400, "parameter_invalid"),
        (401, "token_expired"),
        (401, "signature_invalid"),
        (401, "identity_mismatch"),
        (404, "workspace_not_found"),
        (401, "token_malformed"),
    ]
    assert await place.look("carol") is None
    assert (await place.value("alice", "plan"), await place.value("bob", "plan")) == ("pro", "pro")


async def test_what_nobody_foresaw_of_one_is_not_told_to_the_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(media: Media, body: bytes, *, origin: str | None) -> Envelope:
        if b"stumble" in body:
            raise RuntimeError("a fault of ours")
        return read(media, body, origin=origin)

    monkeypatch.setattr("avow.messenger.admission.read", stumble)
    honest, hostile = await at_once(place, b'{"stumble": 1}')
    assert [one.status for one in (*honest, *hostile)] == [200, 200, 500]
