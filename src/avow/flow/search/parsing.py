"""What does a query say? The JSON of the search language, checked and read into the tree that is asked.

- `{field, operator, value}`, or `{operator: AND | OR, value: [...]}` around these, and around groups of these.
- `=` and `!=` without a value (absent, `null` or `""`) mean *is not set* and *is set*, of dates too.
- `verified: true` on a condition reads the verified slot. What nobody vouches for (who somebody says she is, when she
  was seen, in which segment she is) cannot be asked for so.
- An error names the part that is at fault by its path, such as `query.value[1].operator`.

Source: contract/intercom-notes.md §4.1 (codes), §4.4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

import msgspec

from avow.errors import BadInput
from avow.flow.contract.query import (
    Contradicted,
    Every,
    Fixed,
    Kind,
    Node,
    Place,
    Relation,
    Some,
    Sort,
    Subject,
    Tagged,
    Test,
)
from avow.flow.search.days import day_of
from avow.flow.search.fields import OF_IDS, OF_TAGS, SEGMENT, TAG, operators_of, subject_of
from avow.trust.attribute import Attribute, AttributeType
from avow.trust.weighing.values import MAX_ADDRESS, MAX_INTEGER, Unfit, coerce

MAX_GROUPS: Final = 2
MAX_CONDITIONS: Final = 15
MAX_IN: Final = 150
_GROUPS: Final = ("AND", "OR")
_OF_GROUPS: Final = ("operator", "value")
_OF_CONDITIONS: Final = ("field", "operator", "value", "verified")
_NEGATED: Final = ("!=", "NIN", "!~")
_LISTS: Final = ("IN", "NIN")
_RELATIONS: Final = {"~": Relation.CONTAINS, "!~": Relation.CONTAINS, "^": Relation.BEGINS, "$": Relation.ENDS}
_ROLES: Final = ("user", "lead")
_VOUCHED_FACTS: Final = ("id", "created_at", "updated_at")
"""Facts that the server has seen to itself."""
_SAMPLES: Final = {
    Kind.INTEGER: Attribute(0, "", AttributeType.INTEGER),
    Kind.FLOAT: Attribute(0, "", AttributeType.FLOAT),
    Kind.BOOLEAN: Attribute(0, "", AttributeType.BOOLEAN),
    Kind.DATE: Attribute(0, "", AttributeType.INTEGER),
}
_EXPECTED: Final = {
    Kind.TEXT: f"text of at most {MAX_ADDRESS} characters",
    Kind.EXACT: f"text of at most {MAX_ADDRESS} characters",
    Kind.INTEGER: "a whole number",
    Kind.FLOAT: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a time in whole Unix seconds",
}

Operand = str | int | float | bool


class Terms(msgspec.Struct, frozen=True):
    """What a query is read by: the workspace's attributes, its time zone, and which question each segment is."""

    attributes: Mapping[str, Attribute]
    zone: tzinfo
    segments: Mapping[str, Node] = {}


def parse(raw_query: object, terms: Terms, path: str = "query") -> Node:
    """The question that a query asks. Raises `BadInput`: parameter_invalid, parameter_not_found or type_mismatch."""
    return _node(raw_query, terms, path, 0)


def parse_sort(raw_field: str | None, raw_order: str | None, attributes: Mapping[str, Attribute]) -> Sort:
    """The order asked for; by age if no field is named. Raises `BadInput`: invalid_sort_order, parameter_invalid."""
    if raw_order not in (None, "ascending", "descending"):
        message = "The sort order is none that there is. It must be one of: ascending, descending"
        raise BadInput(message, field="sort.order", code="invalid_sort_order")
    subject = subject_of(raw_field or "id", attributes)
    if subject is None:
        raise BadInput("There is no such field to sort by. Use a field of contacts.", field="sort.field")
    if subject.place is Place.NOWHERE:
        subject = subject_of("id", attributes) or subject
    return Sort(subject, raw_order != "ascending")


def _node(raw: object, terms: Terms, path: str, depth: int) -> Node:
    if not isinstance(raw, dict):
        raise BadInput("This is not a condition. Send an object with field, operator and value.", field=path)
    operator = raw.get("operator")
    if not isinstance(operator, str):
        code = "parameter_not_found" if operator is None else "parameter_invalid"
        raise BadInput("A condition has an operator, as text.", field=f"{path}.operator", code=code)
    if operator in _GROUPS and "field" not in raw:
        _refuse_unknown(raw, _OF_GROUPS, path)
        return _group(operator, raw.get("value"), terms, f"{path}.value", depth + 1)
    if operator.upper() in _GROUPS and "field" not in raw:
        raise BadInput("Groups are joined by AND or OR, in capitals.", field=f"{path}.operator")
    _refuse_unknown(raw, _OF_CONDITIONS, path)
    return _condition(raw, operator, terms, path)


def _refuse_unknown(raw: Mapping[str, Any], names: tuple[str, ...], path: str) -> None:
    """A slip of `verified` would find what nobody vouched for."""
    for name in raw:
        if name not in names:
            raise BadInput(f"There is no such word here. It takes {', '.join(names)}.", field=f"{path}.{name[:64]}")


def _group(operator: str, raw_parts: object, terms: Terms, path: str, depth: int) -> Node:
    if depth > MAX_GROUPS:
        raise BadInput(f"Groups are nested deeper than {MAX_GROUPS}. Ask in several searches.", field=path)
    if not isinstance(raw_parts, list) or not raw_parts:
        raise BadInput(f"{operator} takes a list of conditions; send at least one.", field=path)
    if len(raw_parts) > MAX_CONDITIONS:
        message = f"{len(raw_parts)} conditions are in one group; there can be {MAX_CONDITIONS}. Use IN, or a group."
        raise BadInput(message, field=path)
    parts = tuple(_node(one, terms, f"{path}[{place}]", depth) for place, one in enumerate(raw_parts))
    return parts[0] if len(parts) == 1 else (Every if operator == "AND" else Some)(parts)


def _condition(raw: Mapping[str, Any], operator: str, terms: Terms, path: str) -> Node:
    field, value, verified = raw.get("field"), raw.get("value"), raw.get("verified")
    if not isinstance(field, str):
        code = "parameter_not_found" if field is None else "parameter_invalid"
        raise BadInput("A condition names a field, as text.", field=f"{path}.field", code=code)
    if not isinstance(verified, bool) and verified is not None:
        raise BadInput("verified is not true or false, one of which is expected.", field=f"{path}.verified")
    reader = _Reader(operator, None if value == "" else value, bool(verified), path)
    if field == TAG:
        return reader.tag()
    if field == SEGMENT:
        return reader.segment(terms.segments)
    subject = subject_of(field, terms.attributes)
    if subject is None:
        message = "There is no such field. Custom attributes are named custom_attributes.<name>; archived ones are not."
        raise BadInput(message, field=f"{path}.field")
    return reader.test(subject, terms.zone)


class _Reader:
    """One condition, whose field is known by now."""

    def __init__(self, operator: str, value: object, verified: bool, path: str) -> None:
        self._operator = operator
        self._value = value
        self._verified = verified
        self._path = path
        self._negated = operator in _NEGATED

    def tag(self) -> Node:
        """Tags are named by their ids; the same id never comes back."""
        self._check(OF_TAGS)
        if self._value is None:
            if self._verified and not self._negated:
                raise self._unvouched("That somebody has no tag")
            return Tagged(None, not self._negated, self._verified)
        if self._verified and self._negated:
            raise self._unvouched("That somebody has not a tag")
        number = str(self._text(self._value))
        if not number.isascii() or not number.isdecimal() or len(number) > 18:
            return Fixed(self._negated)
        return Tagged(int(number), self._negated, self._verified)

    def segment(self, segments: Mapping[str, Node]) -> Node:
        """A segment is a question of its own; one that is not there has nobody in it."""
        self._check(OF_IDS)
        if self._verified:
            raise self._unvouched("Who is in a segment")
        if self._value is None:
            raise self._mismatch("the id of a segment")
        wanted = [segments.get(str(self._text(one)), Fixed(False)) for one in self._values()]
        node = wanted[0] if len(wanted) == 1 else Some(tuple(wanted))
        return negated(node) if self._negated else node

    def test(self, subject: Subject, zone: tzinfo) -> Node:
        """A condition on a field."""
        if self._value is None and self._operator in ("=", "!="):
            return self._about(Test(subject, Relation.SET, negated=not self._negated))
        self._check(operators_of(subject))
        if self._value is None:
            raise self._mismatch(_EXPECTED[subject.kind])
        if subject.kind is Kind.DATE:
            return self._about(self._day(subject, zone))
        if self._operator in (">", "<", ">=", "<="):
            return self._about(self._bound(subject))
        relation = _RELATIONS.get(self._operator)
        if relation is None:
            operands = tuple(dict.fromkeys(self._operand(subject, one) for one in self._values()))
            if subject.name == "role" and any(one not in _ROLES for one in operands):
                raise self._mismatch("user or lead")
            return self._about(Test(subject, Relation.IS, operands, negated=self._negated))
        return self._about(Test(subject, relation, (self._text(self._value),), negated=self._negated))

    def _about(self, test: Test | Fixed) -> Node:
        """The test, reading what it is to read. Nothing is kept, and nothing vouched for, of what stands nowhere."""
        if isinstance(test, Fixed):
            return test
        subject = test.subject
        if subject.place is Place.NOWHERE:
            return Fixed(not self._verified and _of_blank(test))
        if not self._verified or subject.name in _VOUCHED_FACTS:
            return test
        if subject.place is Place.FACT:
            raise self._unvouched(f"What {subject.field} says of somebody")
        return msgspec.structs.replace(test, verified=True)

    def _day(self, subject: Subject, zone: tzinfo) -> Test:
        start, end = day_of(int(self._operand(subject, self._value)), zone)
        low = {"=": start, ">": end, "<": None}[self._operator]
        high = {"=": end, ">": None, "<": start}[self._operator]
        return Test(subject, Relation.WITHIN, low=low, high=high)

    def _bound(self, subject: Subject) -> Test | Fixed:
        value = self._operand(subject, self._value)
        bound: int | float = float(value)
        above = math.nextafter(bound, math.inf)
        if isinstance(value, int):
            bound, above = value, value + 1
        edge = above if self._operator in (">", "<=") else bound
        if isinstance(edge, int) and edge > MAX_INTEGER:
            test = Test(subject, Relation.SET)
            return Fixed(False) if self._operator == ">" else test
        if self._operator in (">", ">="):
            return Test(subject, Relation.WITHIN, low=edge)
        return Test(subject, Relation.WITHIN, high=edge)

    def _values(self) -> Sequence[object]:
        if self._operator not in _LISTS:
            return (self._value,)
        if not isinstance(self._value, list) or not 1 <= len(self._value) <= MAX_IN:
            raise self._mismatch(f"a list of 1 to {MAX_IN} values")
        return self._value

    def _operand(self, subject: Subject, raw: object) -> Operand:
        sample = _SAMPLES.get(subject.kind)
        if sample is None:
            return self._text(raw)
        try:
            value = coerce(sample, raw)
        except Unfit:
            value = None
        if value is None:
            raise self._mismatch(_EXPECTED[subject.kind])
        return value

    def _text(self, raw: object) -> str:
        """Text; a number where text is expected is taken as it is written."""
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            raw = str(raw)
        if not isinstance(raw, str) or not 1 <= len(raw) <= MAX_ADDRESS:
            raise self._mismatch(_EXPECTED[Kind.TEXT])
        return raw

    def _check(self, operators: Sequence[str]) -> None:
        if self._operator not in operators:
            message = f"This field does not take that operator. It takes {', '.join(operators)}."
            raise BadInput(message, field=f"{self._path}.operator")

    def _mismatch(self, expected: str) -> BadInput:
        message = f"The value does not fit the field and the operator. Send {expected}."
        return BadInput(message, field=f"{self._path}.value", code="type_mismatch")

    def _unvouched(self, what: str) -> BadInput:
        message = f"{what} is vouched for by nobody. Leave verified out here."
        return BadInput(message, field=f"{self._path}.verified")


def negated(node: Node) -> Node:
    """The opposite question. Not for one with verified conditions: without a slot both it and its opposite fail."""
    match node:
        case Test() | Tagged() | Contradicted():
            return msgspec.structs.replace(node, negated=not node.negated)
        case Fixed():
            return Fixed(not node.value)
        case Every():
            return Some(tuple(map(negated, node.parts)))
        case Some():
            return Every(tuple(map(negated, node.parts)))


def _of_blank(test: Test) -> bool:
    """What a test says of somebody whose value is not set."""
    blank = test.subject.blank
    if test.relation is Relation.SET:
        return (blank is not None) is not test.negated
    return (test.relation is Relation.IS and blank is not None and blank in test.operands) is not test.negated
