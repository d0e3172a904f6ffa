"""May a browser still write this? Attributes with their enforcement, and whether it is safe to lock them, in words."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from avow.cli.filterable import filterable
from avow.cli.opening import actor, ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption
from avow.cli.output import moment, table, tell
from avow.errors import NotFound
from avow.flow import attributes
from avow.flow.contract import Workspace
from avow.flow.contract.query import Filter, FilterState
from avow.flow.engine import Engine
from avow.flow.readiness import Report, report
from avow.flow.search.filtering import progress
from avow.trust.attribute import Attribute, Enforcement
from avow.trust.readiness import UNSIGNED
from avow.trust.traffic import TrafficClass
from avow.trust.weighing.names import ALIASES

EPILOG = """
[bold]Examples[/bold], in the order in which one goes about it

avow attribute show plan         who still writes it unsigned, and from where

avow attribute monitor plan      still taken, and counted as what would be ignored

avow attribute lock plan         from now on only signed values, REST and teammates

avow attribute open plan         back to where it was

avow attribute filterable plan   searches by it stay fast among a million people
"""

app = typer.Typer(name="attribute", help="Attributes, and who may write them.", no_args_is_help=True, epilog=EPILOG)
app.command()(filterable)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The attribute's name, exactly.")]


class Judged(msgspec.Struct, frozen=True):
    """An attribute, and what was counted of it."""

    attribute: Attribute
    readiness: Report
    filter: Filter | None = None


@app.command("list")
def list_(
    workspace: WorkspaceOption = None, data: Data = None, database: Database = None, as_json: Json = False
) -> None:
    """Every attribute with its enforcement, and whether it may be locked, judged by the last 7 days."""

    async def every(engine: Engine, found: Workspace) -> list[Judged]:
        known = await attributes.every(engine.store, found.id)
        indexed = {it.attribute_id: it for it in await engine.store.filters(found.id)}
        return [await _judged(engine, found, one, indexed.get(one.id)) for one in known.values()]

    found = ask_workspace(data, database, workspace, every)
    columns = ("name", "type", "enforcement", "", "readiness")
    rows = [
        (
            one.attribute.name,
            one.attribute.type,
            one.attribute.enforcement,
            _remarks(one.attribute, one.filter),
            _sentence(one),
        )
        for one in found
    ]
    tell([_told(one) for one in found], as_json, lambda console: console.print(table(columns, rows)))


@app.command()
def show(
    name: Name,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """One attribute: what arrives signed and unsigned, and who still writes it from where."""

    async def one(engine: Engine, found: Workspace) -> Judged:
        indexed = {it.attribute_id: it for it in await engine.store.filters(found.id)}
        named = _named(await attributes.every(engine.store, found.id), name)
        return await _judged(engine, found, named, indexed.get(named.id))

    judged = ask_workspace(data, database, workspace, one)
    tell({**_told(judged), "windows": _windows(judged.readiness)}, as_json, lambda console: _show(console, judged))


@app.command("open")
def open_(
    name: Name,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Signed and unsigned values are taken."""
    _enforce(name, Enforcement.OPEN, workspace, data, database, as_json)


@app.command()
def monitor(
    name: Name,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Unsigned values are taken, and counted as what a lock would ignore."""
    _enforce(name, Enforcement.MONITOR, workspace, data, database, as_json)


@app.command()
def lock(
    name: Name,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Unsigned values are ignored, from the moment this command answers, on every running server."""
    _enforce(name, Enforcement.LOCKED, workspace, data, database, as_json)


def _enforce(
    name: str, wanted: Enforcement, workspace: str | None, data: str | None, database: str | None, as_json: bool
) -> None:
    async def change(engine: Engine, found: Workspace) -> tuple[Attribute, Judged]:
        before = _named(await attributes.every(engine.store, found.id), name)
        after = await attributes.enforce(
            engine.store, found.id, before.name, wanted, entropy=engine.entropy, actor=actor()
        )
        return before, await _judged(engine, found, after)

    before, judged = ask_workspace(data, database, workspace, change)

    def show(console: Console) -> None:
        was = "as it was" if before.enforcement is wanted else f"it was {before.enforcement}"
        console.print(f"{judged.attribute.name} is {wanted} ({was}). Of the last 7 days: {_sentence(judged)}")

    tell(_told(judged), as_json, show)


async def _judged(engine: Engine, found: Workspace, attribute: Attribute, indexed: Filter | None = None) -> Judged:
    return Judged(attribute, await report(engine.store, found.id, attribute, engine.now()), indexed)


def _named(known: Mapping[str, Attribute], name: str) -> Attribute:
    """The attribute of that name, or of the name for which the Messenger has another one."""
    found = known.get(name) or known.get(ALIASES.get(name, ""))
    if found is None:
        near = get_close_matches(name, known, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "See: avow attribute list"
        raise NotFound(
            f"There is no attribute {name[:60]!r} in this workspace. {hint}", code="field_not_found", field="name"
        )
    return found


def _sentence(judged: Judged) -> str:
    return judged.readiness.headline.sentence


def _remarks(attribute: Attribute, indexed: Filter | None = None) -> str:
    remarks = (
        ("standard", attribute.standard),
        ("provisional", attribute.provisional),
        ("archived", attribute.archived),
        ("arrives signed", attribute.ever_signed),
        (_indexed(indexed), indexed is not None),
    )
    return ", ".join(remark for remark, so in remarks if so)


def _indexed(it: Filter | None) -> str:
    if it is None or it.state is FilterState.READY:
        return "filterable"
    return f"index {it.state} {progress(it):.0%}"


def _told(judged: Judged) -> dict[str, Any]:
    attribute, headline = judged.attribute, judged.readiness.headline
    return {
        "id": attribute.id,
        "name": attribute.name,
        "type": attribute.type,
        "options": list(attribute.options),
        "enforcement": attribute.enforcement,
        "standard": attribute.standard,
        "provisional": attribute.provisional,
        "archived": attribute.archived,
        "ever_signed": attribute.ever_signed,
        "filterable": judged.filter is not None and judged.filter.kept,
        "readiness": {"state": headline.state, "sentence": headline.sentence, "signed_share": headline.signed_share},
    }


def _windows(found: Report) -> dict[str, Any]:
    return {
        name: {
            "state": window.state,
            "sentence": window.sentence,
            "signed_share": window.signed_share,
            "counts": window.counts,
            "writers": [{"label": one.label, "people": one.people, "last_at": one.last_at} for one in window.writers],
        }
        for name, window in found.windows.items()
    }


def _show(console: Console, judged: Judged) -> None:
    attribute, found = judged.attribute, judged.readiness
    remarks = _remarks(attribute, judged.filter)
    remarks = f" ({remarks})" if remarks else ""
    console.print(f"{attribute.name}: {attribute.type}, {attribute.enforcement}{remarks}")
    console.print(f"{found.headline.sentence}\n")
    columns = ("in", "signed", "share", "repeats", "fills", "changes", "contradicts", "unproven")
    rows = []
    for name, window in found.windows.items():
        share = "" if window.signed_share is None else f"{window.signed_share:.0%}"
        unsigned = [window.counts[kind] for kind in UNSIGNED]
        unproven = sum(count for kind, count in window.counts.items() if kind.startswith("unproven"))
        rows.append((name, window.counts[TrafficClass.SIGNED], share, *unsigned, unproven))
    console.print(table(columns, rows))
    last = (("last signed", found.last_signed_at), ("last unsigned", found.last_unsigned_at))
    console.print("\n" + "; ".join(f"{what}: {moment(at) or 'never'}" for what, at in last) + " (UTC)")
    if found.headline.writers:
        writers = [(one.label, one.people, moment(one.last_at)) for one in found.headline.writers]
        console.print()
        console.print(table(("still unsigned from", "people", "last (UTC)"), writers))
