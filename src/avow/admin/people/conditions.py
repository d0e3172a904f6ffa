"""What do the rows of the filter builder ask? What a form sends (field, operator, value), in the search language.

- A row whose value is still missing asks nothing yet.
- A row comes as `f[]` (field), `o[]` (operator) and `v[]` (value); `t[]` names the rows that ask for verified values.
- What the language refuses is said at its row.

Source: contract/intercom-notes.md §4.4; spec §9 (`verified`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from avow.errors import BadInput
from avow.flow.contract import Kind, Node, Tag
from avow.flow.search.fields import CUSTOM, SEGMENT, TAG, subject_of
from avow.flow.search.parsing import MAX_CONDITIONS, Terms, parse
from avow.trust.attribute import AttributeType
from avow.trust.audience.segments import SEGMENTS
from avow.trust.rules import Rules
from avow.web.forms import Form

_SET: Final = (("set", "is known"), ("unset", "is not known"))
_TEXT: Final = (
    ("is", "is"),
    ("not", "is not"),
    ("has", "contains"),
    ("lacks", "does not contain"),
    ("begins", "begins with"),
    ("ends", "ends with"),
    *_SET,
)
_NUMBER: Final = (
    ("is", "is"),
    ("not", "is not"),
    ("over", "is more than"),
    ("under", "is less than"),
    ("least", "is at least"),
    ("most", "is at most"),
    *_SET,
)
_DAY: Final = (("is", "is on"), ("over", "is after"), ("under", "is before"), *_SET)
_ONE: Final = (("is", "is"), ("not", "is not"))
_WORN: Final = (("is", "is"), ("not", "is not"), ("set", "is there at all"), ("unset", "is not there at all"))
_IN: Final = (("is", "is"), ("not", "is not"))
_OPERATORS: Final = {
    Kind.TEXT: _TEXT,
    Kind.EXACT: _TEXT,
    Kind.INTEGER: _NUMBER,
    Kind.FLOAT: _NUMBER,
    Kind.BOOLEAN: (*_ONE, *_SET),
    Kind.DATE: _DAY,
}
_SAID: Final = {
    "is": "=", "not": "!=", "has": "~", "lacks": "!~", "begins": "^", "ends": "$",
    "over": ">", "under": "<", "least": ">=", "most": "<=", "set": "!=", "unset": "=",
}  # fmt: skip
_WITHOUT_VALUE: Final = ("set", "unset")
_FACTS: Final = (
    ("role", "Role"),
    ("external_id", "User id"),
    ("last_seen_at", "Last seen"),
    ("created_at", "Added"),
    ("updated_at", "Changed"),
    ("email_domain", "E-mail domain"),
    (TAG, "Tag"),
    (SEGMENT, "Segment"),
)
_ROLES: Final = (("user", "User"), ("lead", "Lead"))
_YES_NO: Final = (("true", "Yes"), ("false", "No"))
_AT: Final = re.compile(r"query(?:\.value)?\[(\d+)\]")
_DEFAULT: Final = "email"


class Field(msgspec.Struct, frozen=True):
    """One field to ask for. `input` is date, number or text; `options` (value, words) where there are few."""

    name: str
    words: str
    group: str
    operators: tuple[tuple[str, str], ...]
    input: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    verifiable: bool = True


class Row(msgspec.Struct, frozen=True):
    """One condition as it stands in the form."""

    field: Field
    operator: str
    value: str
    verified: bool
    fault: str = ""

    @property
    def takes_value(self) -> bool:
        """Whether the operator compares with something."""
        return self.operator not in _WITHOUT_VALUE

    @property
    def asks(self) -> bool:
        """Whether the row is filled in."""
        return not self.takes_value or self.value != ""


class Builder(msgspec.Struct, frozen=True):
    """The form. `match` is all or any; `groups` the fields to choose from, by heading."""

    rows: tuple[Row, ...]
    match: str
    groups: tuple[tuple[str, tuple[Field, ...]], ...]
    full: bool

    @property
    def asking(self) -> tuple[Row, ...]:
        """The rows that are filled in."""
        return tuple(row for row in self.rows if row.asks)

    @property
    def at_fault(self) -> bool:
        """Whether a row cannot be asked."""
        return any(row.fault for row in self.rows)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What an address carries of the form."""
        pairs = [("match", self.match)] if self.match == "any" else []
        for number, row in enumerate(self.asking):
            pairs += [("f[]", row.field.name), ("o[]", row.operator), ("v[]", row.value)]
            if row.verified:
                pairs.append(("t[]", str(number)))
        return pairs


def fields_of(rules: Rules, tags: Sequence[Tag]) -> dict[str, Field]:
    """Every field there is to choose from, in the order in which they are shown."""
    found = {name: _fact(name, words, rules, tags) for name, words in _FACTS}
    attributes = sorted(rules.attributes.values(), key=lambda one: (not one.standard, one.name if one.standard else ""))
    for one in sorted(attributes, key=lambda one: (one.standard, one.name)):
        if one.archived:
            continue
        name = one.name if one.standard else CUSTOM + one.name
        subject = subject_of(name, rules.attributes)
        if subject is None:
            continue
        options: tuple[tuple[str, str], ...] = ()
        if one.type is AttributeType.LIST:
            options = tuple((option, option) for option in one.options)
        elif one.type is AttributeType.BOOLEAN:
            options = _YES_NO
        group = "Standard attributes" if one.standard else "Custom attributes"
        found[name] = Field(name, one.name, group, _OPERATORS[subject.kind], _input(subject.kind), options)
    return found


def _fact(name: str, words: str, rules: Rules, tags: Sequence[Tag]) -> Field:
    group = "The person"
    if name == TAG:
        return Field(name, words, group, _WORN, options=tuple((str(one.id), one.name) for one in tags))
    if name == SEGMENT:
        options = tuple((one.id, one.name) for one in SEGMENTS)
        return Field(name, words, group, _IN, options=options, verifiable=False)
    if name == "role":
        return Field(name, words, group, _ONE, options=_ROLES, verifiable=False)
    subject = subject_of(name, rules.attributes)
    kind = Kind.TEXT if subject is None else subject.kind
    return Field(name, words, group, _OPERATORS[kind], _input(kind), verifiable=name == "email_domain")


def _input(kind: Kind) -> str:
    return {Kind.DATE: "date", Kind.INTEGER: "number", Kind.FLOAT: "number"}.get(kind, "text")


def read(form: Form, fields: Mapping[str, Field]) -> Builder:
    """The rows that a form brought. `add` asks for one more, `drop` for one less; unknown fields fall away."""
    rows = []
    verified = set(form.all("t"))
    dropped = form.get("drop")
    names, operators, values = form.all("f"), form.all("o"), form.all("v")
    for number, name in enumerate(names[:MAX_CONDITIONS]):
        field = fields.get(name)
        if field is None or str(number) == dropped:
            continue
        operator = operators[number] if number < len(operators) else ""
        if operator not in [word for word, _ in field.operators]:
            operator = field.operators[0][0]
        value = values[number] if number < len(values) else ""
        if field.options and value not in [word for word, _ in field.options]:
            value = ""
        rows.append(Row(field, operator, value, field.verifiable and str(number) in verified))
    if form.get("add") is not None and len(rows) < MAX_CONDITIONS:
        rows.append(Row(fields[_DEFAULT], "is", "", verified=False))
    groups: dict[str, list[Field]] = {}
    for one in fields.values():
        groups.setdefault(one.group, []).append(one)
    told = tuple((group, tuple(some)) for group, some in groups.items())
    return Builder(tuple(rows), "any" if form.get("match") == "any" else "all", told, len(rows) >= MAX_CONDITIONS)


def ask(builder: Builder, terms: Terms) -> tuple[Node | None, Builder]:
    """The question, None where none is asked; and the form, with what is wrong in it at its row."""
    asking = builder.asking
    faults: dict[int, str] = {}
    said: list[dict[str, Any]] = []
    for number, row in enumerate(asking):
        try:
            said.append(_condition(row, terms.zone))
        except BadInput as fault:
            faults[number] = fault.message
    if said and not faults:
        try:
            whole = {"operator": "OR" if builder.match == "any" else "AND", "value": said}
            return parse(whole, terms), builder
        except BadInput as fault:
            found = _AT.match(fault.field or "")
            faults[int(found[1]) if found else 0] = fault.message
    if not faults:
        return None, builder
    told = {id(row): faults[number] for number, row in enumerate(asking) if number in faults}
    rows = tuple(msgspec.structs.replace(row, fault=told.get(id(row), "")) for row in builder.rows)
    return None, msgspec.structs.replace(builder, rows=rows)


def _condition(row: Row, zone: tzinfo) -> dict[str, Any]:
    said: dict[str, Any] = {"field": row.field.name, "operator": _SAID[row.operator]}
    if row.takes_value:
        said["value"] = _value(row, zone)
    return {**said, "verified": True} if row.verified else said


def _value(row: Row, zone: tzinfo) -> object:
    if row.field.input == "date":
        try:
            day = date.fromisoformat(row.value)
            return int(datetime.combine(day, time(12), zone).timestamp())
        except (ValueError, OverflowError):
            raise BadInput("This is no day. Choose one, such as 2026-03-12.") from None
    if row.field.options == _YES_NO:
        return row.value == "true"
    if row.field.input == "number":
        try:
            return int(row.value) if row.value.lstrip("-").isdigit() else float(row.value)
        except ValueError:
            raise BadInput("This is no number. Send one such as 12 or 2.5.") from None
    return row.value


def address(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    """An address with these fields, empty ones left out."""
    kept = [(name, value) for name, value in pairs if value or name.endswith("[]")]
    return f"{path}?{urlencode(kept)}" if kept else path
