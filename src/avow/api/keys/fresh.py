"""What becomes of a key that REST has just made or changed? It is registered once, and this process knows it at once.

Source: spec §7 (Idempotency-Key).
"""

from __future__ import annotations

import contextlib
from typing import Final

from avow.api.exchange import Call
from avow.errors import AvowError, Conflict
from avow.flow import keys
from avow.flow.engine import Engine
from avow.flow.rules.asking import Asking
from avow.trust.access import Scope
from avow.trust.keys import SigningKey

TO_KEEP_KEYS: Final = "make or end keys, which vouch for everything"
"""What a relaying access token cannot do."""
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"


def fresh_kid(call: Call) -> str:
    """A kid that nobody has chosen."""
    return "key-" + "".join(_ALPHABET[octet % 32] for octet in call.engine.entropy(10))


def asking(call: Call) -> Asking:
    """Who asks for another set of keys, and what makes a retry one with its first try."""
    return Asking(call.caller.token, Scope.WRITE_KEYS, call.idempotency)


async def registered(call: Call, key: SigningKey) -> SigningKey:
    """The key, registered in the caller's name, by this request or by its first try.

    Raises `Conflict` where its kid or its material is taken.
    """
    return await _first(call, key) or key


async def made(call: Call, key: SigningKey) -> None:
    """Register a key whose secret was made here. Raises `Conflict` for a retry too: a secret is kept nowhere."""
    first = await _first(call, key)
    if first is not None:
        message = (
            f"This request has made the key {first.kid!r} already. Its secret was shown once, in the first answer, and "
            "is not kept for another. If that answer never arrived, revoke the key and make another one."
        )
        raise Conflict(message, field="Idempotency-Key")


async def _first(call: Call, key: SigningKey) -> SigningKey | None:
    engine = call.engine
    known = await keys.add_asked(engine.store, asking(call), key, master_key=engine.master_key, entropy=engine.entropy)
    await read_again(engine)
    return known


async def read_again(engine: Engine) -> None:
    """Let this process's reads follow at once; writes do so by themselves, and what was changed stays changed."""
    with contextlib.suppress(AvowError):
        await engine.rulebook.confirm()
