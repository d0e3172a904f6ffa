"""A walk through Acme's shop, every step taken twice: by the real works and by the model; after each they are compared.

What is promised of every step is asserted apart from the model: no unsigned change of a locked attribute, no slot that
grows older, no verified value that nobody vouched for, a verdict for every value, and a chain that links.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from avow.errors import AvowError
from avow.flow import attributes
from avow.flow.contacts import (
    AcceptHeld,
    CreateContact,
    DiscardHeld,
    EraseContact,
    Fields,
    UpdateContact,
    held_address,
)
from avow.flow.rules.declaring import Definition
from avow.trust.access import AccessToken
from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.contact import Channel, ContactId
from avow.trust.keys import KeyState
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens
from avow.trust.weighing.checks import settled
from avow.trust.weighing.voice import Saying, Voice
from tests.support.model import Person, Rule, Speaker
from tests.support.shop import BACKEND
from tests.support.speaking import Speaking
from tests.support.steps import Step
from tests.support.walk_pings import SYNC, Pings
from tests.support.witness import agreed, compare, told
from tests.support.world import ACME

STANDARD_FIELDS = {"name", "signed_up_at"}


class Walk(Pings):
    """The shop, the model, and what was seen of the shop so far."""

    async def take(self, step: Step) -> None:
        """One step, by both; raises `Parted`."""
        locks = self._locks()
        await getattr(self, step.what)(**step.how)
        if self.shop.tally.again:
            await self.shop.committer._next(flush=True)
        self.witness.watch(locks & self._locks())
        compare(self.shop, self.model)

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
        version, address = (
            self._version(person, name, outdated),
            await held_address(self.shop.disk, ACME, _id(person), name),
        )
        work = AcceptHeld(token=BACKEND, contact_id=_id(person), name=name, version=version, address=address)
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
