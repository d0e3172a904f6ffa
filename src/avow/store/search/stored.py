"""How does a database read one value out of a contact's JSON? Of the type that is asked for, NULL for any other.

- A holding is `[value, [channel, verified, by, signed_at, received_at, change], [slot value, …] or null, …]`.
- Paths are written as literals: they are names of attributes that exist, and hold no quotation marks or backslashes.
- Text is compared by its bytes on both, and folded by `lower`, which knows ASCII letters only, in SQLite always and in
  PostgreSQL under the collation `C`.

Source: performance.md, house.md ("JSON paths as literals").
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, ColumnElement, Double, and_, case, func, literal_column, not_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from avow.errors import BadInput
from avow.flow.contract import Kind, Place, Subject
from avow.store.schema import contact
from avow.store.schema.columns import TEXT
from avow.trust.weighing.values import EXACT_IN_FLOAT, FIRST_DATE, LAST_DATE

_VALUE: Final = (0,)
_IS_VERIFIED: Final = (1, 1)
_RECEIVED_AT: Final = (1, 4)
_SLOT: Final = (2,)
_SLOT_VALUE: Final = (2, 0)
_HELD: Final = (3,)
_SURE: Final = {Kind.DATE: (FIRST_DATE, LAST_DATE), Kind.FLOAT: (1 - EXACT_IN_FLOAT, EXACT_IN_FLOAT - 1)}
"""Within these bounds a number is one of that type, however it was written."""
_UNFIT: Final = frozenset("\"'\\{}\0")


class StoredText(FunctionElement[str]):
    """Text at a path, else NULL. Its clauses: the JSON, the path as SQLite and as PostgreSQL write it."""

    type = TEXT
    inherit_cache = True


class PlainText(FunctionElement[str]):
    """What is at a path, as text: for what can only be text there. It reads the JSON once."""

    type = TEXT
    inherit_cache = True


class StoredNumber(FunctionElement[int]):
    """A whole number, written without a point, at a path, else NULL."""

    type = BigInteger()
    inherit_cache = True


class StoredFloat(FunctionElement[float]):
    """A number at a path, else NULL."""

    type = Double()
    inherit_cache = True


class StoredBoolean(FunctionElement[bool]):
    """True or false at a path, else NULL."""

    type = Boolean()
    inherit_cache = True


class StoredThing(FunctionElement[bool]):
    """Whether there is an array at a path."""

    type = Boolean()
    inherit_cache = True


class Domain(FunctionElement[str]):
    """What follows the last @ of a text, all of it where there is none; NULL for nothing."""

    type = TEXT
    inherit_cache = True


_ELEMENTS: Final[dict[Kind, type[FunctionElement[Any]]]] = {
    Kind.TEXT: StoredText,
    Kind.EXACT: StoredText,
    Kind.INTEGER: StoredNumber,
    Kind.DATE: StoredNumber,
    Kind.FLOAT: StoredFloat,
    Kind.BOOLEAN: StoredBoolean,
}


def current(subject: Subject) -> ColumnElement[Any]:
    """The current value of a field."""
    if subject.place is Place.FACT:
        return contact.c[subject.name]
    value = _at(subject, _VALUE)
    return value if subject.blank is None else func.coalesce(value, subject.blank)


def vouched(subject: Subject) -> ColumnElement[Any]:
    """The value in the verified slot of an attribute."""
    return case((_flag(subject, _IS_VERIFIED), _at(subject, _VALUE)), else_=_at(subject, _SLOT_VALUE))


def is_vouched(subject: Subject) -> ColumnElement[bool]:
    """Whether there is a verified slot, be it a clear."""
    return or_(_flag(subject, _IS_VERIFIED), StoredThing(*_paths(subject.name, _SLOT)))


def is_leftover(subject: Subject) -> ColumnElement[bool]:
    """Whether the current value may be from before the attribute was adopted, unverified: by its time or its type."""
    received = StoredFloat(*_paths(subject.name, _RECEIVED_AT))
    return and_(_is_unverified(subject), or_(received <= subject.adopted_at, not_(_fits(subject))))


def is_unsettled(subject: Subject) -> ColumnElement[bool]:
    """Whether an adoption may have put the current value aside: one that is of the type as it stands has stayed."""
    if subject.kind is Kind.TEXT:  # a text may be no option
        return and_(is_leftover(subject), is_unvouched(subject))
    return and_(is_unvouched(subject), not_(_fits(subject)))


def is_unvouched(subject: Subject) -> ColumnElement[bool]:
    """Whether there is a current value that nobody vouched for."""
    return and_(_is_unverified(subject), PlainText(*_paths(subject.name, _VALUE)).is_not(None))


def whole(name: str) -> ColumnElement[str]:
    """All that is kept of an attribute, as JSON."""
    return PlainText(*_paths(name, ()))


def has_slot(subject: Subject) -> ColumnElement[bool]:
    """Whether a verified slot is kept beside the current value: something else was vouched for before."""
    return StoredThing(*_paths(subject.name, _SLOT))


def is_held(subject: Subject) -> ColumnElement[bool]:
    """Whether a value is held."""
    return StoredThing(*_paths(subject.name, _HELD))


def _is_unverified(subject: Subject) -> ColumnElement[bool]:
    return func.coalesce(StoredBoolean(*_paths(subject.name, _IS_VERIFIED)), True) == False  # noqa: E712


def _fits(subject: Subject) -> ColumnElement[bool]:
    """Whether the current value is of the field's type as it stands, beyond doubt (`trust/weighing/values.py`)."""
    value = _ELEMENTS[subject.kind](*_paths(subject.name, _VALUE))
    if subject.kind in _SURE:
        return func.coalesce(value.between(*_SURE[subject.kind]), False)
    return value.is_not(None)


def _at(subject: Subject, steps: tuple[int, ...]) -> ColumnElement[Any]:
    element = _ELEMENTS[subject.kind]
    if element is StoredText and subject.adopted_at is None:
        element = PlainText  # nothing but text was ever written there
    value = element(*_paths(subject.name, steps))
    return Domain(value) if subject.place is Place.DOMAIN else value


def _flag(subject: Subject, steps: tuple[int, ...]) -> ColumnElement[bool]:
    return func.coalesce(StoredBoolean(*_paths(subject.name, steps)), False) == True  # noqa: E712


def _paths(name: str, steps: tuple[int, ...]) -> tuple[ColumnElement[Any], ...]:
    if not _UNFIT.isdisjoint(name):
        raise BadInput("An attribute of this name cannot be searched by.", field="query")
    sqlite = "".join(f"[{step}]" for step in steps)
    postgres = "".join(f",{step}" for step in steps)
    return (
        contact.c.holdings,
        literal_column(f"'$.\"{name}\"{sqlite}'"),
        literal_column(f"'{{\"{name}\"{postgres}}}'"),
    )


def _clauses(element: FunctionElement[Any], compiler: Any, options: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(StoredText, "sqlite")
def _(element: StoredText, compiler: Any, **options: Any) -> str:
    json, path, _ = _clauses(element, compiler, options)
    return f"CASE WHEN json_type({json}, {path}) = 'text' THEN json_extract({json}, {path}) END"


@compiles(PlainText, "sqlite")
def _(element: PlainText, compiler: Any, **options: Any) -> str:
    json, path, _ = _clauses(element, compiler, options)
    return f"json_extract({json}, {path})"


@compiles(StoredNumber, "sqlite")
def _(element: StoredNumber, compiler: Any, **options: Any) -> str:
    json, path, _ = _clauses(element, compiler, options)
    return f"CASE WHEN json_type({json}, {path}) = 'integer' THEN json_extract({json}, {path}) END"


@compiles(StoredFloat, "sqlite")
def _(element: StoredFloat, compiler: Any, **options: Any) -> str:
    json, path, _ = _clauses(element, compiler, options)
    return f"CASE WHEN json_type({json}, {path}) IN ('integer', 'real') THEN json_extract({json}, {path}) END"


@compiles(StoredBoolean, "sqlite")
def _(element: StoredBoolean, compiler: Any, **options: Any) -> str:
    json, path, _ = _clauses(element, compiler, options)
    return f"CASE json_type({json}, {path}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"


@compiles(StoredThing, "sqlite")
def _(element: StoredThing, compiler: Any, **options: Any) -> str:
    json, path, _ = _clauses(element, compiler, options)
    return f"(coalesce(json_type({json}, {path}), '') = 'array')"


@compiles(Domain, "sqlite")
def _(element: Domain, compiler: Any, **options: Any) -> str:
    (text,) = _clauses(element, compiler, options)
    before = f"rtrim({text}, replace({text}, '@', ''))"
    return f"nullif(substr({text}, length({before}) + 1), '')"


@compiles(StoredText, "postgresql")
def _(element: StoredText, compiler: Any, **options: Any) -> str:
    return _of_type(element, compiler, options, "string", "", ' COLLATE "C"')


@compiles(PlainText, "postgresql")
def _(element: PlainText, compiler: Any, **options: Any) -> str:
    json, _, path = _clauses(element, compiler, options)
    return f'(({json} #>> {path}) COLLATE "C")'


@compiles(StoredNumber, "postgresql")
def _(element: StoredNumber, compiler: Any, **options: Any) -> str:
    json, _, path = _clauses(element, compiler, options)
    text = f"({json} #>> {path})"
    whole = f"json_typeof({json} #> {path}) = 'number' AND {text} ~ '^-?[0-9]+$'"
    return f"(CASE WHEN {whole} THEN {text}::numeric END)"


@compiles(StoredFloat, "postgresql")
def _(element: StoredFloat, compiler: Any, **options: Any) -> str:
    return _of_type(element, compiler, options, "number", "::float8")


@compiles(StoredBoolean, "postgresql")
def _(element: StoredBoolean, compiler: Any, **options: Any) -> str:
    return _of_type(element, compiler, options, "boolean", "::boolean")


@compiles(StoredThing, "postgresql")
def _(element: StoredThing, compiler: Any, **options: Any) -> str:
    json, _, path = _clauses(element, compiler, options)
    return f"(coalesce(json_typeof({json} #> {path}), '') = 'array')"


@compiles(Domain, "postgresql")
def _(element: Domain, compiler: Any, **options: Any) -> str:
    (text,) = _clauses(element, compiler, options)
    return f"nullif(substring({text} from '[^@]*$'), '') COLLATE \"C\""


def _of_type(
    element: FunctionElement[Any], compiler: Any, options: dict[str, Any], kind: str, cast: str, tail: str = ""
) -> str:
    json, _, path = _clauses(element, compiler, options)
    value = f"CASE WHEN json_typeof({json} #> {path}) = '{kind}' THEN ({json} #>> {path}){cast} END"
    return f"({value}{tail})"
