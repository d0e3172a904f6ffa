"""How does a batch write what stands beside contacts, and how is it handed over when somebody is merged?

- A row changes its contact by being written anew and removed where it was: it may live on another node (rule 1).
- Handed over are the newest events, as many as one transaction can bear. What is older stays where it was, and is
  erased with the contact that its owner became part of.
- What both had is there once; of two taggings the vouched one, else the host's.

Source: spec §5.6; scale.md rules 1, 5 and 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from avow.flow.contract import Additions, Move
from avow.store import events
from avow.store.beside import notes, summaries, tags
from avow.store.engine.session import Session
from avow.store.engine.statement import Delete, Insert, Lookup
from avow.store.schema import contact_tag, event, note

MOST_MOVED: Final = 10_000
_THEIRS: Final = ("workspace_id", "contact_id")
_LAST: Final = f" LIMIT {MOST_MOVED}"

EVENTS: Final = Lookup(event, _THEIRS, events.COLUMNS, more=f" ORDER BY created_at DESC, id DESC{_LAST}")
LEAVE_EVENTS: Final = Delete(event, (*_THEIRS, "created_at", "id"))
NOTES: Final = Lookup(note, _THEIRS, notes.COLUMNS, more=f" ORDER BY id DESC{_LAST}")
LEAVE_NOTES: Final = Delete(note, (*_THEIRS, "id"))
KEEP: Final = Insert(
    contact_tag,
    tags.WORN.columns,
    "(workspace_id, contact_id, tag_id) DO UPDATE SET at = excluded.at, channel = excluded.channel,"
    " actor = excluded.actor, verified = excluded.verified WHERE excluded.verified AND NOT contact_tag.verified",
)


@dataclass(frozen=True, slots=True)
class _Handing:
    """One table's way from one contact to another: what is read, written anew, and removed."""

    read: Lookup
    write: Insert
    remove: Delete


_HANDED: Final = (
    _Handing(EVENTS, events.RECORD, LEAVE_EVENTS),
    _Handing(NOTES, notes.ADD, LEAVE_NOTES),
    _Handing(tags.WORN, KEEP, tags.TAKE_OFF),
)


async def write(session: Session, additions: Sequence[Additions]) -> None:
    """Everything that a batch adds beside contacts, table by table; then what is handed over, in its order."""
    await tags.take_off(session, [one for part in additions for one in part.untagged])
    await tags.put_on(session, [one for part in additions for one in part.tagged])
    await notes.add(session, [one for part in additions for one in part.notes])
    await summaries.put(session, [one for part in additions for one in part.summaries])
    for part in additions:
        for move in part.moves:
            await _hand_over(session, move)


async def _hand_over(session: Session, move: Move) -> None:
    for table in _HANDED:
        rows = [tuple(row) for row in await session.read(table.read, [(move.workspace_id, move.source)])]
        place = [table.read.columns.index(name) for name in table.remove.by]
        # Every table of these has the workspace and the contact for its first two columns.
        await session.write(table.write, [(move.workspace_id, move.into, *row[2:]) for row in rows])
        await session.write(table.remove, [tuple(row[at] for at in place) for row in rows])
