"""A user_hash is an HMAC over a user id. If that id looks like a token's signed part, its hash is a signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from avow.errors import Conflict
from avow.flow import keys
from avow.trust.keys import Algorithm, KeyState, Purpose, SigningKey
from avow.trust.policy import Platform
from tests.support.place import OLIVE, Place


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_hash_over_a_chosen_user_id_is_no_signature(place: Place) -> None:
    secret = await place.add_hash_key()
    # Mallory signs up at Acme under this name; Acme's page faithfully computes her hash.
    chosen = f"{_part({'alg': 'HS256'})}.{_part({'user_id': 'alice', 'plan': 'enterprise'})}"
    user_hash = hmac.digest(secret.encode(), chosen.encode(), hashlib.sha256)
    forged = f"{chosen}.{base64.urlsafe_b64encode(user_hash).rstrip(b'=').decode()}"
    before = await place.everything()
    for kid in (None, "legacy", place.kid):
        header = {"alg": "HS256"} | ({"kid": kid} if kid else {})
        signed = f"{_part(header)}.{chosen.split('.')[1]}"
        mac = hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)
        token = forged if kid is None else f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        answer = await place.ping({"intercom_user_jwt": token})
        assert answer.status == 401
        assert answer.code in ("signature_invalid", "key_unknown")
    assert await place.everything() == before


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_one_secret_never_serves_both_purposes(place: Place, purpose: Purpose) -> None:
    legacy = await place.add_hash_key()
    secret = legacy if purpose is Purpose.TOKEN else place.secret
    key = SigningKey(
        kid="second",
        name="second",
        algorithm=Algorithm.HS256,
        purpose=purpose,
        platforms=frozenset(Platform),
        state=KeyState.LIVE,
        created_at=0.0,
        material=secret.encode(),
    )
    engine = place.engine
    with pytest.raises(Conflict, match="registered already"):
        await keys.add(
            engine.store, place.workspace_id, key, master_key=engine.master_key, entropy=engine.entropy, actor=OLIVE
        )


async def test_a_right_hash_proves_the_user_but_vouches_for_no_value(place: Place) -> None:
    secret = await place.add_hash_key()
    await place.signed("alice", plan="free")
    await place.lock("plan")
    proof = hmac.new(secret.encode(), b"alice", hashlib.sha256).hexdigest()
    answer = await place.ping({"user_id": "alice", "user_hash": proof, "plan": "enterprise"})
    assert answer.verdict("plan") == ("ignored", "unverified")
    assert await place.value("alice", "plan") == "free"


async def test_a_wrong_hash_refuses_the_whole_request(place: Place) -> None:
    await place.add_hash_key()
    before = await place.everything()
    answer = await place.ping({"user_id": "alice", "user_hash": "00" * 32, "name": "Mallory"})
    assert (answer.status, answer.code) == (403, "user_hash_invalid")
    assert await place.everything() == before
