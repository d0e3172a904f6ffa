"""Tokens spoiled at random, from a seed: the text, the header, the payload, the signature, or several of them.

Half of the ways sign anew afterwards, so that only the form of header or payload is at fault, if anything is.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from random import Random

from avow.trust.token_checks.form import decode, encode
from tests.support.company import Company, Key
from tests.support.tokens.case import alice

Mutation = Callable[[Random, Company, str], str]

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STRANGERS: list[str] = [*".=+/% \t\n\r\0~", "\u200b", "\ufeff", "\u0430", "\uff21", "\xe9", "\U0001f600"]
_ALGS = [*"HS256 RS256 ES256 EdDSA Ed25519 none HS384 HS512 RS512 PS256 ES384 hs256".split(), "", "HS256 "]
_BLANKS = [b" ", b"\n", b"\t", b"\x0b", b"\x0c", b"\xa0", b"\xc2\xa0", b"\xef\xbb\xbf", b"\0", b"\xe2\x80\xa8"]
_ESCAPES = [b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\u0061", b"\\x41", b"\\", b'\\"']
_MARKS = [b'"', b"'", b",", b":", b"{", b"}", b"[", b"]", b"[[[[]]]]", b"{}", b"//", b"/**/", b"#"]
_NUMBERS = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"1e5",
    b"0",
    b"-",
    b"+1",
    b"01",
    b".5",
    b"1.",
    b"0x1",
    b"9" * 320,
]
_WORDS = [b"null", b"true", b"True", b"9" * 320, b"0." + b"1" * 320]
_MEMBERS = [b'"a":1,', b'"plan":"free",', b'"alg":"none",', b'"user_id":"mallory",', b'"exp":9e10,', b'"k\\u0069d":1,']
_OCTETS = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80"]
_SNIPPETS = [*_BLANKS, *_ESCAPES, *_MARKS, *_NUMBERS, *_WORDS, *_MEMBERS, *_OCTETS]
_CODECS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1", "cp037"]


def ordinary_tokens(acme: Company, now: float) -> list[str]:
    """What the mutations start from: every algorithm, with a kid and without."""
    payload = alice(now, name="Zo\u00eb", seats=12, score=0.5, avatar={"image_url": "https://a.example/1.png"})
    keys = [acme.hs, acme["acme-imported"], *acme.asymmetric]
    return [
        key.sign(payload, header)
        for key in keys
        for header in (None, {"alg": key.algorithm.value}, {"typ": "jwt", "kid": key.kid, "alg": key.algorithm.value})
    ]


def one_character(random: Random, _: Company, token: str) -> str:
    at = random.randrange(len(token))
    return token[:at] + random.choice(_ALPHABET) + token[at + 1 :]


def one_bit(random: Random, _: Company, token: str) -> str:
    at, bit = random.randrange(len(token)), random.randrange(7)
    return token[:at] + chr(ord(token[at]) ^ (1 << bit)) + token[at + 1 :]


def the_last_bits_of_a_part(random: Random, _: Company, token: str) -> str:
    parts = token.split(".")
    at = random.randrange(3)
    parts[at] = parts[at][:-1] + random.choice(_ALPHABET)
    return ".".join(parts)


def a_stranger(random: Random, _: Company, token: str) -> str:
    at = random.choice([0, len(token), random.randrange(len(token))])
    times: int = random.choice([1, 1, 2])
    return token[:at] + random.choice(_STRANGERS) * times + token[at:]


def two_characters_exchanged(random: Random, _: Company, token: str) -> str:
    letters = list(token)
    one, other = random.randrange(len(letters)), random.randrange(len(letters))
    letters[one], letters[other] = letters[other], letters[one]
    return "".join(letters)


def a_piece_cut_or_doubled(random: Random, _: Company, token: str) -> str:
    start = random.randrange(len(token))
    end = min(len(token), start + random.choice([1, 2, 3, 4, 50, 999]))
    return token[:start] + token[start:end] * random.choice([0, 2]) + token[end:]


def parts_exchanged(random: Random, acme: Company, token: str) -> str:
    other = acme.hs.sign({"user_id": "mallory"}).split(".")
    parts = token.split(".")
    at = random.randrange(3)
    parts[at] = random.choice([other[at], *parts])
    return ".".join(parts)


def the_signature_spoiled(random: Random, _: Company, token: str) -> str:
    signed, _dot, part = token.rpartition(".")
    signature = bytearray(decode(part.encode()))
    at = random.randrange(len(signature))
    signature[at] ^= random.randrange(256)
    end = random.choice([len(signature), len(signature), at])
    return f"{signed}.{encode(bytes(signature[:end]) + bytes(random.choice([0, 0, 1])))}"


def another_alg(random: Random, acme: Company, token: str) -> str:
    """The header names another algorithm or key, signed by whatever key, or by a public key as a secret."""
    _, payload, _ = token.split(".")
    key = random.choice([acme.hs, acme["acme-imported"], acme["acme-ec"], acme["acme-ed"]])
    header = {"alg": random.choice(_ALGS), "kid": random.choice([*acme.keys, "", "nobody's"])}
    if random.random() < 0.4:
        del header["kid"]
    signed = f"{encode(json.dumps(header).encode())}.{payload}"
    if random.random() < 0.3:
        pem = random.choice(acme.asymmetric).public_pem
        return f"{signed}.{encode(hmac.digest(pem, signed.encode(), 'sha256'))}"
    return f"{signed}.{encode(key.signature(signed.encode()))}"


def another_header(random: Random, acme: Company, token: str) -> str:
    return _signed_anew(random, acme, token, header=_spoiled)


def another_payload(random: Random, acme: Company, token: str) -> str:
    return _signed_anew(random, acme, token, payload=_spoiled)


def another_encoding(random: Random, acme: Company, token: str) -> str:
    if random.random() < 0.5:
        return _signed_anew(random, acme, token, header=_recoded)
    return _signed_anew(random, acme, token, payload=_recoded)


def another_spelling(random: Random, acme: Company, token: str) -> str:
    return _signed_anew(random, acme, token, header=_respelled, payload=_respelled)


def _signed_anew(
    random: Random,
    acme: Company,
    token: str,
    header: Callable[[Random, bytes], bytes] = lambda _, raw: raw,
    payload: Callable[[Random, bytes], bytes] = lambda _, raw: raw,
) -> str:
    """Signed by the right key. RSA signs rarely: it takes fifty times as long."""
    parts = token.split(".")
    raw_header = decode(parts[0].encode())
    members = json.loads(raw_header)
    key: Key = acme.keys.get(members.get("kid", ""), acme.hs)
    if key.algorithm.value == "RS256" and random.random() < 0.9:
        key = acme.hs
    spoiled = header(random, json.dumps(members | {"alg": key.algorithm.value, "kid": key.kid}).encode())
    return key.sign(payload(random, decode(parts[1].encode())), spoiled)


def _spoiled(random: Random, raw: bytes) -> bytes:
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        at = random.randrange(len(raw) + 1)
        way = random.randrange(5)
        if way == 0:
            raw = raw[:at] + raw[at + 1 :]
        elif way == 1:
            raw = raw[:at] + bytes([random.randrange(256)]) + raw[at + 1 :]
        elif way == 2:
            start = random.randrange(len(raw) + 1)
            raw = raw[:at] + raw[start : start + random.randrange(20)] + raw[at:]
        else:
            places = [0, 1, len(raw) - 1, len(raw), at]
            at = random.choice(places)
            raw = raw[:at] + random.choice(_SNIPPETS) + raw[at:]
    return raw


def _recoded(random: Random, raw: bytes) -> bytes:
    try:
        return raw.decode().encode(random.choice(_CODECS))
    except UnicodeEncodeError:
        return raw.decode().encode("utf-16")


def _respelled(random: Random, raw: bytes) -> bytes:
    """The same object in other words: order, blanks, escapes, harmless members."""
    members = list(json.loads(raw).items())
    random.shuffle(members)
    if random.random() < 0.5:
        members.append((random.choice(["cty", "x", "", "\u00e9"]), random.choice(["json", "\U0001f600", ""])))
    text = json.dumps(dict(members), ensure_ascii=random.random() < 0.5, indent=random.choice([None, None, 1]))
    if random.random() < 0.5:
        text = text.replace("a", random.choice(["a", "\\u0061"])).replace("/", random.choice(["/", "\\/"]))
    return (random.choice(["", " ", "\r\n"]) + text + random.choice(["", "\t"])).encode()


MUTATIONS: tuple[Mutation, ...] = (
    one_character,
    one_bit,
    the_last_bits_of_a_part,
    a_stranger,
    two_characters_exchanged,
    a_piece_cut_or_doubled,
    parts_exchanged,
    the_signature_spoiled,
    another_alg,
    another_header,
    another_payload,
    another_payload,
    another_encoding,
    another_spelling,
    another_spelling,
)
