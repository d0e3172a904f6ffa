"""How does a company's backend vouch for a fact? `avow.sign` makes the token that a browser then carries to Avow.

    token = avow.sign("user-1", {"plan": "pro", "seats": 12}, key=os.environ["AVOW_SIGNING_SECRET"], kid="acme")

- `iat` and `exp` are always set: a token without them could be replayed for ever.
- What Avow would refuse or ignore under any rules is an error here, where it can still be mended.
- Nothing of the server is loaded; `cryptography` only for RS256, ES256 and Ed25519.

Source: spec §4; RFC 7515 §7.1, RFC 7518 §3, RFC 8037 §3.1.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Final

from avow.errors import BadInput
from avow.trust.secret import register_secret
from avow.trust.token_checks.form import MAX_TOKEN, encode
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of
from avow.trust.weighing.names import ALIASES, fault_of, fold, replaced

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

Value = str | int | float | bool | datetime | None
"""What an attribute may be given as. `None` clears it; a `datetime` (with a zone) becomes Unix seconds."""

_MAX_LIFETIME: Final = 10 * 366 * 24 * 3600
_INTEGERS: Final = (-(2**63), 2**63 - 1)
_MILLISECONDS: Final = 100_000_000_000
_MAX_KID: Final = 128
_MAX_TEXT: Final = 255
_MAX_ADDRESS: Final = 2048
_HALF: Final = 32
_LEAST_RSA_BITS: Final = 2048


class CannotSign(BadInput, ValueError):
    """What was given cannot be signed as asked. `field` names the argument, or the attribute, that is at fault."""


def sign(
    user_id: str | int,
    attributes: Mapping[str, Value | Mapping[str, Value]] | None = None,
    *,
    key: str,
    kid: str | None = None,
    algorithm: str = "HS256",
    expires_in: float = 3600,
    issuer: str | None = None,
    audience: str | None = None,
    now: float | None = None,
) -> str:
    """A token that vouches for these attributes of this user, to be passed as `intercom_user_jwt`.

    `key` is the secret as shown (HS256), or an unencrypted private key as PEM text (RS256, ES256, EdDSA, Ed25519).
    `kid` names the key in Avow; name it wherever more than one may be live. `expires_in` is in seconds, `now` in Unix
    seconds (default: the clock). `avatar` is the only attribute that may be a mapping. `issuer` and `audience` are for
    workspaces that expect them. Raises `CannotSign`, a `ValueError`. Not checked here: an attribute's type and lock.
    """
    claims: dict[str, object] = {"user_id": _user_id(user_id), **_attributes({} if attributes is None else attributes)}
    issued_at, expires_at = _times(time.time() if now is None else now, expires_in)
    claims |= {"iat": issued_at, "exp": expires_at}
    parties = (("iss", "issuer", issuer), ("aud", "audience", audience))
    claims |= {claim: _text(field, party) for claim, field, party in parties if party is not None}
    signer = _signer(algorithm, key)
    signed = f"{_part(_header(algorithm, kid))}.{_part(claims)}"
    token = f"{signed}.{encode(signer(signed.encode()))}"
    if len(token) > MAX_TOKEN:
        raise CannotSign(
            f"the token has {len(token)} characters; expected at most {MAX_TOKEN}: sign fewer or shorter attributes",
            field="attributes",
        )
    return token


def _user_id(raw_user_id: object) -> str:
    user_id = user_id_of(raw_user_id)
    if user_id is None:
        raise CannotSign(
            f"the user_id is unusable; expected 1 to {MAX_USER_ID} characters, not only blanks", field="user_id"
        )
    return _text("user_id", user_id)


def _attributes(raw_attributes: object) -> dict[str, object]:
    if not isinstance(raw_attributes, Mapping):
        raise CannotSign("the attributes are no mapping; expected names and values", field="attributes")
    claims, meant = dict[str, object](), dict[str, str]()
    for raw_name, value in raw_attributes.items():
        name = _name(raw_name)
        plain = replaced(name)
        other = meant.setdefault(fold(ALIASES.get(plain, plain)), name)
        if other is not name:
            raise CannotSign(f"{other!r} and {name!r} are one attribute; leave one of them out", field=name)
        claims[name] = _value(name, value)
    return claims


def _name(raw_name: object) -> str:
    if not isinstance(raw_name, str):
        raise CannotSign("an attribute's name is not text; expected a string", field="attributes")
    fault = fault_of(_text("attributes", raw_name))
    if fault is not None:
        raise CannotSign(f"{raw_name!r} cannot name an attribute ({fault}); leave it out", field=raw_name)
    return raw_name


def _value(name: str, value: object) -> object:
    if name == "avatar" and isinstance(value, Mapping):
        return {_text(name, member): _scalar(name, content) for member, content in value.items()}
    return _scalar(name, value)


def _scalar(name: str, value: object) -> object:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise CannotSign(f"{name} is a datetime without a zone; expected one with a zone", field=name)
        return floor(value.timestamp())
    if isinstance(value, str):
        longest = _MAX_ADDRESS if name == "avatar" else _MAX_TEXT
        if len(value) > longest:
            raise CannotSign(f"{name} has {len(value)} characters; expected at most {longest}", field=name)
        return _text(name, value)
    if isinstance(value, float) and not isfinite(value):
        raise CannotSign(f"{name} is not a finite number; expected one that is, or None", field=name)
    if isinstance(value, int) and not _INTEGERS[0] <= value <= _INTEGERS[1]:
        raise CannotSign(f"{name} does not fit 64 bits; expected a smaller number, or text", field=name)
    if value is None or isinstance(value, int | float):
        return value
    found = type(value).__name__
    raise CannotSign(f"{name} is a {found}; expected text, a number, a boolean, a datetime or None", field=name)


def _text(field: str, text: object) -> str:
    if not isinstance(text, str):
        raise CannotSign(f"{field} is a {type(text).__name__}; expected text", field=field)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise CannotSign(f"{field} holds U+0000 or a lone surrogate; expected text without them", field=field)
    return text


def _times(now: float, expires_in: float) -> tuple[int, int]:
    if not _is_number(expires_in) or not 0 < expires_in <= _MAX_LIFETIME:
        message = f"expires_in is out of range; expected seconds, more than 0 and at most {_MAX_LIFETIME}"
        raise CannotSign(message, field="expires_in")
    if not _is_number(now) or not 0 <= now < _MILLISECONDS:
        raise CannotSign("now is out of range; expected Unix seconds", field="now")
    return floor(now), floor(now) + ceil(expires_in)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _header(algorithm: str, kid: object) -> dict[str, str]:
    if kid is None:
        return {"alg": algorithm, "typ": "JWT"}
    if not (
        isinstance(kid, str) and 0 < len(kid) <= _MAX_KID and kid.isascii() and kid.isprintable() and " " not in kid
    ):
        raise CannotSign(f"the kid is unusable; expected 1 to {_MAX_KID} visible ASCII characters", field="kid")
    return {"alg": algorithm, "typ": "JWT", "kid": kid}


def _part(members: Mapping[str, object]) -> str:
    return encode(json.dumps(members, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())


def _signer(algorithm: str, key: str) -> Callable[[bytes], bytes]:
    if not isinstance(key, str):
        raise CannotSign("the key is not text; expected the secret as shown, or a private key as PEM text", field="key")
    if algorithm == "HS256":
        secret = _secret(key)
        return lambda signed: hmac.digest(secret, signed, "sha256")
    if algorithm in ("RS256", "ES256", "EdDSA", "Ed25519"):
        return _private_signer(algorithm, key)
    raise CannotSign("the algorithm is unknown; expected HS256, RS256, ES256, EdDSA or Ed25519", field="algorithm")


def _secret(key: str) -> bytes:
    try:
        return register_secret(key)
    except BadInput as error:
        raise CannotSign(error.message, field="key") from None


def _private_signer(algorithm: str, pem: str) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    private = _private_key(pem)
    if algorithm == "RS256" and isinstance(private, rsa.RSAPrivateKey) and private.key_size >= _LEAST_RSA_BITS:
        return lambda signed: private.sign(signed, padding.PKCS1v15(), SHA256())
    if algorithm == "ES256" and isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name == "secp256r1":

        def raw_signature(signed: bytes) -> bytes:
            r, s = utils.decode_dss_signature(private.sign(signed, ec.ECDSA(SHA256())))
            return r.to_bytes(_HALF) + s.to_bytes(_HALF)

        return raw_signature
    if algorithm in ("EdDSA", "Ed25519") and isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign
    raise CannotSign(
        f"the private key does not fit {algorithm}; expected RSA of {_LEAST_RSA_BITS} bits or more for RS256, "
        "P-256 for ES256, Ed25519 for EdDSA",
        field="key",
    )


def _private_key(pem: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem.encode("utf-8", "replace"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CannotSign(
            "the key cannot be read; expected an unencrypted private key as PEM text", field="key"
        ) from None
