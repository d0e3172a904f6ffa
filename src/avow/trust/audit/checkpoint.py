"""What is kept elsewhere, so that even a wholly rewritten history shows? A digest over the ends of all chains.

- It covers, of each chain, the records up to a moment: later ones may follow, and do not change it.
- Chains come by contact id. Of each counts its last covered record: contact, number, and the hash over all before it.
- As text it is one line: `avow-checkpoint-1 WORKSPACE UNTIL CONTACTS RECORDS DIGEST`; `UNTIL` in Unix seconds.

Source: spec §7 (`avow audit checkpoint`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from avow.errors import BadInput
from avow.trust.change import Change
from avow.trust.contact import ContactId, WorkspaceId

LAG: Final = 60
"""Seconds before now at which a checkpoint ends: what was begun before then has been committed, or never will be."""
_LINE: Final = re.compile(
    r"avow-checkpoint-1 ([a-z0-9]{1,64}) ([0-9]{1,12}) ([0-9]{1,15}) ([0-9]{1,15}) ([0-9a-f]{64})"
)


class Checkpoint(msgspec.Struct, frozen=True):
    """What was there of one workspace. `until` is in Unix seconds; None: everything. `contacts` counts chains."""

    workspace_id: WorkspaceId
    until: int | None
    contacts: int
    records: int
    digest: str

    def __str__(self) -> str:
        """The line to keep."""
        until = "" if self.until is None else self.until
        return f"avow-checkpoint-1 {self.workspace_id} {until} {self.contacts} {self.records} {self.digest}"


class Digest:
    """Adds up chains, given by contact id."""

    def __init__(self, workspace_id: WorkspaceId, until: int | None) -> None:
        self._workspace_id = workspace_id
        self._until = until
        self._contacts = 0
        self._records = 0
        self._sum = hashlib.sha256(f"avow checkpoint 1\0{workspace_id}\0".encode())

    def add(self, contact_id: ContactId, changes: Sequence[Change]) -> None:
        """One chain, whole, in the order of its numbers."""
        covered = 0
        for change in changes:
            if self._until is not None and change.facts.at > self._until:
                break
            covered += 1
        if covered:
            last = changes[covered - 1]
            self._contacts += 1
            self._records += covered
            self._sum.update(f"{contact_id}\0{last.facts.seq}\0".encode() + last.hash)

    def checkpoint(self) -> Checkpoint:
        """What was added up."""
        return Checkpoint(self._workspace_id, self._until, self._contacts, self._records, self._sum.hexdigest())


def difference(kept: Checkpoint, found: Checkpoint) -> str | None:
    """What is not as it was when `kept` was made, in words; None where everything is. Both end at the same moment."""
    if found.records < kept.records or found.contacts < kept.contacts:
        return (
            f"{kept.records} records of {kept.contacts} contacts were there, and {found.records} of {found.contacts} "
            "are left: history was removed, or an older backup was restored"
        )
    if found.records > kept.records:
        return (
            f"{kept.records} records were there, and {found.records} carry a time from before the checkpoint: records "
            "were slipped in, or the database's clock was set back since"
        )
    if found.digest != kept.digest:
        return f"the {kept.records} records are not those that were there: history was rewritten"
    return None


def parse(raw_text: str) -> list[Checkpoint]:
    """The checkpoints in a kept text: a line for each workspace. Raises `BadInput` where a line is none."""
    lines = [line.strip() for line in raw_text.splitlines() if line.strip()]
    found = []
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise BadInput(
                f"Line {number} is no checkpoint; expected what `avow audit checkpoint` prints, unchanged.",
                field="against",
            )
        workspace_id, until, contacts, records, digest = match.groups()
        found.append(Checkpoint(WorkspaceId(workspace_id), int(until), int(contacts), int(records), digest))
    if not found:
        raise BadInput("There is no checkpoint; expected what `avow audit checkpoint` prints.", field="against")
    return found
