"""Whatever a method of Intercom's clients can ask of an address that is here, a test of this folder asks by it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import intercom
import pytest

from avow.api.resources import RESOURCES
from tests.clients.cast import HERE, SCRIPTS

PYTHON = Path(intercom.__file__).parent
NODE = HERE / "node_modules" / "intercom-client" / "dist" / "cjs" / "api" / "resources"
# What both clients call by one name, and how each spells it.
GROUPS = {
    "admins": "admins",
    "companies": "companies",
    "contacts": "contacts",
    "data_attributes": "dataAttributes",
    "events": "events",
    "notes": "notes",
    "segments": "segments",
    "tags": "tags",
    "visitors": "visitors",
}
_PYTHON_METHOD = re.compile(
    r'^    def (?P<name>[a-z]\w*)\(.*?client\.request\(\s*f?"(?P<path>[^"]+)",\s*method="(?P<method>[A-Z]+)"',
    re.M | re.S,
)
_NODE_METHOD = re.compile(
    r"^    (?P<name>(?!constructor)[a-z]\w*)\([^)]*\) \{.*?UsProduction, [`\"](?P<path>[^`\"]+)[`\"]\)"
    r".*?method: \"(?P<method>[A-Z]+)\"",
    re.M | re.S,
)


class Method(NamedTuple):
    """One method of a client, by its group and name, and what it asks."""

    call: str
    asks: str


def shape(path: str) -> str:
    """An address without the names of its parts."""
    return "/" + re.sub(r"\$?\{[^/]*\}", "{}", path).strip("/")


HERE_ASKED = {f"{method} {shape(path)}" for path, acts in RESOURCES.items() for method in acts}


def methods(source: str, group: str, pattern: re.Pattern[str]) -> list[Method]:
    """The methods of one group whose addresses are here."""
    found = [
        Method(f"{group}.{one['name']}", f"{one['method']} {shape(one['path'])}") for one in pattern.finditer(source)
    ]
    return [one for one in found if one.asks in HERE_ASKED]


def of_python() -> list[Method]:
    found = []
    for group in GROUPS:
        source = (PYTHON / group / "raw_client.py").read_text()
        found += methods(source.partition("\nclass Async")[0], group, _PYTHON_METHOD)
    return found


def of_node() -> list[Method]:
    found = []
    for group in GROUPS.values():
        source = (NODE / group / "client" / "Client.js").read_text()
        found += methods(source, group, _NODE_METHOD)
    return found


def written(folder: Path, suffix: str) -> str:
    """Everything that the tests say, but for this one."""
    return "\n".join(path.read_text() for path in sorted(folder.glob(f"*{suffix}")) if path.name != Path(__file__).name)


def asked(call: str, text: str) -> bool:
    """Whether a text calls the method, on a client or on a group that was taken from one."""
    group, name = call.split(".")
    return re.search(rf"\b(?:client\.)?{group}\.(?:with_raw_response\.)?{name}\b", text) is not None


def test_the_methods_are_found() -> None:
    """Were the sources laid out anew, nothing would be left to ask for."""
    assert len(of_python()) >= 50
    assert {"contacts.merge_lead_in_user", "visitors.merge_to_contact"} <= {one.call for one in of_python()}


@pytest.mark.parametrize("method", of_python(), ids=lambda one: one.call)
def test_python_asks(method: Method) -> None:
    assert asked(method.call, written(HERE, ".py")), f"{method.asks} is not asked by python-intercom"


def test_node_asks() -> None:
    if not NODE.is_dir():
        pytest.fail("tests/clients has no intercom-client. Run: make clients")
    text = written(SCRIPTS, ".mjs")
    assert len(of_node()) >= 50
    assert [one.call for one in of_node() if not asked(one.call, text)] == []


def test_both_ask_the_same() -> None:
    """What one client can ask here, the other can too: a gap in one pattern would show."""
    assert {one.asks for one in of_python()} == {one.asks for one in of_node()}
