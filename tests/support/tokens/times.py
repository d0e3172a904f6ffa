"""Times that do not fit now (V9), and what a workspace's settings ask of a token beyond (V9, V10)."""

from __future__ import annotations

from collections.abc import Iterator

from avow.trust.policy import Policy, UndatedTokens
from avow.trust.reasons import Reason
from tests.support.company import Company
from tests.support.tokens.case import Hostile, alice

_NOT_SECONDS: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "text": "1999999999",
    "the word NaN": "NaN",
    "no characters": "",
    "a date": "2031-01-01T00:00:00Z",
    "a list": [1999999999],
    "an object": {"seconds": 1999999999},
    "minus one": -1,
    "a negative fraction": -0.5,
    "milliseconds": 1999999999000,
    "microseconds": 1999999999000000,
    "exactly the year 5138": 100_000_000_000,
    "a huge float": 1e300,
    "a huge integer": 10**200,
}


def times(acme: Company, now: float) -> list[Hostile]:
    key = acme.hs
    found = [
        Hostile(f"{claim}: {name}", key.sign(alice(now, **{claim: value})), Reason.TIME_MALFORMED)
        for claim in ("exp", "nbf", "iat")
        for name, value in _NOT_SECONDS.items()
    ]
    for name, exp in {
        "a second over the leeway": now - 61,
        "exactly the leeway": now - 60,
        "an hour ago": int(now) - 3600,
        "zero": 0,
        "minus zero": -0.0,
        "one": 1,
    }.items():
        found.append(Hostile(f"exp: {name}", key.sign(alice(now, exp=exp)), Reason.TOKEN_EXPIRED))
    for claim in ("nbf", "iat"):
        for name, ahead in {"a second over the leeway": 61, "an hour ahead": 3600, "a year ahead": 31536000}.items():
            token = key.sign(alice(now, **{claim: now + ahead}))
            found.append(Hostile(f"{claim}: {name}", token, Reason.TOKEN_NOT_YET_VALID, deliverable=ahead > 61))
    expired_and_early = key.sign(alice(now, exp=now - 100, nbf=now + 100))
    found.append(Hostile("exp and nbf: never valid", expired_and_early, Reason.TOKEN_EXPIRED))
    found += [
        Hostile(f"exp: an hour ago, {other.kid}", other.sign(alice(now, exp=now - 3600)), Reason.TOKEN_EXPIRED)
        for other in acme.asymmetric
    ]
    return [*found, *_required(acme, now), *_parties(acme, now)]


def _required(acme: Company, now: float) -> Iterator[Hostile]:
    key = acme.hs
    undated = {name: value for name, value in alice(now).items() if name != "iat"}
    endless = {name: value for name, value in alice(now).items() if name != "exp"}
    hour = Policy(max_token_lifetime=3600)
    for name, payload, reason, policy in (
        ("no exp where required", endless, Reason.EXP_MISSING, Policy(require_exp=True)),
        ("no exp where lifetimes are limited", endless, Reason.EXP_MISSING, hour),
        ("no iat where lifetimes are limited", undated, Reason.IAT_MISSING, hour),
        ("no iat where undated is refused", undated, Reason.IAT_MISSING, Policy(undated_tokens=UndatedTokens.REFUSE)),
        ("neither", {"user_id": "alice"}, Reason.EXP_MISSING, hour),
        ("a second too long", alice(now, iat=now, exp=now + 3601), Reason.TOKEN_TOO_LONG_LIVED, hour),
        ("half a second too long", alice(now, iat=now, exp=now + 3600.5), Reason.TOKEN_TOO_LONG_LIVED, hour),
        ("for ever", alice(now, exp=99_999_999_999), Reason.TOKEN_TOO_LONG_LIVED, hour),
        ("old, and still too long", alice(now, iat=0, exp=now + 60), Reason.TOKEN_TOO_LONG_LIVED, hour),
    ):
        yield Hostile(f"lifetime: {name}", key.sign(payload), reason, policy=policy, deliverable=False)


def _parties(acme: Company, now: float) -> Iterator[Hostile]:
    key = acme.hs
    issuers: dict[str, object] = {
        "somebody else": "https://mallory.example",
        "another case": "https://ACME.example",
        "a slash more": "https://acme.example/",
        "a list": ["https://acme.example"],
        "null": None,
        "true": True,
    }
    expects = Policy(issuer="https://acme.example", audience="avow")
    named: dict[str, object] = {"iss": "https://acme.example", "aud": "avow"}
    for name, issuer in issuers.items():
        token = key.sign(alice(now, **named | {"iss": issuer}))
        yield Hostile(f"iss: {name}", token, Reason.ISSUER_MISMATCH, policy=expects, deliverable=False)
    audiences: dict[str, object] = {
        "somebody else": "other",
        "another case": "Avow",
        "a prefix": "avo",
        "text that contains it": "avow other",
        "an empty list": [],
        "others": ["other", "others"],
        "nested": [["avow"]],
        "among what is no text": ["avow", 1],
        "an object": {"avow": True},
        "null": None,
        "true": True,
    }
    for name, audience in audiences.items():
        token = key.sign(alice(now, **named | {"aud": audience}))
        yield Hostile(f"aud: {name}", token, Reason.AUDIENCE_MISMATCH, policy=expects, deliverable=False)
    absent = key.sign(alice(now, aud="avow"))
    yield Hostile("iss: absent", absent, Reason.ISSUER_MISMATCH, policy=expects, deliverable=False)
    absent = key.sign(alice(now, iss="https://acme.example"))
    yield Hostile("aud: absent", absent, Reason.AUDIENCE_MISMATCH, policy=expects, deliverable=False)
