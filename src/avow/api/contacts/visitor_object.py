"""What does a visitor look like to Intercom's clients? The older object, with `user_id` for the id of the browser.

- `user_id` is null for a visitor who came before browsers' ids were kept. What Avow does not keep is there, empty.
- What nobody has said stays null: the object may be sent back, and would make a fact of it.
- `las_request_at` is misspelt in Intercom's schema and `last_request_at` in its examples: both are told.

Source: contract/intercom-openapi.yaml, schema `visitor`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from avow.api.rendering import values_of
from avow.trust.contact import Contact
from avow.trust.rules import Rules

_PLAIN: Final = ("referrer", "utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term")


def visitor_object(
    visitor: Contact, rules: Rules, user_id: str | None, tags: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The visitor as JSON; `tags` are those that she wears."""
    standard, custom = values_of(visitor, rules)
    created_at, owner = int(visitor.created_at), standard.get("owner_id")
    seen_at = None if visitor.last_seen_at is None else int(visitor.last_seen_at)
    return {
        "type": "visitor",
        "id": visitor.id,
        "user_id": user_id,
        "anonymous": True,
        "email": standard.get("email") or "",
        "phone": standard.get("phone"),
        "name": standard.get("name"),
        "pseudonym": None,
        "avatar": {"type": "avatar", "image_url": standard.get("avatar")},
        "app_id": visitor.workspace_id,
        "companies": {"type": "company.list", "companies": []},
        "location_data": {},
        "las_request_at": seen_at,
        "last_request_at": seen_at,
        "created_at": created_at,
        "remote_created_at": created_at,
        "signed_up_at": standard.get("signed_up_at"),
        "updated_at": int(visitor.updated_at),
        "session_count": 0,
        "social_profiles": {"type": "social_profile.list", "social_profiles": []},
        "owner_id": None if owner is None else str(owner),
        "unsubscribed_from_emails": bool(standard.get("unsubscribed_from_emails")),
        "marked_email_as_spam": False,
        "has_hard_bounced": False,
        "tags": {"type": "tag.list", "tags": [*tags]},
        "segments": {"type": "segment.list", "segments": []},
        "custom_attributes": custom,
        **{name: standard.get(name) for name in _PLAIN},
        "do_not_track": None,
    }
