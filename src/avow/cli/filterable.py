"""Shall searches by an attribute be fast? Its index is declared here, and built before the command answers.

A running server goes on with what is left undone, so the command may be interrupted, or told not to wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import actor, ask_workspace, if_stopped
from avow.cli.options import Data, Database, Json, WorkspaceOption
from avow.cli.output import tell
from avow.cli.progress import bar
from avow.flow import attributes
from avow.flow.attributes import Edit
from avow.flow.contract import Workspace
from avow.flow.contract.query import Filter
from avow.flow.engine import Engine
from avow.flow.search.filtering import BuildStep, build, progress

Name = Annotated[str, typer.Argument(metavar="NAME", help="The attribute's name, exactly.")]
Off = Annotated[bool, typer.Option("--off", help="Let go of the index; searches look at everybody again.")]
Background = Annotated[bool, typer.Option("--background", help="Leave the building to a running server.")]


class Standing(msgspec.Struct, frozen=True):
    """An attribute, and how far its index is: None where it has none."""

    name: str
    filter: Filter | None


def filterable(
    name: Name,
    off: Off = False,
    background: Background = False,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Keep an index over an attribute's values: searches by it stay fast, however many people there are."""
    stays = f"{name} is as you asked or as it was; an index goes on where it stood: a server builds it, or this again."
    with if_stopped(stays), bar(f"Index over {name}") as show:

        async def declare(engine: Engine, found: Workspace) -> Standing:
            return await _declare(engine, found, name, not off, background, show)

        standing = ask_workspace(data, database, workspace, declare)
    tell(_told(standing), as_json, lambda console: _show(console, standing))


async def _declare(
    engine: Engine,
    found: Workspace,
    name: str,
    wanted: bool,
    background: bool,
    show: Callable[[int, int | None], None],
) -> Standing:
    attribute = attributes.find_by_name(await attributes.every(engine.store, found.id), name)
    edit = Edit(filterable=wanted)
    which = attribute.name if attribute.standard else str(attribute.id)
    await attributes.update(engine.store, found.id, which, edit, entropy=engine.entropy, actor=actor())

    def tell_step(step: BuildStep) -> None:
        if step.filter is not None and step.attribute_id == attribute.id:
            show(step.filter.done, step.filter.total)

    if not background:
        await build(engine.store, found.id, tell_step)
    known = {it.attribute_id: it for it in await engine.store.filters(found.id)}
    return Standing(attribute.name, known.get(attribute.id))


def _told(standing: Standing) -> dict[str, Any]:
    it = standing.filter
    state = None if it is None else {"state": it.state, "progress": progress(it), "done": it.done, "total": it.total}
    return {"name": standing.name, "filterable": it is not None and it.kept, "filter": state}


def _show(console: Console, standing: Standing) -> None:
    it = standing.filter
    if it is None:
        console.print(f"{standing.name} is not filterable; searches by it look at everybody.")
    else:
        console.print(f"{standing.name}: the index is {it.state}, {progress(it):.0%} of {it.total:,} people.")
