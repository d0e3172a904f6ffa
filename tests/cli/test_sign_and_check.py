"""`avow sign` makes a token to try out; `avow check` shows every check and verdict, and writes nothing."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Avow
from tests.support.company import acme


def outcomes(told: dict[str, object]) -> dict[str, str]:
    checks = told["checks"]
    assert isinstance(checks, list)
    return {one["check"]: one["outcome"] for one in checks}


def test_a_token_of_the_workspaces_own_key_passes_every_check(avow: Avow) -> None:
    made = avow.told("sign", "alice", "plan=pro", "seats=12", "vip=true")
    told = avow.told("check", made["token"])
    assert set(outcomes(told)) == {f"V{number}" for number in range(1, 13)}
    assert set(outcomes(told).values()) == {"passed"}
    assert (told["accepted"], told["user_id"], told["key_id"]) == (True, "alice", avow.made["signing_key"]["kid"])
    assert [(one["name"], one["verdict"]) for one in told["attributes"]] == [
        ("plan", "applied"),
        ("seats", "applied"),
        ("vip", "applied"),
    ]


def test_nothing_is_written_by_a_check(avow: Avow) -> None:
    token = avow.told("sign", "alice", "plan=pro")["token"]
    for _ in range(2):
        assert avow.told("check", token)["contact_id"] is None
    assert avow.told("audit", "verify")["workspaces"][0]["records"] == 0
    assert "plan" not in {one["name"] for one in avow.told("attribute", "list")}


def test_a_refused_token_says_at_which_check_and_why(avow: Avow) -> None:
    token = avow.told("sign", "alice", "plan=pro")["token"]
    avow.told("key", "revoke", avow.made["signing_key"]["kid"])
    ended = avow.say("check", token, "--json")
    assert ended.code == 1
    told = outcomes(ended.told)
    assert (told["V3"], told["V4"], told["V5"]) == ("passed", "failed", "not reached")
    assert ended.told["checks"][3]["reason"] == "key_revoked"
    assert (ended.told["attributes"], ended.told["user_id"]) == ([], None)
    assert "FAILED" in avow.say("check", token).out


def test_the_platform_and_the_requests_own_user_count(avow: Avow, tmp_path: Path) -> None:
    (tmp_path / "acme.pem").write_bytes(acme()["acme-ed"].public_pem)
    (tmp_path / "private.pem").write_text(acme()["acme-ed"].private_pem)
    avow.told(
        "key", "add", "--kid", "ed", "--algorithm", "Ed25519", "--public-key", str(tmp_path / "acme.pem"),
        "--platform", "ios",
    )  # fmt: skip
    signing = ("--kid", "ed", "--algorithm", "Ed25519", "--secret-file", str(tmp_path / "private.pem"))
    token = avow.told("sign", "alice", *signing)["token"]
    assert avow.told("check", token, "--platform", "ios")["accepted"] is True
    assert avow.say("check", token, "--json").told["checks"][3]["reason"] == "key_wrong_platform"
    mismatch = avow.say("check", token, "--platform", "ios", "--user-id", "mallory", "--json").told
    assert mismatch["checks"][10]["reason"] == "identity_mismatch"


def test_what_the_workspace_expects_is_signed_too(avow: Avow) -> None:
    avow.told("workspace", "set", "--issuer", "acme", "--audience", "avow", "--max-token-lifetime", "1h")
    assert avow.told("check", avow.told("sign", "alice")["token"])["accepted"] is True
    longer = avow.told("sign", "alice", "--expires-in", "2h")["token"]
    assert avow.say("check", longer, "--json").told["checks"][8]["reason"] == "token_too_long_lived"


def test_a_token_is_printed_alone_and_read_from_standard_input(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    token = avow.say("sign", "alice", "plan=pro").out
    assert token.count("\n") == 1
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(token.encode())))
    assert avow.told("check", "-")["accepted"] is True


def test_a_key_of_the_environment_needs_no_data(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVOW_SIGNING_SECRET", avow.made["signing_key"]["secret"])
    token = avow.anywhere("sign", "alice", "plan=pro", "--data", "nowhere").out.strip()
    assert avow.told("check", token)["accepted"] is True


@pytest.mark.parametrize("nothing", ["", " "])
def test_an_empty_key_of_the_environment_is_no_leave_to_sign_with_a_stored_one(
    avow: Avow, monkeypatch: pytest.MonkeyPatch, nothing: str
) -> None:
    monkeypatch.setenv("AVOW_SIGNING_SECRET", nothing)
    code, _, message = avow.refused("sign", "alice")
    assert (code, "AVOW_SIGNING_SECRET is set, but empty" in message) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("alice", "plan"), 2, "such as plan=pro"),
        (("plan=pro", "plan=team"), 2, "said with --user-id USER_ID"),
        ((), 2, "expected USER_ID"),
        (("--user-id", "alice", "bob", "plan=pro"), 2, "'bob' is no value"),
        (("alice", "plan=pro", "plan=team"), 2, "'plan' is given more than once"),
        (("alice", "iat=1"), 1, "iat"),
        ((" ", "plan=pro"), 1, "user_id"),
        (("alice", "--kid", "nobody's"), 1, "Its keys: key-"),
        (("alice", "--algorithm", "RS256"), 2, "needs a private key"),
    ],
)
def test_what_cannot_be_signed_is_said(avow: Avow, arguments: tuple[str, ...], code: int, words: str) -> None:
    found, _, message = avow.refused("sign", *arguments)
    assert found == code
    assert words in message


@pytest.mark.parametrize("values", [(), ("plan=pro",)])
def test_a_user_id_with_an_equals_sign_is_signed_for_where_it_is_meant(avow: Avow, values: tuple[str, ...]) -> None:
    told = avow.told("check", avow.told("sign", *values, "--user-id", "YWxpY2U=")["token"])
    assert told["user_id"] == "YWxpY2U="
    assert [one["name"] for one in told["attributes"]] == [value.partition("=")[0] for value in values]


def test_a_lock_is_tried_before_it_is_turned(avow: Avow, tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text('{"user_id": "alice", "phone": "+49 30 1"}')
    token = avow.told("sign", "alice", "name=Alice")["token"]
    asking = ("check", token, "--payload", str(tmp_path / "page.json"), "--proposed", "phone=locked")
    told = avow.told(*asking, "--proposed-policy", "max_token_lifetime=600")
    assert [(one["name"], one["verdict"]) for one in told["attributes"]] == [("name", "applied"), ("phone", "applied")]
    assert told["proposed"]["checks"][8]["reason"] == "token_too_long_lived"
    told = avow.told(*asking)
    assert [(one["name"], one["reason"]) for one in told["proposed"]["attributes"]][1] == ("phone", "unverified")
    assert "Under the proposed rules" in avow.say(*asking).out
    shown = {one["name"]: one["enforcement"] for one in avow.told("attribute", "list")}
    assert shown["phone"] == "open"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--proposed", "phone"), 2, "such as plan=locked"),
        (("--proposed", "phone=shut"), 1, "open, monitor, locked"),
        (("--proposed", "nothing=locked"), 1, "no attribute"),
        (("--proposed-policy", "colour=red"), 1, "no setting"),
        (("--proposed-policy", "require_exp=often"), 1, "require_exp"),
        (("--payload", "missing.json"), 2, "cannot be read"),
        (("--payload", "LIST"), 2, "not a JSON object"),
        (("--payload", "TEXT"), 2, "not the JSON"),
        (("--payload", "BOB", "--user-id", "alice"), 2, "name one of them"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(
    avow: Avow, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    files = {"LIST": "[]", "TEXT": "plan", "BOB": '{"user_id": "bob"}'}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    given = [str(tmp_path / one) if one in files else one for one in arguments]
    found, _, message = avow.refused("check", avow.told("sign", "alice")["token"], *given)
    assert found == code
    assert words in message
