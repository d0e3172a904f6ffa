"""Acme's shop: the real rulebook and committer, and a Messenger in front of them, over a shelf instead of a database.

    async with Shop(locked("plan")).open() as shop:
        receipt = await shop.ping(token=shop.token("alice", plan="pro"), values={"plan": "free"})

Tokens are really signed and really believed. `submission` stops between belief and commit; `hand_in` goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

import msgspec

from avow.flow import keys
from avow.flow.committer import Committer
from avow.flow.contacts import EraseContact
from avow.flow.contract import KeyKind, KeyRow, LookupKey, SealedKey, Workspace
from avow.flow.desk import Idempotency
from avow.flow.rulebook import Rulebook
from avow.flow.submissions import Happening, Receipt, Submission
from avow.flow.tally import TallyBook
from avow.flow.updates import MessengerUpdate
from avow.trust.access import AccessToken
from avow.trust.attribute import Attribute
from avow.trust.change import GENESIS, Change
from avow.trust.contact import Contact, ContactId, Holding, WorkspaceId
from avow.trust.identity import fold_email
from avow.trust.keys import KeyState
from avow.trust.policy import Platform, Policy, WorkspaceKind
from avow.trust.token import verify
from avow.trust.user_hash import prove
from avow.trust.voice import Page
from tests.support.company import Key, acme
from tests.support.shelf import Shelf
from tests.support.world import ACME, NOW, access_token

MASTER = b"\x07" * 32
OTHER = WorkspaceId("other001")
BACKEND = access_token()


class Shop:
    """One process over one shelf. Chance is a counter: every run is the same run."""

    def __init__(
        self,
        *attributes: Attribute,
        policy: Policy | None = None,
        signing: Sequence[Key] | None = None,
        tokens: Sequence[AccessToken] = (BACKEND,),
        now: float = NOW,
        shelf: Shelf | None = None,
    ) -> None:
        self.signing = {key.kid: key for key in signing or (acme().hs, acme()["acme-hash"])}
        self.shelf = shelf or Shelf(now, workspace(ACME, policy or Policy()), workspace(OTHER, Policy()))
        if shelf is None:
            sealed = tuple(seal(key) for key in self.signing.values())
            self.shelf.rewrite(ACME, attributes=attributes, keys=sealed, access_tokens=tuple(tokens))
        self._chance = count(1)
        self.tally = TallyBook()
        self.rulebook = Rulebook(self.shelf.store, MASTER, lambda: self.shelf.now)
        self.committer = Committer(
            self.shelf.store, self.rulebook, self.tally, entropy=self.entropy, erasure_key=b"\x09" * 32
        )

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
        dates: dict[str, object] = {} if at is None else {"iat": int(self.shelf.now + at)}
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
        now = self.shelf.now
        claims = proof = None
        if token is not None:
            claims = verify(token, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=now)
        elif user_hash is not None:
            proof = prove(
                user_hash,
                keyring=rules.keyring,
                platform=Platform.WEB,
                now=now,
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

    async def ping(
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
    ) -> Receipt:
        """One request from a browser, from its reading to its receipt."""
        return await self.hand_in(
            await self.submission(
                token=token, user_id=user_id, email=email, user_hash=user_hash, session=session, spare=spare,
                values=values, observed=observed,
            )
        )  # fmt: skip

    def change_policy(self, policy: Policy) -> None:
        """Change the workspace's settings, at once."""
        self.shelf.rewrite(ACME, workspace=workspace(ACME, policy))

    def change_attributes(self, *attributes: Attribute) -> None:
        """Change attributes, at once; others stay."""
        kept = {one.name: one for one in self.shelf.rules_of[ACME].attributes} | {one.name: one for one in attributes}
        self.shelf.rewrite(ACME, attributes=tuple(kept.values()))

    def end_tokens(self, external_id: str) -> None:
        """Sign a user out everywhere: tokens from before now count no more."""
        key = LookupKey(ACME, KeyKind.EXTERNAL_ID, external_id)
        self.shelf.keys[key] = {who: replace_row(row, int(self.shelf.now)) for who, row in self.shelf.keys[key].items()}

    async def erase(self, external_id: str = "alice") -> None:
        """Forget a user, as Acme's backend asks for it by REST."""
        await self.committer.submit(EraseContact(token=BACKEND, contact_id=self.user(external_id).id))

    def change_key(self, kid: str, state: KeyState) -> None:
        """Retire or revoke a key, at once."""
        changed = seal(replace(self.signing[kid], state=state))
        kept = {one.kid: one for one in self.shelf.rules_of[ACME].keys} | {kid: changed}
        self.shelf.rewrite(ACME, keys=tuple(kept.values()))

    def who(self, kind: KeyKind, value: str) -> Contact | None:
        """Whom a key leads to."""
        rows = self.shelf.keys.get(LookupKey(ACME, kind, value), {})
        found = [contact_id for contact_id in rows if contact_id is not None]
        return self.shelf.contacts.get((ACME, found[0])) if found else None

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
        records, before = self.shelf.chains.get((ACME, contact_id), []), GENESIS
        for record in records:
            assert record.hash == hashlib.sha256(before + record.raw_facts).digest()
            before = record.hash
        return records

    def everything(self) -> str:
        """All that is stored, as text: equal texts, nothing changed."""
        shelf = self.shelf
        return repr((shelf.contacts, shelf.keys, shelf.chains, shelf.rules_of, shelf.events, shelf.replays))


def workspace(workspace_id: WorkspaceId, policy: Policy) -> Workspace:
    return Workspace(workspace_id, "Acme", WorkspaceKind.PRODUCTION, "UTC", policy, 0.0)


def replace_row(row: KeyRow, not_before: int) -> KeyRow:
    return msgspec.structs.replace(row, not_before=not_before)


def seal(key: Key) -> SealedKey:
    return keys.sealed(key.registered, ACME, MASTER, hashlib.sha256(key.kid.encode()).digest()[:12])
