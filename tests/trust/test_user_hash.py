"""The legacy hash proves an identity: the one that was hashed, by a live key of its own purpose, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from avow.errors import Forbidden
from avow.trust.keys import HashedField, Keyring, KeyState
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.user_hash import UserHashProof, prove
from tests.support.company import Company, Key, acme

NOW = 1_760_000_000.0
HASH_KEY = acme()["acme-hash"]
EMAIL_KEY = Key("acme-mail", HASH_KEY.algorithm, purpose=HASH_KEY.purpose, hashes=HashedField.EMAIL)
HASH = HASH_KEY.user_hash("alice")


def proof_of(
    raw_user_hash: object,
    *,
    user_id: str | None = "alice",
    email: str | None = None,
    keyring: Keyring | None = None,
    platform: Platform = Platform.WEB,
) -> UserHashProof:
    return prove(
        raw_user_hash,
        keyring=keyring or acme().keyring,
        platform=platform,
        now=NOW,
        unproven_user_id=user_id,
        unproven_email=email,
    )


def refusal_of(raw_user_hash: object, **others: object) -> Forbidden:
    with pytest.raises(Forbidden) as refusal:
        proof_of(raw_user_hash, **others)  # type: ignore[arg-type]
    assert refusal.value.code == Reason.USER_HASH_INVALID
    assert refusal.value.field == "user_hash"
    return refusal.value


@pytest.mark.parametrize("raw_user_hash", [HASH, HASH.upper(), HASH[:20].upper() + HASH[20:]])
def test_a_right_hash_proves_the_user_id(raw_user_hash: str) -> None:
    assert proof_of(raw_user_hash) == UserHashProof(HashedField.USER_ID, "alice", "acme-hash")


@pytest.mark.parametrize("user_id", ["Zo\u00eb", "Zoe\u0308", " alice ", "1", "a" * 255, "\U0001f600"])
def test_the_hash_is_over_the_id_byte_for_byte(user_id: str) -> None:
    assert proof_of(HASH_KEY.user_hash(user_id), user_id=user_id).value == user_id


@pytest.mark.parametrize("user_id", ["Alice", "alice ", "bob", "", "\ud800", None])
def test_a_hash_proves_nobody_else(user_id: str | None) -> None:
    refusal_of(HASH, user_id=user_id)


@pytest.mark.parametrize(
    "raw_user_hash",
    [
        None,
        "",
        True,
        int(HASH, 16),
        HASH.encode(),
        [HASH],
        HASH[:-1],
        HASH + "0",
        HASH + "\n",
        f" {HASH}",
        f"0x{HASH[:-2]}",
        " ".join(HASH[index : index + 2] for index in range(0, 64, 2)),
        HASH.replace(HASH[0], "\uff10"),
        hashlib.sha256(b"alice").hexdigest(),
        hashlib.sha1(b"alice", usedforsecurity=False).hexdigest(),
    ],
)
def test_what_is_no_right_hash_is_refused(raw_user_hash: object) -> None:
    refusal_of(raw_user_hash)


@pytest.mark.parametrize("user_id", ["", " ", "\u200b", "a" * 256])
def test_what_is_no_user_id_is_never_proven(user_id: str) -> None:
    refusal_of(HASH_KEY.user_hash(user_id), user_id=user_id)


def test_a_token_key_proves_no_hash() -> None:
    refusal_of(acme().hs.user_hash("alice"))


@pytest.mark.parametrize("state", [KeyState.RETIRED, KeyState.REVOKED])
def test_a_key_that_has_ended_proves_nothing(state: KeyState) -> None:
    keyring = Keyring([replace(HASH_KEY.registered, state=state)])
    assert "no live user_hash key is for web" in refusal_of(HASH, keyring=keyring).message


def test_a_key_for_another_platform_proves_nothing_here() -> None:
    keyring = Keyring([replace(HASH_KEY.registered, platforms=frozenset({Platform.IOS}))])
    refusal_of(HASH, keyring=keyring)
    assert proof_of(HASH, keyring=keyring, platform=Platform.IOS).kid == "acme-hash"


def test_a_key_that_hashes_the_email_proves_the_email() -> None:
    keyring = Company({"acme-mail": EMAIL_KEY}).keyring
    right = EMAIL_KEY.user_hash("alice@example.com")
    proof = proof_of(right, user_id=None, email="alice@example.com", keyring=keyring)
    assert proof == UserHashProof(HashedField.EMAIL, "alice@example.com", "acme-mail")
    refusal_of(right, user_id=None, email="Alice@example.com", keyring=keyring)
    refusal_of(right, user_id=None, email=None, keyring=keyring)


def test_a_hash_over_mallorys_email_vouches_for_no_request_that_names_alice() -> None:
    keyring = Company({"acme-mail": EMAIL_KEY}).keyring
    right = EMAIL_KEY.user_hash("mallory@example.com")
    refusal_of(right, user_id="alice", email="mallory@example.com", keyring=keyring)


def test_a_hash_over_the_user_id_is_not_one_over_the_email() -> None:
    """A user who may choose her id as another's e-mail address does not become her."""
    keyring = Company({"acme-hash": HASH_KEY, "acme-mail": EMAIL_KEY}).keyring
    address = "alice@example.com"
    refusal_of(HASH_KEY.user_hash(address), user_id=None, email=address, keyring=keyring)
    refusal_of(EMAIL_KEY.user_hash(address), user_id=address, email=None, keyring=keyring)


def test_any_of_several_keys_may_match() -> None:
    second = Key("acme-hash-2", HASH_KEY.algorithm, purpose=HASH_KEY.purpose)
    keyring = Company({"acme-hash": HASH_KEY, "acme-hash-2": second}).keyring
    assert proof_of(HASH, keyring=keyring).kid == "acme-hash"
    assert proof_of(second.user_hash("alice"), keyring=keyring).kid == "acme-hash-2"


def test_no_repr_shows_who_it_is() -> None:
    assert "alice" not in repr(proof_of(HASH))
