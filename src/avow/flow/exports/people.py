"""How are all people told, one after the other? In pages by id, newest first, each page as bytes and where to go on.

- Whoever comes while it goes on has a greater id and is left out; whoever was there is told once, as she is when her
  page is read. Memory holds one page, and the event loop is given way to within it.
- The columns are those of the beginning, so that what goes on after an interruption fits what is there.
- Users and leads, archived and blocked ones too; visitors are nobody yet.

Source: spec §3 (what is kept of a value), §10 (CLI).
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

import msgspec

from avow.flow.contacts.reading import Standing, standings
from avow.flow.contacts.telling import provenance_object, verified_object
from avow.flow.contract import Store
from avow.flow.exports.cells import cell, guarded
from avow.flow.exports.names import column_of
from avow.trust.contact import Contact, ContactId, Scalar, Slot, Source, WorkspaceId
from avow.trust.rules import Rules
from avow.trust.words import Word

PAGE: Final = 200
"""People of one page, at most."""
CELLS: Final = 4_000
"""Facts and values of one page: where people have many, it has fewer people."""
CELLS_IN_A_ROW: Final = 500
"""Facts and values that are told without others being let in between."""
FACTS: Final = (
    "id", "role", "external_id", "created_at", "updated_at", "last_seen_at", "archived", "blocked",
)  # fmt: skip
BESIDE: Final = ("state", "verified", "channel", "vouched by", "received at", "verified value")
"""What stands beside each value in a CSV file, in columns called `plan (state)` and so on."""
_encode = msgspec.json.Encoder().encode


class Form(Word):
    """How an export is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class Options(msgspec.Struct, frozen=True):
    """What was asked for. `verified`: only what somebody vouched for, in the provenance too; `plain`: without that."""

    form: Form = Form.CSV
    verified: bool = False
    plain: bool = False


class Export(msgspec.Struct, frozen=True):
    """An export, its columns settled: `standard` and `custom` attributes by name."""

    options: Options
    standard: tuple[str, ...]
    custom: tuple[str, ...]

    @property
    def width(self) -> int:
        """Facts and values of one person."""
        return len(FACTS) + len(self.standard) + len(self.custom)

    @property
    def header(self) -> bytes:
        """The first line of a CSV file; nothing for JSON Lines."""
        if self.options.form is Form.JSON_LINES:
            return b""
        beside = () if self.options.plain else BESIDE
        columns = [*FACTS]
        for name in (*self.standard, *map(column_of, self.custom)):
            columns += [guarded(name), *(guarded(f"{name} ({one})") for one in beside)]
        return _csv([columns])


def plan(options: Options, rules: Rules) -> Export:
    """The export of a workspace as its rules are now. Archived attributes are left out."""
    active = [one for one in rules.attributes.values() if not one.archived]
    standard = tuple(one.name for one in active if one.standard)
    return Export(options, standard, tuple(sorted(one.name for one in active if not one.standard)))


async def stream(
    store: Store, workspace_id: WorkspaceId, export: Export, rules: Rules, now: float, *, after: ContactId | None = None
) -> AsyncIterator[tuple[bytes, ContactId]]:
    """Page after page, behind `after`: the bytes, and the last person in them."""
    limit, few = max(1, min(PAGE, CELLS // export.width)), max(1, CELLS_IN_A_ROW // export.width)
    while people := await store.jobs.people(workspace_id, before=after, limit=limit):
        after = people[-1].id
        parts: list[bytes] = []
        for first in range(0, len(people), few):
            parts.append(_lines(people[first : first + few], export, rules, now))
            await asyncio.sleep(0)
        yield b"".join(parts), after


def _lines(people: Sequence[Contact], export: Export, rules: Rules, now: float) -> bytes:
    if export.options.form is Form.CSV:
        return _csv([list(_cells(one, export, rules, now)) for one in people])
    return b"".join(_encode(_told(one, export, rules, now)) + b"\n" for one in people)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cells(contact: Contact, export: Export, rules: Rules, now: float) -> Iterator[str]:
    facts = _facts(contact)
    yield from (cell(facts[name]) for name in FACTS)
    known = standings(contact, rules, now)
    options = export.options
    for name in (*export.standard, *export.custom):
        standing = known.get(name)
        value, source = _chosen(standing, verified=options.verified)
        yield cell(value)
        if not options.plain:
            yield from _beside(standing, source)


def _beside(standing: Standing | None, source: Source | None) -> Iterator[str]:
    if standing is None:
        yield from ("",) * len(BESIDE)
        return
    slot = standing.slot
    yield str(standing.state)
    yield cell(source.verified) if source is not None else ""
    yield str(source.channel) if source is not None else ""
    yield guarded(source.by or "") if source is not None and source.verified else ""
    yield str(int(source.received_at)) if source is not None else ""
    yield cell(slot.value) if slot is not None else ""


def _chosen(standing: Standing | None, *, verified: bool) -> tuple[Scalar, Source | None]:
    """The value that is told, and who wrote it."""
    if standing is None:
        return None, None
    if not verified:
        return standing.value, standing.source
    slot: Slot | None = standing.slot
    return (None, None) if slot is None else (slot.value, slot.source)


def _facts(contact: Contact) -> dict[str, Scalar]:
    seen = contact.last_seen_at
    return {
        "id": contact.id,
        "role": str(contact.role),
        "external_id": contact.external_id,
        "created_at": int(contact.created_at),
        "updated_at": int(contact.updated_at),
        "last_seen_at": None if seen is None else int(seen),
        "archived": contact.archived_at is not None,
        "blocked": contact.blocked_at is not None,
    }


def _told(contact: Contact, export: Export, rules: Rules, now: float) -> dict[str, Any]:
    """One line of JSON: the names of REST's contact, so that it may be sent back, and the provenance beside them."""
    known, options = standings(contact, rules, now), export.options
    values = {name: _chosen(one, verified=options.verified) for name, one in known.items()}
    told: dict[str, Any] = {
        "type": "contact",
        **_facts(contact),
        **{name: values[name][0] for name in export.standard if name in values and values[name][1] is not None},
        "custom_attributes": {
            name: values[name][0] for name in export.custom if name in values and values[name][1] is not None
        },
    }
    if not options.plain:
        tell = verified_object if options.verified else provenance_object
        provenance = tell(contact, rules, now)
        named = {*export.standard, *export.custom}
        told["provenance"] = {name: one for name, one in provenance.items() if name in named}
    return told
