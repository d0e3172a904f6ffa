"""What does a body say of a contact? Its fields, told apart: identity, standard attributes, custom ones, unknown names.

- Fields of Intercom's that mean nothing here are read over, so that what was read may be sent back. So are what has an
  address of its own (tags, notes), companies, and names that mean nothing anywhere; of these the receipt says so.
- A field of the wrong type is a 400.
- 1 to 100 attributes a request; `null` clears. Values are not checked here.

Source: contract/intercom-notes.md §4.2; spec §6 ("REST differs"), §11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import UNSET

from avow.api.reading import optional
from avow.api.rendering import FIELDS
from avow.errors import BadInput
from avow.flow.contacts import Fields
from avow.trust.contact import Role
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of

MAX_ATTRIBUTES: Final = 100
_LAST_SECOND: Final = 99_999_999_999
_STANDARD: Final = frozenset(
    "name email phone signed_up_at avatar language_override unsubscribed_from_emails owner_id "
    "utm_campaign utm_content utm_medium utm_source utm_term referrer".split()
)
_ATTACHED: Final = ("tags", "notes", "companies", "company")
_IDENTITY: Final = frozenset({"role", "external_id", "email_verified", "last_seen_at", "custom_attributes"})


def read_fields(raw: Mapping[str, object]) -> Fields:
    """What a body says of a contact. Raises `BadInput` for a field of the wrong type; values are not checked here."""
    custom: dict[str, object] = optional(raw, "custom_attributes", dict) or {}
    standard = {name: value for name, value in raw.items() if name in _STANDARD}
    attached = tuple(name for name in _ATTACHED if name in raw)
    unknown = tuple(name for name in raw if not (name in FIELDS or name in _IDENTITY or name in _ATTACHED))
    count = len(custom) + len(standard) + len(unknown)
    if count > MAX_ATTRIBUTES:
        raise BadInput(f"{count} attributes came at once. Send at most {MAX_ATTRIBUTES}.", field="custom_attributes")
    return Fields(
        role=_role(raw),
        external_id=_external_id(raw["external_id"]) if "external_id" in raw else UNSET,
        raw_values=standard,
        raw_custom=custom,
        email_verified=optional(raw, "email_verified", bool),
        last_seen_at=_last_seen_at(raw),
        attached=attached,
        unknown=unknown,
    )


def _role(raw: Mapping[str, object]) -> Role | None:
    name = optional(raw, "role", str)
    if name is None:
        return None
    try:
        return Role(name)
    except ValueError:
        raise BadInput("role is not user or lead, one of which is expected.", field="role") from None


def _external_id(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    external_id = user_id_of(raw)
    if external_id is None:
        message = f"external_id is not a text of 1 to {MAX_USER_ID} characters that is not blank."
        raise BadInput(message, field="external_id")
    return external_id


def _last_seen_at(raw: Mapping[str, object]) -> int | None:
    seconds = optional(raw, "last_seen_at", int)
    if seconds is not None and not 0 <= seconds <= _LAST_SECOND:
        raise BadInput("last_seen_at is not a time in Unix seconds.", field="last_seen_at")
    return seconds
