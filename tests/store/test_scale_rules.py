"""The store's own words keep the rules of scaling, one test a rule; statements are read one by one beside this.

Rules 1, 4, 5, 6, 12 of single statements are `test_statements.py`'s; 1, 11, 13 of places `test_distribution.py`'s.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import UniqueConstraint

from avow.store.engine.statement import Insert, Update
from avow.store.schema import metadata
from tests.house.tree import modules, texts
from tests.store.test_statements import ALL

STORE = "src/avow/store/"


def code_of_the_store(*, migrations: bool) -> Iterator[tuple[str, str]]:
    """Every module's text without its docstrings."""
    for name, text in texts().items():
        if name.startswith(STORE) and name.endswith(".py") and (migrations or "/migrations/" not in name):
            yield name, re.sub(r'"""(?!\\).*?"""', "", text, flags=re.DOTALL)


def strings_of_the_store(*, migrations: bool) -> Iterator[tuple[str, str]]:
    """Every text in the code that is no docstring: SQL is among them."""
    for name, tree in modules("src").items():
        if not name.startswith(STORE) or (not migrations and "/migrations/" in name):
            continue
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield f"{name}:{node.lineno}", node.value


def offenders(pattern: str, *, migrations: bool = False, allowed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{where}: {text.strip()[:80]}"
        for where, text in strings_of_the_store(migrations=migrations)
        if re.search(pattern, text) and not where.startswith(allowed or ("?",))
    ]


def test_rule_2_ids_are_chosen_by_us() -> None:
    assert offenders(r"gen_random_uuid|uuid_generate|nextval|SERIAL|AUTOINCREMENT|GENERATED", migrations=True) == []
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            assert column.default is None, column
            assert column.autoincrement in ("auto", False), column


def test_rule_3_a_contact_is_unique_by_its_id_alone() -> None:
    contact = metadata.tables["contact"]
    assert [one for one in contact.constraints if isinstance(one, UniqueConstraint)] == []
    assert [one for one in contact.indexes if one.unique] == []
    assert metadata.tables["contact_key"].foreign_keys == set()


def test_rule_4_keys_and_contacts_are_never_joined() -> None:
    assert offenders(r"(?i)contact_key\b.*\bjoin\b.*\bcontact\b|\bjoin\s+contact\b") == []
    joined = [name for name, text in code_of_the_store(migrations=False) if re.search(r"\.(outer)?join\(contact", text)]
    assert joined == []


@pytest.mark.parametrize("name", [name for name, one in ALL.items() if isinstance(one, Update)])
def test_rule_6_no_statement_asks_the_database_for_a_time_or_a_draw(name: str) -> None:
    update = ALL[name]
    assert isinstance(update, Update)
    assert not re.search(r"\w\(", update.fixed)


def test_rule_6_what_is_upserted_is_said_in_the_statements_own_words() -> None:
    for name, one in ALL.items():
        if isinstance(one, Insert) and "DO UPDATE" in one.conflict:
            assert not re.search(r"(?i)now\(|random\(|clock_timestamp|\bSELECT\b", one.conflict), name


def test_rule_7_no_sequence_over_all_contacts_is_an_order() -> None:
    assert offenders(r"(?i)create sequence|nextval|\browid\b", migrations=True) == []


def test_rule_8_nobody_skips_locks_but_by_bucket() -> None:
    for where, text in strings_of_the_store(migrations=False):
        if re.search(r"(?i)skip locked", text):
            assert re.search(r"bucket = \$\d", text), where


def test_rule_9_nothing_depends_on_being_notified() -> None:
    assert offenders(r"(?i)^\s*(listen|notify)\b|pg_notify", migrations=True) == []


def test_rule_10_the_server_enforces_and_no_machinery_of_the_database() -> None:
    assert (
        offenders(r"(?i)create (or replace )?(constraint )?trigger|create rule|row level security", migrations=True)
        == []
    )
    named = [name for name, text in code_of_the_store(migrations=False) if "constraint_name" in text]
    assert named == []


def test_rule_12_no_set_of_rows_is_locked_beforehand() -> None:
    assert offenders(r"(?i)for (no key )?update\b|for (key )?share\b") == []


def test_rule_13_nothing_else_knows_of_citus() -> None:
    allowed = (f"{STORE}upkeep/distribution.py",)
    assert (
        offenders(r"(?i)citus|create_distributed_table|create_reference_table", migrations=True, allowed=allowed) == []
    )
