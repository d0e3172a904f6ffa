"""Hundreds of hostile tokens, each refused for its own reason; dozens of unusual ones believed byte for byte."""

from __future__ import annotations

import pytest

from avow.errors import TokenRefused
from avow.trust.policy import Platform, Policy
from avow.trust.reasons import Reason
from avow.trust.token import verify
from avow.trust.token_checks.numbers import REASONS_OF, CheckFailed
from tests.support.company import acme
from tests.support.registrations import hostile_public_keys, hostile_secrets
from tests.support.tokens import Hostile, hostile_tokens, legitimate_tokens
from tests.support.tokens.hostile import FAMILIES, Family

NOW = 1_760_000_000.25


def refusal_of(hostile: Hostile) -> TokenRefused | None:
    try:
        verify(
            hostile.token,
            keyring=acme().keyring,
            policy=hostile.policy,
            platform=hostile.platform,
            now=NOW,
            unproven_user_id=hostile.unproven_user_id,
        )
    except TokenRefused as refusal:
        return refusal
    return None


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_hostile_token_is_refused_for_its_own_reason(family: Family) -> None:
    for hostile in family(acme(), NOW):
        refusal = refusal_of(hostile)
        assert refusal is not None, f"{hostile.name} was believed"
        assert refusal.code == hostile.reason, f"{hostile.name}: {refusal.code}, {refusal.message}"


def test_there_are_hundreds_of_them_all_different() -> None:
    hostile = hostile_tokens(acme(), NOW)
    keys = [*hostile_public_keys(acme()), *hostile_secrets(acme())]
    assert len({one.name for one in hostile}) == len(hostile)
    assert len({(repr(one.token), one.unproven_user_id, repr(one.policy), one.platform) for one in hostile}) == len(
        hostile
    )
    assert len({(one.algorithm, one.raw) for one in keys}) == len(keys)
    assert len([one for one in hostile if one.deliverable]) > 600
    assert len(keys) > 200


def test_every_reason_of_the_numbered_checks_has_its_attack() -> None:
    numbered = {reason for reasons in REASONS_OF.values() for reason in reasons}
    attacked = {hostile.reason for hostile in hostile_tokens(acme(), NOW)}
    assert numbered - attacked == {Reason.IDENTITY_SUPERSEDED}  # V12 needs no hostile token but an old one
    assert attacked <= numbered


def test_every_refusal_names_a_check_that_may_give_this_reason() -> None:
    for hostile in hostile_tokens(acme(), NOW):
        refusal = refusal_of(hostile)
        assert isinstance(refusal, CheckFailed)
        assert refusal.reason in REASONS_OF[refusal.number], hostile.name


def test_no_refusal_repeats_the_token_or_what_it_says() -> None:
    for hostile in hostile_tokens(acme(), NOW):
        refusal = refusal_of(hostile)
        assert refusal is not None
        refusal.message.encode()  # it can be sent
        assert len(refusal.message) < 300
        for secret in ("alice", "mallory", 'pro"', acme().hs.secret):
            assert secret not in refusal.message, hostile.name
        if isinstance(hostile.token, str) and len(hostile.token) > 20:
            assert hostile.token[:20] not in refusal.message


def test_unusual_but_legitimate_tokens_are_believed_byte_for_byte() -> None:
    unusual = legitimate_tokens(acme(), NOW)
    assert len({one.token for one in unusual}) == len({one.name for one in unusual}) >= 60
    for one in unusual:
        claims = verify(one.token, keyring=acme().keyring, policy=Policy(), platform=Platform.WEB, now=NOW)
        assert claims.user_id.encode() == one.user_id.encode(), one.name
