"""A walk through Acme's shop, every step taken twice: by the real works and by the model; after each they are compared.

What is promised of every step is asserted apart from the model: no unsigned change of a locked attribute, no slot that
grows older, no verified value that nobody vouched for, a verdict for every value, and a chain that links.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from avow.errors import AvowError
from avow.flow import attributes
from avow.flow.contacts import AcceptHeld, CreateContact, DiscardHeld, EraseContact, Fields, UpdateContact, Written
from avow.flow.declaring import Definition
from avow.flow.updates.submissions import Receipt, RulesMoved, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.flow.work import Work
from avow.trust.access import AccessToken, Mode
from avow.trust.attribute import STANDARD, AttributeType, Enforcement
from avow.trust.contact import Channel, ContactId
from avow.trust.keys import KeyState
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens
from avow.trust.weighing.checks import settled
from avow.trust.weighing.voice import Saying, Voice
from tests.support.company import acme
from tests.support.model import Person, Rule, Speaker
from tests.support.model_people import Answered, Model, Refused
from tests.support.shop import BACKEND, Shop
from tests.support.speaking import Speaking
from tests.support.steps import Step
from tests.support.witness import VEILED, Witness, agreed, compare, refusal, told
from tests.support.world import ACME, NOW, access_token, locked, opened

KEYS = (acme().hs, acme()["acme-imported"], acme()["acme-hash"])
SYNC = access_token(Mode.RELAYING, id="sync", digest="e" * 64)
STANDARD_FIELDS = {"name", "signed_up_at"}


class Walk:
    """The shop, the model, and what was seen of the shop so far."""

    def __init__(self) -> None:
        plan, seats = locked("plan"), opened("seats", AttributeType.INTEGER)
        self.shop = Shop(plan, seats, signing=KEYS, tokens=(BACKEND, SYNC))
        rules = {name: Rule(name, str(STANDARD[name].type)) for name in ("name", "email", "signed_up_at")}
        rules |= {"plan": Rule("plan", "string", "locked"), "seats": Rule("seats", "integer")}
        self.model = Model(rules, float(NOW), live={key.kid for key in KEYS})
        self.witness = Witness(self.shop)
        self.fresh = 0

    async def take(self, step: Step) -> None:
        """One step, by both; raises `Parted`."""
        locks = self._locks()
        await getattr(self, step.what)(**step.how)
        if self.shop.tally.again:
            await self.shop.committer._next(flush=True)
        self.witness.watch(locks & self._locks())
        compare(self.shop, self.model)

    async def ping(self, **how: Any) -> None:
        work, spare = await self._requested(how)
        if isinstance(work, AvowError):
            self._same(work, self._expected(how, spare))
        else:
            (outcome,) = await self._submitted(work)
            self._same(outcome, self._expected(how, spare))

    async def both(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        asked = [(how, *await self._requested(how)) for how in (one, other)]
        outcomes = iter(await self._submitted(*(work for _, work, _ in asked if not isinstance(work, AvowError))))
        for how, work, spare in asked:
            outcome = work if isinstance(work, AvowError) else next(outcomes)
            self._same(outcome, self._expected(how, spare))

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

    async def update(self, whom: dict[str, Any], values: Mapping[str, object], relays: bool) -> None:
        if (person := self._person(whom)) is None:
            return
        work = UpdateContact(token=_token(relays), contact_id=_id(person), fields=_fields(values))
        (outcome,) = await self._submitted(work)
        self._same(outcome, self.model.update(person, self._rest(relays), _in_order(values)))

    async def create(self, user: str, values: Mapping[str, object], relays: bool) -> None:
        fields = msgspec.structs.replace(_fields(values), external_id=user)
        (outcome,) = await self._submitted(CreateContact(token=_token(relays), fields=fields))
        self._same(outcome, self.model.create(user, self._rest(relays), _in_order(values)))

    async def said(
        self, whom: dict[str, Any], channel: str, verified: bool, asked: bool, values: Mapping[str, object]
    ) -> None:
        person = self._person(whom)
        if person is None or person.merged_into is not None:
            return
        now = int(self.shop.now)
        voice = Voice(Channel(channel), verified, channel, now, asked=asked)
        (outcome,) = await self._submitted(Speaking(_id(person), Saying(voice, values)))
        speaker = Speaker(channel, verified, channel, now, asked=asked)
        agreed(told(outcome) == self.model.weigh(person, [(speaker, values)]), "verdicts differ", outcome)

    async def accept(self, whom: dict[str, Any], name: str, outdated: bool) -> None:
        if (person := self._person(whom)) is None:
            return
        work = AcceptHeld(
            token=BACKEND, contact_id=_id(person), name=name, version=self._version(person, name, outdated)
        )
        (outcome,) = await self._submitted(work)
        if isinstance(outcome, AvowError) and outcome.code == "conflict" and outdated:
            return
        speaker = Speaker("teammate", True, BACKEND.actor, int(self.shop.now))
        self._same(outcome, self.model.accept(person, name, speaker))

    async def discard(self, whom: dict[str, Any], name: str, outdated: bool) -> None:
        if (person := self._person(whom)) is None:
            return
        version = self._version(person, name, outdated)
        (outcome,) = await self._submitted(
            DiscardHeld(token=BACKEND, contact_id=_id(person), name=name, version=version)
        )
        if isinstance(outcome, AvowError) and outcome.code == "conflict" and outdated:
            return
        self._same(outcome, self.model.discard(person, name))

    async def erase(self, whom: dict[str, Any]) -> None:
        if (person := self._person(whom)) is None:
            return
        (outcome,) = await self._submitted(EraseContact(token=BACKEND, contact_id=_id(person)))
        self._same(outcome, self.model.erase(person))

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

    async def declare(self, name: str, kind: str, enforcement: str) -> None:
        definition = Definition(name, AttributeType(kind), Enforcement(enforcement))
        try:
            await attributes.declare(self.shop.disk, ACME, definition, entropy=self.shop.entropy, actor="olive")
        except AvowError:
            return
        rule = self.model.rules.setdefault(name, Rule(name, kind))
        rule.archived = False
        self.model.adopt(rule, kind, enforcement)

    async def policy(self, may_create: str, undated: str, required: bool) -> None:
        self.model.may_create, self.model.undated, self.model.required = may_create, undated, required
        security = {Platform.WEB: MessengerSecurity.REQUIRED} if required else {}
        self.shop.change_policy(Policy(security, MayCreate(may_create), undated_tokens=UndatedTokens(undated)))

    async def revoke(self, kid: str) -> None:
        self.shop.change_key(kid, KeyState.REVOKED)
        self.model.live.discard(kid)

    async def tick(self, seconds: float) -> None:
        self.shop.now += seconds
        self.model.now += seconds

    def end(self) -> None:
        """What only a whole walk can show: every value that is kept is told by the records that are there."""
        self.witness.verify_chains()

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
        return MessengerUpdate(submission), spare

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

    def _locks(self) -> set[str]:
        return {rule.name for rule in self.model.rules.values() if rule.enforcement == "locked"}

    def _person(self, whom: dict[str, str]) -> Person | None:
        return self.model.user(whom["user"]) if "user" in whom else self.model.sessions.get(whom["session"])

    def _rest(self, relays: bool) -> Speaker:
        return Speaker("api", not relays, _token(relays).actor, int(self.shop.now))

    def _version(self, person: Person, name: str, outdated: bool) -> int:
        """The version that somebody who looks sees, or one that was seen long ago."""
        holding, attribute = self.shop.contacts()[_id(person)].holding(name), self.shop.attributes().get(name)
        held = settled(holding, attribute).held if attribute is not None else holding.held
        return (held.version if held else 0) + (999 if outdated else 0)


def _token(relays: bool) -> AccessToken:
    return SYNC if relays else BACKEND


def _id(person: Person) -> ContactId:
    assert person.id is not None
    return ContactId(person.id)


def _fields(values: Mapping[str, object]) -> Fields:
    standard = {name: value for name, value in values.items() if name in STANDARD_FIELDS}
    return Fields(raw_values=standard, raw_custom={name: values[name] for name in values if name not in standard})


def _in_order(values: Mapping[str, object]) -> dict[str, object]:
    """As REST weighs them: standard attributes first."""
    return dict(sorted(values.items(), key=lambda one: one[0] not in STANDARD_FIELDS))
