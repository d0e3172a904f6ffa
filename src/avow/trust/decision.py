"""May this value be written? The weighing of one request's values, one attribute at a time, by the checks D1-D9.

- Signed values are weighed first, so that an unsigned copy of the same attribute can never win (D5).
- A refused value is an answer (`Verdict`), not an exception; nothing is dropped without a reason.
- Everything here is a pure function of its arguments. Who the request is about was settled before
  (`trust/identity.py`); what is decided is made durable after (`flow/committer.py`).

Source: spec §3, §6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from avow.trust.attribute import Attribute
from avow.trust.change import Outcome, Verdict
from avow.trust.contact import NOTHING, Channel, Contact, Holding, Scalar
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.traffic import Arrivals, TrafficClass, classify_elsewhere, classify_unsigned
from avow.trust.weighing import checks
from avow.trust.weighing.checks import Weighed
from avow.trust.weighing.creation import Creation, adopt, create
from avow.trust.weighing.names import ALIASES, fault_of, replaced
from avow.trust.weighing.repeats import Again, noted_under
from avow.trust.weighing.values import Unfit, coerce
from avow.trust.weighing.voice import NOWHERE, Page, Saying, Voice

# Looked at for every value, and Python 3.11 takes three times as long to find a member by way of its class.
_SIGNED, _MESSENGER = Channel.SIGNED, Channel.MESSENGER
_APPLIED, _IGNORED, _TRAFFIC_SIGNED = Outcome.APPLIED, Outcome.IGNORED, TrafficClass.SIGNED


class Decision(msgspec.Struct):
    """What became of every value, and the contact's holdings as they shall stand.

    `holdings` and `ignored` replace the contact's. `verdicts` is the receipt; of it belongs into a
    change record: `applied` and `refused` apart, for what was refused is kept only as long as the owner says.
    `values` are (before, after) of what was applied, `refused_values` (before, asked for). `stored` tells that
    holdings changed, `again` which repeats only count. `rules` are the rules afterwards, `new_rules` the versions of
    attributes that came into being on the way, in order.
    """

    rules: Rules
    holdings: dict[str, Holding]
    ignored: dict[str, tuple[int, int]]
    verdicts: list[Verdict] = []
    applied: list[Verdict] = []
    refused: list[Verdict] = []
    values: dict[str, tuple[Scalar, Scalar]] = {}
    refused_values: dict[str, tuple[Scalar, Scalar]] = {}
    new_rules: list[Attribute] = []
    arrivals: Arrivals = {}
    again: list[Again] = []
    stored: bool = False


class _Table(msgspec.Struct):
    """What one call of `decide` weighs on: its arguments, and the decision so far."""

    contact: Contact
    now: float
    change: int
    page: Page
    fresh_id: Callable[[], int]
    held_since: float
    decision: Decision
    signed_names: set[str] = set()  # msgspec gives each its own


def decide(
    contact: Contact,
    sayings: Sequence[Saying],
    rules: Rules,
    *,
    now: float,
    page: Page = NOWHERE,
    fresh_id: Callable[[], int],
) -> Decision:
    """Weigh every value of one request against one contact. `sayings` come in any order; verified ones are weighed
    first.

    `now` is Unix seconds by the database's clock; `fresh_id` gives ids for attributes that come into being.
    """
    decision = Decision(rules, contact.holdings, contact.ignored)
    held_since = now - rules.policy.retention_days * 86_400
    table = _Table(contact, now, contact.version + 1, page, fresh_id, held_since, decision)
    for saying in sorted(sayings, key=lambda saying: not saying.voice.verified):
        seen: set[str] = set()
        for raw_name, raw_value in saying.raw_values.items():
            _weigh(table, saying.voice, raw_name, raw_value, seen)
        if saying.voice.channel is _SIGNED:
            table.signed_names |= seen
    return decision


def _weigh(table: _Table, voice: Voice, raw_name: str, raw_value: object, seen: set[str]) -> None:
    decision = table.decision
    rules = decision.rules
    # D1: which attribute is meant, under whatever spelling
    attribute = _named(rules, voice.channel, raw_name)
    name = attribute.name if attribute else resolved(raw_name)
    if attribute is None and (fault := _fault(voice.channel, raw_name, name)):
        _ignore_nameless(table, voice, raw_name, fault)
        return
    if name in seen:
        _ignore_nameless(table, voice, raw_name, Reason.DUPLICATE_NAME)
        return
    seen.add(name)
    # D2: it exists, or this caller may create it and there is room
    if attribute is None or (attribute.provisional and checks.adopts(voice)):
        creation = _come_into_being(table, voice, name, attribute, raw_value)
        if isinstance(creation, Reason):
            if attribute is None:
                _ignore_nameless(table, voice, name, creation)
                return
            _ignore(table, voice, attribute, creation, None)
            return
        attribute = creation.attribute
    # D3: it is not archived
    if attribute.archived:
        _ignore(table, voice, attribute, Reason.ARCHIVED, None)
        return
    # D4: the value fits its type and size
    try:
        value = coerce(attribute, raw_value)
    except Unfit as unfit:
        _ignore(table, voice, attribute, unfit.reason, None)
        return
    # D5: the token does not carry it too, whatever became of the signed value
    if name in table.signed_names and voice.channel is not _SIGNED:
        _ignore(table, voice, attribute, Reason.SUPERSEDED_BY_SIGNED, value)
        return
    holding = decision.holdings.get(name, NOTHING) if attribute.adopted_at is None else _settled(table, attribute)
    _count_arrival(table, voice, attribute, value)
    # D6-D9: may this voice write it, is it new enough, does it change anything
    weighed = checks.weigh(
        holding, attribute, value, voice, table.contact.role, rules.policy.undated_tokens, table.now, table.change
    )
    _enter(table, voice, attribute, holding, value, weighed)


def resolved(raw_name: str) -> str:
    """The attribute's name that this spelling stands for in the Messenger or a token."""
    name = replaced(raw_name)
    return ALIASES.get(name, name)


_SPELLS_FREELY = frozenset({_SIGNED, _MESSENGER, Channel.BOT})


def _named(rules: Rules, channel: Channel, raw_name: str) -> Attribute | None:
    if channel in _SPELLS_FREELY:
        return rules.messenger_names.get(raw_name) or rules.messenger_names.get(resolved(raw_name))
    return rules.attributes.get(raw_name)


def _fault(channel: Channel, raw_name: str, name: str) -> Reason | None:
    if channel in _SPELLS_FREELY:
        return fault_of(name)
    return fault_of(raw_name) or (None if name == raw_name else Reason.INVALID_NAME)


def _settled(table: _Table, attribute: Attribute) -> Holding:
    """What is kept of an adopted attribute, with leftovers from before its adoption put right first."""
    holding = table.decision.holdings.get(attribute.name, NOTHING)
    settled = checks.settled(holding, attribute)
    if settled is not holding:
        _put(table.decision, attribute.name, settled)
    return settled


def _come_into_being(
    table: _Table, voice: Voice, name: str, provisional: Attribute | None, raw_value: object
) -> Creation | Reason:
    """Create the attribute, or adopt a provisional one, and let the rest of the request see the new rules."""
    decision = table.decision
    signed = voice.channel is _SIGNED
    if provisional is not None:
        made = adopt(decision.rules, provisional, raw_value, signed=signed, now=table.now)
    elif signed or voice.channel is _MESSENGER:
        made = create(decision.rules, name, raw_value, signed=signed, now=table.now, fresh_id=table.fresh_id)
        if isinstance(made, Creation) and name in table.signed_names:
            return Reason.SUPERSEDED_BY_SIGNED  # D5: nothing comes into being for a value that will not be written
    else:
        return Reason.UNKNOWN_ATTRIBUTE
    if isinstance(made, Creation) and made.changed:
        decision.rules = decision.rules.having(made.attribute)
        decision.new_rules.append(made.attribute)
    return made


def _count_arrival(table: _Table, voice: Voice, attribute: Attribute, value: Scalar) -> None:
    decision = table.decision
    if voice.channel is _SIGNED:
        kind = _TRAFFIC_SIGNED
        if not attribute.ever_signed:
            seen_signed = msgspec.structs.replace(attribute, ever_signed=True, version=attribute.version + 1)
            decision.rules = decision.rules.having(seen_signed)
            decision.new_rules.append(seen_signed)
    elif voice.channel is _MESSENGER:
        holding = decision.holdings.get(attribute.name, NOTHING)
        kind = classify_unsigned(holding, value, proven=voice.proven)
    else:
        holding = decision.holdings.get(attribute.name, NOTHING)
        elsewhere = classify_elsewhere(holding, value, voice, attribute, table.contact.role)
        if elsewhere is None:
            return
        kind = elsewhere
    decision.arrivals.setdefault(kind, []).append(attribute.name)


def _enter(table: _Table, voice: Voice, attribute: Attribute, before: Holding, value: Scalar, weighed: Weighed) -> None:
    """Write one verdict down and let the decision's holdings follow."""
    decision, name = table.decision, attribute.name
    outcome, reason, after = weighed.outcome, weighed.reason, weighed.holding
    if outcome is _IGNORED and reason is not None:
        _ignore(table, voice, attribute, reason, value)
        return
    applied = outcome is _APPLIED
    verdict = Verdict(name, outcome, voice.channel, reason, 0, applied and not voice.verified and voice.unvouched)
    decision.verdicts.append(verdict)
    if after is not before:
        _put(decision, name, after)
    if applied:
        decision.applied.append(verdict)
        values = decision.values
        values[name] = (values[name][0] if name in values else before.value, after.value)


def _put(decision: Decision, name: str, holding: Holding) -> None:
    if not decision.stored:
        decision.holdings = dict(decision.holdings)
        decision.stored = True
    decision.holdings[name] = holding


def _ignore(table: _Table, voice: Voice, attribute: Attribute, reason: Reason, value: Scalar) -> None:
    """An ignored value: held where D6 refused it, recorded once an hour, counted otherwise."""
    decision, name = table.decision, attribute.name
    before = decision.holdings.get(name) or NOTHING
    fresh = _note(table, voice, name, name, reason)
    if fresh:
        decision.refused_values.setdefault(name, (before.value, value))
    repeats: int | None = None
    if reason is Reason.UNVERIFIED and checks.worth_holding(before, value, voice, table.held_since):
        known = before.held
        if fresh or known is None or not checks.repeats(known, value, voice):
            held = checks.hold(known, value, voice, table.page.origin, table.page.path, table.now, table.change)
            _put(decision, name, msgspec.structs.replace(before, held=held))
            return
        repeats = known.version
    if not fresh:
        decision.again.append(Again(name, reason, repeats, _prover(voice, reason)))


def _ignore_nameless(table: _Table, voice: Voice, name: str, reason: Reason) -> None:
    """A value whose name is no attribute's: counted under one label for each reason, so that noise stays bounded."""
    if not _note(table, voice, "?", name[:64], reason):
        table.decision.again.append(Again("?", reason))


def _note(table: _Table, voice: Voice, label: str, name: str, reason: Reason) -> bool:
    """Enter an ignored verdict; true where it is the first of its kind in this hour and goes into the record."""
    decision = table.decision
    hour, key = int(table.now // 3600), noted_under(label, reason, _prover(voice, reason))
    recorded = decision.ignored.get(key)
    if recorded is not None and recorded[0] == hour:
        decision.verdicts.append(Verdict(name, Outcome.IGNORED, voice.channel, reason))
        return False
    verdict = Verdict(name, Outcome.IGNORED, voice.channel, reason, recorded[1] if recorded else 0)
    decision.verdicts.append(verdict)
    decision.refused.append(verdict)
    # Of an hour that is over, what was counted since its record waits for the next one to tell it.
    kept = {other: entry for other, entry in decision.ignored.items() if entry[0] == hour or entry[1]}
    decision.ignored = kept | {key: (hour, 0)}
    return True


def _prover(voice: Voice, reason: Reason) -> str | None:
    """The key by whose records this must be found once it is distrusted: where a value is held on its proof."""
    return voice.proven_by if reason is Reason.UNVERIFIED else None
