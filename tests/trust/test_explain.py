"""What `avow check` shows: every check of a token, which were passed, which one failed, which were never reached."""

from __future__ import annotations

import pytest

from avow.trust.policy import Platform, Policy
from avow.trust.token import explain
from avow.trust.token_checks.numbers import Outcome, V
from tests.support.company import acme
from tests.support.tokens import alice

NOW = 1_760_000_000.75
SIGN = acme().hs.sign


def outcomes_of(token: object, tokens_not_before: int | None = None) -> dict[V, Outcome]:
    explanation = explain(
        token,
        keyring=acme().keyring,
        policy=Policy(),
        platform=Platform.WEB,
        now=NOW,
        unproven_user_id="alice",
        tokens_not_before=tokens_not_before,
    )
    failed = [check for check in explanation.checks if check.outcome is Outcome.FAILED]
    assert (explanation.claims is None) == bool(failed)
    assert all(check.reason and check.message for check in failed)
    assert all(check.title for check in explanation.checks)
    return {check.number: check.outcome for check in explanation.checks}


def test_an_explanation_shows_every_check_of_a_good_token() -> None:
    assert outcomes_of(SIGN(alice(NOW))) == dict.fromkeys(V, Outcome.PASSED)


@pytest.mark.parametrize(
    ("number", "token"),
    [
        (V.V1, "no token"),
        (V.V2, SIGN(alice(NOW), b"[]")),
        (V.V3, SIGN(alice(NOW), {"alg": "none"})),
        (V.V4, SIGN(alice(NOW), {"alg": "HS256", "kid": "nobody's"})),
        (V.V5, SIGN(alice(NOW), {"alg": "ES256", "kid": "acme-hs"})),
        (V.V6, SIGN(alice(NOW))[:-4] + "AAAA"),
        (V.V7, SIGN(b"[]")),
        (V.V8, SIGN({})),
        (V.V9, SIGN(alice(NOW, exp=1))),
        (V.V11, SIGN(alice(NOW, user_id="bob"))),
    ],
)
def test_an_explanation_stops_where_the_token_failed(number: V, token: str) -> None:
    outcomes = outcomes_of(token)
    numbers = list(V)
    at = numbers.index(number)
    assert [outcomes[one] for one in numbers[:at]] == [Outcome.PASSED] * at
    assert outcomes[number] is Outcome.FAILED
    assert [outcomes[one] for one in numbers[at + 1 :]] == [Outcome.NOT_REACHED] * (len(numbers) - at - 1)


def test_an_explanation_tells_that_the_sessions_have_ended() -> None:
    assert outcomes_of(SIGN(alice(NOW)), tokens_not_before=int(NOW))[V.V12] is Outcome.FAILED
