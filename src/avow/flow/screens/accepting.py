"""How are many held values taken at once? As what they are: a browser's word, which nobody has vouched for.

- It never stands in the place of a verified value, and names each version that was seen, as accepting one does.
- Each person is a transaction of her own; what changed meanwhile, or may not stand there, is left as it is.

Source: spec §6 ("Held value").
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from avow.errors import BadInput, Conflict, Gone, NotFound
from avow.flow.by_hand.acts import ByHand
from avow.flow.contacts.held import waiting
from avow.flow.contacts.identity import outdated_proofs
from avow.flow.contacts.reading import contact_id_of
from avow.flow.desk import Desk
from avow.flow.engine import Engine
from avow.flow.work import Effects, Put
from avow.trust.attribute import Attribute
from avow.trust.change import ChangeKind, Draft, Outcome, Verdict
from avow.trust.contact import ContactId, Held, Holding, Source, WorkspaceId
from avow.trust.weighing.values import Unfit, coerce

AT_ONCE: Final = 50


class Seen(msgspec.Struct, frozen=True):
    """A held value that somebody saw: whose, and which version."""

    contact_id: ContactId
    version: int


class Decided(msgspec.Struct, frozen=True):
    """What became of many held values: how many were taken, and how many were left as they are."""

    taken: int
    left: int


def seen(raw_places: Sequence[str]) -> list[Seen]:
    """What was chosen of a list: `contact:version` each. Raises `BadInput` where nothing is, or something else."""
    chosen: list[Seen] = []
    for raw in raw_places[: AT_ONCE + 1]:
        raw_id, _, raw_version = raw.partition(":")
        if not raw_version.isascii() or not raw_version.isdigit() or len(raw_version) > 15:
            raise BadInput("That is no held value; reload the page and choose again.", field="held")
        chosen.append(Seen(contact_id_of(raw_id), int(raw_version)))
    if not 1 <= len(chosen) <= AT_ONCE:
        raise BadInput(f"{len(chosen)} values are chosen; choose 1 to {AT_ONCE}.", field="held")
    return chosen


async def accept_all(
    engine: Engine, workspace_id: WorkspaceId, name: str, chosen: Sequence[Seen], *, actor: str
) -> Decided:
    """Take many held values, as unverified as they came. Those that changed meanwhile, or may not, are left."""
    works = [
        AcceptUnverified(
            workspace_id=workspace_id, contact_id=one.contact_id, actor=actor, name=name, version=one.version
        )
        for one in chosen
    ]
    done = await asyncio.gather(*(_accepted(engine, work) for work in works))
    return Decided(sum(done), len(done) - sum(done))


class AcceptUnverified(ByHand, frozen=True, kw_only=True):
    """Let a held value stand, unverified, where nothing verified does; `version` names the one that was seen."""

    name: str
    version: int

    def weigh(self, desk: Desk) -> Effects:
        """Let it stand. Raises `NotFound`, `Gone`, or `Conflict` where another one, or a verified one, is there."""
        contact, attribute = self._contact(desk), desk.rules.attributes.get(self.name)
        holding, held = waiting(contact, self.name, self.version, desk)
        if holding.verified_slot is not None:
            raise Conflict("Somebody vouched for a value here. Accept this one by itself.", field="held")
        if attribute is None or attribute.archived or not _fits(attribute, held):
            raise Conflict("The value does not fit its attribute any more.", field="held")
        change = contact.version + 1
        source = Source(held.channel, False, None, int(desk.now), desk.now, change)
        after = msgspec.structs.replace(
            contact,
            version=change,
            updated_at=desk.now,
            holdings={**contact.holdings, self.name: Holding(held.value, source)},
        )
        verdict = Verdict(self.name, Outcome.APPLIED, held.channel, unvouched=True)
        told = {self.name: (holding.value, held.value)}
        draft = Draft(ChangeKind.HELD_ACCEPTED, None, self.actor, verdicts=(verdict,), values=told)
        return Effects(True, puts=(Put(after, draft),), drop_keys=tuple(outdated_proofs(desk, contact, after)))


def _fits(attribute: Attribute, held: Held) -> bool:
    try:
        return coerce(attribute, held.value) == held.value
    except Unfit:
        return False


async def _accepted(engine: Engine, work: AcceptUnverified) -> bool:
    try:
        await engine.committer.submit(work)
    except (Conflict, NotFound, Gone):
        return False
    return True
