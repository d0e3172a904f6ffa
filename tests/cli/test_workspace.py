"""`avow workspace` shows and changes every setting, all that are named or none of them."""

from __future__ import annotations

import inspect

import pytest

from avow.cli.workspace import set_
from avow.trust.policy import Policy
from tests.cli.conftest import Avow


def test_every_setting_of_a_policy_can_be_set() -> None:
    options = set(inspect.signature(set_).parameters)
    assert {"origin" if name == "origins" else name for name in Policy.__struct_fields__} <= options


def test_production_comes_first_and_explains_nothing_to_browsers(avow: Avow) -> None:
    production, test = avow.told("workspace", "list")
    assert (production["id"], test["id"]) == (avow.workspace_id, avow.test_workspace_id)
    assert avow.told("workspace", "show")["policy"]["explain_verdicts"] is False
    assert avow.told("workspace", "show", "--workspace", test["id"])["policy"]["explain_verdicts"] is True


def test_settings_are_set_together(avow: Avow) -> None:
    told = avow.told(
        "workspace", "set", "--messenger-security", "web=required", "--messenger-security", "ios=required",
        "--may-create", "nobody", "--require-exp", "--max-token-lifetime", "1h", "--undated-tokens", "refuse",
        "--issuer", "acme", "--audience", "avow", "--origin", "https://app.acme.example", "--explain-verdicts",
        "--retention-days", "7",
    )  # fmt: skip
    assert told["policy"] == {
        "messenger_security": {"web": "required", "ios": "required", "android": "off"},
        "may_create": "nobody",
        "require_exp": True,
        "max_token_lifetime": 3600,
        "undated_tokens": "refuse",
        "issuer": "acme",
        "audience": "avow",
        "origins": ["https://app.acme.example"],
        "explain_verdicts": True,
        "retention_days": 7,
        "tokens_not_before": None,
    }
    assert avow.told("workspace", "show")["policy"] == told["policy"]


def test_a_setting_can_be_taken_back_and_the_others_stay(avow: Avow) -> None:
    avow.told("workspace", "set", "--issuer", "acme", "--max-token-lifetime", "1h", "--origin", "https://a.example")
    taken = ("--issuer", "", "--max-token-lifetime", "none", "--origin", "", "--messenger-security", "ios=required")
    told = avow.told("workspace", "set", *taken)["policy"]
    assert (told["issuer"], told["max_token_lifetime"], told["origins"]) == (None, None, [])
    assert avow.told("workspace", "set", "--messenger-security", "web=required")["policy"]["messenger_security"] == {
        "web": "required",
        "ios": "required",
        "android": "off",
    }


def test_people_see_what_changed(avow: Avow) -> None:
    out = avow.say("workspace", "set", "--require-exp").out
    assert [line.split() for line in out.splitlines() if "require exp" in line] == [["require", "exp", "no", "yes"]]
    assert "nothing was changed" in avow.say("workspace", "set", "--require-exp").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "Nothing to set"),
        (("--messenger-security", "web"), 2, "such as web=required"),
        (("--messenger-security", "fridge=off"), 2, "such as web=required"),
        (("--max-token-lifetime", "soon"), 2, "90s, 15m, 12h"),
        (("--max-token-lifetime", "1s"), 1, "max_token_lifetime is 1; expected 60 to"),
        (("--retention-days", "0"), 1, "retention_days is 0; expected 1 to 366 days"),
        (("--origin", "https://app.acme.example/path"), 1, "no page origin"),
        (("--origin", "javascript:alert(1)"), 1, "no page origin"),
        (("--may-create", "everybody"), 2, "anyone"),
    ],
)
def test_a_setting_that_cannot_be_changes_nothing(
    avow: Avow, arguments: tuple[str, ...], code: int, words: str
) -> None:
    before = avow.told("workspace", "show")
    good = ("--require-exp",) if arguments else ()
    found, _, message = avow.refused("workspace", "set", *good, *arguments)
    assert found == code
    assert words in message
    assert avow.told("workspace", "show") == before


def test_an_unknown_workspace_is_told_which_there_are(avow: Avow) -> None:
    code, error, message = avow.refused("workspace", "show", "--workspace", "nowhere1")
    assert (code, error) == (1, "not_found")
    assert avow.workspace_id in message
