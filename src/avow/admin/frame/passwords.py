"""How are passwords hashed? Argon2id in threads, a few at once, so that a crowd at the door does not stop the house.

A few more may wait; whoever comes then is told to come back, before anything is counted against her.
Source: RFC 9106 §4 (second recommended option, as argon2-cffi has it); spec §11.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from avow.errors import RateLimited

AT_ONCE: Final = 2
WAITING: Final = 20
_STANDARD: Final = PasswordHasher()


class Argon2:
    """`flow.team.passwords.Passwords`."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or _STANDARD
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._places = AT_ONCE + WAITING
        self._decoy = _decoy(self._hasher)

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of those that wait, or whose password is hashed. Raises `RateLimited` where there are too many."""
        if not self._places:
            raise RateLimited("Very many people are signing in at this moment. Try again in 5 s.", retry_after=5)
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    async def hashed(self, password: str) -> str:
        """A new hash, with a salt of its own."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password_hash: str, raw_password: str) -> bool:
        """Whether the password is the one that was hashed."""
        async with self._turn:
            return await asyncio.to_thread(self._fits, password_hash, raw_password)

    async def decoy(self, raw_password: str) -> None:
        """Take as long as `fits` does, for nobody."""
        await self.fits(self._decoy, raw_password)

    def _fits(self, password_hash: str, raw_password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, raw_password)
        except (VerificationError, InvalidHashError):
            return False


def _decoy(hasher: PasswordHasher) -> str:
    """A hash of nobody's password, which takes as long to look at as others: nobody knows what would fit."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len))
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${costs}${salt}${digest}"
