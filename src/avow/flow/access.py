"""How are REST's credentials made and ended? Access tokens: their text is told once, their digest is kept.

A revoked token stays on the list, so that records that name it can still be read. A token that is asked for
by its id is made once, however often that is sent.
Source: spec §3 (channels), §11 (scopes).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from avow.errors import BadInput, Conflict, NotFound
from avow.flow.bookkeeping.operator_log import entry, log
from avow.flow.contract import OperatorChange, Store
from avow.flow.work import Entropy
from avow.trust.access import AccessToken, Mode, Scope, digest_of, make_text
from avow.trust.contact import WorkspaceId

MAX_NAME: Final = 100
_ID_BYTES: Final = 6
_ID: Final = re.compile(r"[0-9a-f]{12}\Z")
_TEXT_BYTES: Final = 32


class Made(msgspec.Struct, frozen=True):
    """A new access token, and the text that nobody is told again."""

    token: AccessToken
    text: str

    def __repr__(self) -> str:
        """Without the text: a repr ends in logs."""
        return f"Made({self.token.id!r})"


def fresh_id(entropy: Entropy) -> str:
    """An id that no token has."""
    return entropy(_ID_BYTES).hex()


async def make(
    store: Store,
    workspace_id: WorkspaceId,
    *,
    name: str,
    mode: Mode,
    scopes: Sequence[Scope],
    entropy: Entropy,
    actor: str,
    raw_id: str | None = None,
) -> Made:
    """Make an access token. Raises `BadInput` for a name or scopes that are none, `NotFound` for no such workspace.

    `raw_id` is one of `fresh_id`, where it is asked for by that; raises `Conflict` where it has been made already.
    """
    _check(name, scopes)
    if raw_id is not None and not _ID.match(raw_id):
        raise BadInput("This is no id of an access token. Open the form again.", field="id")
    async with store.rules_transaction(workspace_id) as transaction:
        known = {token.id for token in (await transaction.rules()).access_tokens}
        if raw_id in known:
            raise Conflict(
                "This access token was made already, and its text is told once. If you do not have it, revoke it and "
                "make another.",
                field="id",
            )
        made, change = fresh(
            workspace_id,
            name=name,
            mode=mode,
            scopes=scopes,
            now=transaction.now,
            entropy=entropy,
            actor=actor,
            token_id=raw_id,
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
    token_id: str | None = None,
) -> tuple[Made, OperatorChange]:
    """A new access token that is not stored yet, and the record that tells of it."""
    text = make_text(workspace_id, entropy(_TEXT_BYTES))
    ordered = tuple(scope for scope in Scope if scope in scopes)
    its_id = token_id or fresh_id(entropy)
    token = AccessToken(its_id, workspace_id, name.strip(), digest_of(text), mode, ordered, now)
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
