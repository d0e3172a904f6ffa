"""What does a contact look like to Intercom's clients? Every field of theirs, in the type that they expect.

- A custom attribute that was never written is absent; one that was cleared is `null`; an archived one is not shown.
- What Avow does not keep (devices, e-mail bounces, replies) is there, empty.

Source: contract/intercom-notes.md §4.3; contract/intercom-openapi.yaml, schema `contact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from avow.api.versions import OWNER_AS_TEXT, Version
from avow.flow.contacts import today
from avow.flow.contacts.telling import verdict_object
from avow.trust.change import Verdict
from avow.trust.contact import Contact, Scalar
from avow.trust.rules import Rules

MOST_SHOWN: Final = 10
"""How many tags, notes or companies a contact's answer shows; `url` leads to all of them."""
_DEVICES: Final = ("app_name", "app_version", "device", "os_version", "sdk_version", "last_seen_at")
_EMPTY: Final = ("last_replied_at", "last_contacted_at", "last_email_opened_at", "last_email_clicked_at")
_PLAIN: Final = ("language_override", "browser_language", "referrer")
_UTM: Final = ("utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term")
_LISTS: Final = {
    "tags": "tags",
    "notes": "notes",
    "companies": "companies",
    "opted_out_subscription_types": "subscriptions",
    "opted_in_subscription_types": "subscriptions",
}
FIELDS: Final = frozenset(
    "type id workspace_id external_id role email email_domain phone name avatar owner_id social_profiles "
    "has_hard_bounced marked_email_as_spam unsubscribed_from_emails created_at updated_at signed_up_at last_seen_at "
    "browser browser_version os location custom_attributes enabled_push_messaging merge_history receipt "
    "archived blocked".split()
).union(_EMPTY, _PLAIN, _UTM, _LISTS, (f"{system}_{name}" for system in ("android", "ios") for name in _DEVICES))
"""Every name that a contact's answer has: what was read may be sent back."""


class Attached(msgspec.Struct, frozen=True):
    """What hangs on a contact, of one kind: the newest ones as JSON, at most `MOST_SHOWN`, and how many there are."""

    data: tuple[dict[str, Any], ...] = ()
    total: int = 0


class Beside(msgspec.Struct, frozen=True):
    """What of a contact is not in its own row, read beside it (`contacts/answers.py`). None: not asked for."""

    tags: Attached = Attached()
    notes: Attached = Attached()
    companies: Attached = Attached()
    opted_out_subscription_types: Attached = Attached()
    opted_in_subscription_types: Attached = Attached()
    merge_history: tuple[dict[str, Any], ...] | None = None


_NOTHING: Final = Beside()


def contact_object(contact: Contact, rules: Rules, version: Version, beside: Beside = _NOTHING) -> dict[str, Any]:
    """The contact as JSON."""
    standard, custom = values_of(contact, rules)
    answer = {
        "type": "contact",
        "id": contact.id,
        "workspace_id": contact.workspace_id,
        "external_id": contact.external_id,
        "role": contact.role,
        **_person(standard, version),
        "has_hard_bounced": False,
        "marked_email_as_spam": False,
        "unsubscribed_from_emails": bool(standard.get("unsubscribed_from_emails")),
        "created_at": int(contact.created_at),
        "updated_at": int(contact.updated_at),
        "signed_up_at": standard.get("signed_up_at"),
        "last_seen_at": None if contact.last_seen_at is None else int(contact.last_seen_at),
        **dict.fromkeys(_EMPTY),
        **{name: standard.get(name) for name in (*_PLAIN, *_UTM)},
        **_surroundings(),
        "custom_attributes": custom,
        **{name: _list(f"/contacts/{contact.id}/{path}", getattr(beside, name)) for name, path in _LISTS.items()},
        "enabled_push_messaging": None,
        "archived": contact.archived_at is not None,
        "blocked": contact.blocked_at is not None,
    }
    return answer if beside.merge_history is None else {**answer, "merge_history": beside.merge_history}


def values_of(contact: Contact, rules: Rules) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
    """The values of standard attributes, and those of custom ones that have any and are shown."""
    standard: dict[str, Scalar] = {}
    custom: dict[str, Scalar] = {}
    for name, attribute, holding in today(contact, rules):
        if attribute is not None and attribute.standard:
            standard[name] = holding.value
        elif holding.source is not None and not (attribute is not None and attribute.archived):
            custom[name] = holding.value
    return standard, custom


def _person(standard: Mapping[str, Scalar], version: Version) -> dict[str, Any]:
    email, owner, picture = standard.get("email"), standard.get("owner_id"), standard.get("avatar")
    domain = email.rpartition("@")[2] if isinstance(email, str) else None
    return {
        "email": email,
        "email_domain": domain or None,
        "phone": standard.get("phone"),
        "name": standard.get("name"),
        "avatar": None if picture is None else {"type": "avatar", "image_url": picture},
        "owner_id": str(owner) if owner is not None and version >= OWNER_AS_TEXT else owner,
        "social_profiles": {"type": "list", "data": []},
    }


def _surroundings() -> dict[str, Any]:
    """Where and by what a person came, none of which is kept."""
    place = ("country", "region", "city", "country_code", "continent_code")
    return {
        **dict.fromkeys(("browser", "browser_version", "os")),
        "location": {"type": "location", **dict.fromkeys(place)},
        **dict.fromkeys(f"{system}_{name}" for system in ("android", "ios") for name in _DEVICES),
    }


def _list(url: str, attached: Attached) -> dict[str, Any]:
    more = attached.total > len(attached.data)
    return {"type": "list", "data": attached.data, "url": url, "total_count": attached.total, "has_more": more}


def receipt(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """The verdict of every value, in the order in which they were weighed."""
    return {"attributes": [verdict_object(verdict) for verdict in verdicts]}
