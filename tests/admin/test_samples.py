"""The code that screens show signs what Avow believes: run as it stands, in every language."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from avow.admin.security.samples import FOLDER, LANGUAGES, UNNAMED, sample
from avow.trust.keys import Algorithm, Keyring, KeyState, Purpose, SigningKey, register_secret
from avow.trust.policy import Platform, Policy, UndatedTokens
from avow.trust.token import Claims, verify
from tests.support import samples
from tests.support.front_desk import FrontDesk

STRICT = Policy(require_exp=True, max_token_lifetime=3600, undated_tokens=UndatedTokens.REFUSE)


def believed(token: str) -> Claims:
    """What Avow takes from the token, at the moment it was made, where everything that can be asked of one is."""
    key = SigningKey(
        kid=samples.KID,
        name="Acme",
        algorithm=Algorithm.HS256,
        purpose=Purpose.TOKEN,
        platforms=frozenset(Platform),
        state=KeyState.LIVE,
        created_at=1.0,
        material=register_secret(samples.SECRET),
    )
    payload = token.split(".")[1]
    issued_at = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iat"]
    return verify(token, keyring=Keyring([key]), policy=STRICT, platform=Platform.WEB, now=issued_at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_sample_signs_is_believed_to_the_letter(language: str, tmp_path: Path) -> None:
    token = samples.run(language, tmp_path)
    if token is None:
        ran = samples.recorded()[language]
        assert ran["sample"] == samples.digest(language), "the text was changed since it ran: run it, and record it"
        token = str(ran["token"])
    claims = believed(token)
    assert claims.user_id == samples.USER["id"]
    assert claims.attributes == {"email": samples.USER["email"], "plan": samples.USER["plan"]}
    assert (claims.kid, claims.dated) == (samples.KID, True)
    assert claims.expires_at == claims.signed_at + 3600


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_that_is_shown_is_the_text_that_ran(language: str) -> None:
    ran = samples.recorded()[language]
    assert ran["sample"] == samples.digest(language)
    assert believed(ran["token"]).user_id == samples.USER["id"]


def test_every_sample_has_its_screen_and_names_the_key_once() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(LANGUAGES)
    for language in LANGUAGES:
        assert sample(language, None).count(UNNAMED) == 1
        assert "AVOW_SIGNING_SECRET" in sample(language, None)


def test_a_kid_that_could_leave_its_quotes_is_not_put_between_them() -> None:
    assert UNNAMED in sample("node", 'x"; process.exit(); "')
    assert UNNAMED in sample("php", "x'.system('ls').'")
    assert "acme-2026" in sample("go", "acme-2026")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_screen_names_this_workspaces_key(desk: FrontDesk, language: str) -> None:
    shown = await desk.get(f"/settings/security/samples?in={language}")
    assert desk.office.kid in shown.text
    assert UNNAMED not in shown.text
    assert desk.office.secret not in shown.text


async def test_a_word_that_is_no_language_shows_the_first_one(desk: FrontDesk) -> None:
    shown = await desk.get("/settings/security/samples?in=cobol&kid=nothing")
    assert "pip install /path/to/the/checkout" in shown.words
