"""An access token is told by its form, kept as a digest, and names itself without giving itself away."""

from __future__ import annotations

import hashlib

import pytest

from avow.trust.access import ALL_SCOPES, PREFIX, Mode, Scope, digest_of, make_text, workspace_of
from tests.support.world import ACME, access_token

TEXT = make_text(ACME, bytes(range(32)))
TAIL = TEXT.rsplit("_", 1)[-1]


def test_a_token_names_its_workspace_and_carries_256_random_bits() -> None:
    assert TEXT.startswith(f"{PREFIX}{ACME}_")
    assert workspace_of(TEXT) == ACME
    assert make_text(ACME, bytes(range(1, 33))) != TEXT


@pytest.mark.parametrize("octets", [bytes(32), b"\xff" * 32, bytes(range(32)), b"\xfb\xff" * 16])
def test_every_random_value_makes_a_token_of_the_form(octets: bytes) -> None:
    assert workspace_of(make_text(ACME, octets)) == ACME


@pytest.mark.parametrize(
    "raw_text",
    [
        "",
        TEXT[:-1],
        f"{TEXT}A",
        f"{TEXT}=",
        f"{TEXT}\n",
        f" {TEXT}",
        TEXT.upper(),
        TEXT.replace("avow_at_", "avow_sk_"),
        f"{PREFIX}acme_{'A' * 43}",
        f"{PREFIX}ACME0001_{'A' * 43}",
        f"{PREFIX}acme0001{'A' * 44}",
        f"{PREFIX}acme0001_{'A' * 42}é",
        f"{PREFIX}acme0001_{'A' * 42}+",
        f"{PREFIX}acme００01_{'A' * 43}",
        f"Bearer {TEXT}",
        f"{PREFIX}acme0001_{'A' * 42}\ud800",
    ],
)
def test_a_text_of_another_form_is_no_token_of_ours(raw_text: str) -> None:
    assert workspace_of(raw_text) is None


def test_what_is_stored_is_a_digest() -> None:
    assert digest_of(TEXT) == hashlib.sha256(TEXT.encode()).hexdigest()
    assert TEXT not in digest_of(TEXT)


def test_change_records_name_the_token_by_its_id() -> None:
    token = access_token(id="t1", digest=digest_of(TEXT))
    assert token.actor == "access_token:t1"
    assert TAIL not in repr(token)


def test_scopes_and_modes_are_words_that_scripts_may_rely_on() -> None:
    assert [str(scope) for scope in ALL_SCOPES] == [
        "contacts:read",
        "contacts:write",
        "attributes:read",
        "attributes:write",
        "keys:read",
        "keys:write",
        "tokens:check",
    ]
    assert [str(mode) for mode in Mode] == ["vouching", "relaying"]
    assert set(ALL_SCOPES) == set(Scope)
