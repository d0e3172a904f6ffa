"""What is an import? A job with what was asked for, what its columns mean, and how far it has come.

`Details` never changes once the file has been looked through; `Progress` grows with every batch. Both are kept as JSON
in the job's row. Source: spec §3 (channel `import`), §10 (CLI).
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.flow.contract import Job
from avow.flow.imports.reading import Form
from avow.trust.access import Mode
from avow.trust.attribute import AttributeType

MAX_REJECTED: Final = 10_000
"""Rejected lines that a report keeps; further ones are counted."""
MAX_FAULTS: Final = 100
"""What a refusal lists at most."""


class Options(msgspec.Struct, frozen=True):
    """What was asked for.

    `columns` gives columns of the file another meaning: an attribute's name, or an empty text for none.
    `mode` says whether the values are vouched for, `strict` that the first bad line ends it, `create_attributes` that
    unknown columns become locked attributes, `dry_run` that nothing is written about anybody.
    """

    form: Form
    mode: Mode = Mode.VOUCHING
    columns: dict[str, str] = {}
    strict: bool = False
    create_attributes: bool = False
    dry_run: bool = False


class FileFault(msgspec.Struct, frozen=True):
    """Why a file was refused as a whole, or an import ended early. `line` is 0 where no line is at fault."""

    line: int
    code: str
    message: str
    field: str | None = None


class Layout(msgspec.Struct, frozen=True):
    """What the columns of a file mean, and where its rows begin (bytes, and lines before them).

    `meanings` has the attribute's or field's name for each column of a CSV file, None for one that is read over;
    `ignored` names those. `fresh` are the attributes that the file makes necessary, with the types that its values
    have; `rows` is how many records there are.
    """

    start: int = 0
    line: int = 0
    rows: int = 0
    bytes: int = 0
    delimiter: str = ","
    meanings: tuple[str | None, ...] = ()
    ignored: tuple[str, ...] = ()
    fresh: dict[str, AttributeType] = {}


class Details(msgspec.Struct, frozen=True):
    """Everything about an import that its progress does not change. `token_id` is that of whoever asked by REST."""

    options: Options
    token_id: str | None = None
    layout: Layout | None = None
    received: int = 0


class Progress(msgspec.Struct, frozen=True):
    """How far it has come: byte and line up to which everything is done, and what became of it.

    `ignored` counts values that were weighed and not applied, by reason; `faults` say why it ended early.
    """

    position: int = 0
    line: int = 0
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    ignored: dict[str, int] = {}
    faults: tuple[FileFault, ...] = ()


def details_of(job: Job) -> Details:
    """What an import is about."""
    return msgspec.json.decode(job.details, type=Details)


def progress_of(job: Job) -> Progress:
    """How far an import has come."""
    return msgspec.json.decode(job.progress, type=Progress)


def written(value: Details | Progress) -> str:
    """The JSON text that a job's row keeps."""
    return msgspec.json.encode(value).decode()
