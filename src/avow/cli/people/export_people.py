"""How are people taken out? All of them, page by page, each value with who vouched for it; or everything of one person.

- With `--output` the file appears under its name when it is whole. Interrupted, by kill -9 too, the same command goes
  on behind the last whole line of what is there; what another workspace or question left is never gone on with. Of
  one person it begins anew.
- What is written is for this user only: it is about people.
"""

from __future__ import annotations

import glob
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import msgspec
import typer

from avow.cli.opening import actor, ask_workspace, settings_of
from avow.cli.options import Data, Database, WorkspaceOption
from avow.cli.people.unfinished import last_whole_line
from avow.cli.progress import bar
from avow.errors import BadInput, UsageError
from avow.flow import contacts, exports
from avow.flow.contacts.forgetting import find_named
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.flow.exports import Export, Form, Options
from avow.trust.contact import ContactId
from avow.trust.rules import Rules

EPILOG = """
[bold]Examples[/bold]

avow export --output people.csv                  everybody, each value with who vouched for it

avow export --format jsonl --verified | gzip > people.jsonl.gz

avow export --plain --verified > people.csv      values only, for `avow import` elsewhere, which vouches for them

avow export --contact alice@customer.example     everything that is known of one person, as JSON

Stopped half-way: type the same again, or go on behind somebody with --after ID.
"""
_PARTIAL: Final = ".partial"


def export_people(
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.CSV,
    verified: Annotated[bool, typer.Option("--verified", help="Only values that somebody vouched for.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Values without their provenance.")] = False,
    contact: Annotated[
        str | None,
        typer.Option("--contact", metavar="WHO", help="Everything of one person: an id, an external_id or an e-mail."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to; standard output if left out.")
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="ID", help="Go on behind this person; no header is written.")
    ] = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Export people with the provenance of every value."""
    if output is not None and os.path.lexists(output):
        raise UsageError(f"{output} is there already. Name a file that is not.", field="output")
    if after is not None and (output is not None or contact is not None):
        raise UsageError("--after goes with neither --output, which goes on by itself, nor --contact.", field="after")
    options, settings = Options(form, verified, plain), settings_of(data=data, database_url=database)
    path = settings.sqlite_path
    where = settings.database_name if path is None else str(path.resolve())

    async def run(engine: Engine, found: Workspace) -> None:
        await engine.rulebook.confirm()
        rules = await engine.rulebook.current(found.id)
        if contact is not None:
            person = await find_named(engine.store, found.id, contact)
            pieces = exports.everything(engine.store, person, rules, engine.now())
            with _whole(output) if output is not None else nullcontext(sys.stdout.buffer) as file:
                await _note(engine, found, "contact.export", "", person.id)
                async for piece in pieces:
                    file.write(piece)
                file.flush()
            return
        behind = contacts.contact_id_of(after) if after else None
        export = exports.plan(options, rules)
        partial = None if output is None else _partial(output, where, found, export)
        with _opened(partial, output) if output is not None and partial is not None else nullcontext() as file:
            await _note(engine, found, "people.export", str(form), "all")
            await _people(engine, found, rules, export, file, behind)
        if output is not None and partial is not None:
            partial.rename(output)

    ask_workspace(data, database, workspace, run)


async def _note(engine: Engine, workspace: Workspace, action: str, told: str, subject: str) -> None:
    await exports.note(
        engine.store, workspace.id, entropy=engine.entropy, actor=actor(), action=action, told=told, subject=subject
    )


def _partial(output: Path, where: str, workspace: Workspace, export: Export) -> Path:
    """The name under which an export is begun: one for each workspace of each database, question and set of columns.

    Raises `BadInput` where the same was begun with other columns.
    """
    asked = _digest(os.fsencode(where), msgspec.json.encode(export.options))
    begun = f"{output.name}.{workspace.id}.{asked}."
    partial = output.with_name(begun + _digest(export.header, msgspec.json.encode(export)) + _PARTIAL)
    for other in output.parent.glob(f"{glob.escape(begun)}*{_PARTIAL}"):
        if other != partial:
            message = f"The attributes have changed since {other} was begun. Remove it, and begin anew."
            raise BadInput(message, field="output", code="columns_changed")
    return partial


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


async def _people(
    engine: Engine, workspace: Workspace, rules: Rules, export: Export, file: BinaryIO | None, after: ContactId | None
) -> None:
    with bar("Exporting") as show:
        if file is None:
            await _write(engine, workspace, rules, export, sys.stdout.buffer, after, show)
            return
        place = last_whole_line(file, export.options.form)
        file.seek(place.end)
        file.truncate()
        await _write(engine, workspace, rules, export, file, place.last, show, begun=place.end > 0)
        os.fsync(file.fileno())


async def _write(
    engine: Engine,
    workspace: Workspace,
    rules: Rules,
    export: Export,
    file: BinaryIO,
    after: ContactId | None,
    show: Any,
    *,
    begun: bool = False,
) -> None:
    if after is None and not begun:
        file.write(export.header)
    count = 0
    pages: AsyncIterator[tuple[bytes, ContactId]] = exports.stream(
        engine.store, workspace.id, export, rules, engine.now(), after=after
    )
    async for page, _ in pages:
        file.write(page)
        count += page.count(b"\n")
        show(count, None)
    file.flush()


@contextmanager
def _opened(partial: Path, output: Path) -> Any:
    """A file for this user only, with what an interrupted export has left in it."""
    with os.fdopen(_descriptor(partial, os.O_RDWR, output), "r+b") as file:
        yield file


def _descriptor(partial: Path, how: int, output: Path) -> int:
    try:
        return os.open(partial, os.O_CREAT | how, 0o600)
    except OSError as error:  # of a name that means nothing to who asked for this one
        raise UsageError(f"{output} cannot be written ({error.strerror}).", field="output") from None


@contextmanager
def _whole(output: Path) -> Any:
    """A file for this user only that appears when everything is in it, or not at all."""
    partial = output.with_name(f"{output.name}.contact{_PARTIAL}")
    partial.unlink(missing_ok=True)  # of a run that was killed
    try:
        with os.fdopen(_descriptor(partial, os.O_EXCL | os.O_WRONLY, output), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.rename(output)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
