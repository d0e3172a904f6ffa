"""What does Acme keep in a store? Its workspaces, Alice and others, and the records of what became of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec

from avow.flow.contract import KeyKind, KeyRow, LookupKey, Save, Store, Teammate, Workspace, Writes
from avow.trust.change import GENESIS, Change, ChangeKind, Draft, seal
from avow.trust.contact import Channel, Contact, ContactId, Holding, Role, Source, WorkspaceId
from avow.trust.policy import Policy, WorkspaceKind

ACME = WorkspaceId("acme0001")
ACME_TEST = WorkspaceId("acme0002")
GLOBEX = WorkspaceId("globex01")

OLIVE = Teammate("team1", ACME, "olive@acme.example", "Olive", "owner", "$argon2id$…", 1_700_000_000.0)
NOON = 1_700_000_000.0

_numbers = itertools.count(1)


async def move_in(store: Store) -> None:
    """Make the workspaces: two that belong together, and one of somebody else."""
    await store.create_workspaces(
        [
            Workspace(ACME_TEST, "Acme (test)", WorkspaceKind.TEST, "UTC", Policy(), NOON, ACME),
            Workspace(ACME, "Acme", WorkspaceKind.PRODUCTION, "Europe/Vienna", Policy(), NOON),
            Workspace(GLOBEX, "Globex", WorkspaceKind.PRODUCTION, "UTC", Policy(), NOON + 1),
        ],
        [OLIVE],
    )


def contact_id(number: int | None = None) -> ContactId:
    """An id; later ones are greater."""
    return ContactId(f"{next(_numbers) if number is None else number:024x}")


def person(workspace_id: WorkspaceId = ACME, **facts: Any) -> Contact:
    """Somebody who was never stored."""
    plan = Holding("pro", Source(Channel.SIGNED, True, "key1", 1_700_000_000, NOON, 1))
    whole = {"role": Role.USER, "created_at": NOON, "updated_at": NOON, "head": GENESIS, "holdings": {"plan": plan}}
    return Contact(**{"id": contact_id(), "workspace_id": workspace_id, "version": 0, **whole, **facts})


def changed(contact: Contact, *, at: float = NOON, key: str | None = "key1", **facts: Any) -> Save:
    """One more change of a contact, sealed: what is to be saved."""
    seq = contact.version + 1
    draft = Draft(ChangeKind.UPDATED, Channel.SIGNED, key=key, values={"plan": ("free", "pro")})
    change = seal(
        draft,
        workspace_id=contact.workspace_id,
        contact_id=contact.id,
        seq=seq,
        at=at,
        previous=contact.head,
        salt=bytes(16),
    )
    after = msgspec.structs.replace(contact, **{"updated_at": at, **facts, "version": seq, "head": change.hash})
    return Save(after, contact.version, (change,))


def tombstone(contact: Contact) -> Change:
    """The last record of a contact."""
    return seal(
        Draft(ChangeKind.ERASED, Channel.API, actor="access_token:1", origin="https://acme.example"),
        workspace_id=contact.workspace_id,
        contact_id=contact.id,
        seq=contact.version + 1,
        at=NOON,
        previous=contact.head,
        salt=bytes(16),
    )


def key(kind: KeyKind, value: str, workspace_id: WorkspaceId = ACME) -> LookupKey:
    """A key of Acme's."""
    return LookupKey(workspace_id, kind, value)


def leads(kind: KeyKind, value: str, contact: Contact | None, not_before: int | None = None) -> KeyRow:
    """A key that leads to a contact of Acme's."""
    return KeyRow(key(kind, value), contact.id if contact is not None else None, not_before)


async def write(store: Store, writes: Writes, workspaces: Sequence[WorkspaceId] = (ACME,)) -> None:
    """Write a batch of its own."""
    async with store.transaction(workspaces) as transaction:
        await transaction.write(writes)
        await transaction.commit()


async def stored(store: Store, *people: Contact, keys: Sequence[KeyRow] = ()) -> list[Contact]:
    """Store people, each with a first change; as they stand then."""
    saves = tuple(changed(one) for one in people)
    await write(store, Writes(saves=saves, put_keys=tuple(keys)))
    return [save.contact for save in saves]
