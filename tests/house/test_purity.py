"""The rules are a function of their arguments, and verified claims have one maker (house.md, properties 1 and "never").

Which modules `trust` may import is a contract in pyproject.toml; here is what needs no import.
"""

from __future__ import annotations

import ast

from tests.house.tree import modules

OUTSIDE = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
CLOCKS_AND_DICE = {"now", "today", "utcnow", "urandom", "uuid1", "uuid4", "generate", "generate_private_key"}


def test_the_rules_reach_for_nothing_outside_their_arguments() -> None:
    found = [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, tree in modules("src/avow/trust").items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in OUTSIDE)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS_AND_DICE)
    ]
    assert found == []


def test_only_the_token_check_makes_claims() -> None:
    """Whoever takes `Claims` holds what a signature has vouched for: nothing else builds, converts or alters one."""
    makers = {
        name
        for name, tree in modules("src").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(mentions_claims(part) for part in (node.func, *node.args))
    }
    assert makers <= {"src/avow/trust/token.py"}


def mentions_claims(node: ast.expr) -> bool:
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return "Claims" in names | {part.attr for part in parts if isinstance(part, ast.Attribute)}
