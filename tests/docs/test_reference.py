"""The reference says what the code does: every setting, policy, command, address, code and bound is on its page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.core
import typer.main

from avow import errors
from avow.api.resources import RESOURCES
from avow.cli.main import app
from avow.settings import SETTINGS, Setting
from avow.trust.attribute import STANDARD, AttributeType, Enforcement
from avow.trust.change import ChangeKind
from avow.trust.contact import Channel, State
from avow.trust.policy import Policy
from avow.trust.reasons import Reason
from avow.trust.weighing.names import RESERVED
from avow.web import errors as web_errors
from avow.web.errors import ROUTER, STATUS, Refusal
from tests.docs.pages import page, prose
from tests.house.tree import modules

POLICY = "docs/reference/workspace-policy.md"
MODEL = "docs/reference/data-model.md"
HTTP = "docs/reference/http.md"
CLI = "docs/reference/cli.md"
BOUNDS = "docs/reference/bounds-and-limits.md"
CODES = "docs/reference/errors.md"


# Settings and policy.


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_stands_in_the_table_as_the_program_has_it(setting: Setting) -> None:
    flag = f"`{setting.flag}`" if setting.flag else "–"
    default = f"`{setting.default}`" if setting.default else "–"
    row = f"| `{setting.variable}` | {flag} | {default} | {setting.description} |"
    assert row in page("docs/reference/settings.md")


def test_no_setting_is_described_that_there_is_not() -> None:
    told = set(re.findall(r"^\| `(AVOW_\w+)` \|", page("docs/reference/settings.md"), re.MULTILINE))
    assert told == {setting.variable for setting in SETTINGS}


def test_every_policy_field_has_its_section() -> None:
    assert re.findall(r"^## `(\w+)`$", page(POLICY), re.MULTILINE) == list(Policy.__struct_fields__)


# The command line.


def commands(group: Any, path: str = "avow") -> Iterator[tuple[str, Any]]:
    """Every command that can be typed, with its path."""
    if isinstance(group, typer.core.TyperGroup):
        for name, command in group.commands.items():
            yield from commands(command, f"{path} {name}")
    else:
        yield path, group


COMMANDS = dict(commands(typer.main.get_command(app)))


def section(text: str, heading: str) -> str:
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,6}} |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[2] if found else ""


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_its_section_with_every_option(path: str) -> None:
    told = section(page(CLI), f"`{path}`")
    assert told, f"{CLI} has no section for {path}"
    shared = section(page(CLI), "Options that many commands have")
    options = [option for one in COMMANDS[path].params for option in (*one.opts, *one.secondary_opts)]
    missing = [one for one in options if one.startswith("--") and f"`{one}" not in told + shared]
    assert missing == []


def test_no_command_is_described_that_there_is_not() -> None:
    assert set(re.findall(r"^#+ `(avow [^`]+)`$", page(CLI), re.MULTILINE)) == set(COMMANDS)


# Addresses.


def test_every_address_has_its_section() -> None:
    rest = {f"{method} {path.replace(':anything', '')}" for path, acts in RESOURCES.items() for method in acts}
    rest |= {
        "GET /",
        "GET /healthz",
        "GET /readyz",
        "GET /openapi.json",
        "GET /favicon.ico",
        "GET /docs/{page}",
        "POST /messenger/{platform}/ping",
        "POST /messenger/{platform}/events",
    }
    assert set(re.findall(r"^#+ `([A-Z]+ /[^`]*)`$", page(HTTP), re.MULTILINE)) == rest


@pytest.mark.parametrize("path", RESOURCES)
def test_the_section_of_an_address_names_its_scope(path: str) -> None:
    for method, act in RESOURCES[path].items():
        told = section(page(HTTP), f"`{method} {path.replace(':anything', '')}`")
        assert (act.scope is None) == ("Scope" not in told)
        assert act.scope is None or f"Scope: `{act.scope}`" in " ".join(told.split())


# Errors.


REFUSALS = [one for one in vars(web_errors).values() if isinstance(one, Refusal)]


def spoken_codes() -> set[str]:
    """Every code that an error may have: of the classes, given where one is raised, and said by the server itself."""
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AvowError)]
    said = {kind.code for kind in tree} | {code for code, _ in ROUTER.values()} | {one.code for one in REFUSALS}
    for module in modules("src").values():
        for node in ast.walk(module):
            if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
                said.add(str(node.value.value))
    return said - {str(reason) for reason in Reason} | {"server_error"}


def test_every_error_code_has_its_row() -> None:
    told = re.findall(r"^\| `(\w+)` \| \d", page(CODES), re.MULTILINE)
    assert set(told) == spoken_codes()
    assert len(told) == len(set(told))


def test_the_codes_of_the_tree_have_the_status_that_the_server_gives() -> None:
    for kind, status in STATUS.items():
        code = kind.code  # type: ignore[attr-defined]
        if code != "unauthorized" or kind is errors.NotAuthenticated:
            assert f"| `{code}` | {status} |" in page(CODES)
    for refusal in REFUSALS:
        assert f"| `{refusal.code}` | {refusal.status} |" in page(CODES)


# Words and numbers.


def test_the_words_of_the_data_model_are_those_of_the_code() -> None:
    text = prose(MODEL)
    words = [*AttributeType, *Enforcement, *State, *Channel, *ChangeKind, *STANDARD]
    assert [word for word in words if f"`{word}`" not in text] == []


def test_the_reserved_names_are_those_of_the_code() -> None:
    listed = (
        page(MODEL)
        .partition("<!-- reserved names: compared with avow.trust.weighing.names -->")[2]
        .partition("\n\n")[0]
    )
    assert set(re.findall(r"`(\w+)`", listed)) == RESERVED


def constant(where: str) -> float:
    """The number that a module (by its file's name) gives a name, wherever in the house the module stands."""
    stem, name = where.split(":")
    for path, module in modules("src").items():
        if not path.endswith(f"/{stem}.py"):
            continue
        for node in ast.walk(module):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            if isinstance(node, ast.Assign | ast.AnnAssign) and name in names and node.value is not None:
                return float(eval(compile(ast.Expression(node.value), path, "eval")))
    raise AssertionError(f"no module {stem} has a number {name}")


LIMITS = {
    "body of a request": "request:MAX_BODY",
    "the same with its trailers": "request:MAX_BODY",
    "the same in chunks, with all that frames them": "connections:framed_bytes",
    "head of a request": "connections:head_bytes",
    "fields of a head": "connections:head_fields",
    "fields of a form": "forms:MAX_FIELDS",
    "nesting of JSON in a body": "envelope:MAX_DEPTH",
    "digits of a number in JSON": "strict_json:_MAX_NUMBER",
    "attributes in a Messenger request, outside the token": "envelope:MAX_ATTRIBUTES",
    "events in a Messenger request": "envelope:MAX_EVENTS",
    "name of an event": "envelope:MAX_EVENT_NAME",
    "entries of an event's metadata": "envelope:MAX_METADATA",
    "token": "form:MAX_TOKEN",
    "header of a token": "form:MAX_HEADER",
    "nesting of JSON in a token": "form:MAX_DEPTH",
    "keys tried for a token without `kid`": "keyring:MAX_CANDIDATES",
    "`user_id`": "user_id:MAX_USER_ID",
    "name of an attribute": "names:MAX_LENGTH",
    "text value": "values:MAX_STRING",
    "address of an avatar": "values:MAX_ADDRESS",
    "active custom attributes of a workspace": "attribute:MAX_ACTIVE",
    "provisional attributes of a workspace": "attribute:MAX_PROVISIONAL",
    "attributes in a REST request": "fields:MAX_ATTRIBUTES",
    "tags of a workspace": "tags:MAX_TAGS",
    "name of a tag": "tags:MAX_NAME",
    "people tagged in one request": "tags:MAX_TAGGED",
    "note": "notes:MAX_NOTE",
    "metadata of an event": "events:MAX_METADATA",
    "people of one e-mail address that are looked at": "lookup:MOST_OF_ADDRESS",
    "people looked at to count segments": "segments:MOST_LOOKED_AT",
    "events that move in a merge": "writing:MOST_MOVED",
    "events erased in one transaction": "erasure:MOST_AT_ONCE",
    "activities of one span": "activity_logs:MOST_LOOKED_AT",
    "activities on a page of a search": "activity_logs:MAX_PER_PAGE",
    "options of a list": "declaring:MAX_OPTIONS",
    "description of an attribute": "declaring:MAX_DESCRIPTION",
    "page of a list": "reading:MAX_PER_PAGE",
    "conditions in a group of a search": "parsing:MAX_CONDITIONS",
    "groups within a group of a search": "parsing:MAX_GROUPS",
    "values of `IN` and `NIN`": "parsing:MAX_IN",
    "filterable attributes of a workspace": "filtering:FILTERABLE_AT_MOST",
    "total of a list or search": "reading:MOST_COUNTED",
    "page origins of a workspace": "workspaces:MAX_ORIGINS",
    "name of a key": "keys:MAX_NAME",
    "change records that one answer of a distrust looks at": "distrust:MOST_RECORDS",
    "entries of a list in the report of `avow key distrust`": "losses:MOST_LISTED",
    "line of an import": "lines:MAX_RECORD",
    "lines of one CSV record": "csv_records:MAX_LINES",
    "different names in a file of an import": "survey:MAX_NAMES",
    "file of an import by REST": "steps:MAX_SENT",
    "imports of a workspace that have not ended": "imports:MAX_UNFINISHED",
    "rejected lines in the report of an import": "job:MAX_REJECTED",
    "imported secret": "secret:MAX_SECRET",
    "head of a request, from its first byte": "connections:head_seconds",
    "body of a request, from the end of its head": "connections:body_seconds",
    "a connection on which nothing is asked": "connections:idle_seconds",
    "a client that does not read its answer": "connections:write_seconds",
    "clocks that differ, in a token's times": "times:LEEWAY",
    "requests waiting behind one on a connection": "connections:pipelined",
    "passwords and codes tried at the screens from one address (IPv6: one /64)": "tries:PER_MINUTE",
    "of these, through a proxy that `AVOW_TRUSTED_PROXIES` does not name": "tries:THROUGH_A_PROXY",
}
CHOSEN = {
    "REST requests of one workspace": "rest_per_minute",
    "Messenger requests about one proven contact": "contact_per_minute",
    "Messenger requests from one address (IPv6: one /64)": "address_per_minute",
    "of these, unproven or refused": "unproven_per_minute",
    "open connections of a process": "connections",
    "of these, from one address": "connections_per_address",
}


@pytest.mark.parametrize("what", LIMITS)
def test_a_bound_has_the_number_that_the_code_has(what: str) -> None:
    assert told_number(what) == constant(LIMITS[what])


@pytest.mark.parametrize("what", CHOSEN)
def test_a_limit_has_the_number_that_is_its_settings_default(what: str) -> None:
    (setting,) = (one for one in SETTINGS if one.name == CHOSEN[what])
    assert told_number(what) == int(setting.default)
    assert re.search(rf"^\| {re.escape(what)} \|.*`{setting.variable}` \|$", page(BOUNDS), re.MULTILINE)


def test_no_bound_is_told_that_nothing_is_compared_with() -> None:
    told = re.findall(r"^\| ([^|]+) \| [\d,]+", page(BOUNDS), re.MULTILINE)
    assert set(told) - LIMITS.keys() - CHOSEN.keys() == {
        "stopping, from the signal",
        "traffic and refusals by the hour",
    }


def told_number(what: str) -> int:
    row = re.search(rf"^\| {re.escape(what)} \| ([\d,]+)", page(BOUNDS), re.MULTILINE)
    assert row, f"{BOUNDS} has no row for {what}"
    return int(row[1].replace(",", ""))
