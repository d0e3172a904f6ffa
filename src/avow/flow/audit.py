"""Does every chain of a workspace still verify? `avow audit verify` asks, contact by contact, and changes nothing.

Each chain is checked by itself (`trust/audit/chain.py`); here it is seen to that whoever is gone by merging went into
somebody who was erased. Findings are kept up to a bound and counted beyond it. Source: spec §7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from avow.errors import NotFound
from avow.flow.contract import Store
from avow.trust.attribute import STANDARD
from avow.trust.audit.chain import Fault, Finding, row_of, verify
from avow.trust.audit.checkpoint import Checkpoint, Digest
from avow.trust.contact import ContactId, WorkspaceId

MOST_FINDINGS: Final = 1_000
TELL_EVERY: Final = 200


class Audit(msgspec.Struct, frozen=True):
    """What was looked at, and what was found. `erased` counts the contacts of whom only a chain is left."""

    workspace_id: WorkspaceId
    contacts: int
    erased: int
    records: int
    faults: int
    findings: tuple[Finding, ...]
    checkpoint: Checkpoint

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written."""
        return self.faults == 0


async def audit(
    store: Store, workspace_id: WorkspaceId, until: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> Audit:
    """Verify every chain of a workspace, and add them up until then (Unix seconds; None: all).

    `progress` is told how many chains have been looked at. Raises `NotFound` for a workspace that is not there.
    """
    rules = await store.rules(workspace_id)
    if rules is None:
        raise NotFound(f"There is no workspace {workspace_id!r}.", field="workspace")
    attributes = STANDARD | {attribute.name: attribute for attribute in rules.attributes}
    contacts = records = faults = 0
    findings: list[Finding] = []
    erased: set[ContactId] = set()
    gone_into: dict[ContactId, ContactId] = {}
    digest, looked_at = Digest(workspace_id, until), 0
    async for contact_id, contact, changes in store.chains(workspace_id):
        digest.add(contact_id, changes)
        looked_at += 1
        if looked_at % TELL_EVERY == 0:
            progress(looked_at)
        checked = verify(workspace_id, contact_id, contact, [row_of(change) for change in changes], attributes)
        contacts += contact is not None
        records += len(changes)
        if checked.erased:
            erased.add(contact_id)
        if checked.gone_into is not None:
            gone_into[contact_id] = checked.gone_into
        faults += len(checked.findings)
        findings.extend(checked.findings[: MOST_FINDINGS - len(findings)])
    for lost in _never_erased(gone_into, erased):
        faults += 1
        findings.append(lost)
    gone = len(erased) + len(gone_into)
    found = tuple(findings[:MOST_FINDINGS])
    return Audit(workspace_id, contacts, gone, records, faults, found, digest.checkpoint())


def _never_erased(gone_into: dict[ContactId, ContactId], erased: set[ContactId]) -> list[Finding]:
    """Who is gone, and whose successor was not erased: then nothing explains that she is."""
    lost: list[Finding] = []
    for contact_id in gone_into:
        end, steps = contact_id, 0
        while end in gone_into and steps <= len(gone_into):
            end, steps = gone_into[end], steps + 1
        if end not in erased:
            message = f"she is gone and was merged into {end}, who was never erased"
            lost.append(Finding(contact_id, None, Fault.NO_TOMBSTONE, message))
    return lost
