"""Forms as Intercom's Messenger sends them, and as Mallory does."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.errors import BadInput
from avow.web.forms import MAX_FIELDS, parse_form


def test_a_ping_of_the_messenger_is_read() -> None:
    user_data = json.dumps(
        {"user_id": "alice", "name": "Alice Möwe & Söhne", "plan": "100%", "intercom_user_jwt": "a.b-c_d"}
    )
    body = urlencode({"app_id": "abcd1234", "user_data": user_data, "referer": "https://acme.example/a?b=c#d", "r": ""})
    form = parse_form(body.encode())
    assert form.get("user_data") == user_data
    assert form.get("referer") == "https://acme.example/a?b=c#d"
    assert form.get("r") == ""
    assert form.get("absent") is None


def test_both_ways_to_write_a_blank_are_read() -> None:
    assert parse_form(b"a=x+y%20z%2B").get("a") == "x y z+"


def test_a_field_with_brackets_may_repeat() -> None:
    form = parse_form(b"key[]=a&key%5B%5D=b&other=c")
    assert form.all("key") == ["a", "b"]
    assert (form.get("key"), form.all("other"), form.all("absent")) == (None, [], [])


def test_nothing_is_an_empty_form() -> None:
    assert parse_form(b"").single == {}
    assert parse_form(b"&&a=1&").single == {"a": "1"}


@pytest.mark.parametrize(
    "body",
    [
        b"user_data=a&user_data=b",
        b"user_data=a&user_data=a",
        b"user_data=a&user%5fdata=b",
        b"user_data=a&user_data",
        b"key=a&key[]=b",
        b"key[]=a&key=b",
    ],
)
def test_a_field_that_comes_twice_is_refused_and_neither_value_taken(body: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        parse_form(body)
    assert caught.value.code == "duplicate_field"
    assert caught.value.field == body[:9].partition(b"=")[0].partition(b"[")[0].decode()


@pytest.mark.parametrize(
    "value",
    [
        b"%",
        b"%2",
        b"%zz",
        b"a%",
        b"%%41",
        b"%u0041",
        b"%-1",
        b"% 1",
        b"%2%32",
        b"%+1",
        b"%22" * 20 + b"%2%22",
        b"%22" * 20 + b"%2%32",
    ],
)
def test_a_bad_escape_is_refused(value: bytes) -> None:
    with pytest.raises(BadInput, match=r"field plan has a percent sign .*; write %25 for it") as caught:
        parse_form(b"plan=" + value)
    assert caught.value.field == "plan"


@pytest.mark.parametrize("value", [b"%ff", b"%c0%80", b"%ed%a0%80", b"%c3", b"%22" * 20 + b"%ff"])
def test_what_is_not_utf8_is_refused(value: bytes) -> None:
    with pytest.raises(BadInput, match="field plan has bytes that are not UTF-8"):
        parse_form(b"plan=" + value)


@pytest.mark.parametrize("value", [b"%00", b"%22" * 20 + b"%00"])
def test_nul_is_refused(value: bytes) -> None:
    with pytest.raises(BadInput, match=r"field plan has the character U\+0000"):
        parse_form(b"plan=" + value)


@pytest.mark.parametrize(("body", "found"), [(b"plan=\xff", "not UTF-8"), (b"plan=a\x00b", r"U\+0000")])
def test_the_same_without_escapes_is_refused(body: bytes, found: str) -> None:
    with pytest.raises(BadInput, match=found):
        parse_form(body)


@pytest.mark.parametrize("body", [b"=a", b"a=b&=c", b"[]=a"])
def test_a_field_without_a_name_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match="without a name"):
        parse_form(body)


def test_the_number_of_fields_is_bounded() -> None:
    assert len(parse_form(b"&".join(b"a%d=1" % number for number in range(MAX_FIELDS))).single) == MAX_FIELDS
    for body in (b"&".join(b"a%d=1" % number for number in range(MAX_FIELDS + 1)), b"&" * MAX_FIELDS):
        with pytest.raises(BadInput, match="more than 200 fields"):
            parse_form(body)


@pytest.mark.parametrize("text", [b"per_page=1&per_page=2", b"per_page=%zz", b"q=\xff", b"=1", b"&" * MAX_FIELDS])
def test_an_error_does_not_call_a_form_what_may_be_a_query(text: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        parse_form(text)
    assert "form" not in caught.value.message.lower()
    assert "body" not in caught.value.message.lower()


def test_an_error_repeats_neither_a_value_nor_a_name_that_is_not_plain() -> None:
    for body in (b"eyJhbGciOi%2F=secret%zz", b"plan=secret%zz", b"secret!=1&secret!=2", b"x" * 65 + b"=secret%zz"):
        with pytest.raises(BadInput) as caught:
            parse_form(body)
        assert "secret" not in caught.value.message
        assert caught.value.field in (None, "plan")


@given(st.dictionaries(st.text(min_size=1).filter(lambda name: not name.endswith("[]")), st.text(), max_size=20))
def test_what_is_encoded_is_decoded(fields: dict[str, str]) -> None:
    try:
        body = urlencode(fields).encode()
    except UnicodeEncodeError:
        return
    if any("\0" in text for pair in fields.items() for text in pair):
        with pytest.raises(BadInput):
            parse_form(body)
    else:
        assert parse_form(body).single == fields


@given(
    st.lists(st.sampled_from([b"%", b"2", b"22", b"%22", b"%7B", b"%c3%a9", b"a", b"+", b"%32", b"%2C"]), max_size=20)
)
def test_the_quick_way_for_many_escapes_agrees_with_the_standard_library(pieces: list[bytes]) -> None:
    value = b"%22" * 13 + b"".join(pieces)
    try:
        decoded = parse_form(b"plan=" + value).get("plan")
    except BadInput:
        decoded = None
    assert decoded == _expected(value)


def _expected(value: bytes) -> str | None:
    if re.search(rb"%(?![0-9A-Fa-f]{2})", value):
        return None
    try:
        return unquote_to_bytes(value.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return None
