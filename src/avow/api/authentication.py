"""Who asks? The access token behind `Authorization: Bearer …`, believed no longer than its workspace's rules are.

- A token that is not known may have been made this instant: the rules are looked up once more before it is refused.
- Unknown, malformed, revoked, of a workspace that is not there: one answer for all of them.
- What it may do is asked of its scopes here, and again in the transaction that writes (`flow/contacts/callers.py`).

Source: RFC 6750 §2.1, §3.1; spec §11.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from starlette.types import Scope

from avow.errors import NotAuthenticated, NotFound
from avow.flow.bookkeeping import identities
from avow.flow.engine import Engine
from avow.trust.access import AccessToken, digest_of, workspace_of
from avow.trust.rules import Rules
from avow.web.request import header

_BEARER: Final = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([!-~]{1,512})\Z")


class Caller(msgspec.Struct, frozen=True):
    """Who asks, and the rules of that workspace as they were when she was recognised."""

    token: AccessToken
    rules: Rules


async def authenticate(scope: Scope, engine: Engine) -> Caller:
    """The caller. Raises `NotAuthenticated`, or `Unavailable` where the rules cannot be confirmed."""
    raw_token = _bearer(scope)
    workspace_id = workspace_of(raw_token) if raw_token is not None else None
    if raw_token is None or workspace_id is None:
        raise _refused()
    digest = digest_of(raw_token)
    try:
        rules = await engine.rulebook.current(workspace_id)
        if digest not in rules.access_tokens:
            await engine.rulebook.refresh()
            rules = await engine.rulebook.current(workspace_id)
    except NotFound:
        raise _refused() from None
    token = rules.access_tokens.get(digest)
    if token is None or token.revoked_at is not None:
        raise _refused()
    identities.called(engine.tally, workspace_id, token.id, engine.now())
    return Caller(token, rules)


def _bearer(scope: Scope) -> str | None:
    raw = header(scope, b"authorization")
    match = _BEARER.match(raw) if raw is not None else None
    return match.group(1).decode("ascii") if match else None


def _refused() -> NotAuthenticated:
    return NotAuthenticated("Access Token Invalid. Send a live one as Authorization: Bearer avow_at_…")
