"""A name means one attribute, however it is spelled, and no name passes for another (D1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.trust.reasons import Reason
from avow.trust.weighing.names import (
    ALIASES,
    IDENTITY_KEYS,
    MAX_LENGTH,
    NOT_SUPPORTED,
    REGISTERED_CLAIMS,
    RESERVED,
    fault_of,
    fold,
    is_plain,
    replaced,
)


@pytest.mark.parametrize(
    ("raw_name", "name"),
    [
        ("plan", "plan"),
        ("Plan name", "Plan name"),
        ("first-name", "first-name"),
        ("pl.an", "pl_an"),
        ("$plan", "_plan"),
        ("a$b", "a_b"),
        ("price€", "price€"),
        ("price£¥", "price£¥"),
        ('"plan"', "_plan_"),
        ("plan[0]{1}(2)", "plan_0__1__2_"),
        ("a/b\\c", "a_b_c"),
        ("a:b?c", "a_b_c"),
        ("a+b=c<d>e|f~g`h^i", "a_b_c_d_e_f_g_h_i"),
        ("план", "план"),
        ("計劃", "計劃"),
        ("خطة", "خطة"),
        ("٤٢", "٤٢"),
        ("plan™", "plan_"),
        ("ﬁnance", "ﬁnance"),
        ("a\u2044b", "a_b"),
        ("a．b", "a_b"),
        ("ａ＄ｂ", "ａ＄ｂ"),
        ("a\u200bb", "a\u200bb"),
        ("", ""),
    ],
)
def test_punctuation_becomes_an_underscore_and_everything_else_stays(raw_name: str, name: str) -> None:
    assert replaced(raw_name) == name


@given(st.text(max_size=40))
def test_replacing_twice_is_replacing_once(raw_name: str) -> None:
    assert replaced(replaced(raw_name)) == replaced(raw_name)
    assert len(replaced(raw_name)) == len(raw_name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("plan", "PLAN"),
        ("plan", "ｐｌａｎ"),
        ("plan", "𝐩𝐥𝐚𝐧"),
        ("plan", "ⓟⓛⓐⓝ"),
        ("email", "ℯmail"),
        ("office", "oﬃce"),
        ("finance", "ﬁnance"),
        ("straße", "STRASSE"),
        ("seats", "ſeats"),
        ("key", "\u212aey"),
        ("café", "cafe\u0301"),
        ("plan2", "plan²"),
        ("plan 1", "plan\u00a01"),
        ("σας", "ΣΑΣ"),
        ("İd", "i\u0307d"),
        ("ᾳ", "αι"),
        ("ǆ", "ǅ"),
    ],
)
def test_two_spellings_that_look_alike_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("id", "ıd"), ("plan", "plаn"), ("a_b", "a b"), ("a-b", "a_b"), ("o", "0")])
def test_names_that_differ_after_nfkc_and_case_are_two_names(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_folding_twice_is_folding_once_for_every_character() -> None:
    twice = [
        code for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF and fold(fold(chr(code))) != fold(chr(code))
    ]
    assert twice == []


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_of_settings_identities_claims_and_server_fields_are_reserved(name: str) -> None:
    assert fault_of(name) is Reason.RESERVED_NAME


@pytest.mark.parametrize(
    "name", ["user_hash", "token", "intercom_user_jwt", "app_id", "iss", "exp", "external_id", "id"]
)
def test_what_decides_about_trust_is_among_the_reserved_names(name: str) -> None:
    assert name in RESERVED
    assert REGISTERED_CLAIMS | IDENTITY_KEYS <= RESERVED


@pytest.mark.parametrize(
    "name", ["USER_ID", "User_Id", "ｕｓｅｒ_ｉｄ", "Token", "EXTERNAL_ID", "uſer_id", "User_Hash"]
)
def test_no_attribute_can_pass_for_an_identity(name: str) -> None:
    assert fault_of(name) is Reason.RESERVED_NAME


@pytest.mark.parametrize(
    "name", ["Role", "Location", "Tags", "userId", "user id", "token2", "created_at", "company_name"]
)
def test_a_name_that_only_resembles_a_server_field_may_be_used(name: str) -> None:
    assert fault_of(name) is None


@pytest.mark.parametrize("name", sorted(NOT_SUPPORTED))
def test_companies_are_answered_not_supported(name: str) -> None:
    assert fault_of(name) is Reason.NOT_SUPPORTED


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "   ",
        " plan",
        "plan ",
        "_",
        "____",
        "a" * (MAX_LENGTH + 1),
        "plan\0",
        "pl\nan",
        "pl\tan",
        "pl\x7fan",
        "pl\u0085an",
        "pl\u00a0an",
        "pl\u2003an",
        "pl\u2028an",
        "pl\u200ban",
        "pl\u200dan",
        "pl\u00adan",
        "plan\ufeff",
        "\u202eplan",
        "pl\u2066an",
        "plan\u034f",
        "plan\ufe0f",
        "plan\U000e0101",
        "plan\u180b",
        "plan\u115f",
        "plan\u3164",
        "plan\uffa0",
        "plan\u17b4",
        "plan\ue000",
        "plan\ud800",
        "plan\U000e0041",
        "plan\uffff",
    ],
)
def test_a_name_that_shows_nothing_or_shows_something_else_is_none(name: str) -> None:
    assert fault_of(name) is Reason.INVALID_NAME


@pytest.mark.parametrize(
    "name", ["plan", "a", "_a", "a" * MAX_LENGTH, "Plan name 2", "größe", "計劃", "हिन्दी", "عَرَبِيّ", "e\u0301tat", "0"]
)
def test_names_in_any_script_may_be_used(name: str) -> None:
    assert fault_of(name) is None
    assert is_plain(name)


@pytest.mark.parametrize("name", ["pl.an", "a$b", "what?", "user_id", "", "company", "a\u200bb"])
def test_rest_takes_a_name_as_it_stands_or_not_at_all(name: str) -> None:
    assert not is_plain(name)


def test_an_alias_leads_to_a_name_that_is_no_alias() -> None:
    assert set(ALIASES.values()).isdisjoint(ALIASES)
    assert all(fault_of(name) is None for name in ALIASES.values())
