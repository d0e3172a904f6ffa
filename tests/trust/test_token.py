"""What a believed token says: claims, times, keys without a kid, and tokens that have ended."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from avow.errors import NotAuthenticated, TokenRefused
from avow.trust.keys import MAX_CANDIDATES, Algorithm, Keyring, KeyState, SigningKey
from avow.trust.policy import Platform, Policy, UndatedTokens
from avow.trust.reasons import Reason
from avow.trust.token import Claims, superseded, verify
from avow.trust.token_checks.form import MAX_HEADER, MAX_TOKEN
from avow.trust.token_checks.times import LEEWAY
from tests.support.company import Company, Key, acme
from tests.support.tokens import alice

NOW = 1_760_000_000.75
SIGN = acme().hs.sign


def believe(
    token: object,
    *,
    keyring: Keyring | None = None,
    policy: Policy | None = None,
    platform: Platform = Platform.WEB,
    now: float = NOW,
    user_id: str | None = None,
) -> Claims:
    return verify(
        token,
        keyring=keyring or acme().keyring,
        policy=policy or Policy(),
        platform=platform,
        now=now,
        unproven_user_id=user_id,
    )


def reason_of(token: object, *, keyring: Keyring | None = None, policy: Policy | None = None, now: float = NOW) -> str:
    with pytest.raises(TokenRefused) as refusal:
        believe(token, keyring=keyring, policy=policy, now=now)
    return refusal.value.code


def test_claims_are_what_the_company_signed() -> None:
    token = SIGN(
        alice(NOW, email="alice@example.com", seats=12, beta=True, score=0.5, note=None)
        | {"iss": "acme", "sub": "x", "aud": "avow", "nbf": 1, "jti": "j", "avatar": {"image_url": "https://a.example"}}
    )
    claims = believe(token)
    assert claims.user_id == "alice"
    assert claims.attributes == {
        "plan": "pro",
        "email": "alice@example.com",
        "seats": 12,
        "beta": True,
        "score": 0.5,
        "note": None,
        "avatar": {"image_url": "https://a.example"},
    }
    assert claims.kid == "acme-hs"
    assert claims.signed_at == int(NOW) - 10
    assert claims.dated
    assert claims.expires_at == int(NOW) + 3600
    assert claims.digest == hashlib.sha256(token.rpartition(".")[0].encode()).digest()


def test_the_digest_is_not_over_the_signature() -> None:
    """ES256 signs the same text differently each time; the record of it must be one."""
    key = acme()["acme-ec"]
    one, other = key.sign(alice(NOW)), key.sign(alice(NOW))
    assert one != other
    assert believe(one).digest == believe(other).digest


def test_no_repr_shows_what_was_signed() -> None:
    shown = repr(believe(SIGN(alice(NOW, email="alice@example.com"))))
    assert "alice" not in shown
    assert "acme-hs" in shown


@pytest.mark.parametrize(
    ("iat", "signed_at"),
    [
        (NOW - 10, int(NOW - 10)),
        (1_700_000_000.999, 1_700_000_000),
        (0, 0),
        (NOW + 59, int(NOW)),
        (int(NOW), int(NOW)),
        (int(NOW) + 1, int(NOW)),
    ],
)
def test_signed_at_is_whole_seconds_and_never_after_the_receipt(iat: float, signed_at: int) -> None:
    assert believe(SIGN(alice(NOW, iat=iat))).signed_at == signed_at


def test_a_token_without_iat_is_undated_and_counts_from_its_receipt() -> None:
    claims = believe(SIGN({"user_id": "alice"}))
    assert (claims.dated, claims.signed_at, claims.expires_at) == (False, int(NOW), None)
    fill_only = believe(SIGN({"user_id": "alice"}), policy=Policy(undated_tokens=UndatedTokens.FILL_ONLY))
    assert not fill_only.dated
    assert (
        reason_of(SIGN({"user_id": "alice"}), policy=Policy(undated_tokens=UndatedTokens.REFUSE)) == Reason.IAT_MISSING
    )


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": NOW - 59.9}, None),
        ({"exp": NOW - 60}, Reason.TOKEN_EXPIRED),
        ({"nbf": NOW + 60}, None),
        ({"nbf": NOW + 60.1}, Reason.TOKEN_NOT_YET_VALID),
        ({"iat": NOW + 60}, None),
        ({"iat": NOW + 60.1}, Reason.TOKEN_NOT_YET_VALID),
        ({"exp": 99_999_999_999.9}, None),
        ({"exp": 100_000_000_000}, Reason.TIME_MALFORMED),
        ({"exp": NOW - 100, "nbf": True}, Reason.TIME_MALFORMED),
        ({"exp": NOW - 100, "iat": NOW + 100}, Reason.TOKEN_EXPIRED),
    ],
)
def test_times_are_compared_with_a_minute_of_leeway(claims: dict[str, object], reason: Reason | None) -> None:
    token = SIGN(alice(NOW, **claims))
    if reason is None:
        assert believe(token).user_id == "alice"
    else:
        assert reason_of(token) == reason


def test_the_longest_lifetime_is_exact() -> None:
    hour = Policy(max_token_lifetime=3600, require_exp=True)
    assert believe(SIGN(alice(NOW, iat=NOW, exp=NOW + 3600)), policy=hour).dated
    assert reason_of(SIGN(alice(NOW, iat=NOW, exp=NOW + 3600.01)), policy=hour) == Reason.TOKEN_TOO_LONG_LIVED


@pytest.mark.parametrize("audience", ["avow", ["avow"], ["other", "avow"]])
def test_the_configured_parties_are_recognised(audience: object) -> None:
    policy = Policy(issuer="acme", audience="avow")
    assert believe(SIGN(alice(NOW, iss="acme", aud=audience)), policy=policy).user_id == "alice"


def test_the_request_may_name_the_same_user() -> None:
    assert believe(SIGN(alice(NOW)), user_id="alice").user_id == "alice"
    assert believe(SIGN(alice(NOW, user_id=42)), user_id="42").user_id == "42"


def numbered(count: int, **others: object) -> list[Key]:
    return [Key(f"key-{number:02}", Algorithm.HS256, **others) for number in range(count)]  # type: ignore[arg-type]


def ring(keys: list[Key]) -> Keyring:
    """The higher a key's number, the newer it is."""
    return Keyring(replace(key.registered, created_at=float(index)) for index, key in enumerate(keys))


def test_without_a_kid_the_newest_keys_are_tried_and_no_more() -> None:
    keys = numbered(MAX_CANDIDATES + 1)
    newest, oldest = (key.sign(alice(NOW), {"alg": "HS256"}) for key in (keys[-1], keys[0]))
    assert believe(newest, keyring=ring(keys)).kid == keys[-1].kid
    assert reason_of(oldest, keyring=ring(keys)) == Reason.SIGNATURE_INVALID
    assert believe(oldest, keyring=ring(keys[:-1])).kid == keys[0].kid
    assert believe(keys[0].sign(alice(NOW)), keyring=ring(keys)).kid == keys[0].kid


def changed(key: Key, **others: object) -> SigningKey:
    return replace(key.registered, **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ([], Reason.KEY_UNKNOWN),
        ([{"platforms": frozenset({Platform.IOS})}], Reason.KEY_WRONG_PLATFORM),
        ([{"state": KeyState.RETIRED}, {"state": KeyState.REVOKED}], Reason.KEY_RETIRED),
        ([{"state": KeyState.RETIRING, "retires_at": 1}], Reason.KEY_RETIRED),
        ([{"state": KeyState.REVOKED}], Reason.KEY_REVOKED),
        ([{"state": KeyState.REVOKED}, {"platforms": frozenset({Platform.IOS})}], Reason.KEY_WRONG_PLATFORM),
    ],
)
def test_without_a_kid_the_reason_tells_why_no_key_may_be_tried(
    others: list[dict[str, object]], reason: Reason
) -> None:
    keys = [changed(key, **change) for key, change in zip(numbered(len(others)), others, strict=True)]
    token = Key("key-00", Algorithm.HS256).sign(alice(NOW), {"alg": "HS256"})
    assert reason_of(token, keyring=Keyring([*keys, acme()["acme-rsa"].registered])) == reason


def test_a_wrong_signature_is_told_with_the_keys_that_were_asked() -> None:
    with pytest.raises(TokenRefused, match="not that of the key acme-hs; expected one over the token as sent"):
        believe(SIGN(alice(NOW))[:-4] + "AAAA")
    keys = numbered(3)
    with pytest.raises(TokenRefused, match="that of none of 3 keys; name the one that signed in the header's kid"):
        believe(SIGN(alice(NOW), {"alg": "HS256"}), keyring=ring(keys))
    with pytest.raises(TokenRefused, match="not that of the key key-00"):
        believe(SIGN(alice(NOW), {"alg": "HS256"}), keyring=ring(keys[:1]))


def test_a_key_of_another_workspace_is_unknown() -> None:
    umbrella = Company({"umbrella-hs": Key("umbrella-hs", Algorithm.HS256)})
    assert reason_of(SIGN(alice(NOW)), keyring=umbrella.keyring) == Reason.KEY_UNKNOWN
    assert reason_of(SIGN(alice(NOW), {"alg": "HS256"}), keyring=umbrella.keyring) == Reason.SIGNATURE_INVALID


def test_the_payload_is_not_read_before_the_signature_is_right() -> None:
    broken = SIGN(b"{")
    assert reason_of(broken) == Reason.TOKEN_MALFORMED
    assert reason_of(broken[:-4] + "AAAA") == Reason.SIGNATURE_INVALID


def test_the_bounds_are_those_that_are_documented() -> None:
    assert (MAX_TOKEN, MAX_HEADER, LEEWAY, MAX_CANDIDATES) == (16_384, 1_024, 60, 8)


def test_a_refusal_is_no_missing_token() -> None:
    assert issubclass(TokenRefused, NotAuthenticated)
    assert reason_of(None) == Reason.TOKEN_MALFORMED


@pytest.mark.parametrize("now", [1_760_000_000.0, 1_760_000_000.999])
def test_only_a_token_of_a_later_second_outlives_the_end_of_sessions(now: float) -> None:
    ended = 1_759_999_990
    for iat, survives in (
        (ended - 1, False),
        (ended, False),
        (ended + 0.9, False),
        (ended + 1, True),
        (ended + 5, True),
    ):
        claims = believe(SIGN(alice(now, iat=iat)), now=now)
        if survives:
            superseded(claims, ended)
        else:
            with pytest.raises(TokenRefused) as refusal:
                superseded(claims, ended)
            assert refusal.value.code == Reason.IDENTITY_SUPERSEDED


def test_a_token_from_a_fast_clock_does_not_outlive_the_end_of_sessions_in_the_same_second() -> None:
    claims = believe(SIGN(alice(NOW, iat=NOW + 50)))
    with pytest.raises(TokenRefused):
        superseded(claims, int(NOW))


def test_an_undated_token_ends_with_the_sessions() -> None:
    claims = believe(SIGN({"user_id": "alice"}))
    superseded(claims, None)
    with pytest.raises(TokenRefused) as refusal:
        superseded(claims, 1)
    assert refusal.value.code == Reason.IDENTITY_SUPERSEDED


@pytest.mark.parametrize(("iat", "believed"), [(NOW - 20, False), (NOW - 10, False), (NOW - 9, True), (NOW + 30, True)])
def test_a_workspace_ends_every_dated_token_up_to_a_second(iat: float, believed: bool) -> None:
    ended = Policy(tokens_not_before=int(NOW) - 10)
    token = SIGN(alice(NOW, iat=iat))
    if believed:
        assert believe(token, policy=ended).dated
    else:
        assert reason_of(token, policy=ended) == Reason.IDENTITY_SUPERSEDED


def test_a_token_from_a_fast_clock_does_not_outlive_the_end_of_its_workspaces_tokens_in_the_same_second() -> None:
    assert reason_of(SIGN(alice(NOW, iat=NOW + 30)), policy=Policy(tokens_not_before=int(NOW))) == "identity_superseded"


def test_an_undated_token_follows_its_own_policy_when_a_workspaces_tokens_end() -> None:
    ended = Policy(tokens_not_before=int(NOW))
    assert not believe(SIGN({"user_id": "alice"}), policy=ended).dated
    ended = Policy(tokens_not_before=int(NOW), undated_tokens=UndatedTokens.REFUSE)
    assert reason_of(SIGN({"user_id": "alice"}), policy=ended) == Reason.IAT_MISSING
