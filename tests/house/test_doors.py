"""The store meets the flows at one door, the contract (house.md, "Who may lean on whom").

The other rules of that table are contracts in pyproject.toml, which cannot say "this module of a package and no other".
"""

from __future__ import annotations

import ast

from tests.house.tree import modules


def test_the_store_implements_the_contract_and_calls_no_flow() -> None:
    found = {f"{name}: {module}" for name, tree in modules("src/avow/store").items() for module in imported(tree)}
    flows = {line for line in found if ": avow.flow" in line}
    assert {line for line in flows if not f"{line}.".split(": ")[1].startswith("avow.flow.contract.")} == set()


def imported(tree: ast.Module) -> set[str]:
    """Every module that is imported; `from avow.flow import contract` counts as `avow.flow.contract`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "avow.flow":
            found |= {f"avow.flow.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found
