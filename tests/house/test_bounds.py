"""The code stays small where it is read: the tail is what goes bad, not the median (house.md, "Bounds")."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable
from pathlib import PurePosixPath

from tests.house.tree import modules, texts

CODE = ("src", "bench", "tools", "tests")
FILE_BOUNDS = {".py": 300, ".js": 300, ".css": 300, ".html": 150}
FUNCTION_BOUND = 50
FOLDER_BOUND = 14

# A bound is raised for one file, function ("path:name") or folder, to a number, for a reason that a reader believes.
RAISED: dict[str, tuple[int, str]] = {
    "src/avow/store/migrations/versions/v0001_the_heart.py": (320, "a migration is one list of tables, written once"),
    "src/avow/trust": (
        16,
        "a module for each noun of the rules that others name; what they are made of is in packages",
    ),
}

NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
PROMISES = ("".join(("TO", "DO")), "".join(("FIX", "ME")), "X" * 3)
MACHINE_PATH = re.compile(r"""(?:^|[\s"'`=(])/(?:farm|root|work|Users|home/\w+)/""", re.MULTILINE)
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
    )
]


def bound(name: str, usual: int) -> int:
    return RAISED.get(name, (usual, ""))[0]


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    found = []
    for name, text in texts().items():
        usual = FILE_BOUNDS.get(PurePosixPath(name).suffix)
        if usual and "vendor" not in name and text.count("\n") > bound(name, usual):
            found.append(f"{name}: {text.count(chr(10))} lines, at most {bound(name, usual)}")
    assert found == []


def test_no_function_is_too_long_to_be_understood_at_once() -> None:
    found = []
    for name, tree in modules(*CODE).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > bound(f"{name}:{node.name}", FUNCTION_BOUND):
                    found.append(f"{name}:{node.name}: {lines} lines, at most {FUNCTION_BOUND}")
    assert found == []


def test_no_folder_holds_more_modules_than_one_question_has_answers() -> None:
    folders = Counter(
        str(PurePosixPath(name).parent) for name in modules("src", "bench", "tools") if not name.endswith("__init__.py")
    )
    assert {name: count for name, count in folders.items() if count > bound(name, FOLDER_BOUND)} == {}


def test_every_module_says_which_question_it_answers() -> None:
    silent = [
        name
        for name, tree in modules(*CODE).items()
        if not ast.get_docstring(tree) and not (name.startswith("tests/") and name.endswith("__init__.py"))
    ]
    assert silent == []


def test_a_package_only_hands_names_on() -> None:
    """`__init__.py` holds its docstring, imports and names such as `__all__`: no code that a reader would look for."""
    doing = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.If, ast.Try)
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules("src").items()
        if name.endswith("__init__.py")
        for node in tree.body
        if isinstance(node, doing)
    ]
    assert found == []


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    words = {name: set(re.split(r"[/._-]", name.lower())) for name in texts()}
    assert [name for name, parts in words.items() if parts & NAMES_THAT_SAY_NOTHING] == []


def test_nothing_is_promised_instead_of_done() -> None:
    assert lines_with(lambda line: any(word in line for word in PROMISES)) == []


def test_no_path_of_somebodys_machine_is_written_down() -> None:
    assert lines_with(lambda line: MACHINE_PATH.search(line) is not None) == []


def test_no_package_registry_is_named() -> None:
    """Who installs decides where from: an air-gapped mirror must work without an edit."""
    assert lines_with(lambda line: any(host in line for host in REGISTRIES)) == []


def test_a_raised_bound_has_a_reason_and_a_subject() -> None:
    for name, (_, reason) in RAISED.items():
        path = name.partition(":")[0]
        assert len(reason) > 20, f"{name}: say why"
        assert any(f"{known}/".startswith(f"{path}/") for known in texts()), f"{name} is gone: remove its row"


def lines_with(bad: Callable[[str], bool]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if bad(line)
    ]
