"""Which shape has what is told of those who work for the company, and of what they changed?

Source: contract/intercom-openapi.yaml, schemas `admin`, `activity_log`.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from avow.api.shapes import Actor, Count, NextPage
from avow.web.operations import Asked, Seconds, Told


class AdminRole(Told, tag_field="type", tag="role", frozen=True, kw_only=True):
    """What a teammate may do."""

    id: str
    name: str


class Admin(Told, tag_field="type", tag="admin", frozen=True, kw_only=True):
    """A teammate, as far as Intercom's clients ask."""

    id: str
    name: str
    email: str
    away_mode_enabled: bool
    away_mode_reassign: bool
    has_inbox_seat: bool
    team_ids: list[int]
    avatar: None
    role: AdminRole


class AdminList(Told, tag_field="type", tag="admin.list", frozen=True, kw_only=True):
    """Who works for the company."""

    admins: list[Admin]


class ActivityDetails(Told, frozen=True, kw_only=True):
    """What the change is called here, what it was about, and what was so before and after."""

    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Activity(Told, tag_field="type", tag="activity_log", frozen=True, kw_only=True):
    """A change of the rules, by the one of Intercom's words that says it best."""

    id: str
    performed_by: Actor
    metadata: ActivityDetails
    created_at: Seconds
    activity_type: str
    activity_description: str


class ActivityPages(Told, tag_field="type", tag="pages", frozen=True, kw_only=True):
    """Where in the list a page stands."""

    page: Count
    per_page: Count
    total_pages: Count
    next: NextPage | None


class ActivityList(Told, tag_field="type", tag="activity_log.list", frozen=True, kw_only=True):
    """Changes of the rules, newest first."""

    pages: ActivityPages
    activity_logs: list[Activity]


class ActivityTypes(Told, tag_field="type", tag="activity_log_event_type.list", frozen=True, kw_only=True):
    """Which activity types there are here."""

    event_types: list[str]


class SearchActivities(Asked, frozen=True, kw_only=True):
    """A span of time, and which activity types of it."""

    created_at_after: Seconds
    created_at_before: Seconds | None = None
    event_types: Annotated[list[str] | None, Meta(description="At most 100 types.")] = None
    page: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    per_page: Annotated[int, Meta(ge=1, le=250)] | None = None
