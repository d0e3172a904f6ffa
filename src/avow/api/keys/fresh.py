"""What becomes of a key that REST has just made or changed? It is registered, and this process knows it at once."""

from __future__ import annotations

import contextlib
from typing import Final

from avow.api.exchange import Call
from avow.errors import AvowError
from avow.flow import keys
from avow.flow.engine import Engine
from avow.trust.keys import SigningKey

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"


def fresh_kid(call: Call) -> str:
    """A kid that nobody has chosen."""
    return "key-" + "".join(_ALPHABET[octet % 32] for octet in call.engine.entropy(10))


async def added(call: Call, key: SigningKey) -> None:
    """Register a key in the caller's name. Raises `Conflict` where its kid or its material is taken."""
    engine = call.engine
    await keys.add(
        engine.store,
        call.workspace_id,
        key,
        master_key=engine.master_key,
        entropy=engine.entropy,
        actor=call.caller.token.actor,
    )
    await read_again(engine)


async def read_again(engine: Engine) -> None:
    """Let this process's reads follow at once; writes do so by themselves, and what was changed stays changed."""
    with contextlib.suppress(AvowError):
        await engine.rulebook.confirm()
