"""How does a token look that your backend would make? Signed here, to be tried out; backends call `avow.sign`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

import avow
from avow.cli.opening import ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption, duration, text
from avow.cli.output import tell
from avow.errors import NotFound, UsageError
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.trust.keys import Algorithm, Purpose, SigningKey

KEY_VARIABLE = "AVOW_SIGNING_SECRET"
EPILOG = """
[bold]Examples[/bold]

avow sign user-1 plan=pro seats=12 --data avow-data        with the workspace's own newest HS256 key

avow sign user-1 vip=true --kid acme-2024 --algorithm Ed25519 --secret-file private.pem

AVOW_SIGNING_SECRET=avow_sk_… avow sign user-1 plan=pro

A value is a number, true, false or null where it reads like one, else text; '"42"' is the text 42. The key comes from a
file, the environment or the data directory: a command line can be read by everybody on the machine.
"""


class _Key(msgspec.Struct, frozen=True):
    """What a token is signed with; where it comes from the data directory, with what the workspace expects in it."""

    secret: str
    kid: str | None
    algorithm: str
    issuer: str | None = None
    audience: str | None = None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"_Key({self.kid!r})"


def sign(
    first: Annotated[
        str | None, typer.Argument(metavar="USER_ID", show_default=False, help="Whom the values are about.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE", show_default=False, help="What is vouched for.")
    ] = None,
    named: Annotated[
        str | None, typer.Option("--user-id", metavar="USER_ID", help="The same, as an option: for one that has a =.")
    ] = None,
    kid: Annotated[str | None, typer.Option(help="Which key; the newest live HS256 key if left out.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help=f"File of the secret, or of a private key as PEM. [{KEY_VARIABLE}]")
    ] = None,
    algorithm: Annotated[Algorithm, typer.Option(help="Of the key that is given.")] = Algorithm.HS256,
    expires_in: Annotated[str, typer.Option(metavar="DURATION", help="How long the token is good.")] = "1h",
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Sign values of a user, for trying out; prints the token."""
    user_id, given = _subject(first, values or [], named)
    attributes = _vouched(given)
    lifetime = duration(expires_in, "--expires-in")
    key = _given(kid, secret_file, algorithm) or _stored(kid, workspace, data, database)
    now = time.time()
    token = avow.sign(
        user_id,
        attributes,
        key=key.secret,
        kid=key.kid,
        algorithm=key.algorithm,
        expires_in=lifetime,
        issuer=key.issuer,
        audience=key.audience,
        now=now,
    )
    answer = {"token": token, "kid": key.kid, "algorithm": key.algorithm, "expires_at": int(now) + lifetime}
    tell(answer, as_json, lambda _: print(token))


def _subject(first: str | None, values: list[str], named: str | None) -> tuple[str, list[str]]:
    """Whom it is about, and the values. Raises `UsageError` where a value stands in the place of the user id."""
    if named is not None:
        return named, values if first is None else [first, *values]
    if first is None:
        raise UsageError("Whom the values are about is missing; expected USER_ID [NAME=VALUE]...", field="user_id")
    if "=" in first:
        raise UsageError(
            f"{first[:60]!r} stands where the user id belongs, and reads like a value; expected USER_ID before the "
            "values. A user id that has a = is said with --user-id USER_ID.",
            field="user_id",
        )
    return first, values


def _vouched(values: list[str]) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for one in values:
        name, value = _value(one)
        if name in attributes:
            raise UsageError(f"{name[:60]!r} is given more than once; a token says one value of each.", field="values")
        attributes[name] = value
    return attributes


def _value(given: str) -> tuple[str, Any]:
    name, equals, raw = given.partition("=")
    if not name or not equals:
        raise UsageError(f"{given[:60]!r} is no value; expected NAME=VALUE, such as plan=pro.", field="values")
    try:
        value = msgspec.json.decode(raw)
    except msgspec.MsgspecError:
        return name, raw
    return name, raw if isinstance(value, list) else value


def _given(kid: str | None, secret_file: Path | None, algorithm: Algorithm) -> _Key | None:
    """The key of a file or of the environment."""
    if secret_file is not None:
        return _Key(text(secret_file, "--secret-file").rstrip("\r\n"), kid, algorithm)
    if (secret := os.environ.get(KEY_VARIABLE)) is not None:
        if not secret.strip():
            message = f"{KEY_VARIABLE} is set, but empty. Put the secret there, or unset it to sign with a stored key."
            raise UsageError(message, field=KEY_VARIABLE)
        return _Key(secret, kid, algorithm)
    if algorithm != Algorithm.HS256:
        raise UsageError(f"{algorithm} needs a private key: --secret-file FILE, or {KEY_VARIABLE}.", field="algorithm")
    return None


def _stored(kid: str | None, workspace: str | None, data: str | None, database: str | None) -> _Key:
    """The workspace's own HS256 key, whose secret only this machine's data can tell."""

    async def look(engine: Engine, found: Workspace) -> _Key:
        rules = await engine.rulebook.current(found.id)
        key = _fitting(rules.keyring.keys, kid, engine.now())
        return _Key(key.material.decode(), key.kid, key.algorithm, rules.policy.issuer, rules.policy.audience)

    return ask_workspace(data, database, workspace, look)


def _fitting(keys: tuple[SigningKey, ...], kid: str | None, now: float) -> SigningKey:
    usable = [
        key
        for key in keys
        if key.algorithm is Algorithm.HS256 and key.purpose is Purpose.TOKEN and key.verifies_at(now)
    ]
    for key in usable:
        if kid is None or key.kid == kid:
            return key
    known = f"Its keys: {', '.join(key.kid for key in usable)}. " if usable else ""
    raise NotFound(
        f"There is no live HS256 key for tokens{f' with kid {kid!r}' if kid else ''} in this workspace. {known}"
        "Make one with: avow key make --workspace ID --kid KID",
        field="kid",
    )
