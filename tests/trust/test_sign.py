"""`avow.sign`: what a backend signs is believed byte for byte; what could not be is an error where it can be mended."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

import avow
from avow.errors import BadInput
from avow.trust.policy import Platform, Policy
from avow.trust.token import Claims, verify
from avow.trust.weighing.values import MAX_ADDRESS, MAX_STRING
from tests.support.company import acme

NOW = 1_760_000_000.5
SECRET = acme().hs.secret


class Nowhere(tzinfo):
    """A zone that does not know its offset."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


def believe(token: str, now: float = NOW) -> Claims:
    return verify(token, keyring=acme().keyring, policy=Policy(), platform=Platform.WEB, now=now)


def test_what_is_signed_is_believed() -> None:
    attributes = {
        "plan": "pro",
        "seats": 12,
        "score": 0.25,
        "beta": True,
        "note": None,
        "name": "Zo\u00eb \U0001f600",
        "path": "C:\\u0000",
        "avatar": {"type": "avatar", "image_url": "https://a.example/1.png"},
    }
    claims = believe(avow.sign("alice", attributes, key=SECRET, kid="acme-hs", now=NOW))
    assert claims.user_id == "alice"
    assert claims.attributes == attributes
    assert (claims.signed_at, claims.dated, claims.expires_at) == (int(NOW), True, int(NOW) + 3600)


@pytest.mark.parametrize("user_id", ["a", " alice ", "Zoe\u0308", "\U0001f600" * 255, "null"])
def test_the_user_id_arrives_byte_for_byte(user_id: str) -> None:
    assert believe(avow.sign(user_id, key=SECRET, now=NOW)).user_id == user_id


def test_an_integer_is_taken_as_its_text() -> None:
    assert believe(avow.sign(42, key=SECRET, now=NOW)).user_id == "42"


@pytest.mark.parametrize(
    ("kid", "algorithm"),
    [("acme-rsa", "RS256"), ("acme-ec", "ES256"), ("acme-ed", "EdDSA"), ("acme-ed", "Ed25519")],
)
def test_private_keys_sign_too(kid: str, algorithm: str) -> None:
    token = avow.sign("alice", {"plan": "pro"}, key=acme()[kid].private_pem, kid=kid, algorithm=algorithm, now=NOW)
    assert believe(token).kid == kid


def test_an_imported_secret_signs_with_or_without_its_files_line_ending() -> None:
    for ending in ("", "\n", "\r\n"):
        token = avow.sign("alice", key=acme()["acme-imported"].secret + ending, kid="acme-imported", now=NOW)
        assert believe(token).user_id == "alice"


def test_a_token_is_always_dated_and_ends() -> None:
    claims = believe(avow.sign("alice", key=SECRET, expires_in=0.5, now=NOW))
    assert (claims.signed_at, claims.expires_at) == (int(NOW), int(NOW) + 1)
    by_the_clock = avow.sign("alice", key=SECRET)
    moment = datetime.now(UTC).timestamp()
    assert abs(believe(by_the_clock, now=moment).signed_at - moment) < 5


def test_a_workspace_that_expects_parties_gets_them() -> None:
    token = avow.sign("alice", key=SECRET, issuer="acme", audience="avow", now=NOW)
    policy = Policy(issuer="acme", audience="avow")
    assert verify(token, keyring=acme().keyring, policy=policy, platform=Platform.WEB, now=NOW).attributes == {}


def test_a_datetime_becomes_unix_seconds() -> None:
    noon = datetime(2031, 5, 6, 12, 0, 0, 999_999, tzinfo=UTC)
    elsewhere = noon.astimezone(timezone(timedelta(hours=9)))
    claims = believe(avow.sign("alice", {"a_at": noon, "b_at": elsewhere}, key=SECRET, now=NOW))
    assert claims.attributes == {"a_at": 1_935_835_200, "b_at": 1_935_835_200}


def test_words_and_numbers_of_enums_are_their_values() -> None:
    plan = StrEnum("plan", {"PRO": "pro"})
    seats = IntEnum("seats", {"MANY": 12})
    claims = believe(avow.sign("alice", MappingProxyType({"plan": plan.PRO, "seats": seats.MANY}), key=SECRET, now=NOW))
    assert claims.attributes == {"plan": "pro", "seats": 12}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        *(
            (name, "x", "cannot name an attribute")
            for name in ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "user_id")
        ),
        ("intercom_user_jwt", "x", "reserved_name"),
        ("company", "x", "not_supported"),
        ("", "x", "invalid_name"),
        (7, "x", "name is not text"),
        ("a\0", "x", "U+0000"),
        ("\ud800", "x", "surrogate"),
        ("plan", "x\0", "plan holds U+0000"),
        ("plan", "\udfff", "plan holds U+0000 or a lone surrogate"),
        ("plan", float("nan"), "not a finite number"),
        ("plan", float("-inf"), "not a finite number"),
        ("plan", 2**63, "64 bits"),
        ("plan", -(2**63) - 1, "64 bits"),
        ("plan", ["pro"], "plan is a list"),
        ("plan", {"name": "pro"}, "plan is a dict"),
        ("plan", b"pro", "plan is a bytes"),
        ("plan", date(2031, 5, 6), "plan is a date;"),
        ("plan", datetime(2031, 5, 6, 12, 0, 0), "without a zone"),  # noqa: DTZ001 - that is the fault
        ("plan", "x" * (MAX_STRING + 1), "at most 255"),
        ("avatar", "x" * (MAX_ADDRESS + 1), "at most 2048"),
        ("plan", datetime(2031, 5, 6, tzinfo=Nowhere()), "without a zone"),
        ("avatar", {"\udcff": "x"}, "surrogate"),
        ("avatar", {(1,): "x"}, "avatar is a tuple"),
        ("avatar", {1: "x", "1": "y"}, "avatar is a int"),
        ("avatar", {"image_url": ["x"]}, "avatar is a list"),
        ("avatar", ["x"], "avatar is a list"),
    ],
)
def test_an_attribute_that_could_not_be_believed_is_an_error(name: object, value: object, found: str) -> None:
    with pytest.raises(avow.CannotSign) as error:
        avow.sign("alice", {name: value}, key=SECRET)  # type: ignore[dict-item]
    assert found in error.value.message
    assert error.value.field in (name, "attributes")


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("kid", 5),
        ("kid", b"x"),
        ("issuer", 5),
        ("audience", b"avow"),
        ("attributes", [("plan", "x")]),
        ("attributes", 0),
        ("algorithm", ["HS256"]),
        ("key", SECRET.encode()),
        ("now", "0"),
        ("expires_in", timedelta(hours=1)),
        pytest.param("user_id", 10**5000, id="vast"),
    ],
)
def test_an_argument_of_another_type_is_named(argument: str, value: object) -> None:
    arguments: dict[str, Any] = {"user_id": "alice", "key": SECRET, argument: value}
    with pytest.raises(avow.CannotSign) as error:
        avow.sign(**arguments)
    assert error.value.field == argument


@pytest.mark.parametrize(
    ("one", "other"), [("created_at", "signed_up_at"), ("pl.an", "pl_an"), ("Plan", "plan"), ("ﬁt", "fit")]
)
def test_one_attribute_is_not_vouched_for_twice(one: str, other: str) -> None:
    with pytest.raises(avow.CannotSign, match="one attribute") as error:
        avow.sign("alice", {one: 5, other: 6}, key=SECRET)
    assert error.value.field == other
    avow.sign("alice", {one: 5, "seats": 6}, key=SECRET)


def test_a_text_may_be_as_long_as_avow_takes_it() -> None:
    said: dict[str, Any] = {"plan": "x" * MAX_STRING, "avatar": {"image_url": "x" * MAX_ADDRESS}}
    assert believe(avow.sign("alice", said, key=SECRET, now=NOW)).attributes == said


@pytest.mark.parametrize("user_id", ["", " ", "a" * 256, None, True, 1.5, b"alice", "al\0ice", "\ud800"])
def test_an_unusable_user_id_is_an_error(user_id: object) -> None:
    with pytest.raises(avow.CannotSign) as error:
        avow.sign(user_id, key=SECRET)  # type: ignore[arg-type]
    assert error.value.field == "user_id"


@pytest.mark.parametrize(
    "others",
    [
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": float("nan")},
        {"expires_in": float("inf")},
        {"expires_in": True},
        {"expires_in": "3600"},
        {"now": -1},
        {"now": NOW * 1000},
        {"now": float("nan")},
        {"now": "now"},
        {"kid": ""},
        {"kid": "a b"},
        {"kid": "\u00e9"},
        {"kid": "a\n"},
        {"kid": "k" * 129},
        {"algorithm": "none"},
        {"algorithm": "HS512"},
        {"algorithm": ""},
        {"issuer": "\0"},
    ],
)
def test_what_no_server_would_take_is_an_error_here(others: dict[str, object]) -> None:
    with pytest.raises(avow.CannotSign) as error:
        avow.sign("alice", key=SECRET, **others)  # type: ignore[arg-type]
    assert error.value.field in (*others, "iss")


def wrong_keys() -> list[tuple[str, object]]:
    p384 = ec.generate_private_key(ec.SECP384R1())
    short = rsa.generate_private_key(65537, 1024)
    pkcs8 = (Encoding.PEM, PrivateFormat.PKCS8)
    locked = p384.private_bytes(*pkcs8, BestAvailableEncryption(b"x")).decode()
    return [
        ("HS256", "short"),
        ("HS256", SECRET[:-1]),
        ("HS256", None),
        ("HS256", SECRET.encode()),
        ("HS256", acme()["acme-rsa"].private_pem),
        ("HS256", acme()["acme-rsa"].public_pem.decode()),
        ("RS256", SECRET),
        ("RS256", "\ud800"),
        ("RS256", acme()["acme-rsa"].public_pem.decode()),
        ("RS256", acme()["acme-ec"].private_pem),
        ("RS256", short.private_bytes(*pkcs8, NoEncryption()).decode()),
        ("ES256", acme()["acme-ed"].private_pem),
        ("ES256", p384.private_bytes(*pkcs8, NoEncryption()).decode()),
        ("ES256", locked),
        ("EdDSA", acme()["acme-rsa"].private_pem),
    ]


def test_a_key_that_does_not_fit_is_an_error_and_is_not_repeated() -> None:
    for algorithm, key in wrong_keys():
        with pytest.raises(avow.CannotSign) as error:
            avow.sign("alice", key=key, algorithm=algorithm)  # type: ignore[arg-type]
        assert error.value.field == "key"
        assert str(key)[-30:] not in error.value.message


def test_a_token_too_large_is_an_error() -> None:
    notes = {f"note{number:02}": "x" * 255 for number in range(45)}
    believe(avow.sign("alice", notes, key=SECRET, now=NOW))
    with pytest.raises(avow.CannotSign, match="at most 16384"):
        avow.sign("alice", {**notes, "more": "x" * 255}, key=SECRET)


def test_errors_are_value_errors_of_the_one_tree() -> None:
    assert issubclass(avow.CannotSign, ValueError)
    assert issubclass(avow.CannotSign, BadInput)


def test_signing_with_a_secret_loads_nothing_of_the_server() -> None:
    script = (
        "import sys, avow\n"
        f"avow.sign('alice', {{'plan': 'pro'}}, key={SECRET!r})\n"
        "print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    others = {
        name for name in loaded if name not in sys.stdlib_module_names and not name.startswith(("_", "sitecustomize"))
    }
    assert others - {"avow", "msgspec", "typing_extensions"} == set()
    assert {"asyncio", "socket", "sqlite3", "ssl"}.isdisjoint(loaded)


def test_the_function_stays_a_function_after_its_module_was_imported() -> None:
    script = "import avow.sign; from avow.sign import CannotSign; import avow; print(callable(avow.sign))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == avow.__version__
