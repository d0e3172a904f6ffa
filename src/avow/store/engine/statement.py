"""How is a hot statement written? Once, as data; each database renders it its own way.

- A statement touches one table and names its columns; rows are tuples in the order that `parameters` gives.
- `one` is the form for a single row: bare parameters only, which is what keeps Citus' fast path (scale.md rule 5).
- `many` is the form for a batch on PostgreSQL: one array a column, by `unnest`. It breaks that fast path on purpose.
  SQLite runs `one` in a loop.

Source: scale.md rules 4, 5, 6, 12.
"""
# ruff: noqa: S608 - names come from the schema, never from a request; values are always parameters

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

Mark = Callable[[int], str]
"""The placeholder of the n-th parameter, counted from 1."""

_POSTGRESQL: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


def question_mark(_: int) -> str:
    """SQLite's placeholder."""
    return "?"


def numbered(position: int) -> str:
    """PostgreSQL's placeholder."""
    return f"${position}"


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """Rows by exact values of the columns `by`. `more` is literal SQL for one key at a time: a grouping, a bound.

    `most` bounds the rows of many keys together (0: it does not): with as many, there may be more of any of them.
    """

    table: Table
    by: tuple[str, ...]
    columns: tuple[str, ...]
    more: str = ""
    most: int = 0

    @property
    def parameters(self) -> tuple[str, ...]:
        """What a row of parameters holds."""
        return self.by

    def one(self, mark: Mark) -> str:
        """The rows of one key."""
        return f"SELECT {', '.join(self.columns)} FROM {self.table.name} WHERE {_equal(self.by, mark)}{self.more}"

    def many(self) -> str:
        """The rows of many keys, in no order. It knows nothing of `more`, which would mix the keys."""
        columns = ", ".join(f"t.{name}" for name in self.columns)
        most = f" LIMIT {self.most}" if self.most else ""
        return f"SELECT {columns} FROM {_unnest(self)}, {self.table.name} AS t WHERE {_matching(self.by)}{most}"


@dataclass(frozen=True, slots=True, eq=False)
class Insert:
    """New rows. `conflict` is an ON CONFLICT clause in words that both databases know."""

    table: Table
    columns: tuple[str, ...]
    conflict: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """What a row of parameters holds."""
        return self.columns

    def one(self, mark: Mark) -> str:
        """One new row."""
        values = ", ".join(mark(position) for position in range(1, len(self.columns) + 1))
        return f"{self._into()} VALUES ({values}){self._tail()}"

    def many(self) -> str:
        """Many new rows, in the order they are given in."""
        return f"{self._into()} SELECT * FROM {_unnest(self)}{self._tail()}"

    def _into(self) -> str:
        return f"INSERT INTO {self.table.name} ({', '.join(self.columns)})"

    def _tail(self) -> str:
        return f" ON CONFLICT {self.conflict}" if self.conflict else ""


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """New values for the columns `sets` of the rows found by `by`.

    `fixed` is a literal assignment. `newer` names a column that is set only where it would grow; its value comes last.
    """

    table: Table
    sets: tuple[str, ...]
    by: tuple[str, ...]
    fixed: str = ""
    newer: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """What a row of parameters holds."""
        return (*self.sets, *self.by, *((self.newer,) if self.newer else ()))

    def one(self, mark: Mark) -> str:
        """The row of one key."""
        sets = [f"{name} = {mark(position)}" for position, name in enumerate(self.sets, 1)]
        where = _equal(self.by, mark, len(sets) + 1)
        if self.newer:
            where += f" AND ({self.newer} IS NULL OR {self.newer} < {mark(len(self.parameters))})"
        return f"UPDATE {self.table.name} SET {self._assign(sets)} WHERE {where}"

    def many(self) -> str:
        """The rows of many keys."""
        sets = [f"{name} = n.{_alias(position)}" for position, name in enumerate(self.sets, 1)]
        where = _matching(self.by, len(sets) + 1)
        if self.newer:
            where += f" AND (t.{self.newer} IS NULL OR t.{self.newer} < n.{_alias(len(self.parameters))})"
        return f"UPDATE {self.table.name} AS t SET {self._assign(sets)} FROM {_unnest(self)} WHERE {where}"

    def _assign(self, sets: list[str]) -> str:
        return ", ".join([*sets, self.fixed] if self.fixed else sets)


@dataclass(frozen=True, slots=True, eq=False)
class Delete:
    """Away with the rows found by `by`."""

    table: Table
    by: tuple[str, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """What a row of parameters holds."""
        return self.by

    def one(self, mark: Mark) -> str:
        """The rows of one key."""
        return f"DELETE FROM {self.table.name} WHERE {_equal(self.by, mark)}"

    def many(self) -> str:
        """The rows of many keys."""
        return f"DELETE FROM {self.table.name} AS t USING {_unnest(self)} WHERE {_matching(self.by)}"


Writing = Insert | Update | Delete
Statement = Lookup | Writing


def _equal(names: tuple[str, ...], mark: Mark, start: int = 1) -> str:
    return " AND ".join(f"{name} = {mark(position)}" for position, name in enumerate(names, start))


def _matching(names: tuple[str, ...], start: int = 1) -> str:
    return " AND ".join(f"t.{name} = n.{_alias(position)}" for position, name in enumerate(names, start))


def _alias(position: int) -> str:
    return f"p{position}"


def _unnest(statement: Statement) -> str:
    arrays, names = [], []
    for position, name in enumerate(statement.parameters, 1):
        kind = statement.table.c[name].type.compile(_POSTGRESQL).partition(" COLLATE")[0]
        arrays.append(f"${position}::{kind}[]")
        names.append(_alias(position))
    return f"unnest({', '.join(arrays)}) AS n ({', '.join(names)})"
