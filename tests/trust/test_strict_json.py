"""One strict reading of JSON: what everybody would read alike is read, the rest is refused without a crash."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.trust.strict_json import DuplicateName, StrictJsonError, loads
from tests.support.tokens.json_defects import defective_objects

DEFECTS = dict(defective_objects('"user_id":"alice","plan":"pro"'))
# No object, and still JSON: who wants an object asks for one.
OTHER_VALUES = {"null", "a boolean", "a number", "a string", "an empty list", "the object in a list", "a list of pairs"}

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


@pytest.mark.parametrize("name", [name for name in DEFECTS if name not in OTHER_VALUES])
def test_a_text_that_two_readers_may_take_differently_is_refused(name: str) -> None:
    with pytest.raises(StrictJsonError) as refusal:
        loads(DEFECTS[name], max_depth=4)
    refusal.value.args[0].encode()  # the message can be sent


@pytest.mark.parametrize("name", sorted(OTHER_VALUES))
def test_values_that_are_no_objects_are_values(name: str) -> None:
    assert loads(DEFECTS[name], max_depth=4) == json.loads(DEFECTS[name])


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_whatever_the_standard_writer_writes_is_read_back(value: object, ascii_only: bool, indent: int | None) -> None:
    written = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert loads(written, max_depth=40) == value


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    try:
        value = loads(raw, max_depth=3)
    except StrictJsonError:
        return
    assert value == json.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 30_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'[{"a":' * 6_000,
        b'"\\"' + b"[" * 30_000,
        b'{"s":"]]]]]]]]","a":' + b"[" * 9 + b"]" * 9 + b"}",
        b"[\\" + b"[" * 30_000,
        b"}" * 30_000,
    ],
)
def test_depth_costs_no_stack(raw: bytes) -> None:
    with pytest.raises(StrictJsonError):
        loads(raw, max_depth=8)


@pytest.mark.parametrize("limit", [1, 2, 4, 8])
def test_depth_is_counted_exactly(limit: int) -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")):
        step = 1 + opening.count("{") * opening.count("[")
        repeat = limit // step
        deepest = (opening * repeat + "0" + closing * repeat).encode()
        deeper = (opening * (repeat + 1) + "0" + closing * (repeat + 1)).encode()
        loads(deepest, max_depth=limit)
        with pytest.raises(StrictJsonError, match=f"deeper than {limit} levels"):
            loads(deeper, max_depth=limit)


def test_brackets_in_strings_and_beside_each_other_are_no_depth() -> None:
    raw = b'{"a":"[[[[[[[[[[","b":"\\"[[[[[[{{{{\\\\","c":[[],[],{},[],{}],"d\\\\":[[]]}'
    assert loads(raw, max_depth=3) == json.loads(raw)


blanks = st.sampled_from(["", "", "", " ", "\n", "\t", "\r "])
tricky = st.sampled_from(["a", "b", ":", ":a", "a:", ' ":', "x:y", ""])
members = st.tuples(
    tricky, blanks, blanks, st.sampled_from(['":"', '": a"', "1", "[]", '{"a":1}', '[{":":":"}]', "null"])
)


@given(st.lists(members, max_size=5), blanks)
def test_no_blank_and_no_colon_hides_a_name_that_occurs_twice(pairs: list[tuple[str, str, str, str]], end: str) -> None:
    text = ",".join(f"{json.dumps(name)}{before}:{after}{value}" for name, before, after, value in pairs)
    raw, names = f"{{{text}{end}}}".encode(), [name for name, *_ in pairs]
    if len(set(names)) < len(names):
        with pytest.raises(DuplicateName):
            loads(raw, max_depth=4)
    else:
        assert loads(raw, max_depth=4) == json.loads(raw)


def test_a_name_that_occurs_twice_is_told() -> None:
    with pytest.raises(DuplicateName, match="'plan' occurs twice") as refusal:
        loads(b'{"user":{"plan":1,"seats":2,"pl\\u0061n":3,"seats":4}}', max_depth=4)
    assert refusal.value.name == "plan"


def test_a_long_name_that_occurs_twice_is_told_in_short() -> None:
    name = "n" * 500
    with pytest.raises(DuplicateName) as refusal:
        loads(json.dumps({"a": 1})[:-1].encode() + f',"{name}":1,"{name}":2}}'.encode(), max_depth=4)
    assert refusal.value.name == name
    assert len(str(refusal.value)) < 150


@pytest.mark.parametrize("name", ["\\ud800", "\\u0000"])
def test_a_name_that_cannot_be_sent_is_never_reported(name: str) -> None:
    with pytest.raises(StrictJsonError) as refusal:
        loads(f'{{"{name}":1,"{name}":2}}'.encode(), max_depth=4)
    assert not isinstance(refusal.value, DuplicateName)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("{}".encode("utf-16-le"), "UTF-16 or UTF-32"),
        ("{}".encode("utf-16-be"), "UTF-16 or UTF-32"),
        ("{}".encode("utf-32-be"), "UTF-16 or UTF-32"),
        (b'{"a":"\xff"}', "byte 6 is not UTF-8"),
        (b"", "Expecting a value"),
        (b"[1 2]", "not JSON at character 3"),
        (b"{}{}", "character 2; expected one value"),
        (b"[NaN]", "found NaN"),
        (b"[-Infinity]", "found -Infinity"),
        (b"[1e999]", "too large for a double"),
        (b"[" + b"9" * 60_000 + b"]", "60000 characters"),
        (b"[0." + b"9" * 60_000 + b"]", "60002 characters"),
        (b'["\\u0000"]', "U+0000"),
        (b'["\\udfff"]', "lone surrogate"),
        (b'{"a":{"\\uDFFF":1}}', "lone surrogate"),
        (b'["a\nb"]', "control character"),
    ],
)
def test_the_message_says_what_was_found(raw: bytes, found: str) -> None:
    with pytest.raises(StrictJsonError) as refusal:
        loads(raw, max_depth=4)
    assert found in str(refusal.value)


def test_a_message_repeats_no_value() -> None:
    for raw in (
        b'{"secret":"hunter2"',
        b'{"secret":"hunter2\\ud800"}',
        b'{"secret":"hunter2"}x',
        b'{"secret":hunter2}',
    ):
        with pytest.raises(StrictJsonError) as refusal:
            loads(raw, max_depth=4)
        assert "hunter2" not in str(refusal.value)
        assert refusal.value.__cause__ is None


def test_escapes_that_make_whole_characters_are_read() -> None:
    raw = b'["\\ud83d\\ude00", "\\u00e9", "\\uD83D\\uDE00", "\\\\ud800", "\\\\u0000", {"\\ud83d\\ude00": [1.5, null]}]'
    assert loads(raw, max_depth=3) == [
        "\U0001f600",
        "\u00e9",
        "\U0001f600",
        "\\ud800",
        "\\u0000",
        {"\U0001f600": [1.5, None]},
    ]


def test_large_numbers_that_fit_a_double_are_read() -> None:
    number = 10**307
    assert loads(str(number).encode(), max_depth=1) == number
    assert loads(b"-0.0", max_depth=1) == 0.0
    largest = loads(b"1.7976931348623157e308", max_depth=1)
    assert isinstance(largest, float)
    assert math.isfinite(largest)
