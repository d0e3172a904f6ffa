"""Which index finds those who may fit, so that nobody else needs to be looked at?

- A filterable attribute's entries, tags, ids, exact e-mails and external ids, role and age are ways to find contacts;
  a negation never is. Of a group with AND one way is enough, of one with OR every part needs one.
- E-mails and external ids are looked up before, by their keys, and come here as ids (scale.md rule 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, TextClause, select, text, union

from avow.flow.contract import Contradicted, Every, Fixed, Node, Place, Relation, Some, Tagged, Test
from avow.store.schema import DOUBTED, LISTED, contact, contact_tag, filter_value
from avow.store.search.conditions import WORKSPACE, contradicted, entries, has_entries, is_id, operand, tagged
from avow.trust.contact import ContactId

Looked = Mapping[Test, Sequence[ContactId]]
"""Whom the keys that a test names lead to."""
BY_KEYS: Final = ("email", "external_id")


@dataclass(frozen=True, slots=True)
class Bound:
    """Some contacts by an index: `rows` selects their ids, which is `column`.

    `ordered`: they come in the order of their ids. `source`: the one table that is read, None for several. `rest`: what
    else has to be asked of each. `parts` select them too, one after the other, some of them more than once.
    `through`: every value of an attribute is looked at to find them.
    """

    rows: Select[Any]
    column: ColumnElement[Any]
    source: Table | None
    ordered: bool
    rest: tuple[Node, ...] = ()
    parts: tuple[Select[Any], ...] = ()
    through: bool = False

    @property
    def pieces(self) -> tuple[Select[Any], ...]:
        """What can be counted of it without all of it being read."""
        return self.parts or (self.rows,)


def bounds_of(where: Node, ready: Collection[int], looked: Looked) -> list[Bound]:
    """Every way there is; none where every contact has to be looked at."""
    match where:
        case Every():
            return [bound for part in where.parts for bound in _within(part, where, ready, looked)]
        case Some():
            return _either([bounds_of(part, ready, looked) for part in where.parts], where)
        case Tagged():
            return [] if where.negated else [Bound(tagged(where), contact_tag.c.contact_id, contact_tag, False)]
        case Contradicted():
            return [] if where.negated else [_contacts(text(DOUBTED), contradicted(where), ordered=True)]
        case Fixed():
            return [] if where.value else [_contacts(contact.c.id.in_([]))]
        case Test():
            bound = _test(where, ready, looked)
            return [] if bound is None else [bound]


def _within(part: Node, whole: Every, ready: Collection[int], looked: Looked) -> Iterator[Bound]:
    """The ways to find those who pass one part; of them the others are asked."""
    others = tuple(one for one in whole.parts if one is not part)
    for bound in bounds_of(part, ready, looked):
        yield replace(bound, rest=(*bound.rest, *others))


def unindexed(where: Node, ready: Collection[int], looked: Looked) -> Iterator[str]:
    """The fields of conditions that are no way to find contacts."""
    if isinstance(where, Every | Some):
        for part in where.parts:
            yield from unindexed(part, ready, looked)
    elif isinstance(where, Tagged) and where.negated:
        yield "tag_id"
    elif isinstance(where, Contradicted) and where.negated:
        yield "contradicted"
    elif isinstance(where, Test) and _test(where, ready, looked) is None:
        yield where.subject.field


def asks_by_key(where: Node) -> Iterator[Test]:
    """The tests that name whole e-mails or external ids."""
    if isinstance(where, Every | Some):
        for part in where.parts:
            yield from asks_by_key(part)
    elif isinstance(where, Test) and _names_keys(where):
        yield where


def _names_keys(test: Test) -> bool:
    whole = test.relation is Relation.IS and not test.negated
    return whole and test.subject.name in BY_KEYS and test.subject.place is not Place.DOMAIN


def _test(test: Test, ready: Collection[int], looked: Looked) -> Bound | None:
    single = test.relation is Relation.IS and len(test.operands) == 1
    if test.subject.place is Place.VALUE and has_entries(test, ready):
        rows = select(filter_value.c.contact_id).where(entries(test))
        through = test.relation in (Relation.CONTAINS, Relation.ENDS)
        return Bound(rows, filter_value.c.contact_id, filter_value, single, through=through)
    if test.negated:
        return None
    if test in looked:
        return _contacts(contact.c.id.in_(looked[test]), rest=(test,))
    if test.subject.place is not Place.FACT:
        return None
    column = contact.c[test.subject.name]
    if test.subject.name == "id" and test.relation is Relation.IS:
        return _contacts(column.in_([one for one in test.operands if is_id(str(one))]))
    if test.subject.name == "role" and single:
        return _contacts(column == operand(test.subject, test.operands[0]), ordered=True)
    if test.subject.name == "created_at" and test.relation is Relation.WITHIN:
        low = [] if test.low is None else [column >= operand(test.subject, test.low)]
        high = [] if test.high is None else [column < operand(test.subject, test.high)]
        return _contacts(*low, *high)
    return None


def _contacts(
    *conditions: ColumnElement[bool] | TextClause, rest: tuple[Node, ...] = (), ordered: bool = False
) -> Bound:
    rows = select(contact.c.id).where(contact.c.workspace_id == WORKSPACE, text(LISTED), *conditions)
    return Bound(rows, contact.c.id, contact, ordered, rest)


def _either(bounds: Sequence[Sequence[Bound]], where: Some) -> list[Bound]:
    if not all(bounds):
        return []
    ways = [min(some, key=lambda way: way.through) for some in bounds]
    joined = union(*(way.rows.with_only_columns(way.column.label("contact_id")) for way in ways)).subquery("either")
    rest = (where,) if any(way.rest for way in ways) else ()
    parts = tuple(piece for way in ways for piece in way.pieces)
    through = any(way.through for way in ways)
    return [Bound(select(joined.c.contact_id), joined.c.contact_id, None, False, rest, parts, through)]
