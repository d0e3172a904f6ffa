"""Which shape has what a backend writes of contacts, and what it searches for?

What else stands in a contact's body is read over, so that what was read may be sent back, and the receipt says so; a
word that is none in a condition or a group is refused.
Source: contract/intercom-notes.md §4.2, §4.4.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from avow.api.shapes import PerPage
from avow.web.operations import Asked, ContactId, Exactly, Scalar, Seconds

Text = Annotated[str, Meta(max_length=255)] | None


class Values(Asked, frozen=True, kw_only=True):
    """Values of a contact. What is not named stays as it is, null clears, and what can be coerced is."""

    name: Text = None
    email: Annotated[str, Meta(max_length=255, examples=["alice@customer.example"])] | None = None
    phone: Text = None
    avatar: Annotated[Any, Meta(description="The picture's address, or an object with `image_url`.")] = None
    owner_id: Annotated[int | str | None, Meta(description="The id of an admin.")] = None
    signed_up_at: Seconds | None = None
    language_override: Text = None
    unsubscribed_from_emails: bool | None = None
    utm_campaign: Text = None
    utm_content: Text = None
    utm_medium: Text = None
    utm_source: Text = None
    utm_term: Text = None
    referrer: Text = None
    last_seen_at: Seconds | None = None
    custom_attributes: dict[str, Any] | None = None


class WriteContact(Values, frozen=True, kw_only=True):
    """What is to be written of a contact. What is not named stays as it is."""

    role: Literal["user", "lead"] | None = None
    external_id: Annotated[str | int | None, Meta(description="Your own id of the user.")] = None
    email_verified: bool | None = None


class WriteVisitor(Values, frozen=True, kw_only=True):
    """What is to be written of the visitor whom `id` or `user_id` names."""

    id: str | None = None
    user_id: str | None = None


class MergeContacts(Asked, frozen=True, kw_only=True):
    """Which lead becomes part of which user."""

    source: ContactId = msgspec.field(name="from")
    into: ContactId
    skip_duplicate_validation: bool | None = None


Operator = Literal["=", "!=", "IN", "NIN", ">", "<", ">=", "<=", "~", "!~", "^", "$"]
Operand = Scalar | list[str | int | float | bool]


class Condition(Exactly, frozen=True, kw_only=True):
    """A field compared with a value; without a value, whether it is set. `verified`: only values vouched for count."""

    field: Annotated[str, Meta(examples=["email"])]
    operator: Operator
    value: Operand = None
    verified: bool | None = None


# A union of two objects that no member tells apart is nothing that msgspec reads; JSON Schema can still say it.
_ANY: Final[dict[str, Any]] = {
    "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Condition", "ConditionGroup")]
}


class ConditionGroup(Exactly, frozen=True, kw_only=True):
    """Several conditions or groups: all of them (AND), or one of them at least (OR). Groups nest twice."""

    operator: Literal["AND", "OR"]
    value: Annotated[list[Annotated[dict[str, Any], Meta(extra_json_schema=_ANY)]], Meta(min_length=1, max_length=15)]


class Sorting(Asked, frozen=True, kw_only=True):
    """In which order; newest first if nothing is said."""

    field: Annotated[str | None, Meta(examples=["created_at"])] = None
    order: Literal["ascending", "descending"] | None = None


class Paging(Asked, frozen=True, kw_only=True):
    """Which page."""

    per_page: PerPage | None = None
    starting_after: str | None = None


class Search(Asked, frozen=True, kw_only=True):
    """A question, the order and the page."""

    query: Annotated[dict[str, Any], Meta(extra_json_schema=_ANY)]
    sort: Sorting | None = None
    pagination: Paging | None = None
