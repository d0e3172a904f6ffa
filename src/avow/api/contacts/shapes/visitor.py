"""Which shape has a visitor in an answer? The older one, as Intercom's clients expect it.

Source: contract/intercom-openapi.yaml, schemas `visitor`, `convert_visitor_request`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from avow.api.beside.shapes import Tag
from avow.api.shapes import Receipt, Reference
from avow.web.operations import Asked, ContactId, Scalar, Seconds, Told


class VisitorAvatar(Told, tag_field="type", tag="avatar", frozen=True, kw_only=True):
    """A picture, by its address, if there is one."""

    image_url: str | None


class VisitorCompanies(Told, tag_field="type", tag="company.list", frozen=True, kw_only=True):
    """Companies: none."""

    companies: list[Reference]


class VisitorProfiles(Told, tag_field="type", tag="social_profile.list", frozen=True, kw_only=True):
    """Profiles elsewhere: none."""

    social_profiles: list[Reference]


class VisitorTags(Told, tag_field="type", tag="tag.list", frozen=True, kw_only=True):
    """Tags that she wears."""

    tags: list[Tag]


class VisitorSegments(Told, tag_field="type", tag="segment.list", frozen=True, kw_only=True):
    """Segments: told of contacts only."""

    segments: list[Reference]


class Visitor(Told, tag_field="type", tag="visitor", frozen=True, kw_only=True):
    """Somebody of whom only a browser is known; `user_id` is the public id of that browser."""

    id: ContactId
    user_id: str | None
    anonymous: bool
    email: str
    phone: str | None
    name: str | None
    pseudonym: None
    avatar: VisitorAvatar
    app_id: str
    companies: VisitorCompanies
    location_data: dict[str, str]
    las_request_at: Seconds | None
    last_request_at: Seconds | None
    created_at: Seconds
    remote_created_at: Seconds
    signed_up_at: Seconds | None
    updated_at: Seconds
    session_count: int
    social_profiles: VisitorProfiles
    owner_id: str | None
    unsubscribed_from_emails: bool
    marked_email_as_spam: bool
    has_hard_bounced: bool
    tags: VisitorTags
    segments: VisitorSegments
    custom_attributes: dict[str, Scalar]
    referrer: str | None
    utm_campaign: str | None
    utm_content: str | None
    utm_medium: str | None
    utm_source: str | None
    utm_term: str | None
    do_not_track: None
    receipt: Receipt | UnsetType = UNSET


class Person(Asked, frozen=True, kw_only=True):
    """Who is meant: the first of `id`, `user_id` and `email` that is there."""

    id: str | None = None
    user_id: str | None = None
    email: str | None = None


class ConvertVisitor(Asked, frozen=True, kw_only=True):
    """Which visitor becomes what: a lead, or part of the user (or lead) that `user` names."""

    type: Literal["user", "lead"]
    visitor: Person
    user: Person | None = None
