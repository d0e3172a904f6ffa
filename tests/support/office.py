"""Acme's back office: an engine on a fresh SQLite file, REST on top of it, and a clock that a test can turn.

`rest` speaks as Acme's backend, `browser` as a page whose user is proven by a token and whose values are not, `forged`
as one that proves nothing, `signed` as a token. The Messenger's own door and the command line are `place.py`'s.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.routing import Router

from avow import api
from avow.flow import access, attributes, workspaces
from avow.flow.contract import KeyKind, LookupKey
from avow.flow.engine import Engine
from avow.flow.updates.submissions import Receipt, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.sign import sign
from avow.store import open_store
from avow.trust.access import ALL_SCOPES, AccessToken, Mode, Scope, digest_of
from avow.trust.attribute import Attribute, Enforcement
from avow.trust.contact import Contact, Holding, WorkspaceId
from avow.trust.keys import HashedField
from avow.trust.policy import Platform, Policy
from avow.trust.token import verify
from avow.trust.user_hash import UserHashProof
from avow.trust.weighing.voice import Page
from avow.web.boundary import Boundary
from avow.web.limits import Limiter
from tests.support import described
from tests.support.databases import database_with_a_clock, is_postgresql

OLIVE = "olive@acme.example"
START = 1_800_000_000.0
PAGE = Page("https://app.acme.example", "/v1/settings", "snippet 3")


class Clock:
    """Unix seconds that pass when a test says so. `file` is where PostgreSQL reads them."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.turn_to(START)

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.turn_to(self.now + seconds)

    def turn_to(self, moment: float) -> None:
        self.now = moment
        if self._file is not None:
            self._file.write_text(repr(moment))


@dataclass
class Answer:
    """A status, a decoded body, headers."""

    status: int
    body: Any
    headers: httpx.Headers = field(repr=False)

    @property
    def errors(self) -> list[tuple[str, str | None]]:
        """(code, field) of each error."""
        return [(error["code"], error.get("field")) for error in self.body["errors"]]

    @property
    def receipt(self) -> list[tuple[str, str, str | None]]:
        """(name, verdict, reason) of each line."""
        return [(line["name"], line["verdict"], line["reason"]) for line in self.body["receipt"]["attributes"]]


@dataclass
class Office:
    """A running engine, and REST on it."""

    engine: Engine
    clock: Clock
    client: httpx.AsyncClient
    workspace_id: WorkspaceId
    kid: str
    secret: str
    access_token: str

    async def rest(
        self, method: str, path: str, body: Any = None, /, *, token: str | None = None, **headers: str
    ) -> Answer:
        """A request as Acme's backend makes it. Underscores in header names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        own = {"authorization": f"Bearer {token or self.access_token}", "avow-receipt": "1", **named}
        content = {} if body is None else {"content": body} if isinstance(body, bytes) else {"json": body}
        if isinstance(body, bytes):
            own.setdefault("content-type", "application/json")
        answer = await self.client.request(method, path, headers=own, **content)
        told = answer.json() if answer.content else None
        described.hold(method, path, answer.status_code, told, body)
        return Answer(answer.status_code, told, answer.headers)

    async def alice(self, **fields: Any) -> str:
        """A user `alice` by REST; returns her id."""
        answer = await self.rest("POST", "/contacts", {"external_id": "alice", **fields})
        assert answer.status == 200, answer.body
        return str(answer.body["id"])

    async def token(self, mode: Mode = Mode.VOUCHING, *scopes: Scope) -> str:
        """Another access token's text."""
        made = await access.make(
            self.engine.store, self.workspace_id, name="Other", mode=mode, scopes=scopes or ALL_SCOPES,
            entropy=self.engine.entropy, actor=OLIVE,
        )  # fmt: skip
        return made.text

    async def caller(self, mode: Mode = Mode.VOUCHING, *scopes: Scope) -> AccessToken:
        """The same as the flows know it."""
        digest = digest_of(await self.token(mode, *scopes))
        await self.engine.rulebook.confirm()
        rules = await self.engine.rulebook.current(self.workspace_id)
        return rules.access_tokens[digest]

    async def visitor(self, session: str, /, **values: Any) -> Receipt:
        """Values of a browser without a name; `session` is its session's digest."""
        return await self._submit(Submission(self.workspace_id, Platform.WEB, 0, session=session, raw_values=values))

    async def signed(
        self, user_id: str, /, *, at: float | None = None, session: str | None = None, **values: Any
    ) -> Receipt:
        """Values inside a token; `session` is the digest of the browser's session."""
        return await self._update(user_id, values, {}, at=at, session=session)

    async def browser(self, user_id: str, /, *, page: Page = PAGE, **values: Any) -> Receipt:
        """Values beside a token that carries none: the identity is proven, the values are not."""
        return await self._update(user_id, {}, values, page=page)

    async def forged(self, user_id: str, /, **values: Any) -> Receipt:
        """Values from a page that only claims to be that user's."""
        rules = await self.engine.rulebook.current(self.workspace_id)
        return await self._submit(
            Submission(
                self.workspace_id, Platform.WEB, rules.version, unproven_user_id=user_id, raw_values=values, page=PAGE
            )
        )

    async def hashed(self, email: str, /, **values: Any) -> Receipt:
        """Values of a page whose `user_hash` over this e-mail is right."""
        proof = UserHashProof(HashedField.EMAIL, email, "legacy")
        return await self._submit(
            Submission(
                self.workspace_id, Platform.WEB, await self._version(), hash_proof=proof, raw_values=values, page=PAGE
            )
        )

    async def _version(self) -> int:
        await self.engine.rulebook.confirm()
        return (await self.engine.rulebook.current(self.workspace_id)).version

    async def _update(
        self,
        user_id: str,
        signed: Mapping[str, Any],
        raw: Mapping[str, Any],
        *,
        page: Page = PAGE,
        at: float | None = None,
        session: str | None = None,
    ) -> Receipt:
        await self.engine.rulebook.confirm()
        rules = await self.engine.rulebook.current(self.workspace_id)
        now = self.clock()
        text = sign(user_id, signed, key=self.secret, kid=self.kid, now=now if at is None else at)
        claims = verify(text, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=now)
        return await self._submit(
            Submission(
                self.workspace_id, Platform.WEB, rules.version, claims, session=session, raw_values=raw, page=page
            )
        )

    async def _submit(self, submission: Submission) -> Receipt:
        receipt: Receipt = await self.engine.committer.submit(MessengerUpdate(submission))
        return receipt

    async def declare(self, name: str, data_type: str = "string", **fields: Any) -> int:
        """A data attribute by REST; returns its id."""
        answer = await self.rest(
            "POST", "/data_attributes", {"name": name, "model": "contact", "data_type": data_type, **fields}
        )
        assert answer.status == 200, answer.body
        return int(answer.body["id"])

    async def enforce(self, name: str, enforcement: Enforcement) -> Attribute:
        """Turn an attribute's switch."""
        engine = self.engine
        return await attributes.enforce(
            engine.store, self.workspace_id, name, enforcement, entropy=engine.entropy, actor=OLIVE
        )

    async def policy(self, **settings: Any) -> None:
        """Change the workspace's settings."""
        async with self.engine.store.rules_transaction(self.workspace_id) as transaction:
            await transaction.put_policy(Policy(**settings))

    async def known(self, external_id: str) -> Contact:
        """The stored user of that id, who must exist."""
        rows = await self.engine.store.find(LookupKey(self.workspace_id, KeyKind.EXTERNAL_ID, external_id))
        assert rows, f"no user {external_id}"
        assert rows[0].contact_id is not None
        contact = await self.engine.store.contact(self.workspace_id, rows[0].contact_id)
        assert contact is not None
        return contact

    async def holding(self, external_id: str, name: str) -> Holding:
        """What is kept of one attribute."""
        return (await self.known(external_id)).holding(name)

    async def everything(self) -> str:
        """All contacts and rules as text: equal texts, nothing changed."""
        contacts, _ = await self.engine.store.contacts(self.workspace_id, before=None, limit=1000, most=1000)
        stored = await attributes.every(self.engine.store, self.workspace_id)
        return repr((contacts, stored))


@asynccontextmanager
async def open_office(
    database: Path, *, per_minute: int = 60_000, monotonic: Callable[[], float] = time.monotonic
) -> AsyncIterator[Office]:
    """A fresh office on a migrated, empty SQLite file, or on a PostgreSQL where the run is on one."""
    with database_with_a_clock() if is_postgresql() else nullcontext((f"sqlite:///{database}", None)) as (url, file):
        async with office_on(url, Clock(file), per_minute, monotonic) as office:
            yield office


@asynccontextmanager
async def two_processes() -> AsyncIterator[tuple[Office, Office]]:
    """The same office twice, as two servers would have it: one PostgreSQL, two engines. REST is the first one's."""
    with database_with_a_clock() as (url, file):
        async with office_on(url, Clock(file)) as one:
            engine = one.engine
            store = open_store(url, now=one.clock)
            other = Engine.of(
                store, engine.master_key, now=one.clock, monotonic=time.monotonic, entropy=engine.entropy
            )  # fmt: skip
            try:
                async with other.running():
                    yield one, replace(one, engine=other)
            finally:
                await store.close()


@asynccontextmanager
async def office_on(
    url: str, clock: Clock, per_minute: int = 60_000, monotonic: Callable[[], float] = time.monotonic
) -> AsyncIterator[Office]:
    """A fresh office on a migrated, empty database."""
    store = open_store(url, now=clock)
    engine = Engine.of(store, b"\x07" * 32, now=clock, monotonic=monotonic, entropy=os.urandom)
    founding = await workspaces.initialise(
        store, name="Acme", timezone="Europe/Berlin", owner=workspaces.Owner(OLIVE, "Olive", "none"),
        master_key=engine.master_key, now=clock(), entropy=os.urandom,
    )  # fmt: skip
    app = Boundary(Router(api.routes(engine, Limiter(per_minute)), redirect_slashes=False), os.urandom)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    try:
        async with engine.running(), httpx.AsyncClient(transport=transport, base_url="http://avow.test") as client:
            yield Office(
                engine, clock, client, founding.production.id, founding.kid, founding.secret, founding.access_token
            )
    finally:
        await store.close()


def fresh_copy(template: Path, folder: Path) -> Path:
    """A copy of a migrated file, for one test."""
    return Path(shutil.copy(template, folder / "avow.db"))
