"""Which shape has what is asked and told of imports and exports?

Source: `flow/imports/telling.py`, `flow/exports/one_person.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from avow.api.contacts.shapes.trust import Change, Standing
from avow.api.shapes import Count, Pages
from avow.flow.contract import JobState
from avow.trust.access import Mode
from avow.trust.attribute import AttributeType
from avow.trust.contact import Channel, Role
from avow.web.operations import ContactId, Exactly, Seconds, Told

FileForm = Literal["csv", "jsonl"]
JobId = Annotated[str, Meta(pattern="^[0-9a-f]{24}$", examples=["695d0b00a1b2c3d4e5f6a7b8"])]


class FileFault(Told, frozen=True, kw_only=True):
    """Why a file was refused, or an import ended early. `line` is 0 where no line is at fault."""

    line: Count
    code: str
    message: str
    field: str | UnsetType | None = UNSET


class Import(Told, tag_field="type", tag="import", frozen=True, kw_only=True):
    """An import: what was asked for, how far it has come, and what became of it."""

    id: JobId
    state: JobState
    format: FileForm
    mode: Mode
    dry_run: bool
    strict: bool
    received_bytes: Count
    total_rows: Count | None
    rows: Count
    created: Count
    updated: Count
    unchanged: Count
    rejected: Count
    ignored_values: dict[str, Count]
    ignored_columns: list[str]
    created_attributes: dict[str, AttributeType]
    errors: list[FileFault]
    actor: str
    created_at: Seconds
    updated_at: Seconds
    finished_at: Seconds | None


class ImportList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Imports, newest first."""

    data: list[Import]
    pages: Pages


class MakeImport(Exactly, frozen=True, kw_only=True):
    """What is to be imported, and how. Few people may come along as `contacts`; a file is sent afterwards."""

    format: FileForm | None = None
    contacts: list[dict[str, Any]] | None = None
    columns: dict[str, str] | None = None
    relaying: bool | None = None
    strict: bool | None = None
    create_attributes: bool | None = None
    dry_run: bool | None = None


class Export(Told, tag_field="type", tag="export", frozen=True, kw_only=True):
    """An export, ready to be downloaded."""

    id: JobId
    state: JobState
    format: FileForm
    verified: bool
    plain: bool
    attributes: list[str]
    download_url: str
    actor: str
    created_at: Seconds


class ExportList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Exports, newest first."""

    data: list[Export]
    pages: Pages


class MakeExport(Exactly, frozen=True, kw_only=True):
    """In which form; `verified`: only what somebody vouched for; `plain`: without the provenance."""

    format: FileForm | None = None
    verified: bool | None = None
    plain: bool | None = None


class LeadingKey(Told, frozen=True, kw_only=True):
    """What leads to a contact. Of a session only that there is one."""

    kind: str
    value: str | None


class ExportedTag(Told, frozen=True, kw_only=True):
    """A tag on somebody."""

    name: str
    at: Seconds
    channel: Channel
    actor: str | None


class ExportedNote(Told, frozen=True, kw_only=True):
    """A note about somebody."""

    id: int
    at: Seconds
    channel: Channel
    actor: str | None
    body: str


class ExportedEvent(Told, frozen=True, kw_only=True):
    """Something that somebody did."""

    name: str
    created_at: Seconds
    received_at: Seconds
    verified: bool
    metadata: dict[str, Any]


class ExportedContact(Told, frozen=True, kw_only=True):
    """Who became part of somebody, with her own records, and events that were too many to be handed over."""

    id: ContactId
    role: Role
    merged_at: Seconds
    events: list[ExportedEvent]
    changes: list[Change]


class Everything(Told, tag_field="type", tag="contact.export", frozen=True, kw_only=True):
    """All that is known of one person."""

    id: ContactId
    workspace_id: str
    role: Role
    external_id: str | None
    created_at: Seconds
    updated_at: Seconds
    last_seen_at: Seconds | None
    archived_at: Seconds | None
    blocked_at: Seconds | None
    exported_at: Seconds
    attributes: dict[str, Standing]
    keys: list[LeadingKey]
    tags: list[ExportedTag]
    merged: list[ExportedContact]
    notes: list[ExportedNote]
    events: list[ExportedEvent]
    changes: list[Change]
