"""Which shape has a contact in an answer, and what stands in its place where it was changed or is gone?

Source: contract/intercom-notes.md §4.3; contract/intercom-openapi.yaml, schema `contact`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from avow.api.shapes import Count, Cursor, Pages, Receipt, Reference
from avow.trust.contact import Role
from avow.web.operations import ContactId, Scalar, Seconds, Told


class Avatar(Told, tag_field="type", tag="avatar", frozen=True, kw_only=True):
    """A picture, by its address."""

    image_url: str


class Location(Told, tag_field="type", tag="location", frozen=True, kw_only=True):
    """Where somebody is: not kept, so always empty."""

    country: None
    region: None
    city: None
    country_code: None
    continent_code: None


class EmptyList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """A list of what there is none of."""

    data: list[Reference]


class AttachedList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """What hangs on a contact: the first ten, how many there are, and the address of all."""

    data: list[Reference]
    url: str
    total_count: Count
    has_more: bool


class Merged(Told, tag_field="type", tag="merge_history", frozen=True, kw_only=True):
    """A lead that became part of a user."""

    source_contact_id: ContactId
    source_contact_role: Role
    merged_at: Seconds


class Contact(Told, tag_field="type", tag="contact", frozen=True, kw_only=True):
    """A user or lead, as Intercom's clients expect it. What is not kept is there, empty."""

    id: ContactId
    workspace_id: Annotated[str, Meta(examples=["k3v9x2qa"])]
    external_id: str | None
    role: Annotated[Role, Meta(examples=["user"])]
    email: str | None
    email_domain: str | None
    phone: str | None
    name: str | None
    avatar: Avatar | None
    owner_id: Annotated[str | int | None, Meta(description="Text from `Intercom-Version` 2.16 on, a number before.")]
    social_profiles: EmptyList
    has_hard_bounced: bool
    marked_email_as_spam: bool
    unsubscribed_from_emails: bool
    created_at: Seconds
    updated_at: Seconds
    signed_up_at: Seconds | None
    last_seen_at: Seconds | None
    last_replied_at: None
    last_contacted_at: None
    last_email_opened_at: None
    last_email_clicked_at: None
    language_override: str | None
    browser: None
    browser_version: None
    browser_language: str | None
    os: None
    location: Location
    android_app_name: None
    android_app_version: None
    android_device: None
    android_os_version: None
    android_sdk_version: None
    android_last_seen_at: None
    ios_app_name: None
    ios_app_version: None
    ios_device: None
    ios_os_version: None
    ios_sdk_version: None
    ios_last_seen_at: None
    custom_attributes: dict[str, Scalar]
    tags: AttachedList
    notes: AttachedList
    companies: AttachedList
    opted_out_subscription_types: AttachedList
    opted_in_subscription_types: AttachedList
    utm_campaign: str | None
    utm_content: str | None
    utm_medium: str | None
    utm_source: str | None
    utm_term: str | None
    referrer: str | None
    enabled_push_messaging: None
    archived: bool
    blocked: bool
    merge_history: list[Merged] | UnsetType = UNSET
    receipt: Receipt | UnsetType = UNSET


class ContactList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Contacts, and where in all of them they stand. A count beyond 10,000 is capped, and says so."""

    data: list[Contact]
    total_count: Count
    pages: Pages
    total_count_capped: Literal[True] | UnsetType = UNSET


class Found(ContactList, tag_field="type", tag="list", frozen=True, kw_only=True):
    """The contacts that fit. `slow_fields` are those for which every contact was looked at."""

    total_count_approximate: Literal[True] | UnsetType = UNSET
    slow_fields: list[str] | UnsetType = UNSET


class MergeHistory(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """The leads that became part of a user."""

    data: list[Merged]
    has_more: bool
    next_cursor: Cursor | UnsetType = UNSET


class ArchivedContact(Told, tag_field="type", tag="contact", frozen=True, kw_only=True):
    """Whether lists show the contact."""

    id: ContactId
    external_id: str | None
    archived: bool


class BlockedContact(Told, tag_field="type", tag="contact", frozen=True, kw_only=True):
    """Whether anything is taken from the contact."""

    id: ContactId
    external_id: str | None
    blocked: bool


class ErasedContact(Told, tag_field="type", tag="contact", frozen=True, kw_only=True):
    """Who is gone, for good."""

    id: ContactId
    external_id: str | None
    deleted: Literal[True]


class ForgottenContact(ErasedContact, tag_field="type", tag="contact", frozen=True, kw_only=True):
    """Who is gone, for good, by the word that says so."""

    forgotten: Literal[True]
