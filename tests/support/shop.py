"""Acme's shop: the real rulebook and committer, and a Messenger in front of them, over a store without a disk.

    async with Shop(locked("plan")).open() as shop:
        receipt = await shop.ping(token=shop.token("alice", plan="pro"), values={"plan": "free"})

Tokens are really signed and really believed. `submission` stops between belief and commit; `hand_in` goes on. Time
stands still until a test moves `now`; chance is a counter: every run is the same run.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import msgspec

from avow.flow.bookkeeping.tally import TallyBook
from avow.flow.by_hand.acts import SignOut
from avow.flow.committer import Committer
from avow.flow.contacts import EraseContact
from avow.flow.contract import KeyKind, SealedKey, Workspace
from avow.flow.rulebook import Rulebook
from avow.flow.rules.sealing import sealed
from avow.flow.updates.submissions import Happening, Receipt, RulesMoved, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.flow.work import Idempotency
from avow.trust.access import AccessToken
from avow.trust.attribute import Attribute
from avow.trust.change import GENESIS, Change
from avow.trust.contact import Contact, ContactId, Holding, WorkspaceId
from avow.trust.identity import fold_email
from avow.trust.keys import KeyState
from avow.trust.policy import Platform, Policy, WorkspaceKind
from avow.trust.token import verify
from avow.trust.user_hash import prove
from avow.trust.weighing.voice import Page
from tests.support.company import Key, acme
from tests.support.disk import Disk
from tests.support.world import ACME, NOW, access_token

MASTER = b"\x07" * 32
OTHER = WorkspaceId("other001")
BACKEND = access_token()
_COUNTERS = frozenset({"traffic", "writers", "refusals", "uses", "alerts"})
USUAL = (acme().hs, acme()["acme-hash"])


class Shop:
    """One process. `disk` may be another shop's: then they are two processes over one database."""

    def __init__(
        self,
        *attributes: Attribute,
        policy: Policy | None = None,
        signing: Sequence[Key] = USUAL,
        tokens: Sequence[AccessToken] = (BACKEND,),
        disk: Disk | None = None,
    ) -> None:
        self.now: float = NOW
        self.signing = {key.kid: key for key in signing}
        self.disk = disk or Disk(lambda: self.now)
        self._tables = self.disk.memory.tables
        if disk is None:
            for workspace_id in (ACME, OTHER):
                self._put("workspaces", (workspace_id,), workspace(workspace_id, policy or Policy()))
                self._put("versions", (workspace_id,), 1)
            for token in tokens:
                self._put("tokens", (ACME, token.id), token)
            for key in signing:
                self._put("keys", (ACME, key.kid), seal(key))
            self.change_attributes(*attributes)
        self._chance = count(1)
        self.tally = TallyBook()
        self.rulebook = Rulebook(self.disk, MASTER, lambda: self.now)
        self.committer = Committer(self.disk, self.rulebook, self.tally, entropy=self.entropy, erasure_key=b"\x09" * 32)

    def entropy(self, size: int) -> bytes:
        return hashlib.sha256(b"%d" % next(self._chance)).digest()[:size]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Shop]:
        """With its writer running; on leaving, what was taken is finished."""
        await self.rulebook.confirm()
        writer = asyncio.create_task(self.committer.run())
        try:
            yield self
        finally:
            self.committer.close()
            await writer

    def token(self, user_id: str = "alice", at: float | None = 0, *, kid: str = "acme-hs", **values: object) -> str:
        """A token of Acme's, issued `at` seconds from now (None: undated)."""
        dates: dict[str, object] = {} if at is None else {"iat": int(self.now + at)}
        return self.signing[kid].sign({"user_id": user_id, **dates, **values})

    async def submission(
        self,
        *,
        token: str | None = None,
        user_id: str | None = None,
        email: str | None = None,
        user_hash: str | None = None,
        session: str | None = None,
        spare: str | None = "spare",
        values: Mapping[str, object] | None = None,
        observed: Mapping[str, object] | None = None,
        happenings: tuple[Happening, ...] = (),
        page: Page | None = None,
    ) -> Submission:
        """A request that was read and, as far as something proves it, believed. Raises what `verify` raises."""
        await self.rulebook.confirm()
        rules = await self.rulebook.current(ACME)
        claims = proof = None
        if token is not None:
            claims = verify(token, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=self.now)
        elif user_hash is not None:
            proof = prove(
                user_hash,
                keyring=rules.keyring,
                platform=Platform.WEB,
                now=self.now,
                unproven_user_id=user_id,
                unproven_email=email,
            )
        folded = fold_email(email) if email is not None else None
        return Submission(
            ACME, Platform.WEB, rules.version, claims, proof, user_id, folded, session, spare,
            values or {}, observed or {}, happenings, page or Page(),
        )  # fmt: skip

    async def hand_in(self, submission: Submission, idempotency: Idempotency | None = None) -> Receipt:
        receipt: Receipt = await self.committer.submit(MessengerUpdate(submission, idempotency))
        return receipt

    async def ping(self, **request: Any) -> Receipt:
        """One request from a browser (see `submission`), from its reading to its receipt."""
        while True:
            try:
                return await self.hand_in(await self.submission(**request))
            except RulesMoved:
                continue

    def change_policy(self, policy: Policy) -> None:
        """Change the workspace's settings, at once."""
        self._put("workspaces", (ACME,), workspace(ACME, policy))
        self._moved()

    def change_attributes(self, *attributes: Attribute) -> None:
        """Add or change attributes, at once; others stay."""
        known = self.attributes()
        for attribute in attributes:
            attribute_id = known[attribute.name].id if attribute.name in known else attribute.id
            self._put("attributes", (ACME, attribute_id), msgspec.structs.replace(attribute, id=attribute_id))
        self._moved()

    def attributes(self) -> dict[str, Attribute]:
        """The stored ones, by name."""
        return {one.name: one for (where, _), one in self._tables["attributes"].committed.items() if where == ACME}

    def change_key(self, kid: str, state: KeyState) -> None:
        """Retire or revoke a key, at once."""
        self._put("keys", (ACME, kid), seal(replace(self.signing[kid], state=state)))
        self._moved()

    def end_tokens(self, external_id: str) -> None:
        """Sign a user out everywhere: tokens from before now count no more."""
        place = (ACME, KeyKind.EXTERNAL_ID, external_id)
        rows = self._tables["lookups"].committed[place]
        self._put(
            "lookups", place, {who: msgspec.structs.replace(row, not_before=int(self.now)) for who, row in rows.items()}
        )

    async def erase(self, external_id: str = "alice") -> None:
        """Forget a user, as Acme's backend asks for it by REST."""
        await self.committer.submit(EraseContact(token=BACKEND, contact_id=self.user(external_id).id))

    async def sign_out(self, external_id: str = "alice") -> None:
        """End every proof of a user, as a teammate does it."""
        contact_id = self.user(external_id).id
        await self.committer.submit(SignOut(workspace_id=ACME, contact_id=contact_id, actor="olive@acme.example"))

    def contacts(self) -> dict[ContactId, Contact]:
        """Everybody in Acme's workspace."""
        return {one.id: one for (where, _), one in self._tables["contacts"].committed.items() if where == ACME}

    def who(self, kind: KeyKind, value: str) -> Contact | None:
        """Whom a key leads to."""
        rows = self._tables["lookups"].committed.get((ACME, kind, value), {})
        found = [row.contact_id for row in rows.values() if row.contact_id is not None]
        return self.contacts().get(found[0]) if found else None

    def user(self, external_id: str = "alice") -> Contact:
        """The user of that id, who must exist."""
        contact = self.who(KeyKind.EXTERNAL_ID, external_id)
        assert contact is not None, f"no user {external_id}"
        return contact

    def holding(self, name: str, external_id: str = "alice") -> Holding:
        """What is kept of one attribute of a user."""
        return self.user(external_id).holding(name)

    def chain(self, contact_id: ContactId) -> list[Change]:
        """The contact's change records, whose links must hold."""
        records: list[Change] = self.disk.memory.rows("changes", ACME, contact_id)
        before = GENESIS
        for record in records:
            assert record.hash == hashlib.sha256(before + record.raw_facts).digest()
            before = record.hash
        return records

    def everything(self) -> str:
        """All that is stored but counters, as text: equal texts, nothing changed."""
        kept = {name: table.committed for name, table in self._tables.items() if name not in _COUNTERS}
        return repr({name: {key: row for key, row in rows.items() if row} for name, rows in kept.items()})

    def _put(self, table: str, place: tuple[Any, ...], row: object) -> None:
        self._tables[table].committed[place] = row

    def _moved(self) -> None:
        self._put("versions", (ACME,), self._tables["versions"].committed[ACME,] + 1)


def workspace(workspace_id: WorkspaceId, policy: Policy) -> Workspace:
    return Workspace(workspace_id, "Acme", WorkspaceKind.PRODUCTION, "UTC", policy, 0.0)


def seal(key: Key) -> SealedKey:
    return sealed(key.registered, ACME, MASTER, hashlib.sha256(key.kid.encode()).digest()[:12])
