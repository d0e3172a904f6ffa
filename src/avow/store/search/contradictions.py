"""Whose values contradict what somebody vouched for? As `Holding.state` tells it, asked of a contact's JSON in SQL.

- A holding is `[value, [channel, verified, …] or null, slot or null, held or null]`, and a held value
  `[value, version, channel, proven, first_at, last_at, …]`.
- A contact in whose text neither a slot nor a held value can stand is not taken apart: nearly nobody is.

Source: spec §3 (states); performance.md.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Double, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from avow.flow.contract.query import Contradicted
from avow.store.schema import contact


class Contradiction(FunctionElement[bool]):
    """Whether one of the holdings is contradicted. Its clauses: the JSON, and since when held values count."""

    type = Boolean()
    inherit_cache = True


def contradicted(where: Contradicted) -> ColumnElement[bool]:
    """The condition."""
    found: ColumnElement[bool] = Contradiction(contact.c.holdings, literal(where.held_since, Double()))
    return ~found if where.negated else found


@compiles(Contradiction, "sqlite")
def _(element: Contradiction, compiler: Any, **options: Any) -> str:
    json, since = (compiler.process(clause, **options) for clause in element.clauses)
    verified = "json_extract(h.value, '$[1][1]') = 1"
    held = (
        f"json_extract(h.value, '$[3][3]') = 1 AND json_extract(h.value, '$[3][5]') >= {since}"
        " AND json_extract(h.value, '$[3][0]') IS NOT json_extract(h.value, '$[0]')"
    )
    told = f"CASE WHEN {verified} THEN {held} ELSE json_type(h.value, '$[2]') = 'array' END"
    stands = f"instr({json}, '],[') > 0 OR instr({json}, ',null,[') > 0"
    return f"(CASE WHEN {stands} THEN EXISTS (SELECT 1 FROM json_each({json}) AS h WHERE {told}) ELSE 0 END)"  # noqa: S608


@compiles(Contradiction, "postgresql")
def _(element: Contradiction, compiler: Any, **options: Any) -> str:
    json, since = (compiler.process(clause, **options) for clause in element.clauses)
    held = (
        f"(h.value #>> '{{3,3}}') = 'true' AND (h.value #>> '{{3,5}}')::float8 >= {since}"
        " AND (h.value #> '{3,0}')::jsonb IS DISTINCT FROM (h.value #> '{0}')::jsonb"
    )
    told = f"CASE WHEN (h.value #>> '{{1,1}}') = 'true' THEN {held} ELSE json_typeof(h.value -> 2) = 'array' END"
    stands = f"strpos({json}::text, '],[') > 0 OR strpos({json}::text, ',null,[') > 0"
    return f"(CASE WHEN {stands} THEN EXISTS (SELECT 1 FROM json_each({json}) AS h WHERE {told}) ELSE false END)"  # noqa: S608
