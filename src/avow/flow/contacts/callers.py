"""May this access token still do what it asks, now that its request has reached the transaction that writes?

It was known a moment ago; it may have been revoked, or turned from vouching to relaying, since. Source: spec §3, §11.
"""

from __future__ import annotations

import msgspec

from avow.errors import Forbidden, NotAuthenticated
from avow.flow.contract import LookupKey
from avow.flow.desk import Desk
from avow.flow.work import Idempotency, Wants
from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.contact import Channel, ContactId, WorkspaceId


class Speaker(msgspec.Struct, frozen=True):
    """In whose name values are written: by which channel, as whom records name it, and whether it vouches for them.

    `name` is what people call it.
    """

    channel: Channel
    actor: str
    mode: Mode
    name: str

    @classmethod
    def of(cls, token: AccessToken) -> Speaker:
        """Who speaks in a REST request."""
        return cls(Channel.API, token.actor, token.mode, token.name)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The part that all works have which an access token asks for."""

    token: AccessToken
    idempotency: Idempotency | None = None

    @property
    def workspace_id(self) -> WorkspaceId:
        """The token's: nobody asks for another workspace."""
        return self.token.workspace_id

    def authenticate(self, desk: Desk) -> None:
        """Raises `NotAuthenticated` or `Forbidden` where the token may not ask for this any more."""
        standing_token(desk, self.token, Scope.WRITE_CONTACTS)

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more than `wants`."""
        return ()


class AskedOf(Asked, frozen=True, kw_only=True):
    """The same for works about one contact."""

    contact_id: ContactId

    def wants(self) -> Wants:
        """The contact."""
        return Wants(ids=(self.contact_id,))


def standing_token(desk: Desk, token: AccessToken, scope: Scope) -> AccessToken:
    """The token as today's rules have it. Raises `NotAuthenticated` once revoked, `Forbidden` without the scope."""
    known = desk.rules.access_tokens.get(token.digest)
    if known is None or known.revoked_at is not None:
        raise NotAuthenticated("The access token has been revoked. Use a live one.")
    require_scope(known, scope)
    return known


def require_scope(token: AccessToken, scope: Scope) -> None:
    """Raise `Forbidden`, naming the scope, unless the token has it."""
    if scope not in token.scopes:
        raise Forbidden(f"This access token has not the scope {scope}. Use one that has, or make a token with it.")


def require_vouching(token: AccessToken, to: str = "vouch for a value") -> None:
    """Raise `Forbidden` for a token that only writes back what it read: it cannot vouch for anything.

    `to` says what it cannot do, in words.
    """
    if token.mode is not Mode.VOUCHING:
        raise Forbidden(f"This access token relays, so it cannot {to}. Use a vouching one.")
