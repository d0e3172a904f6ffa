"""Which shape has what a Messenger sends and is told?

Source: contract/intercom-notes.md §3.2, §3.4; spec §4, §10.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from avow.trust.change import Outcome
from avow.trust.contact import Channel
from avow.trust.reasons import Reason
from avow.web.operations import Asked, ContactId, Seconds, Told

_SECRET = "A retry with the same key and body has one effect."


class Boot(Asked, frozen=True, kw_only=True):
    """Who somebody is, and what is said of her."""

    app_id: Annotated[str, Meta(description="The workspace.", examples=["k3v9x2qa"])]
    user_data: Annotated[
        dict[str, Any] | None,
        Meta(
            description="Claims (`user_id`, `email`, `user_hash`), the token (`intercom_user_jwt`), and attributes "
            "outside it."
        ),
    ] = None
    anonymous_session: Annotated[str, Meta(description="The session that the last answer gave.")] | None = None
    referer: Annotated[str, Meta(description="The address of the page.")] | None = None
    r: Annotated[str, Meta(description="Where the visitor came from.")] | None = None
    idempotency_key: Annotated[str, Meta(max_length=255, description=_SECRET)] | None = msgspec.field(
        name="Idempotency-Key", default=None
    )


class Happened(Asked, frozen=True, kw_only=True):
    """One event."""

    event_name: Annotated[str, Meta(min_length=1, max_length=120, examples=["placed-order"])]
    metadata: dict[str, Any] | None = None


class Events(Asked, frozen=True, kw_only=True):
    """The list of events."""

    data: Annotated[list[Happened], Meta(min_length=1, max_length=20)]


class Track(Boot, frozen=True, kw_only=True):
    """What somebody did; a form sends `event_list` as JSON text."""

    event_list: Events


class Line(Told, frozen=True, kw_only=True):
    """What became of one value, and why."""

    name: str
    verdict: Outcome
    reason: Reason | None
    channel: Channel


class Lines(Told, frozen=True, kw_only=True):
    """What became of every value, where the workspace explains verdicts."""

    attributes: list[Line]


class MessengerApp(Told, frozen=True, kw_only=True):
    """The workspace, and on which platforms identities must be proven."""

    id: str
    identity_verification_required: dict[str, bool]


class MessengerUser(Told, frozen=True, kw_only=True):
    """Who it is. To an unproven caller nothing is told that she did not say."""

    id: ContactId | None
    role: Literal["user_role", "contact_role", "visitor_role"]
    anonymous_id: str | None
    user_id: str | None
    has_conversations: bool


class Pinged(Told, tag_field="type", tag="user.ping", frozen=True, kw_only=True):
    """What a Messenger is told."""

    app: MessengerApp
    user: MessengerUser
    anonymous_session: str | None
    identity_verified: bool
    jwt_expired: bool
    session_expiry: Seconds | None
    cdas_breaching_limit: bool
    modules: dict[str, Any]
    launcher_settings: dict[str, Any]
    unread_conversation_ids: list[str]
    receipt: Lines | UnsetType = UNSET


class Tracked(Told, tag_field="type", tag="event.list", frozen=True, kw_only=True):
    """How many events were taken."""

    count: int
    anonymous_session: str | None
