"""What becomes of a value that was ignored: somebody accepts it, and vouches for it, or discards it. One at a time.

- Whoever decides names the version she saw; a value that was replaced meanwhile is a `Conflict`, and nothing happens.
- Accepted, it is written by the channel `teammate`, verified, no older than the verified slot (D7).
- An e-mail is as good as in any other write that vouches for it: what is no address is refused, and somebody else's.
- A relaying access token accepts nothing, for it would vouch for what a browser said, and lets nothing go.

Source: spec §6 ("Held value").
"""

from __future__ import annotations

import msgspec

from avow.errors import BadInput, BadInputs, Conflict, NotFound
from avow.flow.contacts import identity
from avow.flow.contacts.callers import AskedOf, require_vouching, standing_token
from avow.flow.contacts.fields import Fields, is_address, unready
from avow.flow.contacts.reading import held_since, holding_today, present, standings, unexpired
from avow.flow.contacts.writing import Written
from avow.flow.contract import Store
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put, Wants
from avow.trust.access import Scope
from avow.trust.change import ChangeKind, Draft, Outcome, Verdict
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, WorkspaceId
from avow.trust.decision import decide
from avow.trust.identity import fold_email
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.voice import Saying, Voice


def held_values(contact: Contact, rules: Rules, now: float) -> dict[str, Held]:
    """Every value that is held for a contact and has not expired, by attribute."""
    return {
        name: standing.held for name, standing in standings(contact, rules, now).items() if standing.held is not None
    }


async def held_address(store: Store, workspace_id: WorkspaceId, contact_id: ContactId, name: str) -> str | None:
    """The e-mail that is held for her, if one is to be decided: whoever has it must be on the desk with her."""
    contact = await store.contact(workspace_id, contact_id) if name == "email" else None
    held = contact.holding(name).held if contact is not None else None
    return held.value if held is not None and isinstance(held.value, str) else None


def wanted(workspace_id: WorkspaceId, contact_id: ContactId, address: str | None) -> Wants:
    """What must be on the table to accept a value: the contact, and whoever has the (`held_address`) that it gets."""
    return Wants(identity.keys_of(workspace_id, Fields(raw_values={"email": address})), (contact_id,))


class AcceptHeld(AskedOf, frozen=True, kw_only=True):
    """Take one held value after all. `address` is its `held_address`."""

    name: str
    version: int
    address: str | None = None

    @property
    def outcome(self) -> type[Written]:
        """What is kept for a retry."""
        return Written

    def wants(self) -> Wants:
        """The contact, and whoever has the e-mail that it is to get."""
        return wanted(self.workspace_id, self.contact_id, self.address)

    def weigh(self, desk: Desk) -> Effects:
        """Write it as a teammate's. Raises `NotFound`, `Gone`, `Conflict`, or `BadInputs` where it no longer fits."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        require_vouching(token)
        contact = present(desk.contacts.get(self.contact_id))
        return accepted(desk, contact, self.name, self.version, token.actor, self.address)


class DiscardHeld(AskedOf, frozen=True, kw_only=True):
    """Let one held value go. What it was is told by the record of its refusal alone, as long as that lasts."""

    name: str
    version: int

    @property
    def outcome(self) -> type[Written]:
        """What is kept for a retry."""
        return Written

    def weigh(self, desk: Desk) -> Effects:
        """Let go of it. Raises `NotFound`, `Gone` or `Conflict`."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        require_vouching(token, "decide about a held value")
        return discarded(desk, present(desk.contacts.get(self.contact_id)), self.name, self.version, token.actor)


def accepted(desk: Desk, contact: Contact, name: str, version: int, actor: str, address: str | None = None) -> Effects:
    """The held value, written as a teammate's. Raises `NotFound`, `Conflict` or `BadInput`.

    `address` is the e-mail that was looked up, where one is accepted.
    """
    _, held = waiting(contact, name, version, desk)
    if name == "email":
        _check_address(held, address)
    saying = Saying(Voice(Channel.TEAMMATE, True, actor, int(desk.now)), {name: held.value})
    decision = decide(contact, [saying], desk.rules, now=desk.now, fresh_id=desk.fresh_attribute_id)
    if errors := unready(decision, (name,)):
        raise BadInputs(errors)
    holding = msgspec.structs.replace(decision.holdings.get(name, Holding()), held=None)
    after = _with(contact, name, holding, desk)
    if name == "email":
        identity.refuse_duplicates(desk, after, Fields(), contact)
    verdicts = tuple(decision.verdicts)
    draft = Draft(ChangeKind.HELD_ACCEPTED, Channel.TEAMMATE, actor, verdicts=verdicts, values=decision.values)
    return Effects(
        Written(after, verdicts),
        puts=(Put(after, draft),),
        drop_keys=tuple(identity.outdated_proofs(desk, contact, after)),
        rules=decision.rules if decision.new_rules else None,
        new_rules=tuple(decision.new_rules),
    )


def _check_address(held: Held, address: str | None) -> None:
    """Raise `BadInput` for what is no address, and `Conflict` for one that was not looked up."""
    if held.value in (None, ""):
        return
    if not is_address(held.value):
        raise BadInput("What is held is no e-mail address. Discard it, or write the right one.", field="email")
    if address is None or fold_email(address) != fold_email(str(held.value)):
        raise Conflict("This value has only just come. Look at it before you decide.", field="version")


def discarded(desk: Desk, contact: Contact, name: str, version: int, actor: str) -> Effects:
    """The contact without the held value. Raises `NotFound` or `Conflict`."""
    holding, held = waiting(contact, name, version, desk)
    after = _with(contact, name, msgspec.structs.replace(holding, held=None), desk)
    verdict = Verdict(name, Outcome.IGNORED, held.channel, Reason.UNVERIFIED)
    draft = Draft(ChangeKind.HELD_DISCARDED, Channel.TEAMMATE, actor, verdicts=(verdict,))
    return Effects(Written(after), puts=(Put(after, draft),))


def waiting(contact: Contact, name: str, version: int, desk: Desk) -> tuple[Holding, Held]:
    """The holding and the value held in it, if it is the one that is meant. Raises `NotFound` or `Conflict`."""
    holding = holding_today(contact, name, desk.rules)
    held = unexpired(holding.held, held_since(desk.rules.policy, desk.now))
    if held is None:
        raise NotFound("Nothing is held for this attribute of this contact. It may have been decided or have expired.")
    if held.version != version:
        raise Conflict(
            f"Another value is held by now, of version {held.version}. Look at it before you decide.", field="version"
        )
    return holding, held


def _with(contact: Contact, name: str, holding: Holding, desk: Desk) -> Contact:
    holdings = {**contact.holdings, name: holding}
    return msgspec.structs.replace(contact, version=contact.version + 1, updated_at=desk.now, holdings=holdings)
