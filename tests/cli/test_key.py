"""`avow key` registers what can be believed, says what cannot, and shows a secret once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from avow.cli.output import moment
from tests.cli.conftest import Avow
from tests.support.company import acme

SECRET = "Nq7-vY2mKz_84hTpLw0cXbRj6sDfGa3e"


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    (tmp_path / "secret.txt").write_text(SECRET + "\n")
    return str(tmp_path / "secret.txt")


def test_a_public_key_is_registered_as_scripts_ask(avow: Avow, tmp_path: Path) -> None:
    key = acme()["acme-ed"]
    (tmp_path / "acme.pem").write_bytes(key.public_pem)
    told = avow.told(
        "key", "add", "--workspace", avow.workspace_id, "--kid", "ed", "--algorithm", "Ed25519",
        "--public-key", str(tmp_path / "acme.pem"),
    )  # fmt: skip
    assert (told["kid"], told["algorithm"], told["purpose"], told["state"]) == ("ed", "Ed25519", "token", "live")
    assert "ed" in {one["kid"] for one in avow.told("key", "list")}


def test_a_secret_serves_one_workspace_and_one_purpose(avow: Avow, secret_file: str) -> None:
    add = ("key", "add", "--algorithm", "HS256", "--secret-file", secret_file)
    assert avow.told(*add, "--kid", "old", "--platform", "web")["platforms"] == ["web"]
    code, error, message = avow.refused(*add, "--kid", "hash", "--purpose", "user_hash")
    assert (code, error) == (1, "conflict")
    assert "as 'old'" in message
    assert avow.refused(*add, "--kid", "old2", "--workspace", avow.test_workspace_id)[:2] == (1, "conflict")


def test_a_user_hash_key_says_what_it_hashes(avow: Avow, secret_file: str) -> None:
    told = avow.told(
        "key", "add", "--kid", "legacy", "--algorithm", "HS256", "--secret-file", secret_file, "--purpose",
        "user_hash", "--hashes", "email",
    )  # fmt: skip
    assert (told["purpose"], told["hashes"]) == ("user_hash", "email")
    assert "user_hash of email" in avow.say("key", "list").out


def test_what_a_key_hashes_is_refused_where_it_would_be_a_key_for_tokens(avow: Avow, secret_file: str) -> None:
    before = avow.told("key", "list")
    add = ("key", "add", "--kid", "legacy", "--algorithm", "HS256", "--secret-file", secret_file)
    for hashes in ("email", "user_id"):
        code, _, message = avow.refused(*add, "--hashes", hashes)
        assert (code, "--purpose user_hash" in message) == (2, True)
    assert avow.told("key", "list") == before


@pytest.mark.parametrize("name", ["x" * 101, "evil\x1b[2J", "two\nlines", " "])
def test_a_key_is_called_as_rest_would_let_it(avow: Avow, secret_file: str, name: str) -> None:
    add = ("key", "add", "--algorithm", "HS256", "--secret-file", secret_file)
    for command in (("key", "make"), add):
        assert avow.refused(*command, "--kid", "new", "--name", name)[:2] == (1, "parameter_invalid")
    assert len(avow.told("key", "list")) == 1
    assert avow.told("key", "make", "--kid", "k" * 128)["name"] == "k" * 128


@pytest.mark.parametrize("at", [253_402_300_800, 1_795_542_583_450, pytest.param(10**300, id="vast")])
def test_no_stored_time_breaks_a_list(at: int) -> None:
    assert moment(at) == "9999-12-30 00:00"


def test_a_made_secret_is_shown_once(avow: Avow) -> None:
    told = avow.told("key", "make", "--kid", "acme-2025")
    assert told["secret"].startswith("avow_sk_")
    assert told["secret"] not in avow.say("key", "list").out
    assert told["secret"] not in avow.say("key", "list", "--json").out


def test_a_key_is_retired_in_a_while_and_revoked_for_good(avow: Avow) -> None:
    kid = avow.made["signing_key"]["kid"]
    assert avow.told("key", "retire", kid, "--in", "1d")["state"] == "retiring"
    assert avow.refused("key", "retire", kid, "--in", "999999w")[0] == 1
    assert avow.told("key", "retire", "--kid", kid)["state"] == "retired"
    assert "retired, and stays so" in str(avow.refused("key", "retire", kid, "--in", "30d"))
    assert avow.told("key", "list")[0]["state"] == "retired"
    assert avow.told("key", "revoke", kid)["state"] == "revoked"
    assert avow.refused("key", "retire", kid)[0] == 1
    assert "revoked" in avow.say("key", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--algorithm", "HS256"), 2, "either --public-key FILE or --secret-file FILE"),
        (("--algorithm", "none", "--secret-file", "SECRET"), 2, "expected one of HS256"),
        (("--algorithm", "RS256", "--secret-file", "SECRET"), 2, "RS256 takes --public-key"),
        (("--algorithm", "HS256", "--public-key", "SECRET"), 2, "takes --secret-file"),
        (("--algorithm", "RS256", "--public-key", "SECRET"), 1, "neither PEM nor JWK"),
        (("--algorithm", "HS256", "--secret-file", "missing.txt"), 2, "cannot be read"),
        (("--algorithm", "HS256", "--secret-file", "SECRET", "--purpose", "both"), 2, "token"),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    avow: Avow, secret_file: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    given = [secret_file if one == "SECRET" else one for one in arguments]
    found, _, message = avow.refused("key", "add", "--kid", "new", *given)
    assert found == code
    assert words in message
    assert SECRET not in message
    assert len(avow.told("key", "list")) == 1


def test_which_key_is_meant_must_be_said_once(avow: Avow) -> None:
    assert avow.refused("key", "revoke")[0] == 2
    assert avow.refused("key", "revoke", "a", "--kid", "a")[0] == 2
    assert avow.refused("key", "revoke", "nobody's")[:2] == (1, "not_found")


def test_before_a_key_is_revoked_it_is_said_where_no_other_goes_on(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda question, abort: asked.append(question))
    for kid, platforms in (("only-web", ["web"]), ("going", ["web", "ios"])):
        avow.told("key", "make", "--kid", kid, *(f"--platform={one}" for one in platforms))
    avow.told("key", "retire", "going", "--in", "7d")
    ended = avow.say("key", "revoke", first := avow.made["signing_key"]["kid"])
    assert f"{first} verified 0 requests in the last 30 days; whoever carries its tokens is shut out." in ended.out
    assert "Then no key for tokens is left on android. Then on ios only going is left, which retires at 2" in asked[0]
    avow.told("key", "make", "--kid", "other", "--platform", "web")
    assert avow.say("key", "revoke", "only-web").code == 0
    assert asked[1] == "Other live keys go on as before. Revoke only-web for good?"
