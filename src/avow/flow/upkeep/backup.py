"""What is a backup worth? What its manifest says was in it, compared with what is there once it has been brought back.

- The manifest is written from the copy itself, after every chain in it was verified.
- After a restore the present begins anew: tokens signed before count no more (V12), and the rules' versions leap, so
  that nothing that a process remembers of the time before holds.

Source: spec §4 V12, §7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from avow.errors import BadInput
from avow.flow.audit import audit
from avow.flow.contract import Store
from avow.flow.contract.upkeep import Upkeep
from avow.flow.work import Entropy
from avow.flow.workspaces import set_policy
from avow.trust.contact import WorkspaceId

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"


class Part(msgspec.Struct, frozen=True):
    """A file of the backup. `sha256` in hex."""

    name: str
    bytes: int
    sha256: str


class Counted(msgspec.Struct, frozen=True):
    """What was in one workspace. `heads` is a digest (hex) over the end of every chain."""

    id: WorkspaceId
    name: str
    contacts: int
    erased: int
    records: int
    faults: int
    heads: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `taken_at` is in Unix seconds, `revision` that of the tables."""

    format: int
    avow: str
    database: str
    database_version: str
    revision: str
    taken_at: float
    holds_master_key: bool
    file: Part
    workspaces: tuple[Counted, ...]


def parse(raw: bytes) -> Manifest:
    """A manifest as it stands in its file. Raises `BadInput` where it is none of ours."""
    try:
        found = msgspec.json.decode(raw, type=Manifest)
    except msgspec.MsgspecError as error:
        raise BadInput(f"The manifest cannot be read ({error}); is it a backup of Avow's?", field="from") from None
    if found.format != FORMAT:
        raise BadInput(
            f"The backup is of format {found.format}; this program knows {FORMAT}. Use the version that made it "
            f"({found.avow}).",
            field="from",
        )
    if "/" in found.file.name or found.file.name.startswith("."):
        raise BadInput("The manifest names a file elsewhere; expected one beside it.", field="from")
    return found


async def count(store: Store, progress: Callable[[int], None] = lambda _: None) -> tuple[Counted, ...]:
    """Every workspace, with every chain verified."""
    found, before = [], 0
    known = await store.workspaces()
    for workspace in sorted(known, key=lambda it: (it.production_id or it.id, it.production_id is not None)):
        seen = before
        one = await audit(store, workspace.id, progress=lambda chains, seen=seen: progress(seen + chains))  # type: ignore[misc]
        before += one.checkpoint.contacts
        heads = one.checkpoint.digest
        found.append(Counted(workspace.id, workspace.name, one.contacts, one.erased, one.records, one.faults, heads))
    return tuple(found)


def differences(manifest: Manifest, found: Sequence[Counted]) -> list[str]:
    """What is not as the manifest says, in words; nothing where everything is."""
    there = {one.id: one for one in found}
    said = []
    for one in manifest.workspaces:
        other = there.pop(one.id, None)
        if other is None:
            said.append(f"the workspace {one.id} is missing")
        elif other != one:
            said.append(
                f"{one.id}: {one.records} records of {one.contacts} contacts with {one.faults} findings were backed "
                f"up, {other.records} of {other.contacts} with {other.faults} are there, or their chains end otherwise"
            )
    return said + [f"the workspace {name} was not in it" for name in there]


async def begin_anew(store: Store, upkeep: Upkeep, now: float, *, entropy: Entropy, actor: str) -> None:
    """End what was believed before a restore, in every workspace."""
    for workspace in await store.workspaces():
        await set_policy(
            store,
            workspace.id,
            lambda policy: msgspec.structs.replace(policy, tokens_not_before=int(now)),
            entropy=entropy,
            actor=actor,
        )
    await upkeep.leap(now)
