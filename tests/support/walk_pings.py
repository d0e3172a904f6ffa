"""The part of a walk that a browser can do: requests one by one, again, two at once, too late, and on a failing disk.

Each is handed to the real works and to the model, and what its caller is told is compared.
"""

from __future__ import annotations

import asyncio
from typing import Any

from avow.errors import AvowError, Unavailable
from avow.flow import attributes
from avow.flow.contacts import Written
from avow.flow.updates.last_time import LastTime
from avow.flow.updates.submissions import Receipt, RulesMoved, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.flow.work import Work
from avow.trust.access import Mode
from avow.trust.attribute import STANDARD, AttributeType, Enforcement
from avow.trust.policy import MayCreate, Policy
from tests.support.company import acme
from tests.support.model import Rule
from tests.support.model_people import Answered, Model, Refused
from tests.support.shop import BACKEND, Shop
from tests.support.witness import VEILED, Witness, agreed, refusal, told
from tests.support.world import ACME, NOW, access_token, locked, opened

KEYS = (acme().hs, acme()["acme-imported"], acme()["acme-hash"])
SYNC = access_token(Mode.RELAYING, id="sync", digest="e" * 64)


class Pings:
    """The shop, the model, and what was asked of both."""

    def __init__(self) -> None:
        plan, seats = locked("plan"), opened("seats", AttributeType.INTEGER)
        policy = Policy(may_create=MayCreate.ANYONE)
        self.shop = Shop(plan, seats, policy=policy, signing=KEYS, tokens=(BACKEND, SYNC))
        rules = {name: Rule(name, str(STANDARD[name].type)) for name in ("name", "email", "signed_up_at")}
        rules |= {"plan": Rule("plan", "string", "locked"), "seats": Rule("seats", "integer")}
        self.model = Model(rules, float(NOW), "anyone", live={key.kid for key in KEYS})
        self.witness = Witness(self.shop)
        self.fresh = 0
        self.last: tuple[dict[str, Any], float] = ({}, 0.0)
        self.times: dict[str, LastTime] = {}

    async def ping(self, **how: Any) -> None:
        self.last = (how, self.shop.now)
        work, spare = await self._requested(how)
        if isinstance(work, AvowError):
            self._same(work, self._expected(how, spare))
        else:
            (outcome,) = await self._submitted(work)
            self._same(outcome, self._expected(how, spare))

    async def again(self) -> None:
        """The newest request, byte for byte."""
        how, at = self.last
        if how:
            await self.ping(**(how | {"age": None if how.get("age") is None else at + how["age"] - self.shop.now}))

    async def both(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        asked = [(how, *await self._requested(how)) for how in (one, other)]
        outcomes = iter(await self._submitted(*(work for _, work, _ in asked if not isinstance(work, AvowError))))
        for how, work, spare in asked:
            outcome = work if isinstance(work, AvowError) else next(outcomes)
            self._same(outcome, self._expected(how, spare))

    async def broken(self, ping: dict[str, Any]) -> None:
        """The same request twice at once, on a disk that fails: nothing has happened, and nothing is remembered."""
        asked = [await self._requested(ping) for _ in range(2)]
        works = [work for work, _ in asked if not isinstance(work, AvowError)]
        self.shop.disk.faults = [Unavailable("the disk fails")]
        outcomes = await self._submitted(*works) if works else [work for work, _ in asked]
        failed = not self.shop.disk.faults
        self.shop.disk.faults = []
        for (_, spare), outcome in zip(asked, outcomes, strict=True):
            if failed:
                agreed(isinstance(outcome, Unavailable), "a failed commit was answered", outcome)
            else:
                self._same(outcome, self._expected(ping, spare))

    async def late(self, ping: dict[str, Any], meanwhile: dict[str, Any]) -> None:
        work, spare = await self._requested(ping)
        if isinstance(work, AvowError):
            self._same(work, self._expected(ping, spare))
            return
        before = await self.shop.disk.versions()
        await self.rule(**meanwhile)
        moved = await self.shop.disk.versions() != before
        (outcome,) = await self._submitted(work)
        if moved and ping["proof"] in ("token", "hash"):
            agreed(isinstance(outcome, RulesMoved), "a proof from before the rules moved was taken", outcome)
        else:
            self._same(outcome, self._expected(ping, spare))

    async def _requested(self, how: dict[str, Any]) -> tuple[Work | AvowError, str]:
        """A request that was read and believed, or what it was refused with; and the spare session it was given."""
        self.fresh += 1
        spare, proof, who = f"f{self.fresh}", how["proof"], how.get("who", "")
        told = {"session": how.get("session"), "spare": spare, "values": how["raw"], "observed": how.get("observed")}
        if proof == "token":
            told["token"] = self.shop.token(who, how["age"], kid=how["kid"], **how["signed"])
        elif proof in ("hash", "claim"):
            told["user_id"] = who
        elif proof == "email":
            told["email"] = who
        if proof == "hash":
            told["user_hash"] = acme()["acme-hash"].user_hash(who)
        try:
            submission: Submission = await self.shop.submission(**told)
        except AvowError as error:
            return error, spare
        return MessengerUpdate(submission, None, self._last_time(submission, told)), spare

    def _last_time(self, submission: Submission, told: dict[str, Any]) -> LastTime:
        """As the Messenger's door keeps it: for the same bytes, unless something in them depends on the moment."""
        claims = submission.claims
        if claims is None or not claims.dated or claims.signed_at >= int(self.shop.now):
            return LastTime()
        same = {name: value for name, value in told.items() if name != "spare"}
        return self.times.setdefault(repr((same, submission.rules_version)), LastTime())

    async def _submitted(self, *works: Work) -> list[Any]:
        """What became of works that arrived together: one batch, committed here and now."""
        tasks = [asyncio.create_task(self.shop.committer.submit(work)) for work in works]
        await asyncio.sleep(0)
        await self.shop.committer._next(flush=False)
        return await asyncio.gather(*tasks, return_exceptions=True)

    def _expected(self, how: dict[str, Any], spare: str) -> Refused | Answered:
        at = None if how.get("age") is None else int(self.shop.now + how["age"])
        kid = "acme-hash" if how["proof"] == "hash" else how.get("kid", "")
        return self.model.ping(
            how["proof"],
            how.get("who"),
            kid=kid,
            at=at,
            signed=how.get("signed"),
            raw=how["raw"],
            observed=how.get("observed"),
            session=how.get("session"),
            spare=spare,
        )

    def _same(self, outcome: object, expected: Refused | Answered | None) -> None:
        """What the caller was told is what the model says; whoever came into being is known to both from now on."""
        if isinstance(expected, Refused):
            agreed(refusal(outcome) == expected.code, f"expected {expected.code}", outcome)
            return
        agreed(not isinstance(outcome, Exception), f"expected {expected}", outcome)
        if expected is None:
            return
        person = expected.person
        if isinstance(outcome, Receipt):
            told_who = (outcome.role, outcome.proven, outcome.contact_id is not None)
            agreed(told_who == (expected.role, expected.proven, person is not None), f"expected {expected}", outcome)
            unveiled = [line for line in outcome.as_told() if line.verdict == "unchanged" or line.reason in VEILED]
            agreed(outcome.proven or not unveiled, "an unproven caller learns what is stored", outcome)
            contact_id = outcome.contact_id
            merged = self.model.merged
        else:
            assert isinstance(outcome, Written)
            contact_id, merged = outcome.contact.id, []
        agreed(told(outcome.verdicts) == expected.receipt, f"expected {expected.receipt}", outcome)
        if person is not None and contact_id is not None:
            person.id = person.id or contact_id
            agreed(person.id == contact_id, "it was somebody else", outcome)
            self.witness.merge(contact_id, merged)

    async def rule(self, name: str, enforcement: str | None = None, archived: bool | None = None) -> None:
        rule = self.model.rules.get(name)
        if rule is None:
            return
        edit = attributes.Edit(Enforcement(enforcement) if enforcement else None, archived=archived)
        store = self.shop.disk
        await attributes.update(store, ACME, name, edit, entropy=self.shop.entropy, actor="olive")
        rule.enforcement = enforcement or rule.enforcement
        if rule.archived and archived is False and rule.ever_signed:
            rule.enforcement = "locked"
        rule.archived = rule.archived if archived is None else archived
