"""How is a question asked in SQL? As one condition on a row of `contact`. NULL counts as false, and is never negated.

A value that is not set fails, and passes negated: negated tests ask for that, the others are NULL then. What an index
knows is asked of the index, contact by contact (`_indexed`); where it is a way to find contacts at all is told in
`bounds.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Double,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from avow.flow.contract import (
    Contradicted,
    Every,
    Fixed,
    Kind,
    Node,
    Place,
    Relation,
    Some,
    Subject,
    Tagged,
    Test,
    fold_text,
    sortable,
)
from avow.store.schema import CONTACT_ID, contact, contact_tag, filter_value, tag
from avow.store.schema.columns import TEXT
from avow.store.search.stored import current, is_leftover, is_vouched, vouched

Condition = ColumnElement[bool]
WORKSPACE: Final[ColumnElement[str]] = bindparam("workspace", type_=TEXT)
"""The workspace of the whole statement, given when it is run."""
_WHOLE: Final = BigInteger()
_NUMBERS: Final[dict[Kind, TypeEngine[Any]]] = {Kind.INTEGER: _WHOLE, Kind.DATE: _WHOLE, Kind.FLOAT: Double()}


def condition(where: Node, ready: Collection[int]) -> Condition:
    """The condition. `ready` are the attributes whose index may be asked."""
    match where:
        case Every():
            return and_(*(condition(part, ready) for part in where.parts))
        case Some():
            return or_(*(condition(part, ready) for part in where.parts))
        case Fixed():
            return true() if where.value else false()
        case Tagged():
            found = exists(tagged(where).where(contact_tag.c.contact_id == contact.c.id))
            return not_(found) if where.negated else found
        case Contradicted():
            return contradicted(where)
        case Test():
            return _indexed(where) if has_entries(where, ready) else _stored(where)


def has_entries(test: Test, ready: Collection[int]) -> bool:
    """Whether an index holds all that a test asks for, so that those who pass it can be found there."""
    return test.subject.attribute_id in ready and test.subject.blank is None and not test.negated


def entries(test: Test) -> Condition:
    """The entries of an index that pass a test."""
    return and_(
        filter_value.c.workspace_id == WORKSPACE,
        filter_value.c.attribute_id == test.subject.attribute_id,
        filter_value.c.verified == literal(test.verified),
        *_entry_passes(test),
    )


def tagged(where: Tagged) -> Any:
    """The contacts that have a tag, or any tag that is one still; each once."""
    living = select(tag.c.id).where(tag.c.workspace_id == WORKSPACE, tag.c.deleted_at.is_(None))
    query = select(contact_tag.c.contact_id).where(
        contact_tag.c.workspace_id == WORKSPACE, contact_tag.c.tag_id.in_(living)
    )
    if where.tag_id is None:
        query = query.distinct()
    else:
        query = query.where(contact_tag.c.tag_id == literal(where.tag_id, BigInteger()))
    return query.where(contact_tag.c.verified == literal(True)) if where.verified else query


def contradicted(where: Contradicted) -> Condition:
    """Whether a value of a contact is contradicted, or is not."""
    found = contact.c.contradicted_until >= literal(where.held_since, Double())
    if not where.negated:
        return found
    return true() if where.loose else not_(func.coalesce(found, False))


def sort_value(subject: Subject) -> ColumnElement[Any]:
    """What contacts are sorted by."""
    value = current(subject)
    return func.lower(value) if subject.kind is Kind.TEXT else value


def operand(subject: Subject, value: Any) -> ColumnElement[Any]:
    """A value to compare a field with, of the type that the field has in SQL."""
    if subject.name == "id":
        return literal(value, CONTACT_ID)
    if subject.place is Place.FACT and subject.kind is Kind.DATE:
        return literal(value, Double())
    kind: TypeEngine[Any] = Boolean() if subject.kind is Kind.BOOLEAN else _NUMBERS.get(subject.kind, TEXT)
    return literal(value, kind)


def _indexed(test: Test) -> Condition:
    return exists(select(1).where(entries(test), filter_value.c.contact_id == contact.c.id))


def _entry_passes(test: Test) -> list[Condition]:
    value, operands = filter_value.c.value, [sortable(one) for one in test.operands]
    match test.relation:
        case Relation.SET:
            return []
        case Relation.IS:
            return [value == operands[0] if len(operands) == 1 else value.in_(operands)]
        case Relation.WITHIN:
            low = [] if test.low is None else [value >= sortable(test.low)]
            return low if test.high is None else [*low, value < sortable(test.high)]
        case Relation.BEGINS:
            # A range finds them by the index; the comparison itself is `LIKE`'s.
            return [value >= operands[0], value.startswith(operands[0], autoescape=True)]
        case Relation.CONTAINS:
            return [value.contains(operands[0], autoescape=True)]
        case Relation.ENDS:
            return [value.endswith(operands[0], autoescape=True)]


def _stored(test: Test) -> Condition:
    subject = test.subject
    value = vouched(subject) if test.verified else current(subject)
    passed: Condition = value.is_(None) if test.negated else value.is_not(None)
    if test.relation is not Relation.SET:
        passes = _passes(test, value)
        passed = or_(passed, not_(passes)) if test.negated else passes
    if test.verified:
        return and_(is_vouched(subject), passed)
    return passed if subject.adopted_at is None else or_(passed, is_leftover(subject))


def _passes(test: Test, value: ColumnElement[Any]) -> Condition:
    subject = test.subject
    if test.relation is Relation.WITHIN:
        low = [] if test.low is None else [value >= operand(subject, test.low)]
        return and_(*low, *([] if test.high is None else [value < operand(subject, test.high)]))
    if test.relation is Relation.IS and subject.kind is not Kind.TEXT:
        return or_(*(value == operand(subject, one) for one in _possible(test)), false())
    text, operands = func.lower(value), [fold_text(str(one)) for one in test.operands]
    if test.relation is Relation.IS:
        return text.in_(operands)
    liken: dict[Relation, Callable[..., Condition]] = {
        Relation.CONTAINS: text.contains,
        Relation.BEGINS: text.startswith,
        Relation.ENDS: text.endswith,
    }
    return liken[test.relation](operands[0], autoescape=True)


def _possible(test: Test) -> list[Any]:
    """The operands that anything could be equal to: an id is 24 hexadecimal digits."""
    if test.subject.name != "id":
        return list(test.operands)
    return [one for one in test.operands if isinstance(one, str) and is_id(one)]


def is_id(text: str) -> bool:
    """Whether a text can be the id of a contact."""
    return len(text) == 24 and all(letter in "0123456789abcdef" for letter in text)
