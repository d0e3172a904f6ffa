"""Who is signed in? Sessions: begun after a password, complete after a second factor where there is one, seen, ended.

- A cookie's text names the workspace and holds 256 random bits; the store keeps its digest.
- A session ends after 7 days without use, 30 days in any case, and half an hour after a password whose second factor
  never came.
- When the second factor has come the session gets a new text: one that was planted before is worth nothing.
- Comparing a password takes a while. Where a session begins, whoever showed who she is still is here, with the password
  that was compared; a change of it ends her other sessions in the transaction that makes it.

Source: spec §11; OWASP Session Management Cheat Sheet.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

import msgspec

from avow.errors import NotAuthenticated, NotFound
from avow.flow.contract import Store, Teammate, TeammateSession, TeamTransaction
from avow.flow.team.roles import Present
from avow.flow.work import Entropy
from avow.trust.contact import WorkspaceId

IDLE: Final = 7 * 86_400
LONGEST: Final = 30 * 86_400
UNFINISHED: Final = 1_800
SEEN_EVERY: Final = 60
_FORM: Final = re.compile(r"([a-z0-9]{8})\.([A-Za-z0-9_-]{43})\Z")
MAX_AGENT: Final = 80
NOT_TOGETHER: Final = "This e-mail address and this password do not belong together."


class Begun(msgspec.Struct, frozen=True):
    """A new session, and the text that only the browser keeps."""

    session: TeammateSession
    text: str

    def __repr__(self) -> str:
        """Without the text: a repr ends in logs."""
        return f"Begun({self.session.teammate_id!r})"


class Place(msgspec.Struct, frozen=True):
    """Where a browser is, as far as can be told: its address, and what it calls itself."""

    address: str
    agent: str


async def begin(
    store: Store,
    teammate: Teammate,
    place: Place,
    *,
    complete: bool,
    now: float,
    entropy: Entropy,
    instead_of: str = "",
) -> Begun:
    """A session for somebody who has shown who she is; `complete` is False while a second factor is due.

    It comes instead of the one with the digest `instead_of`, if one is named. Raises `NotAuthenticated` where that one
    has ended, or where she left or has another password than `teammate` says.
    """
    text = secret_text(teammate.workspace_id, entropy)
    digest = digest_of(text)
    agent = place.agent[:MAX_AGENT]
    session = TeammateSession(
        teammate.workspace_id, digest, teammate.id, now, now, place.address, agent, complete=complete
    )
    async with store.team_transaction(teammate.workspace_id) as transaction:
        await _require_still(transaction, teammate)
        if instead_of and not await transaction.end_session(instead_of):
            raise NotAuthenticated("You were signed out meanwhile. Sign in again.")
        await transaction.begin_session(session)
    return Begun(session, text)


async def _require_still(transaction: TeamTransaction, teammate: Teammate) -> None:
    for one in await transaction.teammates():
        if one.id == teammate.id and one.password_hash == teammate.password_hash:
            return
    raise NotAuthenticated(NOT_TOGETHER)


async def present(store: Store, raw_text: str, now: float) -> Present | None:
    """Whose session a cookie's text is, if it is one that still lasts; it is noted that it was seen."""
    workspace_id = workspace_of(raw_text)
    if workspace_id is None:
        return None
    found = await store.team.session(workspace_id, digest_of(raw_text))
    if found is None or not _lasts(found[0], now):
        return None
    session, teammate = found
    if now - session.last_seen_at >= SEEN_EVERY:
        await store.team.see_session(workspace_id, session.digest, now)
    return Present(teammate, session)


def _lasts(session: TeammateSession, now: float) -> bool:
    if not session.complete:
        return now - session.created_at < UNFINISHED
    return now - session.last_seen_at < IDLE and now - session.created_at < LONGEST


async def every(store: Store, teammate: Teammate, now: float) -> list[TeammateSession]:
    """Her sessions that last, the one seen last first."""
    found = await store.team.sessions(teammate.workspace_id, teammate.id)
    return [one for one in found if one.complete and _lasts(one, now)]


async def end(store: Store, teammate: Teammate, raw_digest: str) -> None:
    """End one of her own sessions. Raises `NotFound` for another's."""
    for one in await store.team.sessions(teammate.workspace_id, teammate.id):
        if one.digest == raw_digest:
            await store.team.end_session(teammate.workspace_id, one.digest)
            return
    raise NotFound("There is no such session of yours. It may have ended already.", field="session")


async def end_others(store: Store, here: Present) -> None:
    """End all of her sessions but the one she asks from."""
    async with store.team_transaction(here.home) as transaction:
        await transaction.end_sessions(here.teammate.id, but=here.session.digest)


def secret_text(workspace_id: WorkspaceId, entropy: Entropy) -> str:
    """A new text of a cookie or a link: the workspace, and 256 random bits."""
    return f"{workspace_id}.{base64.urlsafe_b64encode(entropy(32)).rstrip(b'=').decode()}"


def workspace_of(raw_text: str) -> WorkspaceId | None:
    """The workspace that such a text names, or None where it has not that form."""
    match = _FORM.match(raw_text)
    return WorkspaceId(match.group(1)) if match else None


def digest_of(text: str) -> str:
    """What is stored instead of the text."""
    return hashlib.sha256(text.encode()).hexdigest()
