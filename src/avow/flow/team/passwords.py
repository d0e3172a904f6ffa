"""What makes a password usable, and who hashes it? The rules are here, the hashing (Argon2id) is handed in.

- At least 12 characters, nothing that is guessed first, nothing of her own address. No other rules: they make passwords
  shorter to guess, not longer.
- What is compared takes as long for an address that nobody has (`decoy`).

Source: NIST SP 800-63B §5.1.1.2; RFC 9106.
"""

from __future__ import annotations

import unicodedata
from contextlib import AbstractContextManager
from typing import Final, Protocol

from avow.errors import BadInput

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 256
_LEAST_DISTINCT: Final = 5
_GUESSED_FIRST: Final = ("password", "passwort", "123456", "qwerty", "letmein", "iloveyou", "welcome", "avow")


class Hashing(Protocol):
    """Hashes passwords: slowly, on purpose."""

    async def hashed(self, password: str) -> str: ...


class Passwords(Hashing, Protocol):
    """Hashes and compares them, outside the event loop. `decoy` takes as long as `fits`, for nobody.

    `place` is held by whoever waits for one of these, and by whatever it writes before. It raises `RateLimited` where
    too many wait.
    """

    def place(self) -> AbstractContextManager[None]: ...
    async def fits(self, password_hash: str, raw_password: str) -> bool: ...
    async def decoy(self, raw_password: str) -> None: ...


def check_password(raw_password: str, email: str) -> str:
    """The password as it is hashed (Unicode NFKC), if it can be one. Raises `BadInput`."""
    if len(raw_password) < MIN_PASSWORD:
        raise BadInput(
            f"The password has {len(raw_password)} characters; use at least {MIN_PASSWORD}. Some words that only you "
            "put together are easier to keep in mind than signs.",
            field="password",
        )
    if len(raw_password) > MAX_PASSWORD:
        raise BadInput(f"The password has more than {MAX_PASSWORD} characters; use fewer.", field="password")
    password = normal(raw_password)
    folded = password.casefold()
    rest = folded
    for word in (*_GUESSED_FIRST, email.casefold().partition("@")[0]):
        rest = rest.replace(word, "")
    if len(rest) < MIN_PASSWORD // 2 or len(set(folded)) < _LEAST_DISTINCT:
        raise BadInput("This password is among the first that are guessed; use another one.", field="password")
    return password


def normal(raw_password: str) -> str:
    """The form in which a password is hashed: what looks the same on two keyboards is the same."""
    return unicodedata.normalize("NFKC", raw_password)
