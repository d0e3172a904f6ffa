"""Which shape has what stands beside a contact's values: tags, notes, segments, events, and companies, of which there
are none?

Source: contract/intercom-notes.md §4.2; contract/intercom-openapi.yaml, schemas `tag`, `note`, `segment`, `event`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from avow.api.shapes import Actor, Count, Origin, Pages, Reference
from avow.api.team.shapes import Admin
from avow.web.operations import Asked, ContactId, Seconds, Told

TagName = Annotated[str, Meta(min_length=1, max_length=255, examples=["VIP"])]
EventName = Annotated[str, Meta(min_length=1, max_length=120, examples=["placed-order"])]


class Tag(Told, tag_field="type", tag="tag", frozen=True, kw_only=True):
    """A tag by itself."""

    id: str
    name: str


class TagList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """The workspace's tags, by name."""

    data: list[Tag]


class DeletedTag(Tag, tag_field="type", tag="tag", frozen=True, kw_only=True):
    """A tag that is gone."""

    deleted: Literal[True]


class TaggedUser(Told, tag_field="type", tag="user", frozen=True, kw_only=True):
    """Somebody on whom a tag was put, or off whom it was taken."""

    id: ContactId
    tagged: bool


class TagWithUsers(Tag, tag_field="type", tag="tag", frozen=True, kw_only=True):
    """A tag, and on whom it was put (or off whom it was taken) by this request."""

    users: list[TaggedUser]
    companies: list[Reference]


class WornTag(Tag, tag_field="type", tag="tag", frozen=True, kw_only=True):
    """A tag on somebody: who put it there, when, and whether that was vouched for."""

    applied_at: Seconds | None
    applied_by: Actor | None
    provenance: Origin | UnsetType = UNSET


class WornTagList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """What a contact is tagged with."""

    data: list[WornTag]


class WriteTag(Asked, frozen=True, kw_only=True):
    """A tag's name; which tag gets it (`id`), or whom it is put on or taken off (`users`)."""

    name: TagName
    id: str | int | None = None
    users: Annotated[list[TagUser] | None, Meta(description="At most 100 people.")] = None


class TagUser(Asked, frozen=True, kw_only=True):
    """Somebody, by `id` or `user_id`."""

    id: str | None = None
    user_id: str | None = None
    untag: Literal["true", "false"] | bool | None = None


class WearTag(Asked, frozen=True, kw_only=True):
    """Which tag."""

    id: str | int


class Note(Told, tag_field="type", tag="note", frozen=True, kw_only=True):
    """A note, as safe HTML; `author` is the teammate in whose name it was written."""

    id: str
    created_at: Seconds
    contact: Reference
    author: Admin | None
    body: str
    provenance: Origin


class NoteList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """What was noted of a contact, newest first."""

    data: list[Note]
    total_count: Count
    pages: Pages


class WriteNote(Asked, frozen=True, kw_only=True):
    """What is to be noted, and in whose name."""

    body: Annotated[str, Meta(min_length=1, max_length=10_000, examples=["Likes tea"])]
    admin_id: str | int | None = None


class Segment(Told, tag_field="type", tag="segment", frozen=True, kw_only=True):
    """A segment. `count` is null where there are too many people to count in a request."""

    id: str
    name: str
    created_at: Seconds
    updated_at: Seconds
    person_type: Literal["user", "contact"]
    count: Count | UnsetType | None = UNSET


class SegmentList(Told, tag_field="type", tag="segment.list", frozen=True, kw_only=True):
    """The segments, which are the same everywhere."""

    segments: list[Segment]
    pages: dict[str, str]


class ContactSegments(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """The segments that a contact is in at the moment."""

    data: list[Segment]


class SubscriptionList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Subscription types: there are none."""

    data: list[Reference]


class CompanyList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Companies: there are none, under both names that clients read."""

    data: list[Reference]
    companies: list[Reference]
    total_count: Count
    pages: Pages | None
    scroll_param: str | UnsetType = UNSET


class Event(Told, tag_field="type", tag="event", frozen=True, kw_only=True):
    """Something that somebody did."""

    id: str
    event_name: str
    created_at: Seconds
    intercom_user_id: ContactId
    user_id: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    metadata: dict[str, Any]
    verified: bool


class EventPages(Told, frozen=True, kw_only=True):
    """The address of the next page, if there is one."""

    next: str | UnsetType = UNSET


class EventCount(Told, frozen=True, kw_only=True):
    """How often somebody did something, first and last (ISO 8601)."""

    name: str
    first: str
    last: str
    count: Count


class EventSummary(Told, tag_field="type", tag="event.summary", frozen=True, kw_only=True):
    """Everything that somebody ever did, counted by name."""

    intercom_user_id: ContactId
    user_id: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    events: list[EventCount]


class EventList(Told, tag_field="type", tag="event.list", frozen=True, kw_only=True):
    """What somebody did in the last 90 days, newest first."""

    intercom_user_id: ContactId
    user_id: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    events: list[Event]
    pages: EventPages


class TrackEvent(Asked, frozen=True, kw_only=True):
    """What somebody did, and when; she is named by the first of `id`, `user_id` and `email` that is there."""

    event_name: EventName
    created_at: Seconds
    id: str | None = None
    user_id: str | int | None = None
    email: str | None = None
    metadata: Annotated[dict[str, Any], Meta(max_length=10)] | None = None


class CountedEvent(Asked, frozen=True, kw_only=True):
    """How often something was done, first and last (Unix seconds)."""

    event_name: EventName
    count: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    first: Seconds
    last: Seconds


class SummariseEvents(Asked, frozen=True, kw_only=True):
    """How often a user did something before it was tracked here."""

    user_id: str | int
    event_summaries: CountedEvent
