"""A company's place is made whole, once, and its settings change all or none."""

from __future__ import annotations

import os
import re

import msgspec
import pytest

from avow.errors import BadInput, Conflict
from avow.flow import workspaces
from avow.trust.access import ALL_SCOPES, Mode, digest_of
from avow.trust.keys import Purpose
from avow.trust.policy import Platform, Policy, WorkspaceKind
from tests.support.memory_store import MemoryStore
from tests.support.office import OLIVE, Office


async def test_everything_that_a_company_begins_with_is_there(office: Office) -> None:
    production, test = sorted(await office.engine.store.workspaces(), key=lambda one: one.production_id or "")
    assert (production.kind, test.kind) == (WorkspaceKind.PRODUCTION, WorkspaceKind.TEST)
    assert all(re.fullmatch(r"[a-z0-9]{8}", one.id) for one in (production, test))
    assert (test.production_id, test.policy.explain_verdicts) == (production.id, True)
    assert (production.production_id, production.policy.explain_verdicts) == (None, False)
    [owner] = await office.engine.store.teammates(production.id)
    assert (owner.email, owner.role) == (OLIVE, "owner")
    rules = await office.engine.rulebook.current(production.id)
    [key] = rules.keyring.keys
    assert (key.kid, key.material.decode(), key.purpose) == (office.kid, office.secret, Purpose.TOKEN)
    assert key.platforms == frozenset(Platform)
    token = rules.access_tokens[digest_of(office.access_token)]
    assert (token.mode, token.scopes) == (Mode.VOUCHING, ALL_SCOPES)


async def test_a_database_that_holds_a_company_is_refused(office: Office) -> None:
    before = await office.engine.store.workspaces()
    with pytest.raises(Conflict, match="nothing was changed"):
        await workspaces.initialise(
            office.engine.store,
            name="Mallory Ltd",
            timezone="UTC",
            owner=workspaces.Owner("mallory@example.com", "Mallory", "none"),
            master_key=b"\x08" * 32,
            now=office.clock(),
            entropy=os.urandom,
        )
    assert await office.engine.store.workspaces() == before


async def test_a_place_is_made_in_one_transaction() -> None:
    """A crash half-way would leave a company without its first key, and with a database that refuses a second try."""
    store = MemoryStore()
    written: list[int] = []
    keep = store.memory.keep

    def kept() -> None:
        written.append(1)
        keep()

    store.memory.keep = kept  # type: ignore[method-assign]
    founding = await workspaces.initialise(
        store,
        name="Acme",
        timezone="UTC",
        owner=workspaces.Owner(OLIVE, "Olive", "none"),
        master_key=b"\x08" * 32,
        now=1.0,
        entropy=os.urandom,
    )
    assert len(written) == 1
    rules = await store.rules(founding.production.id)
    assert rules is not None
    assert ([key.kid for key in rules.keys], len(rules.access_tokens)) == ([founding.kid], 1)
    logged = await store.operator_changes(founding.production.id, limit=9)
    assert {one.action for one in logged} == {"key.add", "access_token.make"}


def test_what_is_secret_is_in_no_repr() -> None:
    place = workspaces.Workspace("acme0001", "Acme", WorkspaceKind.PRODUCTION, "UTC", Policy(), 0.0)  # type: ignore[arg-type]
    key, secret = workspaces.fresh_key("first", "First", 0.0, os.urandom)
    founding = workspaces.Founding(place, place, "first", key.algorithm, secret, "avow_at_acme0001_x")
    assert secret not in repr(founding) + repr(key)
    assert "avow_at_" not in repr(founding)


def test_ids_are_drawn_evenly() -> None:
    """Bytes that would favour some letters are thrown away."""
    given = iter([bytes([255] * 12), bytes(range(240, 252))])
    assert workspaces._fresh_id(lambda _: next(given)) == "yz012345"


async def test_settings_are_changed_and_written_down(office: Office) -> None:
    before, after = await workspaces.set_policy(
        office.engine.store,
        office.workspace_id,
        lambda policy: msgspec.structs.replace(policy, require_exp=True, issuer="acme"),
        entropy=os.urandom,
        actor=OLIVE,
    )
    assert (before.require_exp, after.require_exp) == (False, True)
    [logged] = [
        one
        for one in await office.engine.store.operator_changes(office.workspace_id, limit=10)
        if one.action == "policy.set"
    ]
    assert logged.actor == OLIVE
    assert (logged.before, logged.after) == ("{}", '{"require_exp":true,"issuer":"acme"}')


async def test_settings_that_stay_as_they_are_are_no_change(office: Office) -> None:
    versions = await office.engine.store.versions()
    await workspaces.set_policy(
        office.engine.store, office.workspace_id, lambda policy: policy, entropy=os.urandom, actor=OLIVE
    )
    assert await office.engine.store.versions() == versions


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"max_token_lifetime": 59}, "max_token_lifetime"),
        ({"max_token_lifetime": 366 * 86_400 + 1}, "max_token_lifetime"),
        ({"retention_days": 0}, "retention_days"),
        ({"issuer": ""}, "issuer"),
        ({"audience": "a" * 256}, "audience"),
        ({"origins": ("https://a.example",) * 2}, "origins"),
        ({"origins": tuple(f"https://{number}.example" for number in range(51))}, "origins"),
        ({"origins": ("app.acme.example",)}, "origins"),
        ({"origins": ("https://app.acme.example/",)}, "origins"),
        ({"origins": ("https://olive@app.acme.example",)}, "origins"),
        ({"origins": ("https://app.acme.example:port",)}, "origins"),
        ({"origins": ("file:///etc/passwd",)}, "origins"),
        ({"origins": ("null",)}, "origins"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_whole(
    office: Office, settings: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await workspaces.set_policy(
            office.engine.store,
            office.workspace_id,
            lambda policy: msgspec.structs.replace(policy, require_exp=True, **settings),
            entropy=os.urandom,
            actor=OLIVE,
        )
    assert refused.value.field == field
    assert (await office.engine.rulebook.workspace(office.workspace_id)).policy == Policy()


@pytest.mark.parametrize("origin", ["https://app.acme.example", "http://localhost:3000", "https://[::1]:8443"])
def test_origins_as_browsers_send_them_are_taken(origin: str) -> None:
    assert workspaces.checked(Policy(origins=(origin,))).origins == (origin,)
