"""How often may somebody guess? Failures are counted for an account from one address, and for an account at all.

- Five wrong guesses from one address, or fifty from anywhere, within a quarter of an hour: nobody gets in from there
  until it has passed, not even with the right password; the answer to an account that does not exist is the same.
- What is refused unseen is no guess at the account: one address shuts out itself, and adds five to what counts from
  anywhere. What was right is none either.
- What is counted under is a keyed digest: the table tells nobody who tried.

Source: spec §11; NIST SP 800-63B §5.2.2 (throttling).
"""

from __future__ import annotations

import hmac
import math
from typing import Final

import msgspec

from avow.errors import RateLimited
from avow.flow.contract import Store
from avow.flow.rules.sealing import derived

WITHIN: Final = 900
FROM_ONE_ADDRESS: Final = 5
FROM_ANYWHERE: Final = 50


class Guesses(msgspec.Struct, frozen=True):
    """What one attempt counts under: `here` (the account from this address) and `anywhere` (the account)."""

    here: str
    anywhere: str


def guesses(master_key: bytes, kind: str, account: str, address: str) -> Guesses:
    """The keys of an attempt at `account` (a folded e-mail address, a teammate's id) from `address`."""
    secret = derived(master_key, "sign-in")

    def key(*parts: str) -> str:
        return hmac.digest(secret, "\0".join(parts).encode(), "sha256").hex()

    return Guesses(key(kind, account, address), key(kind, account))


async def take(store: Store, of: Guesses, now: float) -> None:
    """Count one guess, before it is looked at: those that come at once count too.

    Raises `RateLimited` where there were too many.
    """
    for key, most in ((of.here, FROM_ONE_ADDRESS), (of.anywhere, FROM_ANYWHERE)):
        await store.team.count_failures([key], now, within=WITHIN)
        for counted in await store.team.failures([key]):
            if counted.count > most:
                wait = max(1, math.ceil(counted.since + WITHIN - now))
                raise RateLimited(f"Too many attempts. Try again in {math.ceil(wait / 60)} min.", retry_after=wait)


async def forget(store: Store, of: Guesses) -> None:
    """She has shown who she is: this was no guess, and what came from here does not count against her."""
    await store.team.forget_failures([of.here])
    await store.team.uncount_failure(of.anywhere)
