"""Every table has its place on Citus, and the steps that put it there keep the rules of scale.md."""

from __future__ import annotations

import re

from sqlalchemy import Table

from avow.store.schema import metadata
from avow.store.upkeep.distribution import BY, EXTENSION, HOME, LOCAL, REFERENCE, is_reference, place_of, statements


def tables() -> list[Table]:
    return metadata.sorted_tables


def test_every_table_has_one_place() -> None:
    """A new table that has none: say in `store/upkeep/distribution.py` where its rows would lie."""
    for table in tables():
        places = [is_reference(table), place_of(table) is not None, table.name in LOCAL]
        assert sum(places) == 1, table.name


def test_every_name_is_that_of_a_table() -> None:
    assert {*BY, *LOCAL, *REFERENCE, HOME} <= set(metadata.tables)


def test_rule_1_the_distribution_column_is_in_every_primary_key_and_unique_constraint() -> None:
    for table in tables():
        place = place_of(table)
        if place is not None:
            unique = [table.primary_key, *(index for index in table.indexes if index.unique)]
            assert all(place in one.columns for one in unique), table.name


def test_rule_11_foreign_keys_lead_to_the_same_place_or_to_a_reference_table() -> None:
    for table in tables():
        for constraint in table.foreign_key_constraints:
            target = constraint.referred_table
            if not is_reference(target):
                assert (place_of(table), target.name) == ("contact_id", HOME)
                assert "contact_id" in constraint.column_keys


def test_rule_13_the_extension_then_reference_tables_then_contact_then_the_rest() -> None:
    order = [re.sub(r"SELECT create_(\w+)_table\('(\w+)'.*", r"\1 \2", one) for one in statements()]
    assert order[0] == EXTENSION
    kinds = [one.split()[0] for one in order[1:]]
    assert kinds == sorted(kinds, reverse=True), "reference before distributed"
    assert order[1 + kinds.count("reference")] == f"distributed {HOME}"
    assert len(order) == len(set(order)) == 1 + len(metadata.tables) - len(LOCAL)


def test_whatever_is_pointed_at_is_placed_first() -> None:
    text = "\n".join(statements())
    for table in tables():
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table is not table:
                assert text.index(f"'{constraint.referred_table.name}'") < text.index(f"'{table.name}'")
