"""How do many people become known at once? From a CSV file or JSON Lines, each row weighed like a request of its own.

- It may be stopped at any moment, by kill -9 too: the same command goes on exactly behind the last row written.
- A file that cannot be meant is refused before anything is written, with everything that is wrong with it.
- It works beside a running server, and leaves the database to it between two batches.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import actor, ask_workspace, if_stopped
from avow.cli.options import Data, Database, Json, WorkspaceOption, new_file
from avow.cli.output import REFUSED, refuse, table, tell
from avow.cli.people.files import OpenedFile, opened_file
from avow.cli.progress import bar
from avow.errors import BadInput, BadInputs, UsageError
from avow.flow import imports
from avow.flow.contract import Job, JobState, Workspace
from avow.flow.engine import Engine
from avow.flow.exports import guarded
from avow.flow.imports import Details, FileFault, Form, Options
from avow.trust.access import Mode

EPILOG = """
[bold]Examples[/bold]

avow import people.csv --dry-run                          what would become of every row; nobody is changed

avow import people.csv --map "Account ID=external_id" --map Notes=    columns with other names, and one left out

avow import people.csv --create-attributes --rejected bad-lines.csv

zcat people.jsonl.gz | avow import - --format jsonl --relaying        values that nobody vouches for

Stopped half-way, by whatever: type the same again. Exit code 1 if any line was rejected.
"""
ROWS_AT_ONCE: Final = 100
_BETWEEN: Final = 0.008
"""Seconds between two batches, in which a server on the same file gets its turn."""
SHOWN: Final = 20
"""Rejected lines that are told at once."""


File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header, or JSON Lines; - for stdin.")]
FormOption = Annotated[Form | None, typer.Option("--format", help="How the file is written; by its name if left out.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=NAME", help="What a column means; COLUMN= leaves it out. Repeatable."),
]
Relaying = Annotated[bool, typer.Option("--relaying", help="Nobody vouches for the values: they stay unverified.")]
Create = Annotated[
    bool, typer.Option("--create-attributes", help="Declare unknown columns first, as locked attributes.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first line that is rejected.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Weigh every row, and change nobody.")]
Rejected = Annotated[
    Path | None, typer.Option("--rejected", metavar="FILE", help="Write the rejected lines' reasons there (CSV).")
]


def import_people(
    file: File,
    form: FormOption = None,
    column: Map = None,
    relaying: Relaying = False,
    create_attributes: Create = False,
    strict: Strict = False,
    dry_run: DryRun = False,
    rejected: Rejected = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Import people from a file: new ones are made, those who are known are updated."""
    mode = Mode.RELAYING if relaying else Mode.VOUCHING
    columns = _columns(column or [])
    options = Options(form or _form_of(file), mode, columns, strict, create_attributes, dry_run)
    began = time.monotonic()
    with opened_file(file) as source, new_file(rejected, "rejected") as lines:

        async def run(engine: Engine, found: Workspace) -> Ended:
            async with engine.running():
                job, resumed = await _import(engine, found, source, options)
                return Ended(job, resumed, await _rejected(engine, job, lines))

        with if_stopped("What has been written stays; type the same again to go on behind it."):
            ended = ask_workspace(data, database, workspace, run)
        progress = imports.progress_of(ended.job)
        if ended.job.state is JobState.REFUSED:
            raise typer.Exit(_refuse(progress.faults, as_json))
    answer = ended.as_json(round(time.monotonic() - began, 3))
    tell(answer, as_json, lambda console: _show(console, answer, rejected))
    if progress.rejected or ended.job.state is not JobState.COMPLETED:
        raise typer.Exit(REFUSED)


def _refuse(faults: Sequence[FileFault], as_json: bool) -> int:
    """Print why the file was refused, each fault with its line; the exit code."""
    if as_json:
        answer = {"type": "error.list", "errors": faults, "exit_code": REFUSED}
        sys.stderr.write(msgspec.json.encode(answer).decode() + "\n")
        return REFUSED
    told = [BadInput(f"Line {one.line}: {one.message}" if one.line else one.message) for one in faults]
    return refuse(BadInputs(told), REFUSED, as_json)


@dataclass(frozen=True, slots=True)
class Ended:
    """An import that has ended: whether it had been begun before, and its first rejected lines."""

    job: Job
    resumed: bool
    some_rejected: list[dict[str, Any]]

    def as_json(self, seconds: float) -> dict[str, Any]:
        """The report for machines."""
        told = {"rejected_lines": self.some_rejected, "resumed": self.resumed, "seconds": seconds}
        return {**imports.import_object(self.job), **told}


def _form_of(file: Path) -> Form:
    name = file.name.lower()
    if name.endswith((".jsonl", ".ndjson")):
        return Form.JSON_LINES
    if name.endswith((".csv", ".tsv", ".txt")):
        return Form.CSV
    raise UsageError(f"How {file} is written cannot be told from its name; say --format csv or jsonl.", field="format")


def _columns(given: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for one in given:
        column, found, name = one.rpartition("=")
        if not found or not column or column in columns:
            raise UsageError(f"--map is {one[:80]!r}; expected COLUMN=NAME, each column once.", field="map")
        columns[column] = name
    return columns


async def _import(engine: Engine, workspace: Workspace, source: OpenedFile, options: Options) -> tuple[Job, bool]:
    """Run the import of this file, or go on with it; the job, and whether it had been begun before."""
    asked = msgspec.json.encode((workspace.id, options))
    fingerprint = source.fingerprint(asked)
    known = [one for one in await engine.store.jobs.alike(workspace.id, fingerprint) if one.finished_at is None]
    job = known[0] if known else await _begin(engine, workspace, options, fingerprint)
    with bar("Importing") as shown:

        def on_progress(details: Details, progress: imports.Progress) -> None:
            shown(progress.rows, details.layout.rows if details.layout is not None else None)

        job = await imports.run(
            engine,
            job,
            source,
            on_look=lambda position: shown(position, source.size),
            on_progress=on_progress,
            pause=_give_way,
            rows_at_once=ROWS_AT_ONCE,
        )
    return job, bool(known)


async def _begin(engine: Engine, workspace: Workspace, options: Options, fingerprint: str) -> Job:
    begin = imports.Begin(
        workspace_id=workspace.id,
        job_id=f"{int(engine.now()):08x}{engine.entropy(8).hex()}",
        actor=actor(),
        details=Details(options),
        fingerprint=fingerprint,
        by_hand=True,
    )
    job: Job = await engine.committer.submit(begin)
    return job


async def _give_way(_: float) -> None:
    await asyncio.sleep(_BETWEEN)


async def _rejected(engine: Engine, job: Job, file: BinaryIO | None) -> list[dict[str, Any]]:
    """The first rejected lines, all of them being written to the file, if one is named."""
    some: list[dict[str, Any]] = []
    if job.state is JobState.REFUSED:
        return some
    with contextlib.ExitStack() as stack:
        rows = None
        if file is not None:
            rows = csv.writer(stack.enter_context(io.TextIOWrapper(file, newline="", encoding="utf-8")))
            rows.writerow(("line", "code", "field", "message"))
        async for line, faults in imports.rejected_lines(engine, job):
            if rows is not None:
                rows.writerows((line, one.code, guarded(one.field or ""), one.message) for one in faults)
            elif len(some) >= SHOWN:
                break
            if len(some) < SHOWN:
                some.append({"line": line, "errors": [msgspec.to_builtins(one) for one in faults]})
    return some


def _show(console: Console, answer: dict[str, Any], rejected: Path | None) -> None:
    if answer["resumed"]:
        console.print("This import had been begun before; it went on where it stood.")
    would = "would be " if answer["dry_run"] else ""
    words = ("created", "updated", "unchanged", "rejected")
    console.print(f"{answer['rows']:,} rows in {answer['seconds']:,} s ({answer['mode']}):")
    console.print(table(("", "rows"), [(f"{would}{word}", f"{answer[word]:,}") for word in words]))
    for name, kind in answer["created_attributes"].items():
        console.print(f"Attribute {name}: {would}declared as {kind}, locked.")
    if answer["ignored_columns"]:
        console.print(f"Read over, as nothing can be written to them: {', '.join(answer['ignored_columns'])}")
    for reason, count in answer["ignored_values"].items():
        console.print(f"{count:,} values were ignored: {reason}")
    for one in answer["errors"]:
        console.print(f"Stopped at line {one['line']}: {one['message']}")
    lines = [
        (f"line {one['line']}", fault["field"], fault["message"])
        for one in answer["rejected_lines"]
        for fault in one["errors"]
    ]
    if lines:
        console.print()
        console.print(table(("rejected", "field", "why"), lines))
    if answer["rejected"] > len(answer["rejected_lines"]) and rejected is None:
        console.print("These are the first ones. All of them: type the same again with --rejected FILE.")
