"""Which keys may prove something here? They are added, made, listed, retired and revoked; a secret is shown once."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from avow.cli.opening import actor, ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption, algorithm, contents, duration, platforms, text
from avow.cli.output import moment, table, tell
from avow.errors import UsageError
from avow.flow import keys
from avow.flow.contract import KeyUse, Workspace
from avow.flow.engine import Engine
from avow.flow.screens import keys as fates
from avow.flow.workspaces import fresh_key
from avow.trust.keys import (
    Algorithm,
    HashedField,
    KeyState,
    Purpose,
    SigningKey,
    check_kid,
    register_public_key,
    register_secret,
)
from avow.trust.policy import Platform

app = typer.Typer(name="key", help="Keys by which your backend vouches.", no_args_is_help=True)

ADD = """
[bold]Examples[/bold]

avow key add --kid acme-2024 --algorithm Ed25519 --public-key acme.pem

avow key add --kid old --algorithm HS256 --secret-file secret.txt     a secret you have already

avow key add --kid legacy --algorithm HS256 --secret-file secret.txt --purpose user_hash

A new secret is better made here: avow key make. Public keys are PEM or JWK; - is standard input.
"""
RETIRE = """
[bold]Example[/bold]: a new key signs from today; tokens of the old one are taken for a day more.

avow key make --kid acme-2025

avow key retire acme-2024 --in 1d
"""
_USES_OF = 7 * 86_400

Kid = Annotated[str, typer.Option("--kid", help="What tokens call the key: 1 to 128 visible ASCII characters.")]
Name = Annotated[str | None, typer.Option("--name", help="What people call it; the kid if left out.")]
Platforms = Annotated[list[Platform] | None, typer.Option("--platform", help="For which it counts; all if left out.")]
Which = Annotated[str | None, typer.Argument(metavar="KID", show_default=False, help="The key's kid.")]
WhichOption = Annotated[str | None, typer.Option("--kid", help="The same, as an option.")]


@app.command(epilog=ADD)
def add(
    kid: Kid,
    named: Annotated[str, typer.Option("--algorithm", metavar="HS256|RS256|ES256|Ed25519", help="How it signs.")],
    public_key: Annotated[Path | None, typer.Option(help="File of a public key, PEM or JWK.")] = None,
    secret_file: Annotated[Path | None, typer.Option(help="File of a shared secret, for HS256.")] = None,
    purpose: Annotated[Purpose, typer.Option(help="What it may prove.")] = Purpose.TOKEN,
    hashes: Annotated[
        HashedField | None, typer.Option(help="What a user_hash key hashes; user_id if left out.")
    ] = None,
    name: Name = None,
    platform: Platforms = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Register a key that your backend has already."""
    kind = algorithm(named)
    if hashes is not None and purpose is not Purpose.USER_HASH:
        raise UsageError("--hashes is for a key for user_hash: say --purpose user_hash too.", field="hashes")
    new = SigningKey(
        kid=check_kid(kid),
        name=name or kid,
        algorithm=kind,
        purpose=purpose,
        platforms=platforms(platform),
        state=KeyState.LIVE,
        created_at=time.time(),
        material=_material(kind, public_key, secret_file),
        hashes=hashes or HashedField.USER_ID,
    )

    async def register(engine: Engine, found: Workspace) -> Workspace:
        await keys.add(engine.store, found.id, new, master_key=engine.master_key, entropy=engine.entropy, actor=actor())
        return found

    found = ask_workspace(data, database, workspace, register)
    proves = _purpose_in_words(new)
    tell(
        _told(new),
        as_json,
        lambda console: console.print(f"{new.kid} ({kind}, {proves}) is registered in {found.id}, and live."),
    )


@app.command()
def make(
    kid: Kid,
    name: Name = None,
    platform: Platforms = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a new HS256 key; its secret is shown this once."""
    check_kid(kid)

    async def register(engine: Engine, found: Workspace) -> tuple[SigningKey, str]:
        new, secret = fresh_key(kid, name or kid, engine.now(), engine.entropy, platforms=platforms(platform))
        await keys.add(engine.store, found.id, new, master_key=engine.master_key, entropy=engine.entropy, actor=actor())
        return new, secret

    new, secret = ask_workspace(data, database, workspace, register)

    def show(console: Console) -> None:
        console.print(f"{kid} is live. Its secret, shown this once:\n{secret}")

    tell({**_told(new), "secret": secret}, as_json, show)


@app.command("list")
def list_(
    workspace: WorkspaceOption = None, data: Data = None, database: Database = None, as_json: Json = False
) -> None:
    """Every key with its state, and how much it is used."""

    async def every(engine: Engine, found: Workspace) -> tuple[tuple[SigningKey, ...], list[KeyUse]]:
        since = int((engine.now() - _USES_OF) // 86_400)
        uses = await engine.store.key_uses(found.id, since_day=since)
        return await keys.every(engine.store, found.id), uses

    found, uses = ask_workspace(data, database, workspace, every)
    now, used = time.time(), _used(uses)
    rows = [
        (
            key.kid,
            key.name,
            key.algorithm,
            _purpose_in_words(key),
            " ".join(sorted(key.platforms)),
            _state_in_words(key, now),
            used[key.kid][0],
            moment(used[key.kid][1]),
        )
        for key in found
    ]
    columns = ("kid", "name", "algorithm", "purpose", "platforms", "state", "uses in 7 days", "last used (UTC)")
    answer = [{**_told(key), "uses_7d": used[key.kid][0], "last_used_at": used[key.kid][1]} for key in found]
    tell(answer, as_json, lambda console: console.print(table(columns, rows)))


@app.command(epilog=RETIRE)
def retire(
    which: Which = None,
    kid: WhichOption = None,
    after: Annotated[str, typer.Option("--in", metavar="DURATION", help="How long it is still good.")] = "0",
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Let a key run out, at once or in a while."""
    chosen, seconds = _chosen(which, kid), duration(after, "--in")

    async def end(engine: Engine, found: Workspace) -> SigningKey:
        at = int(engine.now()) + seconds if seconds else None
        return await keys.retire(
            engine.store,
            found.id,
            chosen,
            at=at,
            entropy=engine.entropy,
            actor=actor(),
        )

    changed = ask_workspace(data, database, workspace, end)
    words = _state_in_words(changed, time.time())
    tell(_told(changed), as_json, lambda console: console.print(f"{changed.kid} is {words}."))


@app.command()
def revoke(
    which: Which = None,
    kid: WhichOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """End a key at once and for good: every process refuses it within a second."""
    chosen = _chosen(which, kid)
    if sys.stdin.isatty() and not yes and not as_json:
        rows = ask_workspace(data, database, workspace, lambda engine, found: fates.every(engine, found.id))
        for row in rows:
            if row.key.kid == chosen:
                _confirm(row)

    async def end(engine: Engine, found: Workspace) -> SigningKey:
        return await keys.revoke(engine.store, found.id, chosen, entropy=engine.entropy, actor=actor())

    changed = ask_workspace(data, database, workspace, end)
    tell(_told(changed), as_json, lambda console: console.print(f"{changed.kid} is revoked, for good."))


def _chosen(which: str | None, kid: str | None) -> str:
    if (which is None) == (kid is None):
        raise UsageError("Which key is missing, or named twice; expected its kid, once.", field="kid")
    return which or kid or ""


def _material(kind: Algorithm, public_key: Path | None, secret_file: Path | None) -> bytes:
    if (public_key is None) == (secret_file is None):
        raise UsageError("Expected either --public-key FILE or --secret-file FILE.", field="public_key")
    if secret_file is not None:
        if kind is not Algorithm.HS256:
            raise UsageError(f"--secret-file is for HS256; {kind} takes --public-key FILE.", field="secret_file")
        return register_secret(text(secret_file, "--secret-file"))
    if public_key is None or kind is Algorithm.HS256:
        raise UsageError("HS256 is a shared secret: it takes --secret-file FILE.", field="public_key")
    return register_public_key(contents(public_key, "--public-key"), kind)


def _used(uses: list[KeyUse]) -> dict[str, tuple[int, float | None]]:
    """How often, and when last, by kid."""
    used: dict[str, tuple[int, float | None]] = defaultdict(lambda: (0, None))
    for use in uses:
        count, last = used[use.kid]
        used[use.kid] = (count + use.count, max(last or 0.0, use.last_at))
    return used


def _confirm(row: fates.Row) -> None:
    """Ask, with what is said on screen too: who is shut out, and where no other key goes on for good."""
    proofs = "tokens" if row.for_tokens else f"hashes of {row.key.hashes}"
    typer.echo(
        f"{row.key.kid} verified {row.total} requests in the last {fates.DAYS} days; "
        f"whoever carries its {proofs} is shut out."
    )
    left = [f"no key for {proofs} is left on {', '.join(row.forsaken)}."] if row.forsaken else []
    for one in row.respites:
        until = moment(one.key.retires_at)
        left.append(f"on {', '.join(one.platforms)} only {one.key.kid} is left, which retires at {until} UTC.")
    said = " ".join(f"Then {one}" for one in left) or "Other live keys go on as before."
    typer.confirm(
        f"{said if row.usable else 'It verifies nothing any more.'} Revoke {row.key.kid} for good?", abort=True
    )


def _purpose_in_words(key: SigningKey) -> str:
    return str(key.purpose) if key.purpose is Purpose.TOKEN else f"{key.purpose} of {key.hashes}"


def _state_in_words(key: SigningKey, now: float) -> str:
    state = key.state_at(now)
    if key.distrusted_since is not None:
        return f"{state}, distrusted since {moment(key.distrusted_since)} UTC"
    return f"retiring until {moment(key.retires_at)} UTC" if state is KeyState.RETIRING else str(state)


def _told(key: SigningKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "name": key.name,
        "algorithm": key.algorithm,
        "purpose": key.purpose,
        "hashes": key.hashes if key.purpose is Purpose.USER_HASH else None,
        "platforms": sorted(key.platforms),
        "state": key.state,
        "created_at": key.created_at,
        "retires_at": key.retires_at,
        "distrusted_since": key.distrusted_since,
    }
