"""How does a company's place come into being, and how are its settings changed?

- `initialise` makes a production and a test workspace, the owner, a first signing key and a first access token; what is
  secret is told in its result and never again. It is for an empty database only.
- `set_policy` checks every setting before any of them is changed, and writes down who changed what.

Source: spec §1, §4 "Keys".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final
from zoneinfo import available_timezones

import msgspec

from avow.errors import BadInput, Conflict
from avow.flow import access
from avow.flow.bookkeeping.operator_log import entry, log
from avow.flow.contract import Store, Teammate, Workspace
from avow.flow.rules.sealing import NONCE_BYTES, sealed
from avow.flow.work import Entropy
from avow.trust.access import ALL_SCOPES, Mode
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Algorithm, KeyState, Purpose, SigningKey, secret_from_random
from avow.trust.policy import Platform, Policy, WorkspaceKind

MAX_NAME: Final = 100
SECRET_BYTES: Final = 32
LIFETIMES: Final = (60, 366 * 86_400)
RETENTION: Final = (1, 366)
MAX_PARTY: Final = 255
MAX_ORIGINS: Final = 50

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_ORIGIN: Final = re.compile(
    r"https?://(?:\[[0-9a-f:]{2,39}\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::[1-9][0-9]{0,4})?\Z"
)
_PORT_UNSAID: Final = re.compile(r"https://.*:443\Z|http://.*:80\Z")
_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f]{1,64}@[^\s@\x00-\x1f]{1,189}\Z")


class Owner(msgspec.Struct, frozen=True):
    """Who owns the company's place. `password_hash` is an Argon2id hash, made by whoever asked for the password."""

    email: str
    name: str
    password_hash: str


class Founding(msgspec.Struct, frozen=True):
    """What was made. `secret` and `access_token` are told nowhere else."""

    production: Workspace
    test: Workspace
    kid: str
    algorithm: Algorithm
    secret: str
    access_token: str

    def __repr__(self) -> str:
        """Without what is secret: a repr ends in logs."""
        return f"Founding(production={self.production.id!r}, test={self.test.id!r}, kid={self.kid!r})"


async def initialise(
    store: Store, *, name: str, timezone: str, owner: Owner, master_key: bytes, now: float, entropy: Entropy
) -> Founding:
    """Make everything new in an empty database. Raises `Conflict`, changing nothing, where there is a workspace."""
    _check_name(name)
    if not _EMAIL.match(owner.email):
        raise BadInput(
            "The owner's e-mail address is not usable; expected one such as olive@acme.example.", field="owner"
        )
    await require_empty(store)
    production = Workspace(_fresh_id(entropy), name.strip(), WorkspaceKind.PRODUCTION, timezone, Policy(), now)
    test = Workspace(
        _fresh_id(entropy),
        f"{name.strip()} (test)",
        WorkspaceKind.TEST,
        timezone,
        Policy(explain_verdicts=True),
        now,
        production.id,
    )
    teammate = Teammate(
        fresh_teammate_id(entropy), production.id, owner.email, owner.name, "owner", owner.password_hash, now
    )
    key, secret = fresh_key(f"key-{_fresh_id(entropy)}", "First key", now, entropy)
    added = entry(production.id, now, entropy, owner.email, "key.add", key.kid, "", str(key.state))
    first, made = access.fresh(
        production.id,
        name="First access token",
        mode=Mode.VOUCHING,
        scopes=ALL_SCOPES,
        now=now,
        entropy=entropy,
        actor=owner.email,
    )
    # One transaction: a crash leaves everything or nothing.
    await store.create_workspaces(
        [production, test],
        [teammate],
        keys=[sealed(key, production.id, master_key, entropy(NONCE_BYTES))],
        access_tokens=[first.token],
        log=[added, made],
    )
    return Founding(production, test, key.kid, key.algorithm, secret, first.text)


async def require_empty(store: Store) -> None:
    """Raise `Conflict` where there is a workspace already."""
    for one in await store.workspaces():
        if one.kind is WorkspaceKind.PRODUCTION:
            raise Conflict(
                f"The database holds the workspace {one.id} ({one.name}) already; nothing was changed. Use what is "
                "there, or name an empty database."
            )


def fresh_key(
    kid: str, name: str, now: float, entropy: Entropy, *, platforms: frozenset[Platform] = frozenset(Platform)
) -> tuple[SigningKey, str]:
    """A new HS256 key for tokens, and the text of its secret, to be shown once. Registered by `flow/keys.add`."""
    secret = secret_from_random(entropy(SECRET_BYTES))
    key = SigningKey(
        kid=kid,
        name=name,
        algorithm=Algorithm.HS256,
        purpose=Purpose.TOKEN,
        platforms=platforms,
        state=KeyState.LIVE,
        created_at=now,
        material=secret.encode(),
    )
    return key, secret


async def set_policy(
    store: Store, workspace_id: WorkspaceId, change: Callable[[Policy], Policy], *, entropy: Entropy, actor: str
) -> tuple[Policy, Policy]:
    """Change settings, all or none: the policy before and after. Raises `BadInput` for a setting that cannot be."""
    async with store.rules_transaction(workspace_id) as transaction:
        before = (await transaction.rules()).workspace.policy
        after = checked(change(before))
        if after != before:
            await transaction.put_policy(after)
            told = (msgspec.json.encode(policy).decode() for policy in (before, after))
            await log(transaction, workspace_id, entropy, actor, "policy.set", workspace_id, *told)
        return before, after


async def describe(
    store: Store,
    workspace_id: WorkspaceId,
    change: Callable[[Workspace], tuple[str, str]],
    *,
    entropy: Entropy,
    actor: str,
) -> Workspace:
    """Another name or time zone, made of those that stand. Raises `BadInput`, and then nothing has changed."""
    async with store.rules_transaction(workspace_id) as transaction:
        before = (await transaction.rules()).workspace
        name, timezone = change(before)
        _check_name(name)
        check_timezone(timezone)
        after = msgspec.structs.replace(before, name=name.strip(), timezone=timezone)
        if after != before:
            await transaction.put_workspace(after.name, after.timezone)
        for action, old, new in (("rename", before.name, after.name), ("timezone", before.timezone, after.timezone)):
            if old != new:
                await log(transaction, workspace_id, entropy, actor, f"workspace.{action}", workspace_id, old, new)
        return after


def check_timezone(raw_name: str) -> str:
    """The name of a time zone, if it is one. Raises `BadInput`."""
    if raw_name not in timezones():
        raise BadInput("There is no such time zone; expected a name such as Europe/Berlin or UTC.", field="timezone")
    return raw_name


@cache
def timezones() -> tuple[str, ...]:
    """The names of all time zones, in order: read from the disk once."""
    return tuple(sorted(available_timezones()))


def checked(policy: Policy) -> Policy:
    """The policy, if every setting is within its bounds. Raises `BadInput` with the setting's name as `field`."""
    _check_range("max_token_lifetime", policy.max_token_lifetime, LIFETIMES, "seconds")
    _check_range("retention_days", policy.retention_days, RETENTION, "days")
    for name, party in (("issuer", policy.issuer), ("audience", policy.audience)):
        if party is not None and not (0 < len(party) <= MAX_PARTY and party.isprintable()):
            raise BadInput(f"{name} is not usable; expected 1 to {MAX_PARTY} visible characters, or none.", field=name)
    if len(policy.origins) > MAX_ORIGINS or len(set(policy.origins)) != len(policy.origins):
        raise BadInput(f"origins are not usable; expected at most {MAX_ORIGINS}, each of them once.", field="origins")
    for origin in policy.origins:
        _check_origin(origin)
    return policy


def _check_range(name: str, found: int | None, bounds: tuple[int, int], unit: str) -> None:
    if found is not None and not bounds[0] <= found <= bounds[1]:
        raise BadInput(f"{name} is {found}; expected {bounds[0]} to {bounds[1]} {unit}.", field=name)


def _check_origin(origin: str) -> None:
    # Browsers never name the port that goes without saying: with it, an origin would shut its own pages out.
    if not _ORIGIN.match(origin) or _PORT_UNSAID.match(origin):
        raise BadInput(
            f"{origin[:100]!r} is no page origin; expected scheme and host as a browser sends them, such as "
            "https://app.example.com, and a port only where it is none of 443 (https) and 80 (http).",
            field="origins",
        )


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise BadInput(f"The name is not usable; expected 1 to {MAX_NAME} visible characters.", field="name")


def fresh_teammate_id(entropy: Entropy) -> str:
    """A number that JavaScript can hold, as text: clients ask for an admin by a number, and `owner_id` is one."""
    return str(int.from_bytes(entropy(6)))


def _fresh_id(entropy: Entropy) -> WorkspaceId:
    """8 of [a-z0-9], each letter as likely as any other."""
    letters = ""
    while len(letters) < 8:
        letters += "".join(_ALPHABET[octet % 36] for octet in entropy(12) if octet < 252)
    return WorkspaceId(letters[:8])
