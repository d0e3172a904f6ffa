"""How are REST's credentials made and ended? Access tokens: their text is told once, their digest is kept.

A revoked token stays on the list, so that records that name it can still be read.
Source: spec §3 (channels), §11 (scopes).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from avow.errors import BadInput, NotFound
from avow.flow.bookkeeping.operator_log import entry, log
from avow.flow.contract import OperatorChange, Store
from avow.flow.work import Entropy
from avow.trust.access import AccessToken, Mode, Scope, digest_of, make_text
from avow.trust.contact import WorkspaceId

MAX_NAME: Final = 100
_ID_BYTES: Final = 6
_TEXT_BYTES: Final = 32


class Made(msgspec.Struct, frozen=True):
    """A new access token, and the text that nobody is told again."""

    token: AccessToken
    text: str

    def __repr__(self) -> str:
        """Without the text: a repr ends in logs."""
        return f"Made({self.token.id!r})"


async def make(
    store: Store,
    workspace_id: WorkspaceId,
    *,
    name: str,
    mode: Mode,
    scopes: Sequence[Scope],
    entropy: Entropy,
    actor: str,
) -> Made:
    """Make an access token. Raises `BadInput` for a name or scopes that are none, `NotFound` for no such workspace."""
    _check(name, scopes)
    async with store.rules_transaction(workspace_id) as transaction:
        await transaction.rules()
        made, change = fresh(
            workspace_id, name=name, mode=mode, scopes=scopes, now=transaction.now, entropy=entropy, actor=actor
        )
        await transaction.put_access_token(made.token)
        await transaction.log(change)
    return made


def fresh(
    workspace_id: WorkspaceId,
    *,
    name: str,
    mode: Mode,
    scopes: Sequence[Scope],
    now: float,
    entropy: Entropy,
    actor: str,
) -> tuple[Made, OperatorChange]:
    """A new access token that is not stored yet, and the record that tells of it."""
    text = make_text(workspace_id, entropy(_TEXT_BYTES))
    ordered = tuple(scope for scope in Scope if scope in scopes)
    token = AccessToken(entropy(_ID_BYTES).hex(), workspace_id, name.strip(), digest_of(text), mode, ordered, now)
    about = f"{mode}: {' '.join(ordered)}"
    return Made(token, text), entry(workspace_id, now, entropy, actor, "access_token.make", token.id, "", about)


def _check(name: str, scopes: Sequence[Scope]) -> None:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise BadInput(f"The name is not usable; expected 1 to {MAX_NAME} visible characters.", field="name")
    if not scopes:
        raise BadInput(f"There are no scopes; expected some of {', '.join(Scope)}.", field="scope")


async def every(store: Store, workspace_id: WorkspaceId) -> list[AccessToken]:
    """All of them, oldest first, revoked ones too. Raises `NotFound` for no such workspace."""
    rules = await store.rules(workspace_id)
    if rules is None:
        raise NotFound(f"There is no workspace {workspace_id!r}.", field="workspace")
    return sorted(rules.access_tokens, key=lambda token: (token.created_at, token.id))


async def revoke(
    store: Store, workspace_id: WorkspaceId, token_id: str, *, entropy: Entropy, actor: str
) -> AccessToken:
    """End an access token for good: every process refuses it within a second. Revoking it again changes nothing."""
    async with store.rules_transaction(workspace_id) as transaction:
        known = {token.id: token for token in (await transaction.rules()).access_tokens}
        token = known.get(token_id)
        if token is None:
            raise NotFound(
                f"There is no access token {token_id!r} in this workspace. Its tokens: {', '.join(known) or 'none'}.",
                field="id",
            )
        if token.revoked_at is not None:
            return token
        revoked = msgspec.structs.replace(token, revoked_at=transaction.now)
        await transaction.put_access_token(revoked)
        await log(transaction, workspace_id, entropy, actor, "access_token.revoke", token.id, "live", "revoked")
        return revoked
