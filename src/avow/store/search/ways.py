"""Past whom does one walk to look at people one by one? Along an index that is in the order asked for, and back to it.

- Times are walked by their hour or day (`places.py`): a mark tells the time itself, or where its hour or day begins,
  and means that.
- A way along an attribute's entries leads past those who have a value; another one, by id, past those who have none.

Source: performance.md, scale.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, TextClause, exists, literal, select, text, tuple_
from sqlalchemy.sql.util import ClauseAdapter

from avow.flow.contract import Kind, Mark, Place, Sort
from avow.flow.contract.query import sortable
from avow.store.schema import CONTACT_ID, LISTED, contact, filter_value
from avow.store.search.bounds import Bound
from avow.store.search.conditions import WORKSPACE
from avow.store.search.places import DAY, HOUR, NEVER, whole
from avow.trust.contact import Contact, ContactId, Scalar

TIMES: Final = {"last_seen_at": (contact.c.seen_hour, HOUR), "updated_at": (contact.c.changed_day, DAY)}
_ENTRY: Final = filter_value.alias("entry")
_OURS: Final = (contact.c.workspace_id == WORKSPACE, text(LISTED))
_TIES: Final = (contact.c.workspace_id == WORKSPACE, contact.c.id == _ENTRY.c.contact_id)
_Conditions = tuple[ColumnElement[bool] | TextClause, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """An index, in order. `keys` order it, `along` are the rows of it, `contacts` ties them to whom they are of.

    `unset`: it leads past those who have no value; its marks say so. `narrow`: not past everybody.
    """

    sort: Sort
    keys: tuple[ColumnElement[Any], ...]
    along: _Conditions
    contacts: _Conditions = ()
    unset: bool = False
    narrow: bool = False

    @property
    def order(self) -> list[ColumnElement[Any]]:
        """What its rows are ordered by."""
        return [key.desc() if self.sort.descending else key.asc() for key in self.keys]

    def beyond(self, mark: Mark | None) -> list[ColumnElement[bool]]:
        """What follows a mark."""
        if mark is None:
            return []
        keys, edge = self._compared(self._edge(mark))
        return [keys < edge if self.sort.descending else keys > edge]

    def until(self, row: Sequence[Any]) -> ColumnElement[bool]:
        """Everything as far as a row of it, the row too."""
        keys, edge = self._compared(tuple(_typed(key, one) for key, one in zip(self.keys, row, strict=True)))
        within: ColumnElement[bool] = keys >= edge if self.sort.descending else keys <= edge
        return within

    def mark(self, row: Sequence[Any]) -> Mark:
        """Where a row of it is."""
        return Mark(None if self.unset else self._value(row), ContactId(row[-1]))

    def row_of(self, one: Contact) -> tuple[Any, ...]:
        """The row that leads to a contact."""
        subject = self.sort.subject
        held = one.holding(subject.name).value if subject.place is Place.VALUE else None
        value = getattr(one, subject.name) if subject.place is Place.FACT else held
        return self._row(Mark(value, one.id))

    def _row(self, mark: Mark) -> tuple[Any, ...]:
        return (mark.contact_id,) if len(self.keys) == 1 else (self._key(mark.value), mark.contact_id)

    def _edge(self, mark: Mark) -> tuple[ColumnElement[Any], ...]:
        return tuple(_typed(key, one) for key, one in zip(self.keys, self._row(mark), strict=True))

    def _compared(self, edge: tuple[ColumnElement[Any], ...]) -> tuple[Any, Any]:
        return (self.keys[0], edge[0]) if len(edge) == 1 else (tuple_(*self.keys), tuple_(*edge))

    def _key(self, value: Scalar) -> Any:
        subject = self.sort.subject
        if subject.name in TIMES:
            assert not isinstance(value, str)
            return whole(value, TIMES[subject.name][1])
        return sortable(value) if subject.place is Place.VALUE and value is not None else value

    def _value(self, row: Sequence[Any]) -> Scalar:
        if len(self.keys) == 1:
            found: Scalar = row[0]
            return found
        if self.sort.subject.name in TIMES:
            return None if row[0] is None or row[0] == NEVER else float(row[0] * TIMES[self.sort.subject.name][1])
        value: Scalar = row[0]
        return value


def ways_of(sort: Sort, ready: set[int], bound: Bound | None) -> tuple[Way, ...]:
    """The ways that lead, one after the other, past everybody in this order; none where no index is in it.

    A bound whose contacts come by id is a way of its own where they are wanted by id.
    """
    subject = sort.subject
    if subject.name == "id":
        return (Way(sort, (contact.c.id,), _OURS) if bound is None or not bound.ordered else _within(sort, bound),)
    if subject.name == "created_at":
        return (Way(sort, (contact.c.created_at, contact.c.id), _OURS),)
    if subject.name in TIMES:
        return (Way(sort, (TIMES[subject.name][0], contact.c.id), _OURS),)
    if subject.kind is Kind.TEXT and subject.place is Place.VALUE and subject.attribute_id in ready:
        return _by_entries(sort)
    return ()


def _by_entries(sort: Sort) -> tuple[Way, ...]:
    mine = (
        _ENTRY.c.workspace_id == WORKSPACE,
        _ENTRY.c.attribute_id == literal(sort.subject.attribute_id),
        _ENTRY.c.verified == literal(False),
    )
    none = ~exists(select(1).where(*mine, _ENTRY.c.contact_id == contact.c.id).correlate(contact))
    return (
        Way(sort, (_ENTRY.c.value, _ENTRY.c.contact_id), mine, _TIES),
        Way(sort, (contact.c.id,), _OURS, (none,), unset=True),
    )


def _within(sort: Sort, bound: Bound) -> Way:
    clause = bound.rows.whereclause
    assert clause is not None
    if bound.source is contact:
        return Way(sort, (contact.c.id,), (clause,), narrow=True)
    return Way(sort, (_ENTRY.c.contact_id,), (ClauseAdapter(_ENTRY).traverse(clause),), _TIES, narrow=True)


def _typed(key: ColumnElement[Any], value: Any) -> ColumnElement[Any]:
    return literal(value, CONTACT_ID) if key.name in ("id", "contact_id") else literal(value, key.type)
