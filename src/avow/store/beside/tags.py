"""Where are tags written down, and who wears them? A row each for the tag and for every contact that it is on.

- Deleting a tag frees its name and ends it at once; its row stays until a sweep has removed it from every contact.
- What is read shows no tag that was deleted.

Source: spec §9 (tags carry provenance), scale.md rules 11 and 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import select

from avow.flow.contract import Tag, Tagging, TagId
from avow.store.engine.clearing import clear
from avow.store.engine.reader import Reader
from avow.store.engine.session import Engine, Session
from avow.store.engine.statement import Delete, Insert, Lookup, Update
from avow.store.schema import contact_tag, tag
from avow.trust.contact import Channel, ContactId, WorkspaceId
from avow.trust.weighing.names import fold

_TAG: Final = ("workspace_id", "id", "name", "created_at")
_PLACE: Final = ("workspace_id", "contact_id", "tag_id")
_TAGGING: Final = (*_PLACE, "at", "channel", "actor", "verified")
_RENEW: Final = ", ".join(f"{name} = excluded.{name}" for name in _TAGGING[3:])
_CHANNELS: Final = {str(channel): channel for channel in Channel}

OF_WORKSPACE: Final = Lookup(tag, ("workspace_id",), (*_TAG, "deleted_at"))
CREATE: Final = Insert(
    tag,
    (*_TAG, "folded"),
    "(workspace_id, id) DO UPDATE SET name = excluded.name, folded = excluded.folded",
)
END: Final = Update(tag, ("folded", "deleted_at"), ("workspace_id", "id"))
FORGET: Final = Delete(tag, ("workspace_id", "id"))
WORN: Final = Lookup(contact_tag, ("workspace_id", "contact_id"), _TAGGING)
PUT_ON: Final = Insert(contact_tag, _TAGGING, f"(workspace_id, contact_id, tag_id) DO UPDATE SET {_RENEW}")
TAKE_OFF: Final = Delete(contact_tag, _PLACE)


async def of_workspace(session: Session, workspace_id: WorkspaceId) -> list[Tag]:
    """Its tags, as a transaction sees them."""
    return _living(await session.read(OF_WORKSPACE, [(workspace_id,)]))


async def every(reader: Reader, workspace_id: WorkspaceId) -> list[Tag]:
    """Its tags, by folded name."""
    return _living(await reader.read(OF_WORKSPACE, (workspace_id,)))


def _living(rows: Sequence[Any]) -> list[Tag]:
    return sorted((Tag(*row[:4]) for row in rows if row[4] is None), key=lambda one: fold(one.name))


async def put(session: Session, it: Tag) -> None:
    """Make a tag, or give it another name. Raises `WriteConflict` where that is taken."""
    await session.write(CREATE, [(*msgspec.structs.astuple(it), f"={fold(it.name)}")])


async def end(session: Session, workspace_id: WorkspaceId, tag_id: TagId) -> None:
    """Delete a tag: nobody wears it any more."""
    await session.write(END, [(f"-{tag_id}", session.now, workspace_id, tag_id)])


async def worn(session: Session, ids: Sequence[tuple[WorkspaceId, ContactId]]) -> list[Tagging]:
    """Who of these wears what, as a transaction sees it; a tag that was deleted too."""
    return [of_row(row) for row in await session.read(WORN, ids)]


async def of_contact(reader: Reader, workspace_id: WorkspaceId, contact_id: ContactId) -> list[Tagging]:
    """What a contact wears, what was put on first first."""
    rows = await reader.read(WORN, (workspace_id, contact_id))
    if not rows:
        return []
    living = {one.id for one in await every(reader, workspace_id)}
    return sorted((one for row in rows if (one := of_row(row)).tag_id in living), key=lambda one: (one.at, one.tag_id))


def of_row(row: Sequence[Any]) -> Tagging:
    """A stored row, decoded."""
    workspace_id, contact_id, tag_id, at, channel, actor, verified = row
    return Tagging(workspace_id, contact_id, tag_id, at, _CHANNELS[channel], actor, bool(verified))


async def put_on(session: Session, taggings: Iterable[Tagging]) -> None:
    """Put tags on contacts; who wears one already wears it as this says."""
    await session.write(PUT_ON, [row_of(one) for one in sorted(taggings, key=_place)])


async def take_off(session: Session, taggings: Iterable[Tagging]) -> None:
    """Take tags off contacts."""
    await session.write(TAKE_OFF, sorted(map(_place, taggings)))


def row_of(one: Tagging) -> tuple[Any, ...]:
    """A tagging as it is stored."""
    return *_place(one), one.at, str(one.channel), one.actor, one.verified


def _place(one: Tagging) -> tuple[str, str, int]:
    return one.workspace_id, one.contact_id, one.tag_id


async def sweep(engine: Engine) -> None:
    """Remove what is left of deleted tags, step by step."""
    ended = select(tag.c.workspace_id, tag.c.id).where(tag.c.deleted_at.is_not(None))
    for workspace_id, tag_id in await engine.reader.rows(ended):
        mine = (contact_tag.c.workspace_id == workspace_id, contact_tag.c.tag_id == tag_id)
        await clear(engine, select(*(contact_tag.c[name] for name in _PLACE)).where(*mine), TAKE_OFF)
        async with engine.shared([]) as session:
            await session.write(FORGET, [(workspace_id, tag_id)])
            await session.commit()
