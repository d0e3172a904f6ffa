"""Payloads that must not be believed although a live key signed them (V7, V8, V11)."""

from __future__ import annotations

import gzip
import json
import zlib

from avow.trust.reasons import Reason
from tests.support.company import Company
from tests.support.tokens.case import Hostile, alice
from tests.support.tokens.json_defects import defective_objects

_USER_IDS: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "a fraction": 1.5,
    "a whole float": 7.0,
    "a float by its exponent": 1e3,
    "a list": ["alice"],
    "an empty list": [],
    "an object": {"id": "alice"},
    "an empty object": {},
    "no characters": "",
    "a blank": " ",
    "blanks": " \t\r\n ",
    "no-break spaces": "\u00a0\u00a0",
    "an ideographic space": "\u3000",
    "an em space": "\u2003",
    "a line separator": "\u2028",
    "a zero-width space": "\u200b",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "a word joiner": "\u2060",
    "a Hangul filler": "\u3164",
    "a blank of Braille": "\u2800",
    "a control character": "\u0001",
    "a delete character": "\u007f",
    "a mixture of blanks": " \u200b\t\u00a0\u2060",
    "256 characters": "a" * 256,
    "256 emoji": "\U0001f600" * 256,
    "ten thousand characters": "a" * 10_000,
    "an integer of 256 digits": 10**255,
    "a negative integer of 255 digits": -(10**254),
    "an integer of 300 digits": 10**299,
}
_OTHER_NAMES = ("User_Id", "userId", "user-id", "user_id ", "sub", "id", "external_id", "email", "us\u0435r_id")
_CLAIMED = {
    "somebody else": "mallory",
    "another case": "Alice",
    "a blank behind": "alice ",
    "a full-width letter": "\uff41lice",
    "a Cyrillic letter": "\u0430lice",
    "a zero-width space": "alice\u200b",
    "a prefix": "ali",
}


def payloads(acme: Company, now: float) -> list[Hostile]:
    key = acme.hs
    members = json.dumps(alice(now))[1:-1]
    found = [
        Hostile(f"payload: {name}", key.sign(raw), Reason.TOKEN_MALFORMED)
        for name, raw in [*defective_objects(members), *_more_defects(members, acme, now)]
    ]
    for other in (*acme.asymmetric, acme["acme-imported"]):
        twice = ("{" + members + ',"user_id":"mallory"}').encode()
        found.append(Hostile(f"payload: two user ids, {other.kid}", other.sign(twice), Reason.TOKEN_MALFORMED))
    return [*found, *_identities(acme, now)]


def _more_defects(members: str, acme: Company, now: float) -> list[tuple[str, bytes]]:
    whole = ("{" + members + "}").encode()
    compressor = zlib.compressobj(wbits=-15)
    return [
        ("two user ids", ("{" + members + ',"user_id":"mallory"}').encode()),
        ("two user ids, one escaped", ("{" + members + ',"\\u0075ser_id":"mallory"}').encode()),
        ("the same user id twice", ("{" + members + ',"user_id":"alice"}').encode()),
        ("two exp", ("{" + members + ',"exp":99999999999}').encode()),
        ("two iat", ('{"iat":1,' + members + "}").encode()),
        ("an avatar with two addresses", ("{" + members + ',"avatar":{"image_url":"a","image_url":"b"}}').encode()),
        ("a NUL in the user id", whole.replace(b'"alice"', b'"alice\\u0000"')),
        ("a lone surrogate in the user id", whole.replace(b'"alice"', b'"alice\\udc00"')),
        ("2,000 open lists", b"[" * 2000),
        ("2,000 levels of lists", b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}"),
        ("1,500 levels of objects", b'{"a":' * 1500 + b"1" + b"}" * 1500),
        ("another token", acme.hs.sign(alice(now)).encode()),
        ("another token as text", json.dumps(acme.hs.sign(alice(now))).encode()),
        ("deflated", compressor.compress(whole) + compressor.flush()),
        ("gzipped", gzip.compress(whole, mtime=0)),
        ("a form", b"user_id=alice&plan=pro"),
        ("XML", b"<user_id>alice</user_id>"),
        ("YAML", b"user_id: alice\nplan: pro\n"),
        ("MessagePack", b"\x82\xa7user_id\xa5alice\xa4plan\xa3pro"),
        ("CBOR", b"\xa2guser_idealicedplancpro"),
        ("a pickle", b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}."),
    ]


def _identities(acme: Company, now: float) -> list[Hostile]:
    key = acme.hs
    found = [
        Hostile(f"user_id: {name}", key.sign(alice(now, user_id=user_id)), Reason.USER_ID_MISSING)
        for name, user_id in _USER_IDS.items()
    ]
    without = {name: value for name, value in alice(now).items() if name != "user_id"}
    found.append(Hostile("user_id: absent", key.sign(without), Reason.USER_ID_MISSING))
    found.append(Hostile("user_id: an empty payload", key.sign({}), Reason.USER_ID_MISSING))
    nested = without | {"user": {"user_id": "alice"}}
    found.append(Hostile("user_id: nested", key.sign(nested), Reason.USER_ID_MISSING))
    for name in _OTHER_NAMES:
        shown = name.encode("ascii", "replace").decode()
        found.append(Hostile(f"user_id: as {shown!r}", key.sign(without | {name: "alice"}), Reason.USER_ID_MISSING))
    good = key.sign(alice(now))
    for name, claimed in _CLAIMED.items():
        found.append(
            Hostile(f"identity: the request names {name}", good, Reason.IDENTITY_MISMATCH, unproven_user_id=claimed)
        )
    composed = key.sign(alice(now, user_id="Zo\u00eb"))
    found.append(
        Hostile("identity: another normal form", composed, Reason.IDENTITY_MISMATCH, unproven_user_id="Zoe\u0308")
    )
    number = key.sign(alice(now, user_id=1))
    found.append(
        Hostile("identity: a number and its text with a zero", number, Reason.IDENTITY_MISMATCH, unproven_user_id="01")
    )
    return found
