"""What does a made-up company need before anything happens in it? Settings, attributes, and its people's half year.

Secrets that sign the printed samples are kept beside the data (`demo.json`, 0600): a demo needs them again, a company's
backend keeps its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from avow.demo.past import OLIVE, Clock, Credentials, Past
from avow.demo.story import ALICE, LENGTH, story
from avow.errors import UsageError
from avow.flow import attributes, keys
from avow.flow.contacts import find_by_external_id
from avow.flow.engine import Engine
from avow.flow.rules.declaring import Definition
from avow.flow.workspaces import set_policy
from avow.trust.access import AccessToken, digest_of
from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.keys import Algorithm, KeyState, Purpose, SigningKey
from avow.trust.policy import MayCreate, Platform, Policy
from avow.trust.secret import register_secret

NAME: Final = "Acme"
OWNER: Final = "olive@acme.example"
SEED: Final = 2024
SECRETS_FILE: Final = "demo.json"
STARTS: Final = LENGTH + 86_400
"""How many seconds before now the company comes into being."""

DECLARED: Final = (
    Definition("plan", AttributeType.STRING, Enforcement.OPEN, "What they pay for"),
    Definition("seats", AttributeType.INTEGER, Enforcement.OPEN, "How many people may sign in"),
    Definition("company_name", AttributeType.STRING, Enforcement.OPEN, "Whom they work for"),
    Definition("account_manager", AttributeType.STRING, Enforcement.LOCKED, "Who of us looks after them"),
)


class Secrets(msgspec.Struct, frozen=True):
    """What signs the samples. Of a company that is made up: worth nothing elsewhere, and kept 0600 all the same."""

    workspace_id: WorkspaceId
    kid: str
    secret: str
    access_token: str
    owner_email: str
    owner_password: str
    hash_secret: str

    def __repr__(self) -> str:
        """Without what is secret."""
        return f"Secrets({self.workspace_id!r})"


def keep(directory: Path, secrets: Secrets) -> None:
    """Write the secrets into the demo's directory."""
    descriptor = os.open(directory / SECRETS_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(secrets)) + b"\n")


def kept(directory: Path) -> Secrets:
    """The secrets of a demo that was made before. Raises `UsageError` for a directory that is no demo's."""
    try:
        return msgspec.json.decode((directory / SECRETS_FILE).read_bytes(), type=Secrets)
    except FileNotFoundError:
        raise UsageError(
            f"{directory} is there, and it is no demo's: it has no {SECRETS_FILE}. Name another directory with --data.",
            field="data",
        ) from None
    except msgspec.MsgspecError:
        raise UsageError(
            f"{directory / SECRETS_FILE} cannot be read as what a demo keeps. Remove {directory}, and run this again.",
            field="data",
        ) from None


async def fill(engine: Engine, clock: Clock, secrets: Secrets, *, end: int) -> None:
    """Let half a year pass in an empty workspace, up to `end` (Unix seconds). The engine's clock must be `clock`."""
    await set_policy(engine.store, secrets.workspace_id, _policy, entropy=engine.entropy, actor=OLIVE)
    await keys.add(
        engine.store,
        secrets.workspace_id,
        _hash_key(secrets.hash_secret, clock()),
        master_key=engine.master_key,
        entropy=engine.entropy,
        actor=OLIVE,
    )
    for definition in DECLARED:
        await attributes.declare(engine.store, secrets.workspace_id, definition, entropy=engine.entropy, actor=OLIVE)
    async with engine.running():
        token = await _access_token(engine, secrets)
        credentials = Credentials(secrets.kid, secrets.secret, token)
        await Past(engine, clock, secrets.workspace_id, credentials).play(story(SEED, end))


async def alice(engine: Engine, secrets: Secrets) -> ContactId:
    """The contact whom the printed commands are about."""
    return (await find_by_external_id(engine.store, secrets.workspace_id, ALICE)).id


def _policy(policy: Policy) -> Policy:
    return msgspec.structs.replace(policy, may_create=MayCreate.ANYONE, explain_verdicts=True)


def _hash_key(secret: str, now: float) -> SigningKey:
    """The company once proved identities the old way, and its shop still does: under a key of that purpose alone."""
    return SigningKey(
        kid="legacy-hash",
        name="Identity verification (legacy)",
        algorithm=Algorithm.HS256,
        purpose=Purpose.USER_HASH,
        platforms=frozenset(Platform),
        state=KeyState.LIVE,
        created_at=now,
        material=register_secret(secret),
    )


async def _access_token(engine: Engine, secrets: Secrets) -> AccessToken:
    rules = await engine.rulebook.current(secrets.workspace_id)
    return rules.access_tokens[digest_of(secrets.access_token)]
