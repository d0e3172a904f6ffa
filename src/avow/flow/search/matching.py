"""Does one contact fit? The search language in plain Python, as every database answers it.

- `matches` sees values as today's rules do, leftovers included; it is what decides.
- `stored_value` sees what a database sees, and places a contact in a sorted list.

Source: `flow/contract/query.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from avow.flow.contacts.reading import holding_today, today
from avow.flow.contract.query import (
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
)
from avow.trust.contact import Contact, Holding, Scalar, State
from avow.trust.rules import Rules


def matches(where: Node, contact: Contact, rules: Rules, tags: Mapping[int, bool] | None = None) -> bool:
    """Whether the contact fits. `tags` are the ids of those she has, with whether somebody vouched for each."""
    match where:
        case Every():
            return all(matches(part, contact, rules, tags) for part in where.parts)
        case Some():
            return any(matches(part, contact, rules, tags) for part in where.parts)
        case Fixed():
            return where.value
        case Tagged():
            return _tagged(where, tags or {}) is not where.negated
        case Contradicted():
            return _is_contradicted(where, contact, rules) is not where.negated
        case Test():
            return _fits(where, contact, rules)


def stored_value(subject: Subject, contact: Contact) -> Scalar:
    """The field as a database reads it, for sorting: text folded, a value of another type not set."""
    value = _current(subject, contact, contact.holding(subject.name))
    return fold_text(value) if isinstance(value, str) and subject.kind is Kind.TEXT else value


def _is_contradicted(where: Contradicted, contact: Contact, rules: Rules) -> bool:
    since = where.held_since
    return any(one.state(held_since=since) is State.CONTRADICTED for _, _, one in today(contact, rules))


def _fits(test: Test, contact: Contact, rules: Rules) -> bool:
    subject = test.subject
    holding = holding_today(contact, subject.name, rules)
    if not test.verified:
        value = _current(subject, contact, holding)
    else:
        slot = holding.verified_slot
        if slot is None:
            return False
        value = _typed(subject, slot.value)
    return _holds(test, value) is not test.negated


def _current(subject: Subject, contact: Contact, holding: Holding) -> Scalar:
    if subject.place is Place.FACT:
        fact: Scalar = getattr(contact, subject.name)
        return fact
    value = _typed(subject, holding.value)
    return subject.blank if value is None else value


def _typed(subject: Subject, value: Scalar) -> Scalar:
    """The value, if it is of the field's kind."""
    if subject.place is Place.DOMAIN:
        return (value.rpartition("@")[2] or None) if isinstance(value, str) else None
    match subject.kind:
        case Kind.TEXT | Kind.EXACT:
            return value if isinstance(value, str) else None
        case Kind.BOOLEAN:
            return value if isinstance(value, bool) else None
        case Kind.INTEGER | Kind.DATE:
            return value if type(value) is int else None
        case Kind.FLOAT:
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _holds(test: Test, value: Scalar) -> bool:
    if value is None:
        return False
    match test.relation:
        case Relation.SET:
            return True
        case Relation.WITHIN:
            number = float(value) if test.subject.kind is Kind.FLOAT else value
            assert not isinstance(number, str)
            return (test.low is None or number >= test.low) and (test.high is None or number < test.high)
        case Relation.IS if not isinstance(value, str) or test.subject.kind is Kind.EXACT:
            return value in test.operands
    text, operands = fold_text(str(value)), [fold_text(str(one)) for one in test.operands]
    match test.relation:
        case Relation.IS:
            return text in operands
        case Relation.CONTAINS:
            return operands[0] in text
        case Relation.BEGINS:
            return text.startswith(operands[0])
        case Relation.ENDS:
            return text.endswith(operands[0])


def _tagged(where: Tagged, tags: Mapping[int, bool]) -> bool:
    wanted = tags if where.tag_id is None else (where.tag_id,)
    return any(tag in tags and (tags[tag] or not where.verified) for tag in wanted)
