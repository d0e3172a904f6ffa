"""Texts that are almost a token (V1): encodings, alphabets, parts and sizes."""

from __future__ import annotations

import base64
import json
import zlib

from avow.trust.reasons import Reason
from avow.trust.token_checks.form import MAX_TOKEN, encode
from tests.support.company import Company
from tests.support.tokens.case import Hostile, alice

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STRANGERS = {
    "a space": " ",
    "a tab": "\t",
    "a line feed": "\n",
    "a carriage return": "\r",
    "a no-break space": "\u00a0",
    "a zero-width space": "\u200b",
    "a byte order mark": "\ufeff",
    "a percent sign": "%",
    "a plus": "+",
    "a slash": "/",
    "an equals sign": "=",
    "a tilde": "~",
    "a full-width A": "\uff21",
    "a Cyrillic a": "\u0430",
    "a superscript two": "\u00b2",
}


def encodings(acme: Company, now: float) -> list[Hostile]:
    good = acme.hs.sign(alice(now))
    forms = [*_no_text(good), *_parts(good), *_wrapped(good), *_strangers(good)]
    return [
        Hostile(f"encoding: {name}", token, Reason.TOKEN_MALFORMED, deliverable=_fits_json(token))
        for name, token in [*forms, *_endings(acme, now), *_sizes(acme, now)]
    ]


def _fits_json(token: object) -> bool:
    return not isinstance(token, bytes) and not (isinstance(token, str) and ("\0" in token or "\ud800" in token))


def _no_text(good: str) -> list[tuple[str, object]]:
    return [
        ("zero", 0),
        ("a number", 1.5),
        ("true", True),
        ("false", False),
        ("a list", [good]),
        ("its parts in a list", good.split(".")),
        ("an object", {"token": good}),
        ("bytes", good.encode()),
    ]


def _parts(good: str) -> list[tuple[str, object]]:
    header, payload, signature = good.split(".")
    return [
        ("no characters", ""),
        ("one dot", "."),
        ("two dots", ".."),
        ("three dots", "..."),
        ("only a header", header),
        ("no signature", f"{header}.{payload}"),
        ("an empty signature", f"{header}.{payload}."),
        ("an empty payload", f"{header}..{signature}"),
        ("an empty header", f".{payload}.{signature}"),
        ("a dot in front", f".{good}"),
        ("a dot behind", f"{good}."),
        ("two dots between", f"{header}..{payload}.{signature}"),
        ("four parts", f"{good}.{signature}"),
        ("five parts, as if encrypted", f"{header}.{payload}.{signature}.{payload}.{signature}"),
        ("ten thousand dots", "." * 10_000),
        ("full-width dots", good.replace(".", "\uff0e")),
        ("escaped dots", good.replace(".", "%2E")),
        ("commas for dots", good.replace(".", ",")),
        ("two tokens and a comma", f"{good},{good}"),
        ("two tokens and a space", f"{good} {good}"),
    ]


def _wrapped(good: str) -> list[tuple[str, object]]:
    header, payload, signature = good.split(".")
    flat = {"protected": header, "payload": payload, "signature": signature}
    general = {"payload": payload, "signatures": [{"protected": header, "signature": signature}]}
    return [
        ("the word Bearer in front", f"Bearer {good}"),
        ("quoted", json.dumps(good)),
        ("flattened JSON serialization", json.dumps(flat)),
        ("general JSON serialization", json.dumps(general)),
        ("flattened, as an object", flat),
        ("encoded once more", base64.urlsafe_b64encode(good.encode()).decode().rstrip("=")),
        ("as hexadecimal", good.encode().hex()),
        ("compressed", encode(zlib.compress(good.encode()))),
        ("a data URL", f"data:application/jwt,{good}"),
        ("the word null", "null"),
        ("the word undefined", "undefined"),
        ("upside-down case", good.swapcase()),
        ("all lower case", good.lower()),
        ("all upper case", good.upper()),
        ("backwards", good[::-1]),
    ]


def _strangers(good: str) -> list[tuple[str, object]]:
    header, payload, signature = good.split(".")
    found: list[tuple[str, object]] = []
    for name, stranger in _STRANGERS.items():
        found.append((f"{name} in front", stranger + good))
        found.append((f"{name} in the header", f"{header[:5]}{stranger}{header[5:]}.{payload}.{signature}"))
        found.append((f"{name} in the payload", f"{header}.{payload[:7]}{stranger}{payload[7:]}.{signature}"))
        found.append((f"{name} behind", good + stranger))
    found.append(("a NUL behind", good + "\0"))
    found.append(("a lone surrogate behind", good + "\ud800"))
    found.append(("every part padded to four", ".".join(part + "=" * (-len(part) % 4) for part in good.split("."))))
    return found


def _endings(acme: Company, now: float) -> list[tuple[str, object]]:
    """Stray bits after the last whole byte: other texts for the same bytes, so one token would have many spellings."""
    found: list[tuple[str, object]] = []
    for index, part in enumerate(("header", "payload", "signature")):
        for remainder in (2, 3):
            parts = _parts_ending(acme, now, index, remainder)
            last = _ALPHABET.index(parts[index][-1])
            parts[index] = parts[index][:-1] + _ALPHABET[last + 1]
            found.append((f"stray bits in the {part}, {remainder} characters over", ".".join(parts)))
        parts = _parts_ending(acme, now, index, 2)
        parts[index] = parts[index][:-1]
        found.append((f"one character over in the {part}", ".".join(parts)))
    return found


def _parts_ending(acme: Company, now: float, index: int, remainder: int) -> list[str]:
    """A good token whose part has that length modulo 4. HS256 signatures have 43 characters, ES256 ones 86."""
    key = acme["acme-ec"] if remainder == 2 else acme.hs
    candidates = (
        key.sign(alice(now, pad="x" * pad), {"alg": key.algorithm.value, "kid": key.kid, "pad": "x" * pad})
        for pad in range(6)
    )
    return next(parts for parts in (token.split(".") for token in candidates) if len(parts[index]) % 4 == remainder)


def _sizes(acme: Company, now: float) -> list[tuple[str, object]]:
    large = acme.hs.sign(alice(now, note="x" * 12_500))
    assert len(large) > MAX_TOKEN
    return [
        ("one character too many", "a" * (MAX_TOKEN + 1)),
        ("40,000 characters", "a" * 40_000),
        ("rightly signed, and too large", large),
        ("rightly signed, and far too large", acme.hs.sign(alice(now, note="x" * 30_000))),
    ]
