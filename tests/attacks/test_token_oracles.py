"""PyJWT and joserfc as oracles: over tokens spoiled at random, Avow believes nothing that either of them refuses.

They judge the signature, the algorithm and the JSON; their checks of claims are off, as times are Avow's own matter.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random

import jwt
import pytest
from joserfc import jwk, jws
from joserfc.errors import SecurityWarning
from jwt.algorithms import OKPAlgorithm

from avow.errors import TokenRefused
from avow.trust.keys import Algorithm
from avow.trust.policy import Platform, Policy
from avow.trust.token import Claims, verify
from avow.trust.token_checks.form import decode
from tests.support.company import Key, acme
from tests.support.scale import full_or_tenth
from tests.support.tokens.mutations import MUTATIONS, Mutation, ordinary_tokens

NOW = 1_760_000_000.0
ROUNDS = full_or_tenth(100_000)
SHARES = 4
UNCHECKED = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
ALGS = ["HS256", "RS256", "ES256", "EdDSA", "Ed25519"]

# joserfc calls EdDSA, the older name of Ed25519, deprecated.
pytestmark = pytest.mark.filterwarnings(f"ignore::{SecurityWarning.__module__}.SecurityWarning")

PYJWT = jwt.PyJWT()
PYJWT._jws.register_algorithm("Ed25519", OKPAlgorithm())  # it knows the algorithm by its older name only
JOSERFC = jws.JWSRegistry(algorithms=ALGS, strict_check_header=False)


def pyjwt_reads(token: str, key: Key, alg: str) -> object:
    material = key.secret if key.algorithm is Algorithm.HS256 else key.public_pem
    return PYJWT.decode(token, material, algorithms=[alg], options=UNCHECKED)


def joserfc_reads(token: str, key: Key, alg: str) -> object:
    kind = {
        Algorithm.RS256: jwk.RSAKey,
        Algorithm.ES256: jwk.ECKey,
        Algorithm.ED25519: jwk.OKPKey,
    }
    if key.algorithm is Algorithm.HS256:
        material = jwk.OctKey.import_key(key.secret)
    else:
        material = kind[key.algorithm].import_key(key.public_pem)
    read = jws.deserialize_compact(token, material, algorithms=[alg], registry=JOSERFC)
    assert read.payload is not None
    return json.loads(read.payload)


def believed(token: str) -> Claims | None:
    try:
        return verify(token, keyring=acme().keyring, policy=Policy(), platform=Platform.WEB, now=NOW)
    except TokenRefused:
        return None


def agree(token: str, claims: Claims) -> None:
    """Both oracles take the token, for the key and algorithm that Avow took it for, and read the same in it."""
    alg = json.loads(decode(token.partition(".")[0].encode()))["alg"]
    for oracle in (pyjwt_reads, joserfc_reads):
        members = oracle(token, acme()[claims.kid], alg)
        assert isinstance(members, dict)
        assert claims.user_id == str(members["user_id"])
        registered = {"user_id", "iss", "sub", "aud", "exp", "nbf", "iat", "jti"}
        assert claims.attributes == {name: value for name, value in members.items() if name not in registered}


def spoiled(random: Random, tokens: list[str]) -> tuple[Mutation, str, str]:
    mutation, token = random.choice(MUTATIONS), random.choice(tokens)
    return mutation, token, mutation(random, acme(), token)


def test_the_oracles_and_avow_believe_the_tokens_that_everything_starts_from() -> None:
    for token in ordinary_tokens(acme(), NOW):
        claims = believed(token)
        assert claims is not None
        agree(token, claims)


@pytest.mark.parametrize("share", range(SHARES))
def test_avow_believes_nothing_that_an_oracle_refuses(share: int) -> None:
    random = Random(f"oracles {share}")
    tokens = ordinary_tokens(acme(), NOW)
    refused: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for _ in range(ROUNDS // SHARES):
        mutation, ordinary, token = spoiled(random, tokens)
        claims = believed(token)
        if claims is None:
            refused[mutation.__name__] += 1
        else:
            agree(token, claims)
            accepted[mutation.__name__] += token != ordinary
    # The mutations must spoil, and must leave something to judge, or the oracles were asked nothing.
    assert {mutation.__name__ for mutation in MUTATIONS} - {"another_spelling"} <= set(refused)
    assert accepted["another_spelling"] > ROUNDS // SHARES // 20
    assert accepted["another_header"]
    assert accepted["another_payload"]
    assert refused.total() > ROUNDS // SHARES // 2
