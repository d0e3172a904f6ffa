"""A key that was believed a moment ago is looked at again when it counts."""

from __future__ import annotations

import dataclasses

import pytest

from avow.trust.keys import Keyring, KeyState
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.standing import fault_of_key
from tests.support.company import acme
from tests.support.world import NOW

LIVE = acme().hs.registered


@pytest.mark.parametrize(
    ("state", "retires_at", "fault"),
    [
        (KeyState.LIVE, None, None),
        (KeyState.RETIRING, NOW + 1, None),
        (KeyState.RETIRING, NOW, Reason.KEY_RETIRED),
        (KeyState.RETIRING, None, Reason.KEY_RETIRED),
        (KeyState.RETIRED, None, Reason.KEY_RETIRED),
        (KeyState.REVOKED, None, Reason.KEY_REVOKED),
        (KeyState.REVOKED, NOW + 1, Reason.KEY_REVOKED),
    ],
)
def test_a_key_stands_while_it_is_live_or_retiring(
    state: KeyState, retires_at: int | None, fault: Reason | None
) -> None:
    keyring = Keyring([dataclasses.replace(LIVE, state=state, retires_at=retires_at)])
    assert fault_of_key(LIVE.kid, keyring, Platform.WEB, NOW) is fault


def test_a_key_that_is_gone_is_unknown() -> None:
    assert fault_of_key(LIVE.kid, Keyring(), Platform.WEB, NOW) is Reason.KEY_UNKNOWN


def test_a_kid_is_compared_byte_for_byte() -> None:
    keyring = Keyring([LIVE])
    for kid in ("ACME-HS", "acme-hs ", " acme-hs", "acme-hs\0", "acme_hs", ""):
        assert fault_of_key(kid, keyring, Platform.WEB, NOW) is Reason.KEY_UNKNOWN


def test_a_key_whose_platform_was_taken_away_stands_elsewhere_only() -> None:
    keyring = Keyring([dataclasses.replace(LIVE, platforms=frozenset({Platform.IOS}))])
    assert fault_of_key(LIVE.kid, keyring, Platform.WEB, NOW) is Reason.KEY_WRONG_PLATFORM
    assert fault_of_key(LIVE.kid, keyring, Platform.IOS, NOW) is None
