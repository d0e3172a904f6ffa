"""Tables and statements follow the rules that let one schema run on SQLite, PostgreSQL and Citus (scale.md)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.dialects import postgresql

import avow.store
from avow.flow.contract import KeyKind, Writes
from avow.store import open_store
from avow.store.engine import postgres
from avow.store.engine.sqlite import connect
from avow.store.engine.statement import Delete, Insert, Lookup, Statement, Update, numbered, question_mark
from avow.store.schema import metadata
from tests.house.tree import texts
from tests.store.acme import leads, move_in, person, stored, write

REFERENCE = {
    "workspace",
    "attribute",
    "signing_key",
    "access_token",
    "teammate",
    "operator_change",
    "tag",
    "teammate_session",
    "invitation",
    "second_factor",
    "recovery_code",
    "sign_in_failure",
    "attribute_filter",
}
OWNED = {
    "contact",
    "change",
    "contact_tag",
    "event",
    "event_summary",
    "fading",
    "filter_value",
    "note",
    "outbox",
    "writer_seen",
}
"""Tables with rows of one contact each, distributed by its id."""
FORBIDDEN = r"\b(JOIN|FOR UPDATE|FOR SHARE|SKIP LOCKED|TRIGGER|CREATE RULE|NOTIFY|LISTEN|nextval|now\(\)|WITH)\b"
NOT_BY_CONTACT = {
    # Unsigned writers of a day are counted before one more is named.
    "SELECT label, count(*) FROM writer_seen",
}


def statements() -> Iterator[tuple[str, Statement]]:
    """Every statement of the hot path, by the name it has in its module."""
    for module in pkgutil.walk_packages(avow.store.__path__, "avow.store."):
        if "migrations" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            group = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
            for one in group:
                if isinstance(one, Lookup | Insert | Update | Delete):
                    yield f"{module.name}.{name}", one


ALL = dict(statements())
NAMED = pytest.mark.parametrize("statement", ALL.values(), ids=ALL.keys())


def forms(statement: Statement) -> list[str]:
    """Every text that a statement may become."""
    many = [] if isinstance(statement, Lookup) and statement.more and not statement.most else [statement.many()]
    return [statement.one(question_mark), statement.one(numbered), *many]


def test_there_are_statements_to_look_at() -> None:
    assert len(ALL) > 25
    assert {one.table.name for one in ALL.values()} == set(metadata.tables)


@NAMED
def test_a_statement_touches_one_table_and_does_nothing_clever(statement: Statement) -> None:
    others = set(metadata.tables) - {statement.table.name}
    for form in forms(statement):
        assert not re.search(FORBIDDEN, form, re.IGNORECASE), form
        assert not re.search(rf"\b(FROM|INTO|UPDATE|USING) +({'|'.join(others)})\b", form), form
        assert not re.search(rf", *({'|'.join(others)}) AS\b", form), form


@NAMED
def test_the_form_for_one_row_takes_bare_parameters(statement: Statement) -> None:
    """A cast or an expression round the id loses Citus' fast path."""
    form = statement.one(numbered)
    assert "::" not in form
    assert "unnest" not in form
    assert not re.search(r"\(\$\d+\)", form.partition("VALUES")[0])


@NAMED
def test_a_contacts_rows_are_reached_by_workspace_and_contact(statement: Statement) -> None:
    """Every statement on them says whose they are; a sweep names the whole primary key."""
    if statement.table.name not in OWNED or isinstance(statement, Insert):
        return
    form = statement.one(numbered)
    if any(form.startswith(one) for one in NOT_BY_CONTACT):
        return
    where = form.partition(" WHERE ")[2]
    assert re.search(r"\bworkspace_id = \$\d+", where), form
    assert re.search(r"\b(contact_id|id|merged_into) = \$\d+", where), form


@NAMED
def test_an_upsert_calls_no_function(statement: Statement) -> None:
    if isinstance(statement, Insert) and "DO UPDATE SET" in statement.conflict:
        assert not re.search(r"\w\(", statement.conflict.partition("DO UPDATE SET")[2])


def test_a_contact_is_saved_only_at_the_version_it_was_loaded_at() -> None:
    for one in ALL.values():
        seen = isinstance(one, Update) and one.sets in (("last_seen_at",), ("seen_hour",))
        if isinstance(one, Update) and one.table.name == "contact" and not seen:
            assert one.by == ("workspace_id", "id", "version")


@NAMED
def test_sqlite_finds_every_row_by_an_index(statement: Statement, migrated_file: Path) -> None:
    connection = connect(migrated_file)
    text = statement.one(question_mark)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", ("1",) * len(statement.parameters)).fetchall()
    connection.close()
    assert not [step for step in plan if step[3].startswith("SCAN")], plan
    named = set(re.findall(r"(\w+) = \?", text.partition(" WHERE ")[2]))
    if named > {"workspace_id"}:
        assert not [step for step in plan if step[3].endswith("(workspace_id=?)")], "it reads the whole workspace"


async def test_postgresql_finds_every_row_by_an_index_and_in_order(postgresql_url: str) -> None:
    """With a table of any size, as the plan is made once. A nested loop keeps the order of the batch."""
    store = open_store(postgresql_url)
    await move_in(store)
    people = await stored(store, *(person() for _ in range(40)))
    await write(store, Writes(put_keys=tuple(leads(KeyKind.SESSION, one.id, one) for one in people)))
    await store.close()
    engine: Any = postgres.Postgres(postgresql_url)
    connection = await engine._connections.take()
    await connection.execute("ANALYZE")
    try:
        for name, statement in ALL.items():
            for form in forms(statement)[1:]:
                prepared = await connection.prepare(form)
                arrays = form != statement.one(numbered)
                values = [_any_value(parameter.name, arrays) for parameter in prepared.get_parameters()]
                plan = str(await prepared.explain(*values))
                assert not re.search(r"Seq Scan|Hash Join|Merge Join", plan), f"{name}: {form}\n{plan}"
    finally:
        await connection.close()
        await engine.close()


def _any_value(kind: str, arrays: bool) -> Any:
    kind = kind.removesuffix("[]")
    value = {"uuid": "0" * 24, "bytea": b"", "json": "{}", "bool": True, "text": ""}.get(kind, 1)
    return [value] if arrays else value


def tables() -> list[Table]:
    return metadata.sorted_tables


def test_every_table_has_a_primary_key_and_no_machinery() -> None:
    for table in tables():
        assert list(table.primary_key.columns), table.name
        for column in table.columns:
            assert column.server_default is None, column
            assert column.computed is None, column
            assert column.identity is None, column


def test_what_rows_are_distributed_by_is_in_every_unique_constraint() -> None:
    for table in tables():
        unique = [table.primary_key, *(one for one in table.indexes if one.unique)]
        unique += [one for one in table.constraints if isinstance(one, UniqueConstraint)]
        if table.name in OWNED:
            key = "id" if table.name == "contact" else "contact_id"
            assert all(key in one.columns for one in unique), table.name
            assert all("workspace_id" in one.columns for one in unique), table.name


def test_only_reference_tables_and_contacts_are_pointed_at() -> None:
    for table in tables():
        for constraint in table.foreign_key_constraints:
            target = constraint.referred_table.name
            if table.name in REFERENCE:
                assert target in {"workspace", "teammate"}
            else:
                assert (target, table.name in OWNED) == ("contact", True)
                assert {"workspace_id", "contact_id"} == set(constraint.column_keys)


def test_contact_ids_are_uuids_on_postgresql() -> None:
    for table in tables():
        for name in ("contact_id", "merged_into") if table.name != "contact" else ("id", "merged_into"):
            if name in table.c:
                assert str(table.c[name].type.compile(postgresql.dialect())) == "UUID"


def test_no_other_text_in_the_store_breaks_the_rules() -> None:
    """What is not a `Statement` is SQLAlchemy's, a pragma, or one of PostgreSQL's few words in `engine/postgres.py`."""
    for name, text in texts().items():
        if name.startswith("src/avow/store/") and name.endswith(".py") and "migrations" not in name:
            code = re.sub(r'""".*?"""', "", text, flags=re.DOTALL)
            for word in ("FOR UPDATE", "FOR SHARE", "SKIP LOCKED", "TRIGGER", "with_for_update", ".join(contact"):
                assert word not in code, f"{name}: {word}"
