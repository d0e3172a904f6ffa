"""A work that nothing in the server asks for yet: a teammate, a bot, an import or an automation says something."""

from __future__ import annotations

import msgspec

from avow.flow.contract import LookupKey
from avow.flow.desk import Desk
from avow.flow.work import Effects, Idempotency, Put, Wants
from avow.trust.change import ChangeKind, Draft, Verdict
from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.decision import decide
from avow.trust.weighing.repeats import count_again
from avow.trust.weighing.voice import Saying
from tests.support.world import ACME


class Speaking(msgspec.Struct, frozen=True):
    """One voice about one contact, weighed like every other and told in the records like every other."""

    contact_id: ContactId
    saying: Saying
    workspace_id: WorkspaceId = ACME
    idempotency: Idempotency | None = None
    outcome: type = tuple[Verdict, ...]

    def authenticate(self, desk: Desk) -> None:
        """Whoever speaks here may."""

    def wants(self) -> Wants:
        return Wants(ids=(self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        return ()

    def weigh(self, desk: Desk) -> Effects:
        contact, voice = desk.contacts[self.contact_id], self.saying.voice
        decision = decide(contact, [self.saying], desk.rules, now=desk.now, fresh_id=desk.fresh_attribute_id)
        after = msgspec.structs.replace(contact, holdings=decision.holdings, ignored=decision.ignored)
        after = count_again(after, dict.fromkeys(decision.again, 1), desk.now)
        kinds = (
            (ChangeKind.UPDATED, decision.applied, decision.values),
            (ChangeKind.IGNORED, decision.refused, decision.refused_values),
        )
        told = [
            Draft(kind, voice.channel, voice.by, verdicts=tuple(verdicts), values=values)
            for kind, verdicts, values in kinds
            if verdicts
        ]
        drafts: list[Draft | None] = [*told] if told else [None]
        puts = tuple(
            Put(msgspec.structs.replace(after, version=contact.version + number), draft)
            for number, draft in enumerate(drafts, 1)
        )
        return Effects(
            tuple(decision.verdicts),
            puts=puts,
            rules=decision.rules if decision.new_rules else None,
            new_rules=tuple(decision.new_rules),
        )
