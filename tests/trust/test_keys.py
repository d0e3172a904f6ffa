"""A workspace's keys: what they may do, in which state, and how they check."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from avow.errors import BadInput
from avow.trust.keys import (
    MAX_CANDIDATES,
    Algorithm,
    Keyring,
    KeyState,
    Purpose,
    SigningKey,
    check_kid,
    fingerprint,
    register_secret,
)
from avow.trust.policy import Platform
from tests.support.company import Key, acme

NOW = 1_760_000_000.0
KEY = acme().hs.registered


@pytest.mark.parametrize("kid", ["a", "acme-2024", "k" * 128, "!~#/+=", "0"])
def test_visible_ascii_is_a_kid(kid: str) -> None:
    assert check_kid(kid) == kid


@pytest.mark.parametrize("kid", ["", "k" * 129, "a b", "a\n", "\n", "é", "\x7f", None, 7, b"acme", ["acme"]])
def test_anything_else_is_no_kid(kid: object) -> None:
    with pytest.raises(BadInput, match="1 to 128 visible ASCII") as refusal:
        check_kid(kid)
    assert refusal.value.field == "kid"


def test_no_key_is_built_with_an_unusable_kid() -> None:
    with pytest.raises(BadInput):
        replace(KEY, kid="acme\n")


def test_a_user_hash_key_is_a_shared_secret() -> None:
    with pytest.raises(BadInput, match="expected HS256") as refusal:
        replace(acme()["acme-rsa"].registered, purpose=Purpose.USER_HASH)
    assert refusal.value.field == "algorithm"


def test_no_repr_shows_a_secret() -> None:
    keyring = Keyring([KEY])
    ready = keyring.find(KEY.kid)
    assert KEY.material.decode() not in repr(KEY) + repr(ready) + repr(keyring)


@pytest.mark.parametrize(
    ("state", "retires_at", "expected"),
    [
        (KeyState.LIVE, None, KeyState.LIVE),
        (KeyState.LIVE, 1, KeyState.LIVE),
        (KeyState.RETIRING, int(NOW) + 1, KeyState.RETIRING),
        (KeyState.RETIRING, int(NOW), KeyState.RETIRED),
        (KeyState.RETIRING, int(NOW) - 1, KeyState.RETIRED),
        (KeyState.RETIRING, None, KeyState.RETIRED),
        (KeyState.RETIRED, int(NOW) + 1, KeyState.RETIRED),
        (KeyState.REVOKED, int(NOW) + 1, KeyState.REVOKED),
    ],
)
def test_a_retiring_key_is_retired_when_its_time_has_come(
    state: KeyState, retires_at: int | None, expected: KeyState
) -> None:
    key = replace(KEY, state=state, retires_at=retires_at)
    assert key.state_at(NOW) is expected
    assert key.verifies_at(NOW) is (expected in (KeyState.LIVE, KeyState.RETIRING))


@pytest.mark.parametrize(
    ("state", "until", "refused"),
    [
        (KeyState.LIVE, None, False), (KeyState.RETIRING, int(NOW) + 1, False), (KeyState.RETIRING, int(NOW), True),
        (KeyState.RETIRED, None, True), (KeyState.REVOKED, None, True),
    ],
)  # fmt: skip
def test_a_time_to_retire_is_for_a_key_that_serves(state: KeyState, until: int | None, refused: bool) -> None:
    key, last = replace(KEY, state=state, retires_at=until), 99_999_999_999
    if refused:
        with pytest.raises(BadInput, match="Make a new key"):
            key.check_retires_at(last, NOW)
    else:
        assert key.check_retires_at(last, NOW) == last
        with pytest.raises(BadInput, match="no milliseconds"):
            key.check_retires_at(last + 1, NOW)


@pytest.mark.parametrize("kid", ["acme-hs", "acme-rsa", "acme-ec", "acme-ed"])
def test_a_key_takes_its_own_signature_and_no_other(kid: str) -> None:
    key = acme()[kid]
    ready = acme().keyring.find(kid)
    assert ready is not None
    signature = key.signature(b"signed")
    assert ready.check(b"signed", signature)
    assert ready.check(b"signed", signature)  # a second time: what was made ready is not used up
    assert not ready.check(b"signed!", signature)
    assert not ready.check(b"signed", signature[:-1])
    assert not ready.check(b"signed", bytes(len(signature)))
    assert not ready.check(b"signed", b"")


@pytest.mark.parametrize("kid", ["acme-retired", "acme-revoked", "acme-revoked-rsa"])
def test_a_key_that_has_ended_checks_nothing_even_if_somebody_asks_it(kid: str) -> None:
    ready = acme().keyring.find(kid)
    assert ready is not None
    assert not ready.check(b"signed", acme()[kid].signature(b"signed"))


def test_the_material_of_an_ended_key_is_not_even_read() -> None:
    damaged = replace(acme()["acme-revoked-rsa"].registered, material=b"damaged")
    assert Keyring([damaged]).find(damaged.kid) is not None
    with pytest.raises(BadInput):
        Keyring([replace(damaged, state=KeyState.LIVE)])


def test_a_kid_names_one_key() -> None:
    with pytest.raises(ValueError, match="same kid"):
        Keyring([KEY, replace(KEY, name="another")])


def test_keys_are_listed_and_tried_newest_first() -> None:
    keys = [replace(KEY, kid=f"key-{day}", created_at=day) for day in (2.0, 3.0, 1.0)]
    keyring = Keyring(keys)
    assert [key.kid for key in keyring.keys] == ["key-3.0", "key-2.0", "key-1.0"]
    assert [ready.key.kid for ready in keyring.of_algorithm(Algorithm.HS256)] == ["key-3.0", "key-2.0", "key-1.0"]
    assert keyring.of_algorithm(Algorithm.RS256) == ()
    assert Keyring().keys == ()


def test_user_hash_keys_are_apart_and_bounded() -> None:
    hashing = [replace(KEY, kid=f"hash-{number}", created_at=number, purpose=Purpose.USER_HASH) for number in range(12)]
    keyring = Keyring([*hashing, replace(KEY, kid="ended", purpose=Purpose.USER_HASH, state=KeyState.RETIRED)])
    usable = keyring.hash_keys(Platform.WEB, NOW)
    assert [ready.key.kid for ready in usable] == [f"hash-{number}" for number in range(11, 11 - MAX_CANDIDATES, -1)]
    assert keyring.of_algorithm(Algorithm.HS256) == ()
    ios_only = replace(hashing[0], platforms=frozenset({Platform.IOS}))
    assert Keyring([ios_only]).hash_keys(Platform.WEB, NOW) == ()
    assert len(Keyring([ios_only]).hash_keys(Platform.IOS, NOW)) == 1


def test_a_workspace_knows_its_own_secrets_in_every_state() -> None:
    keyring = acme().keyring
    for kid in ("acme-hs", "acme-imported", "acme-retired", "acme-revoked", "acme-hash"):
        assert keyring.holds_secret(acme()[kid].secret)
        assert not keyring.holds_secret(acme()[kid].secret + " ")
        assert not keyring.holds_secret(acme()[kid].secret[:-1] + "?")
    for text in ("", "alice", "\ud800", "x" * 57, acme()["acme-ec"].public_pem.decode()):
        assert not keyring.holds_secret(text)


def test_the_same_material_has_the_same_fingerprint_whatever_it_is_for() -> None:
    key, other_key = b"f" * 32, b"g" * 32
    material = register_secret(acme().hs.secret)
    assert fingerprint(material, key) == fingerprint(register_secret(acme().hs.secret + "\n"), key)
    assert len(fingerprint(material, key)) == 32
    assert fingerprint(material, key) != fingerprint(material, other_key)
    assert fingerprint(material, key) != fingerprint(register_secret(acme()["acme-hash"].secret), key)


def test_secrets_that_make_equal_hmacs_have_equal_fingerprints() -> None:
    """HMAC fills keys with zeros up to its block and hashes longer ones: another text, and yet the same key."""
    key, long = b"f" * 32, b"k" * 65
    hashed = hashlib.sha256(long).digest()
    assert hmac.digest(long, b"x", "sha256") == hmac.digest(hashed, b"x", "sha256")
    assert fingerprint(long, key) == fingerprint(hashed, key) == fingerprint(hashed + b"\0", key)
    whole_block = b"k" * 64
    assert fingerprint(whole_block, key) != fingerprint(hashlib.sha256(whole_block).digest(), key)


def test_every_algorithm_has_a_key_in_the_company() -> None:
    assert {key.algorithm for key in acme().keys.values()} == set(Algorithm)
    assert isinstance(Key("x", Algorithm.HS256).registered, SigningKey)
