"""A value fits its attribute's type without losing anything, or does not fit (D4)."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.trust.attribute import AttributeType
from avow.trust.contact import Scalar
from avow.trust.reasons import Reason
from avow.trust.weighing.values import MAX_ADDRESS, MAX_STRING, Unfit, coerce, infer_type
from tests.support.world import attribute, opened

STRING, INTEGER, FLOAT, BOOLEAN, DATE, LIST, AVATAR = (
    AttributeType.STRING,
    AttributeType.INTEGER,
    AttributeType.FLOAT,
    AttributeType.BOOLEAN,
    AttributeType.DATE,
    AttributeType.LIST,
    AttributeType.AVATAR,
)
OPTIONS = ("free", "pro", "42", "true")
PICTURE = "https://acme.example/alice.png"


def fitted(kind: AttributeType, raw_value: object) -> Scalar:
    return coerce(opened("thing", kind, options=OPTIONS), raw_value)


def misfit(kind: AttributeType, raw_value: object) -> Reason:
    with pytest.raises(Unfit) as unfit:
        fitted(kind, raw_value)
    return unfit.value.reason


@pytest.mark.parametrize("kind", list(AttributeType))
@pytest.mark.parametrize("raw_value", [None, ""])
def test_null_and_the_empty_text_clear_every_type(kind: AttributeType, raw_value: object) -> None:
    assert fitted(kind, raw_value) is None


FITTING: list[tuple[AttributeType, object, Scalar]] = [
    (STRING, "pro", "pro"),
    (STRING, "null", "null"),
    (STRING, " ", " "),
    (STRING, "0", "0"),
    (STRING, "<script>", "<script>"),
    (STRING, "x" * MAX_STRING, "x" * MAX_STRING),
    (STRING, "😀" * MAX_STRING, "😀" * MAX_STRING),
    (STRING, 42, "42"),
    (STRING, -(2**63), "-9223372036854775808"),
    (STRING, 1.5, "1.5"),
    (STRING, 1e308, "1e+308"),
    (STRING, True, "true"),
    (STRING, False, "false"),
    (INTEGER, 0, 0),
    (INTEGER, 42, 42),
    (INTEGER, "42", 42),
    (INTEGER, "-42", -42),
    (INTEGER, "-0", 0),
    (INTEGER, 42.0, 42),
    (INTEGER, -0.0, 0),
    (INTEGER, float(2**53), 2**53),
    (INTEGER, 2**63 - 1, 2**63 - 1),
    (INTEGER, -(2**63), -(2**63)),
    (INTEGER, "9223372036854775807", 2**63 - 1),
    (INTEGER, "-9223372036854775808", -(2**63)),
    (FLOAT, 1.5, 1.5),
    (FLOAT, "1.5", 1.5),
    (FLOAT, "1e5", 100000.0),
    (FLOAT, "1E+5", 100000.0),
    (FLOAT, "-1.5e-3", -0.0015),
    (FLOAT, "1e308", 1e308),
    (FLOAT, 1e308, 1e308),
    (FLOAT, 5e-324, 5e-324),
    (FLOAT, 3, 3.0),
    (FLOAT, "3", 3.0),
    (FLOAT, 2**53, float(2**53)),
    (FLOAT, -(2**53), -float(2**53)),
    (FLOAT, "9007199254740992", float(2**53)),
    (BOOLEAN, True, True),
    (BOOLEAN, False, False),
    (BOOLEAN, "true", True),
    (BOOLEAN, "false", False),
    (DATE, 1_712_345_678, 1_712_345_678),
    (DATE, "1712345678", 1_712_345_678),
    (DATE, 1_712_345_678.0, 1_712_345_678),
    (DATE, 0, 0),
    (DATE, -1, -1),
    (DATE, "01/01/1970", 0),
    (DATE, "31/12/2025", 1_767_139_200),
    (DATE, "29/02/2024", 1_709_164_800),
    (DATE, "01/01/0001", -62_135_596_800),
    (DATE, "31/12/5000", 95_649_033_600),
    (DATE, 99_999_999_999, 99_999_999_999),
    (LIST, "pro", "pro"),
    (LIST, 42, "42"),
    (LIST, True, "true"),
    (AVATAR, PICTURE, PICTURE),
    (AVATAR, {"type": "avatar", "image_url": PICTURE}, PICTURE),
    (AVATAR, {"image_url": PICTURE}, PICTURE),
    (AVATAR, {"type": "avatar", "image_url": None}, None),
    (AVATAR, {"type": "avatar", "image_url": ""}, None),
    (AVATAR, {"type": "avatar"}, None),
    (AVATAR, {}, None),
    (AVATAR, "https://" + "a" * (MAX_ADDRESS - 8), "https://" + "a" * (MAX_ADDRESS - 8)),
]


@pytest.mark.parametrize(("kind", "raw_value", "value"), FITTING)
def test_a_value_is_coerced_when_nothing_is_lost(kind: AttributeType, raw_value: object, value: Scalar) -> None:
    result = fitted(kind, raw_value)
    assert result == value
    assert type(result) is type(value)


UNFITTING: list[tuple[AttributeType, list[Any]]] = [
    (STRING, [[], {}, ["pro"], 2**63, -(2**63) - 1, 10**400, math.inf, -math.inf, math.nan, b"pro"]),
    (INTEGER, [2**63, -(2**63) - 1, "9223372036854775808", "-9223372036854775809", "1" * 5000]),
    (INTEGER, [1.5, "1.5", "1e5", 1e308, float(2**53) + 2, math.inf, math.nan]),
    (
        INTEGER,
        ["٤٢", "４２", "²", "0x10", "0o7", "0b1", "+1", " 1", "1 ", "1\n", "1_000", "1,000", "007", "--1", "-", "inf"],
    ),
    (INTEGER, [True, False, "true", "null", "pro", [], {}, [42], b"42"]),
    (FLOAT, [2**53 + 1, -(2**53) - 1, "9007199254740993", "-9007199254740993", "1" + "0" * 30, "1" * 400, 10**400]),
    (FLOAT, ["1e309", "-1e999", "1e9999", math.inf, math.nan, "nan", "inf", "Infinity"]),
    (FLOAT, ["٤٫٢", "0x1p3", "+1.5", " 1.5", "1.5\n", "1.", ".5", "1_0.5", "1,5", "01.5", "1e", "e5", "-", "--1"]),
    (FLOAT, [True, False, [], {}, b"1.5"]),
    (BOOLEAN, [0, 1, 0.0, 1.0, "0", "1", "True", "TRUE", "yes", "on", " true", "true\n", "ｔｒｕｅ", [], {}, [True]]),
    (DATE, [1_712_345_678_000, "1712345678000", 100_000_000_000, -62_135_596_801, 1_712_345_678.5, 2**63, math.nan]),
    (DATE, ["2025-12-31", "12/31/2025", "31/12/9999", "31/02/2025", "29/02/2025", "00/00/0000", "01/01/0000"]),
    (DATE, ["1/1/2025", "31/12/25", "31/12/2025\n", " 31/12/2025", "٣١/١٢/٢٠٢٥", "31-12-2025", "now", "1e9"]),
    (DATE, ["+1712345678", True, [], {}]),
    (AVATAR, ["http://acme.example/a.png", "javascript:alert(1)", "data:image/png,x", "//acme.example", "HTTPS://x"]),
    (AVATAR, [42, True, [], ["https://x"], {"image_url": 42}, {"image_url": {"a": 1}}, {"url": PICTURE}]),
    (AVATAR, [{"type": "image", "image_url": PICTURE}, {"image_url": PICTURE, "more": 1}, {"image_url": "http://x"}]),
]


@pytest.mark.parametrize(("kind", "raw_value"), [(kind, raw) for kind, raws in UNFITTING for raw in raws])
def test_a_value_that_would_lose_something_does_not_fit(kind: AttributeType, raw_value: object) -> None:
    assert misfit(kind, raw_value) is Reason.TYPE_MISMATCH


@pytest.mark.parametrize(
    ("kind", "raw_value"),
    [
        (STRING, "x" * (MAX_STRING + 1)),
        (STRING, "e\u0301" * 128),
        (AVATAR, "https://" + "a" * (MAX_ADDRESS - 7)),
        (AVATAR, {"image_url": "https://" + "a" * MAX_ADDRESS}),
    ],
)
def test_a_text_has_a_longest_length_in_characters(kind: AttributeType, raw_value: object) -> None:
    assert misfit(kind, raw_value) is Reason.TOO_LONG


@pytest.mark.parametrize("raw_value", ["Pro", "pro ", "enterprise", "x" * 4000, 1, 1.5, False])
def test_a_list_takes_its_options_and_nothing_else(raw_value: object) -> None:
    assert misfit(LIST, raw_value) is Reason.NOT_AN_OPTION


@pytest.mark.parametrize("raw_value", [[], {}, ["pro"], 2**63, math.nan])
def test_what_is_no_text_is_no_option(raw_value: object) -> None:
    assert misfit(LIST, raw_value) is Reason.TYPE_MISMATCH


def test_there_is_one_zero() -> None:
    for raw_value in (-0.0, "-0", "-0.0", "-0e5"):
        assert math.copysign(1, fitted(FLOAT, raw_value)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "raw_value", "kind"),
    [
        ("plan", "pro", STRING),
        ("plan", "42", STRING),
        ("plan", "true", STRING),
        ("seats", 42, INTEGER),
        ("seats", 2**80, INTEGER),
        ("seats", 42.0, FLOAT),
        ("paid", True, BOOLEAN),
        ("trial_at", 1_712_345_678, DATE),
        ("trial_at", "1712345678", DATE),
        ("trial_at", "31/12/2025", DATE),
        ("trial_at", "soon", STRING),
        ("trial_at", True, BOOLEAN),
        ("trial_at", 1_712_345_678_000, INTEGER),
        ("trial_at", 1.5, FLOAT),
        ("_at", 0, DATE),
        ("TRIAL_AT", 0, INTEGER),
        ("cat", 1_712_345_678, INTEGER),
    ],
)
def test_a_new_attribute_has_the_type_of_its_first_value(name: str, raw_value: object, kind: AttributeType) -> None:
    assert infer_type(name, raw_value) is kind


@pytest.mark.parametrize("raw_value", [[], {}, ["pro"], {"a": 1}, b"pro", None])
@pytest.mark.parametrize("name", ["plan", "trial_at"])
def test_what_no_attribute_can_hold_has_no_type(name: str, raw_value: object) -> None:
    with pytest.raises(Unfit) as unfit:
        infer_type(name, raw_value)
    assert unfit.value.reason is Reason.TYPE_MISMATCH


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(AttributeType), json_values)
def test_whatever_comes_in_json_fits_or_is_refused_and_fits_again_as_it_is_kept(
    kind: AttributeType, raw: object
) -> None:
    try:
        value = fitted(kind, raw)
    except Unfit:
        return
    assert fitted(kind, value) == value


@given(st.integers() | st.text(alphabet="0123456789+-._eExX ٤", max_size=25))
def test_an_integer_is_kept_exactly_or_not_at_all(raw_value: int | str) -> None:
    try:
        value = fitted(INTEGER, raw_value)
    except Unfit:
        return
    assert value is None or str(value) == str(raw_value) or (value == 0 and raw_value == "-0")


def test_the_error_of_an_unfit_value_does_not_repeat_it() -> None:
    with pytest.raises(Unfit) as unfit:
        coerce(attribute("plan"), ["secret"])
    assert "secret" not in str(unfit.value)
