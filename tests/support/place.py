"""Acme's place: the whole application in this process, on a real database, with Acme's keys, asked over HTTP.

`Place.ping` speaks as a page does, forged or not; `Place.rest` as Acme's backend; `Place.look` reads past every door
what is stored, so that a test can assert that nothing changed.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from avow import sign
from avow.app import application, create_data_directory, open_engine
from avow.flow import attributes, keys, workspaces
from avow.flow.contract import KeyKind, LookupKey
from avow.flow.engine import Engine
from avow.settings import Settings
from avow.trust.attribute import Enforcement
from avow.trust.contact import Contact, WorkspaceId
from avow.trust.keys import (
    Algorithm,
    HashedField,
    KeyState,
    Purpose,
    SigningKey,
    register_secret,
    secret_from_random,
)
from avow.trust.policy import Platform, Policy
from tests.support import described
from tests.support.databases import database_of_the_run, migrated_file

OLIVE = "olive@acme.example"


@dataclass
class Answer:
    """A status and a decoded body."""

    status: int
    body: dict[str, Any]
    headers: httpx.Headers = field(repr=False)

    @property
    def code(self) -> str | None:
        """The reason of a refusal."""
        errors = self.body.get("errors")
        return errors[0]["code"] if errors else None

    def verdict(self, name: str, channel: str | None = None) -> tuple[str, str | None]:
        """(verdict, reason) of one attribute in the receipt."""
        for line in self.body["receipt"]["attributes"]:
            if line["name"] == name and channel in (None, line["channel"]):
                return line["verdict"], line["reason"]
        raise AssertionError(f"no verdict on {name} in {self.body['receipt']}")


@dataclass
class Place:
    """A running Avow with one workspace, explained verdicts, and a signing key `first`."""

    client: httpx.AsyncClient
    engine: Engine
    workspace_id: WorkspaceId
    kid: str
    secret: str
    access_token: str

    def token(self, user_id: str, /, *, at: float | None = None, lasting: int = 3600, **attributes: Any) -> str:
        """A token as Acme's backend signs it; `at` is when."""
        return sign(user_id, attributes, key=self.secret, kid=self.kid, expires_in=lasting, now=at)

    async def ping(self, user_data: Mapping[str, Any] | None = None, /, **fields: Any) -> Answer:
        """What a browser sends when somebody boots or updates."""
        platform = fields.pop("platform", "web")
        headers = fields.pop("headers", {})
        body = {"app_id": self.workspace_id, "user_data": dict(user_data or {}), **fields}
        return await self.post(f"/messenger/{platform}/ping", json.dumps(body).encode(), "application/json", headers)

    async def ping_as_form(self, user_data: Mapping[str, Any], /, **fields: Any) -> Answer:
        """The same in Intercom's own encoding."""
        form = {"app_id": self.workspace_id, "user_data": json.dumps(user_data), **fields}
        return await self.post("/messenger/web/ping", urlencode(form).encode(), "application/x-www-form-urlencoded")

    async def signed(self, user_id: str, /, *, at: float | None = None, **attributes: Any) -> Answer:
        """One signed update."""
        return await self.ping({"intercom_user_jwt": self.token(user_id, at=at, **attributes)})

    async def post(self, path: str, body: bytes, media: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Any bytes at all."""
        answer = await self.client.post(path, content=body, headers={"content-type": media, **(headers or {})})
        described.hold("POST", path, answer.status_code, answer.json())
        return Answer(answer.status_code, answer.json(), answer.headers)

    async def rest(
        self, method: str, path: str, body: Any = None, /, token: str | None = None, **headers: str
    ) -> Answer:
        """A REST request with Acme's access token."""
        own = {"authorization": f"Bearer {token or self.access_token}", "avow-receipt": "1", **headers}
        answer = await self.client.request(method, path, json=body, headers=own)
        told = answer.json() if answer.content else {}
        described.hold(method, path, answer.status_code, told, body)
        return Answer(answer.status_code, told, answer.headers)

    async def enforce(self, name: str, enforcement: Enforcement) -> None:
        """Turn an attribute's switch."""
        await attributes.enforce(
            self.engine.store, self.workspace_id, name, enforcement, entropy=self.engine.entropy, actor=OLIVE
        )

    async def lock(self, name: str) -> None:
        """Turn on “Prevent insecure updates via the Messenger”."""
        await self.enforce(name, Enforcement.LOCKED)

    async def policy(self, **settings: Any) -> None:
        """Change the workspace's settings."""
        async with self.engine.store.rules_transaction(self.workspace_id) as transaction:
            await transaction.put_policy(Policy(**{"explain_verdicts": True, **settings}))

    async def add_hash_key(self, kid: str = "legacy", hashes: HashedField = HashedField.USER_ID) -> str:
        """Register a `user_hash` key; returns its secret."""
        secret = secret_from_random(os.urandom(32))
        key = SigningKey(
            kid=kid,
            name=kid,
            algorithm=Algorithm.HS256,
            purpose=Purpose.USER_HASH,
            platforms=frozenset(Platform),
            state=KeyState.LIVE,
            hashes=hashes,
            created_at=self.engine.now(),
            material=register_secret(secret),
        )
        engine = self.engine
        await keys.add(
            engine.store, self.workspace_id, key, master_key=engine.master_key, entropy=engine.entropy, actor=OLIVE
        )
        return secret

    async def look(self, user_id: str) -> Contact | None:
        """The stored user of that id."""
        rows = await self.engine.store.find(LookupKey(self.workspace_id, KeyKind.EXTERNAL_ID, user_id))
        if not rows or rows[0].contact_id is None:
            return None
        return await self.engine.store.contact(self.workspace_id, rows[0].contact_id)

    async def known(self, user_id: str) -> Contact:
        """The stored user of that id, who must exist."""
        contact = await self.look(user_id)
        assert contact is not None, f"no user {user_id}"
        return contact

    async def value(self, user_id: str, name: str) -> Any:
        """The current value of one attribute."""
        return (await self.known(user_id)).holding(name).value

    async def everything(self) -> str:
        """All contacts as text: equal texts, nothing changed."""
        contacts, _ = await self.engine.store.contacts(self.workspace_id, before=None, limit=1000, most=1000)
        return repr([(one.id, one.version, one.external_id, one.holdings, one.merged_into) for one in contacts])


@asynccontextmanager
async def open_place(folder: Path, database_url: str | None = None, **settings_of: str) -> AsyncIterator[Place]:
    """A fresh place. `database_url` None: the run's database. `settings_of` are variables of the environment."""
    with nullcontext(database_url) if database_url else database_of_the_run() as url:
        async with _opened(folder, url, settings_of) as place:
            yield place


@asynccontextmanager
async def _opened(folder: Path, database_url: str | None, settings_of: dict[str, str]) -> AsyncIterator[Place]:
    database = {"AVOW_DATABASE_URL": database_url} if database_url else {}
    environment = {"AVOW_DATA": str(folder / "data")} | database | settings_of
    settings = Settings.from_environment(environment)
    create_data_directory(settings.data)
    if settings.database_url.startswith("sqlite") and not any(settings.data.glob("*.db")):
        (settings.data / "avow.db").write_bytes(migrated_file())
    async with open_engine(settings) as engine:
        owner = workspaces.Owner(OLIVE, "Olive", "none")
        founding = await workspaces.initialise(
            engine.store,
            name="Acme",
            timezone="Europe/Berlin",
            owner=owner,
            master_key=engine.master_key,
            now=engine.now(),
            entropy=engine.entropy,
        )
        app = application(settings)
        async with _lifespan(app), _client(app) as client:
            place = Place(client, engine, founding.production.id, founding.kid, founding.secret, founding.access_token)
            await place.policy()
            yield place


def _client(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=("203.0.113.7", 4711)), base_url="http://avow.test"
    )


@asynccontextmanager
async def _lifespan(app: Any) -> AsyncIterator[None]:
    """What a server does around an application's life."""
    import asyncio

    received: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    task = asyncio.create_task(
        app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, received.get, sent.put)
    )
    await received.put({"type": "lifespan.startup"})
    started = await sent.get()
    assert started["type"] == "lifespan.startup.complete", started
    try:
        yield
    finally:
        await received.put({"type": "lifespan.shutdown"})
        await sent.get()
        await task
