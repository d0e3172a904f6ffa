"""Where is it written down what is filterable, and the values by which contacts are then found?

Entries are written by whoever writes their contact, in the same transaction, in the order of their keys.
Source: performance.md (side table of indexed values), scale.md rules 1, 5 and 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import func, select

from avow.flow.contract import Filter, FilterState, FilterValue
from avow.store.engine.reader import Reader
from avow.store.engine.session import Session
from avow.store.engine.statement import Delete, Insert, Lookup
from avow.store.schema import attribute_filter, contact, filter_value
from avow.trust.contact import ContactId, WorkspaceId

_FILTER: Final = ("attribute_id", "state", "since", "done", "total", "reached")
_RENEWED: Final = ", ".join(f"{name} = excluded.{name}" for name in _FILTER[1:])
_PLACE: Final = ("workspace_id", "contact_id", "attribute_id", "verified")

OF_WORKSPACE: Final = Lookup(attribute_filter, ("workspace_id",), _FILTER)
PUT: Final = Insert(
    attribute_filter, (*_FILTER, "workspace_id"), f"(workspace_id, attribute_id) DO UPDATE SET {_RENEWED}"
)
DROP: Final = Delete(attribute_filter, ("workspace_id", "attribute_id"))
ENTER: Final = Insert(filter_value, (*_PLACE, "value"), f"({', '.join(_PLACE)}) DO UPDATE SET value = excluded.value")
REMOVE: Final = Delete(filter_value, _PLACE)


def of_row(row: Sequence[Any]) -> Filter:
    """A stored row (`OF_WORKSPACE`), decoded."""
    attribute_id, state, *rest = row
    return Filter(attribute_id, FilterState(state), *rest)


async def of_workspace(session: Session, workspace_id: WorkspaceId) -> list[Filter]:
    """Its filterable attributes, by number."""
    return _in_order(await session.read(OF_WORKSPACE, [(workspace_id,)]))


async def every(reader: Reader, workspace_id: WorkspaceId) -> list[Filter]:
    """The same, beside the writers."""
    return _in_order(await reader.read(OF_WORKSPACE, (workspace_id,)))


async def unfinished(reader: Reader) -> list[WorkspaceId]:
    """Workspaces with an index that is not ready."""
    query = select(attribute_filter.c.workspace_id).where(attribute_filter.c.state != FilterState.READY.value)
    return [row[0] for row in await reader.rows(query.distinct().order_by(attribute_filter.c.workspace_id))]


async def put(session: Session, workspace_id: WorkspaceId, it: Filter) -> None:
    """Write down how far an index is."""
    row = (it.attribute_id, str(it.state), it.since, it.done, it.total, it.reached, workspace_id)
    await session.write(PUT, [row])


async def drop(session: Session, workspace_id: WorkspaceId, attribute_id: int) -> None:
    """Forget that an attribute was filterable."""
    await session.write(DROP, [(workspace_id, attribute_id)])


async def put_values(session: Session, values: Iterable[FilterValue]) -> None:
    """Enter values, or remove them."""
    placed = sorted((_place(one), one.value) for one in values if one.value is not None)
    await session.write(ENTER, [(*place, value) for place, value in placed])
    await session.write(REMOVE, sorted(_place(one) for one in values if one.value is None))


async def ids(reader: Reader, workspace_id: WorkspaceId, *, after: ContactId | None, limit: int) -> list[ContactId]:
    """Contacts of every kind, in the order of their ids."""
    query = select(contact.c.id).where(contact.c.workspace_id == workspace_id)
    if after is not None:
        query = query.where(contact.c.id > after)
    return [row[0] for row in await reader.rows(query.order_by(contact.c.id).limit(limit))]


async def count(reader: Reader, workspace_id: WorkspaceId) -> int:
    """How many contacts there are, of every kind. Looks at each: not for while a request waits."""
    rows = await reader.rows(select(func.count()).select_from(contact).where(contact.c.workspace_id == workspace_id))
    return int(rows[0][0])


def _in_order(rows: Iterable[Sequence[Any]]) -> list[Filter]:
    return sorted(map(of_row, rows), key=lambda it: it.attribute_id)


def _place(one: FilterValue) -> tuple[WorkspaceId, ContactId, int, bool]:
    return one.workspace_id, one.contact_id, one.attribute_id, one.verified
