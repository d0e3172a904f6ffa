"""Texts that must not become HS256 secrets: weak ones, damaged ones, and public keys in disguise."""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from avow.trust.keys import Algorithm
from tests.support.company import Company
from tests.support.registrations.case import HostileKey

RANDOM = base64.urlsafe_b64encode(hashlib.sha384(b"Acme imports this").digest()).decode()

LEGITIMATE_SECRETS = {
    "43 characters of base64url": RANDOM[:43],
    "64 hexadecimal digits": hashlib.sha256(b"hexadecimal").hexdigest(),
    "32 hexadecimal digits": hashlib.md5(b"short", usedforsecurity=False).hexdigest(),
    "a UUID": "9b2e41c7-53d8-4f06-a1b9-7e0c86d23f54",
    "padded base64": base64.b64encode(hashlib.sha256(b"padded").digest()).decode(),
    "letters beyond ASCII": "grün-Öl/9fK2.qLz7~wX4tB8nR1vY6m",
    "blanks inside": "velvet oyster lantern quibble 47 marzipan",
    "a dot in front": "." + RANDOM,
    "quotes": '"' + RANDOM + '"',
    "a typed prefix": "whsec_" + RANDOM,
    "1024 bytes": (RANDOM * 20).replace("A", "~", 3)[:1000] + RANDOM[:24],
    "a placeholder's name in front of random text": "my_app_secret_" + RANDOM,
}

_WELL_KNOWN = (
    "your-256-bit-secret-your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "changeme-changeme-changeme-please-change",
    "this-is-a-very-long-secret-key-for-testing",
    "supersecretpassword-supersecret-password1",
    "please_replace_this_secret_in_production!",
    "insert-your-intercom-messenger-api-secret-here",
    "MY SUPER SECRET SIGNING KEY FOR DEVELOPMENT",
    "keyboard cat keyboard-cat keyboard_cat 123",
    "<YOUR_INTERCOM_IDENTITY_VERIFICATION_SECRET>",
    "qwertyuiopasdfghjklzxcvbnm-qwertyuiop-qwerty",
    "example-key-example-secret-example-token",
)
_UNSEEN = {
    "a NUL": "\0",
    "a line feed": "\n",
    "a tab": "\t",
    "an escape character": "\x1b",
    "a zero-width space": "\u200b",
    "a byte order mark": "\ufeff",
    "a line separator": "\u2028",
    "a right-to-left mark": "\u200f",
}


def hostile_secrets(acme: Company) -> list[HostileKey]:
    """All of them, as bytes of UTF-8."""
    found = [
        *_weak(),
        *((f"well known: {text}", text, "placeholder") for text in _WELL_KNOWN),
        *_damaged(acme),
        *_public(acme),
    ]
    return [HostileKey(f"secret: {name}", Algorithm.HS256, text.encode(), part) for name, text, part in found]


def _weak() -> list[tuple[str, str, str]]:
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return [
        ("no characters", "", "0 bytes"),
        ("31 bytes", RANDOM[:31], "31 bytes"),
        ("30 bytes in 15 characters", "\u00e9\u00fc" * 7 + "\u00f1", "30 bytes"),
        ("1025 bytes", RANDOM * 16 + "x", "1025 bytes"),
        ("one character", "a" * 64, "different characters"),
        ("two characters", "ab" * 32, "different characters"),
        ("binary digits", format(int.from_bytes(hashlib.sha256(b"x").digest()), "b"), "different characters"),
        ("octal digits less one", "0123456" * 9, "different characters"),
        ("one word, again and again", "hunter2!correct" * 4, "repeats"),
        ("a text and a half", "velvet-oyster-lantern-quibble-velvet-oyster-lantern-quibble-velvet", "repeats"),
        ("twice 32 hexadecimal digits", "5d41402abc4b2a76b9719d911017c592" * 2, "repeats"),
        ("deadbeef", "deadbeefcafe1234" * 4, "repeats"),
        ("the alphabet", alphabet, "sequence"),
        ("the alphabet backwards", alphabet[::-1], "sequence"),
        ("doubled letters in order", "aabbccddeeffgghhiijjkkllmmnnooppqq", "sequence"),
        ("counting in hexadecimal", "00112233445566778899aabbccddeeff", "sequence"),
        ("counting", "12345678901234567890123456789012345", "repeats"),
    ]


def _damaged(acme: Company) -> list[tuple[str, str, str]]:
    own = acme.hs.secret
    swapped = own[:20] + own[21] + own[20] + own[22:]
    found = [
        ("a blank in front", " " + RANDOM, "blank"),
        ("a blank behind", RANDOM + " ", "blank"),
        ("two line feeds behind", RANDOM + "\n\n", "blank"),
        ("a no-break space behind", RANDOM + "\u00a0", "blank"),
        ("one of ours cut short", own[:-1], "checksum"),
        ("one of ours with a letter more", own + "x", "checksum"),
        ("one of ours with two letters exchanged", swapped, "checksum"),
        ("one of ours in capitals behind its prefix", "avow_sk_" + own[8:].upper(), "checksum"),
        ("our prefix alone", "avow_sk_" + "0" * 49, "checksum"),
        ("an access token of ours", "avow_at_abcd1234_" + RANDOM[:43], "checksum"),
    ]
    return found + [(f"{name} inside", RANDOM[:20] + one + RANDOM[20:], "character") for name, one in _UNSEEN.items()]


def _public(acme: Company) -> list[tuple[str, str, str]]:
    """What everybody may know, offered as what nobody may know (algorithm confusion)."""
    found: list[tuple[str, str, str]] = []
    for key in acme.asymmetric:
        public = key.private.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        found += [
            (f"{key.kid}'s PEM on one line", key.public_pem.decode().replace("\n", " ").strip(), "PEM"),
            (f"{key.kid}'s base64", base64.b64encode(der).decode(), "DER"),
            (f"{key.kid}'s base64url", base64.urlsafe_b64encode(der).decode().rstrip("="), "DER"),
            (f"{key.kid}'s hexadecimal", der.hex(), "DER"),
            (f"{key.kid}'s SSH line", public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(), "SSH"),
        ]
    return [
        *found,
        ("a PEM of Windows", acme["acme-ec"].public_pem.decode().replace("\n", "\r\n"), "character"),
        ("a PEM's lines without the dashes", "BEGIN PUBLIC KEY " + RANDOM, "PEM"),
        ("a certificate's first line", "-----BEGIN CERTIFICATE-----" + RANDOM, "PEM"),
        ("a private key's first line", "-----BEGIN PRIVATE KEY-----" + RANDOM, "PEM"),
        ("a JWK", json.dumps({"kty": "OKP", "crv": "Ed25519", "x": RANDOM[:43]}), "JWK"),
        ("a set of JWKs", '[{"kty":"oct","k":"' + RANDOM + '"}]', "JWK"),
    ]
