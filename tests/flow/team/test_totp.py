"""The codes are those that every authenticator shows (the vectors of RFC 6238, appendix B)."""

from __future__ import annotations

import pytest

from avow.flow.team import totp

SECRET = b"12345678901234567890"
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("at", "digits"), VECTORS)
def test_the_rfcs_vectors(at: int, digits: str) -> None:
    assert totp.code_at(SECRET, at // 30) == digits[-6:]


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_a_clock_may_be_a_step_off(drift: int) -> None:
    code = totp.code_at(SECRET, 40_000_000)
    assert totp.step_of(SECRET, code, 40_000_000 * 30 + drift) == 40_000_000


@pytest.mark.parametrize("drift", [-61, 61, 3600])
def test_a_code_of_another_time_is_none(drift: int) -> None:
    code = totp.code_at(SECRET, 40_000_000)
    assert totp.step_of(SECRET, code, 40_000_000 * 30 + 15 + drift) is None


def test_blanks_between_the_digits_do_not_matter() -> None:
    code = totp.code_at(SECRET, 7)
    assert totp.step_of(SECRET, f" {code[:3]} {code[3:]} ", 7 * 30) == 7


@pytest.mark.parametrize("raw_code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800", "0" * 10_000])
def test_what_is_no_code_is_no_code(raw_code: str) -> None:
    assert totp.step_of(SECRET, raw_code, 1_800_000_000) is None


def test_a_secret_is_shown_as_devices_take_it() -> None:
    assert totp.shown(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
