"""Which shape has what is asked and told of attributes, of whose token this is, and of the server itself?

Source: contract/intercom-notes.md §4.2, §4.3; spec §2, §8.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from avow.api.shapes import Count
from avow.flow.contract.query import FilterState
from avow.trust.access import Mode, Scope
from avow.trust.attribute import Enforcement
from avow.trust.policy import WorkspaceKind
from avow.trust.readiness import Readiness
from avow.web.operations import Asked, Exactly, Seconds, Told


class FilterProgress(Told, frozen=True, kw_only=True):
    """How far the index over a filterable attribute is, from 0 to 1."""

    state: FilterState
    progress: Annotated[float, Meta(ge=0, le=1)]


class DataAttribute(Told, tag_field="type", tag="data_attribute", frozen=True, kw_only=True):
    """An attribute. Custom ones have an `id` and times."""

    id: int | UnsetType = UNSET
    model: Literal["contact"]
    name: str
    full_name: str
    label: str
    description: str
    data_type: Literal["string", "integer", "float", "boolean", "date"]
    options: list[str] | UnsetType = UNSET
    api_writable: bool
    messenger_writable: bool
    ui_writable: bool
    custom: bool
    archived: bool
    enforcement: Enforcement
    provisional: bool
    filterable: bool
    filter: FilterProgress | UnsetType = UNSET
    created_at: Seconds | UnsetType = UNSET
    updated_at: Seconds | UnsetType = UNSET


class DataAttributeList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Attributes, standard ones too."""

    data: list[DataAttribute]


class Option(Asked, frozen=True, kw_only=True):
    """One of a list's options."""

    value: Annotated[str, Meta(min_length=1, max_length=255, examples=["1-10"])]


class _ReadBack(Exactly, frozen=True, kw_only=True):
    """What is told of an attribute, which may be sent back as clients do, and decides nothing."""

    type: Any = None
    id: Any = None
    model: Any = None
    name: Any = None
    full_name: Any = None
    label: Any = None
    data_type: Any = None
    api_writable: Any = None
    ui_writable: Any = None
    custom: Any = None
    provisional: Any = None
    filter: Any = None
    admin_id: Any = None
    created_at: Any = None
    updated_at: Any = None


class _Settings(_ReadBack, frozen=True, kw_only=True):
    enforcement: Enforcement | None = None
    messenger_writable: Annotated[bool | None, Meta(description="Intercom's word: false is `locked`.")] = None
    description: Annotated[str, Meta(max_length=1_000)] | None = None
    options: list[Option | str] | None = None
    archived: bool | None = None
    filterable: bool | None = None


class DeclareAttribute(_Settings, frozen=True, kw_only=True):
    """An attribute to be made."""

    name: Annotated[str, Meta(min_length=1, max_length=190, examples=["seats"])]
    model: Literal["contact"]
    data_type: Literal["string", "integer", "float", "boolean", "date", "datetime", "options"]


class EditAttribute(_Settings, frozen=True, kw_only=True):
    """What is to be changed. What is not named stays as it is; name, type and model never change."""


class Writers(Told, frozen=True, kw_only=True):
    """How many people wrote it unsigned from one place, as their browsers told it."""

    label: str
    people: Count
    last_at: Seconds


class UnprovenTraffic(Told, frozen=True, kw_only=True):
    """Unsigned writes, by what they would do to what is known."""

    repeats: Count
    fills: Count
    changes: Count
    contradicts: Count


class Traffic(UnprovenTraffic, frozen=True, kw_only=True):
    """Writes that arrived: signed ones, and unsigned ones by what they would do to what is known."""

    signed: Count


class Assessment(Told, frozen=True, kw_only=True):
    """What a stretch of time says. `signed_share` is null where nothing came."""

    state: Readiness
    sentence: str
    signed_share: Annotated[float, Meta(ge=0, le=1)] | None
    counts: Traffic
    unproven: UnprovenTraffic
    writers: list[Writers]


class LastSeen(Told, frozen=True, kw_only=True):
    """When it arrived last, signed and unsigned."""

    signed: Seconds | None
    unsigned: Seconds | None


class AttributeReadiness(Told, tag_field="type", tag="readiness", frozen=True, kw_only=True):
    """Whether it is safe to lock an attribute. `state` and `sentence` are those of the last week."""

    attribute: str
    enforcement: Enforcement
    state: Readiness
    sentence: str
    last_seen: LastSeen
    windows: dict[str, Assessment]


class App(Told, tag_field="type", tag="app", frozen=True, kw_only=True):
    """The workspace."""

    id_code: str
    name: str
    created_at: Seconds
    identity_verification: bool
    timezone: str
    region: str
    kind: WorkspaceKind


class TokenFacts(Told, frozen=True, kw_only=True):
    """The access token that was sent."""

    id: str
    name: str
    mode: Mode
    scopes: list[Scope]


class Me(Told, tag_field="type", tag="admin", frozen=True, kw_only=True):
    """The workspace's owner, or the access token itself where there is none."""

    id: str
    name: str
    email: str | None
    email_verified: None
    has_inbox_seat: bool
    app: App
    access_token: TokenFacts


class Welcome(Told, tag_field="type", tag="server", frozen=True, kw_only=True):
    """Where you have come to."""

    name: str
    message: str
    addresses: dict[str, str]


class Health(Told, frozen=True, kw_only=True):
    """Whether the process runs, or can believe and write."""

    status: Literal["ok", "ready"]
