"""What a Messenger is told: Intercom's fields, and the receipt where the workspace explains its verdicts.

Source: contract/intercom-notes.md §3.4; spec §5.7, §6 "Receipt".
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from avow.flow.updates.sessions import anonymous_id, digest
from avow.flow.updates.submissions import Receipt
from avow.trust.change import Verdict
from avow.trust.contact import Role
from avow.trust.policy import MessengerSecurity, Platform
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.token import Claims

_ROLES: Final = {Role.USER: "user_role", Role.LEAD: "contact_role", Role.VISITOR: "visitor_role"}
_FULL: Final = Reason.ATTRIBUTE_LIMIT
_USER, _REQUIRED = Role.USER, MessengerSecurity.REQUIRED
_encode = msgspec.json.Encoder().encode


class _Line(msgspec.Struct, frozen=True):
    name: str
    verdict: str
    reason: str | None
    channel: str


class _User(msgspec.Struct, frozen=True):
    id: str | None
    role: str
    anonymous_id: str | None
    user_id: str | None
    has_conversations: bool = False


class _App(msgspec.Struct, frozen=True):
    id: str
    identity_verification_required: dict[Platform, bool]


class _Ping(msgspec.Struct, frozen=True, omit_defaults=True):
    type: str
    app: _App
    user: _User
    anonymous_session: str | None
    identity_verified: bool
    jwt_expired: bool
    session_expiry: int | None
    cdas_breaching_limit: bool
    modules: dict[str, Any]
    launcher_settings: dict[str, Any]
    unread_conversation_ids: tuple[str, ...]
    receipt: dict[str, tuple[_Line, ...]] | None = None


def render_ping(receipt: Receipt, rules: Rules, session: str | None, claims: Claims | None) -> bytes:
    """The answer to a ping. To an unproven caller the contact has no id and no history."""
    told = receipt.as_told()
    body = _Ping(
        "user.ping",
        _app(rules),
        _User(
            receipt.contact_id if receipt.proven else None,
            _ROLES[receipt.role],
            anonymous_id(digest(session)) if session is not None else None,
            receipt.external_id if receipt.proven else None,
        ),
        session,
        receipt.proven and receipt.role is _USER,
        False,
        int(claims.expires_at) if claims is not None and claims.expires_at is not None else None,
        any(verdict.reason is _FULL for verdict in told),
        {},
        {},
        (),
        {"attributes": tuple(_line(verdict) for verdict in told)} if rules.policy.explain_verdicts else None,
    )
    return _encode(body)


def render_events(count: int, session: str | None) -> bytes:
    """The answer to an events request."""
    return _encode({"type": "event.list", "count": count, "anonymous_session": session})


def _line(verdict: Verdict) -> _Line:
    return _Line(verdict.name, verdict.verdict, verdict.reason, verdict.channel)


def _app(rules: Rules) -> _App:
    required = {platform: security is _REQUIRED for platform, security in rules.policy.messenger_security.items()}
    return _App(rules.workspace_id, required)
