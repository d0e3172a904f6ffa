"""A workspace's settings: what holds where nothing was chosen, and which platform asks for proof."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens


def test_what_holds_where_nothing_was_chosen() -> None:
    policy = Policy()
    assert policy.may_create is MayCreate.SIGNED
    assert policy.undated_tokens is UndatedTokens.ACCEPT
    assert policy.retention_days == 30
    assert not policy.explain_verdicts
    assert not policy.require_exp
    assert policy.max_token_lifetime is None


@pytest.mark.parametrize("platform", list(Platform))
def test_messenger_security_is_off_until_it_is_required(platform: Platform) -> None:
    assert not Policy().requires_proof(platform)
    assert not Policy(messenger_security={platform: MessengerSecurity.OFF}).requires_proof(platform)
    assert Policy(messenger_security={platform: MessengerSecurity.REQUIRED}).requires_proof(platform)


def test_each_platform_decides_for_itself() -> None:
    policy = Policy(messenger_security={Platform.IOS: MessengerSecurity.REQUIRED})
    assert [platform for platform in Platform if policy.requires_proof(platform)] == [Platform.IOS]


def test_settings_come_back_from_the_disk_as_they_were() -> None:
    policy = Policy(
        {Platform.WEB: MessengerSecurity.REQUIRED}, MayCreate.NOBODY, True, 3600, UndatedTokens.REFUSE, "acme", "avow"
    )
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy
