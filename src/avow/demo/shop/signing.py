"""What does the shop's backend sign, and what might a cheat have kept of it?

- `token` is what an honest backend gives a page: a fact sheet, good for an hour.
- `pockets` is what Mallory could have in hers: tokens that were once hers, somebody else's, and some that she has bent.

Nothing here knows more than Mallory could: her pockets are filled with what she was given, or can make up.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any, Final

import avow
from avow.demo.company import Secrets
from avow.demo.shop.customers import Customer

DAY: Final = 86_400


def token(secrets: Secrets, customer: Customer, *, ago: float = 0, lasting: float = 3600, **instead: Any) -> str:
    """A token about a customer, signed `ago` seconds ago."""
    facts = {**customer.facts, **instead}
    at = time.time() - ago
    return avow.sign(customer.user_id, facts, key=secrets.secret, kid=secrets.kid, expires_in=lasting, now=at)


def pockets(secrets: Secrets, customer: Customer, other: Customer) -> dict[str, str]:
    """Tokens to cheat with."""
    honest = token(secrets, customer)
    return {
        "honest": token(secrets, customer, plan="enterprise") if customer.plan == "enterprise" else honest,
        "expired": token(secrets, customer, ago=2 * DAY, lasting=DAY, plan="enterprise", seats=50),
        "yesterday": token(secrets, customer, ago=DAY, lasting=30 * DAY, plan="enterprise", seats=50),
        "others": token(secrets, other),
        "forged": avow.sign(
            customer.user_id,
            {**customer.facts, "plan": "enterprise"},
            key="what Mallory believes to be the secret of Acme's backend",
            kid=secrets.kid,
        ),
        "unsigned": _unsigned(customer),
        "hashed": _hashed(secrets, customer),
    }


def user_hash(secrets: Secrets, text: str) -> str:
    """The legacy proof of identity over any text that calls itself a user id. It is a MAC under a key of its own."""
    return hmac.new(secrets.hash_secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _unsigned(customer: Customer) -> str:
    claims = {"user_id": customer.user_id, "plan": "enterprise", "iat": int(time.time()), "exp": int(time.time()) + 600}
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.{_encoded(b'none')}"


def _hashed(secrets: Secrets, customer: Customer) -> str:
    """The legacy hash of a user id that *is* the signed part of a token: the same arithmetic as a signature."""
    claims = {"user_id": customer.user_id, "plan": "enterprise", "iat": int(time.time()), "exp": int(time.time()) + 600}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_encoded(bytes.fromhex(user_hash(secrets, signed)))}"


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
