"""What happens when somebody asks by REST for other rules: who asks is looked at again where they change, once a key.

- The access token is looked at in the transaction that changes the rules: a revoked one changes nothing any more.
- A retry under the same idempotency key gets the outcome of the first try, which was written in the same transaction.
- Whoever asks may still ask, before an outcome is told to her a second time.

Source: spec §2, §7 (Idempotency-Key), §11 (scopes).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from avow.errors import NotAuthenticated
from avow.flow.contacts.callers import require_scope
from avow.flow.contract import RawRules, Replay, RulesTransaction, Store
from avow.flow.work import Idempotency
from avow.trust.access import AccessToken, Scope
from avow.trust.contact import WorkspaceId

_Outcome = TypeVar("_Outcome")


class Asking(msgspec.Struct, frozen=True):
    """Who asks for a change of rules, which scope that takes, and what makes a retry one with its first try."""

    token: AccessToken
    scope: Scope
    idempotency: Idempotency | None = None

    @property
    def workspace_id(self) -> WorkspaceId:
        """The token's: nobody asks for another workspace."""
        return self.token.workspace_id

    @property
    def actor(self) -> str:
        """How the operators' log names it."""
        return self.token.actor


async def once(
    store: Store,
    asking: Asking,
    outcome: type[_Outcome],
    change: Callable[[RulesTransaction, RawRules], Awaitable[_Outcome]],
) -> _Outcome:
    """Change the rules, or tell again what became of it.

    Raises `NotAuthenticated`, `Forbidden`, `Unprocessable`, and what `change` does; then nothing has changed.
    """
    async with store.rules_transaction(asking.workspace_id) as transaction:
        rules = await transaction.rules()
        _still_standing(rules, asking)
        key = asking.idempotency
        if key is None:
            return await change(transaction, rules)
        if (kept := key.refuse_another(await transaction.replay(key.scope))) is not None:
            return msgspec.json.decode(kept.outcome, type=outcome)
        result = await change(transaction, rules)
        told = msgspec.json.encode(result)
        await transaction.put_replay(Replay(asking.workspace_id, key.scope, key.body, told, transaction.now))
        return result


def _still_standing(rules: RawRules, asking: Asking) -> None:
    known = next((one for one in rules.access_tokens if one.digest == asking.token.digest), None)
    if known is None or known.revoked_at is not None:
        raise NotAuthenticated("The access token has been revoked. Use a live one.")
    require_scope(known, asking.scope)
