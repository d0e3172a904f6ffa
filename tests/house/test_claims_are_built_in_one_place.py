"""Only `trust/token.py` can make `Claims`: by no call, alias, subclass or conversion does another module (house.md).

`test_purity.py` looks at calls that name it; this looks for the ways round that name.
"""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import modules

MAKER = "src/avow/trust/token.py"
WAYS_ROUND = {"replace", "convert", "Decoder", "decode", "__new__", "__class__", "copy", "deepcopy"}


def ways_to_make_claims(tree: ast.Module) -> list[str]:
    """Every expression through which a module could come by `Claims` other than by being handed them."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(names_claims(base) for base in node.bases):
            found.append(f"{node.lineno}: a subclass")
        if isinstance(node, ast.ImportFrom) and any(one.name == "Claims" and one.asname for one in node.names):
            found.append(f"{node.lineno}: imported under another name")
        if isinstance(node, ast.Assign | ast.NamedExpr) and names_claims(node.value):
            found.append(f"{node.lineno}: given another name")
        if isinstance(node, ast.Call):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            if (
                names_claims(node.func)
                or any(names_claims(argument) for argument in arguments)
                or (called(node) in WAYS_ROUND and any(speaks_of_claims(argument) for argument in arguments))
            ):
                found.append(f"{node.lineno}: {ast.unparse(node.func)}")
    return found


def names_claims(node: ast.expr) -> bool:
    return any(
        (isinstance(part, ast.Name) and part.id == "Claims")
        or (isinstance(part, ast.Attribute) and part.attr == "Claims")
        for part in ast.walk(node)
    )


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


def speaks_of_claims(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Name | ast.Attribute) and "claims" in ast.unparse(part).lower() for part in ast.walk(node)
    )


def test_no_other_module_makes_or_alters_claims() -> None:
    found = {
        name: ways for name, tree in modules("src").items() if name != MAKER and (ways := ways_to_make_claims(tree))
    }
    assert found == {}


def test_the_one_place_makes_them_once() -> None:
    made = [way for way in ways_to_make_claims(modules("src")[MAKER]) if way.endswith(": Claims")]
    assert len(made) == 1


@pytest.mark.parametrize(
    "line",
    [
        "Claims('alice', {}, 'k', 1, True, None, b'')",
        "token.Claims('alice', {}, 'k', 1, True, None, b'')",
        "msgspec.structs.replace(claims, user_id='mallory')",
        "copy.replace(submission.claims, user_id='mallory')",
        "msgspec.convert({}, type=Claims)",
        "msgspec.json.Decoder(list[Claims])",
        "object.__new__(Claims)",
        "from avow.trust.token import Claims as Facts",
        "Facts = token.Claims",
        "class Mine(Claims): pass",
    ],
)
def test_a_way_round_would_be_seen(line: str) -> None:
    assert ways_to_make_claims(ast.parse(line))
