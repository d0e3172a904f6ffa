"""Unusual tokens that are right: whoever refuses them shuts out somebody's customers."""

from __future__ import annotations

import json

from avow.trust.token_checks.form import MAX_HEADER, MAX_TOKEN, decode, encode
from tests.support.company import Company
from tests.support.tokens.case import Legitimate, alice
from tests.support.tokens.signatures import P256_ORDER

_USER_IDS = {
    "one letter": "a",
    "255 letters": "a" * 255,
    "255 emoji": "\U0001f600" * 255,
    "blanks around it": "  alice  ",
    "a line break in it": "al\nice",
    "a no-break space in front": "\u00a0alice",
    "composed": "Zo\u00eb",
    "decomposed": "Zoe\u0308",
    "Arabic": "\u0623\u0644\u064a\u0633",
    "Chinese": "\u611b\u9e97\u7d72",
    "a family of emoji": "\U0001f469\u200d\U0001f467",
    "full-width": "\uff41lice",
    "an e-mail address": "Alice.Liddell+test@Example.COM",
    "a URL": "https://acme.example/u?id=1&x=%20#top",
    "a UUID": "7D444840-9DC0-11D1-B245-5FFDCE74FAD2",
    "the text null": "null",
    "the text true": "true",
    "the digit zero": "0",
    "leading zeros": "007",
    "a large number's text": "9" * 255,
    "quotes and backslashes": "\"al\\ice'",
    "markup": "<script>alert(1)</script>",
    "a statement": "1; DROP TABLE contacts; --",
    "a control character in it": "al\u0001ice",
    "a zero-width joiner in it": "al\u200dice",
    "a member of objects": "__proto__",
    "the escape of a character": "\\u0061lice",
}
_NUMBERS = {
    "zero": 0,
    "a negative integer": -42,
    "64 bits": 2**63 - 1,
    "more than 64 bits": 2**70,
    "255 digits": 10**254,
}


def legitimate_tokens(acme: Company, now: float) -> list[Legitimate]:
    """All of them, signed at `now` (Unix seconds) with the keys of `acme`; their names differ."""
    sign = acme.hs.sign
    ids = [
        Legitimate(f"user_id: {name}", sign(alice(now, user_id=user_id)), user_id)
        for name, user_id in _USER_IDS.items()
    ]
    ids += [Legitimate(f"user_id: {name}", sign(alice(now, user_id=n)), str(n)) for name, n in _NUMBERS.items()]
    others = [*_headers(acme, now), *_texts(acme, now), *_times(acme, now), *_attributes(acme, now)]
    return [*ids, *(Legitimate(name, token, "alice") for name, token in others), *_extremes(acme, now)]


def _headers(acme: Company, now: float) -> list[tuple[str, str]]:
    plain: dict[str, object] = {"alg": "HS256", "kid": acme.hs.kid}
    headers: dict[str, dict[str, object]] = {
        "no typ": plain,
        "typ jwt": plain | {"typ": "jwt"},
        "typ Jwt": plain | {"typ": "Jwt"},
        "a media type": plain | {"typ": "application/jwt"},
        "a media type in capitals": plain | {"typ": "APPLICATION/JWT"},
        "no kid": {"alg": "HS256", "typ": "JWT"},
        "alg last": {"typ": "JWT", "kid": acme.hs.kid, "alg": "HS256"},
        "a content type": plain | {"cty": "json"},
        "a thumbprint": plain | {"x5t": "dGh1bWJwcmludA", "x5t#S256": "dGh1bWJwcmludA"},
        "an issuer in the header": plain | {"iss": "acme"},
        "four levels deep": plain | {"a": {"b": {"c": 1}}},
        "letters beyond ASCII": plain | {"note": "\u00e9\U0001f600"},
        "members with the names of claims": plain | {"user_id": "mallory", "exp": 1},
        "capital names beside": plain | {"ALG": "none", "CRIT": ["x"]},
    }
    found = [(f"header: {name}", acme.hs.sign(alice(now), header)) for name, header in headers.items()]
    for key in acme.asymmetric:
        found.append((f"key: {key.kid}", key.sign(alice(now))))
        found.append((f"key: {key.kid}, not named", key.sign(alice(now), {"alg": key.algorithm.value})))
    eddsa = acme["acme-ed"]
    found.append(("key: Ed25519 as EdDSA", eddsa.sign(alice(now), {"alg": "EdDSA", "kid": eddsa.kid})))
    found.append(("key: Ed25519 as EdDSA, not named", eddsa.sign(alice(now), {"alg": "EdDSA"})))
    found.append(("key: an imported secret beyond ASCII", acme["acme-imported"].sign(alice(now))))
    found.append(("key: an imported secret, not named", acme["acme-imported"].sign(alice(now), {"alg": "HS256"})))
    found.append(("key: a retiring one before its time", acme["acme-retiring"].sign(alice(now))))
    found.append(("key: ES256 with the other s", _with_the_other_s(acme["acme-ec"].sign(alice(now)))))
    raw = b' \t\r\n{ "\\u0061lg" : "\\u0048S256" ,\n "kid":"acme-hs" } \n'
    found.append(("header: blanks and escapes", acme.hs.sign(alice(now), raw)))
    return found


def _with_the_other_s(token: str) -> str:
    """ECDSA has two right signatures: RFC 7518 takes both. What is signed is the same, so nothing is gained by it."""
    signed, _, signature = token.rpartition(".")
    raw = decode(signature.encode())
    return f"{signed}.{encode(raw[:32] + (P256_ORDER - int.from_bytes(raw[32:])).to_bytes(32))}"


def _texts(acme: Company, now: float) -> list[tuple[str, str]]:
    payload = alice(now, name="Zo\u00eb \U0001f600")
    texts = {
        "indented": json.dumps(payload, indent=4),
        "dense": json.dumps(payload, separators=(",", ":")),
        "escaped to ASCII": json.dumps(payload, ensure_ascii=True),
        "beyond ASCII": json.dumps(payload, ensure_ascii=False),
        "lines of Windows": json.dumps(payload, indent=1).replace("\n", "\r\n"),
        "blanks around it": f"\n\t {json.dumps(payload)} \r\n",
        "slashes escaped": json.dumps(payload | {"page": "a/b"}).replace("/", "\\/"),
        "every letter of the name escaped": json.dumps(payload).replace("alice", "\\u0061\\u006c\\u0069\\u0063\\u0065"),
        "a backslash before u0000": json.dumps(payload | {"path": "C:\\u0000"}),
        "brackets in strings": json.dumps(payload | {"note": '[[[[[[{{{{{{"[[[[\\'}),
        "the same name at two levels": json.dumps(payload | {"avatar": {"user_id": "mallory", "plan": "free"}}),
        "names that differ by case": json.dumps(payload | {"Plan": "free", "User_Id": "mallory"}),
        "an escaped delete character": json.dumps(payload | {"note": "\u007f\u0085"}),
    }
    return [(f"text: {name}", acme.hs.sign(text.encode())) for name, text in texts.items()]


def _times(acme: Company, now: float) -> list[tuple[str, str]]:
    payloads: dict[str, dict[str, object]] = {
        "no times": {"user_id": "alice"},
        "no iat": {"user_id": "alice", "exp": int(now) + 60},
        "no exp": {"user_id": "alice", "iat": int(now)},
        "floats": alice(now, iat=now - 0.25, exp=now + 0.75, nbf=now - 0.5),
        "an exponent": alice(now, exp=9e10),
        "expired within the leeway": alice(now, exp=int(now) - 30),
        "issued a little ahead": alice(now, iat=int(now) + 40, nbf=int(now) + 40),
        "issued in 1970": alice(now, iat=0, nbf=0),
        "valid until the year 5138": alice(now, exp=99_999_999_999),
        "expires before it was issued, within the leeway": alice(now, iat=int(now), exp=int(now) - 5),
    }
    return [(f"times: {name}", acme.hs.sign(payload)) for name, payload in payloads.items()]


def _attributes(acme: Company, now: float) -> list[tuple[str, str]]:
    payloads: dict[str, dict[str, object]] = {
        "registered claims of any form": alice(now, iss=1, sub=["x"], aud={"a": 1}, jti=True),
        "a sub that is somebody else": alice(now, sub="mallory"),
        "only an identity": {"user_id": "alice", "iat": int(now), "exp": int(now) + 60},
        "cleared ones": alice(now, plan=None, name=""),
        "large and small numbers": alice(now, a=1e308, b=-0.0, c=5e-324, d=10**300, e=-(2**63)),
        "four levels deep": alice(now, avatar={"a": {"b": [1]}}),
        "a hundred": alice(now, **{f"attribute_{number}": number for number in range(100)}),
        "strange names": alice(now, **{"": 1, " ": 2, "a.b": 3, "\u00e9": 4, "__proto__": 5}),
        "the names of this server's fields": alice(now, id="x", external_id="mallory", email="a@b.example"),
    }
    return [(f"attributes: {name}", acme.hs.sign(payload)) for name, payload in payloads.items()]


def _extremes(acme: Company, now: float) -> list[Legitimate]:
    header = json.dumps({"alg": "HS256", "kid": acme.hs.kid}).ljust(MAX_HEADER).encode()
    note = next(
        length for length in range(12_400, 12_000, -1) if len(acme.hs.sign(alice(now, note="x" * length))) <= MAX_TOKEN
    )
    return [
        Legitimate("size: the largest header", acme.hs.sign(alice(now), header), "alice"),
        Legitimate("size: the largest token", acme.hs.sign(alice(now, note="x" * note)), "alice"),
    ]
