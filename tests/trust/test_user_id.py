"""What is a user id: kept byte for byte, or none at all."""

from __future__ import annotations

import sys

import pytest

from avow.trust.token_checks.user_id import user_id_of


@pytest.mark.parametrize(
    "text", ["alice", " alice ", "0", "null", "a" * 255, "\U0001f600" * 255, "Zoe\u0308", "\u200balice"]
)
def test_text_is_kept_as_it_is(text: str) -> None:
    assert user_id_of(text) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (-7, "-7"), (2**64, str(2**64)), (10**254, "1" + "0" * 254)])
def test_an_integer_is_its_decimal_text(number: int, text: str) -> None:
    assert user_id_of(number) == text


@pytest.mark.parametrize("nothing", [None, True, False, 1.0, b"alice", ["alice"], {}, "", "a" * 256, 10**255])
def test_what_is_no_id_is_none(nothing: object) -> None:
    assert user_id_of(nothing) is None


def test_whatever_can_be_seen_is_an_id() -> None:
    seen = [
        *map(chr, range(0x21, 0x7F)),
        "\xa1",
        "\u2010",
        "\u2027",
        "\u2030",
        "\u2070",
        "\ufe10",
        "\u3001",
        "\U0001f600",
    ]
    assert [character for character in seen if user_id_of(character) != character] == []


def test_a_huge_integer_is_no_id_and_costs_nothing() -> None:
    assert user_id_of(10**100_000) is None


def test_no_kind_of_blank_is_an_id() -> None:
    blanks = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    blanks += ["\0", "\x7f", "\u200b", "\u200f", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\ufe0f"]
    assert [blank for blank in blanks if user_id_of(blank) is not None] == []
    assert user_id_of("".join(blanks)) is None
