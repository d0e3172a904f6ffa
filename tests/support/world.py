"""A readable world for the rules: Acme's workspace and attributes, Alice, and everybody who says something about her.

    decision = weigh(alice(plan=vouched("pro")), unsigned({"plan": "free"}), rules=acme_rules(locked("plan")))

Times are whole seconds around `NOW`, ids of new attributes count up from 2,000: every run is the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

import msgspec

from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.attribute import STANDARD, Attribute, AttributeType, Enforcement
from avow.trust.change import GENESIS, Outcome, Verdict
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, Role, Scalar, Slot, Source, WorkspaceId
from avow.trust.decision import Decision, decide
from avow.trust.keys import Keyring
from avow.trust.policy import Policy
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.voice import NOWHERE, Page, Saying, Voice

ACME = WorkspaceId("acme0001")
ALICE = ContactId("a" * 24)
GUEST = ContactId("b" * 24)
NOW = 1_800_000_000
EARLIER = NOW - 600
LONG_AGO = NOW - 86_400
KID = "acme-hs"
BACKEND = "access_token:acme"
_ids = count(100)


def attribute(
    name: str, enforcement: Enforcement = Enforcement.OPEN, kind: AttributeType = AttributeType.STRING, **others: object
) -> Attribute:
    """A custom attribute, or a standard one as it is stored once somebody has changed it."""
    standard = STANDARD.get(name)
    if standard is not None:
        return msgspec.structs.replace(standard, enforcement=enforcement, version=1, **others)
    plain = Attribute(next(_ids), name, kind, enforcement)
    return msgspec.structs.replace(plain, **others)


def opened(name: str, kind: AttributeType = AttributeType.STRING, **others: object) -> Attribute:
    """An attribute that any write reaches."""
    return attribute(name, Enforcement.OPEN, kind, **others)


def monitored(name: str, kind: AttributeType = AttributeType.STRING, **others: object) -> Attribute:
    """An attribute whose unverified writes are applied and flagged."""
    return attribute(name, Enforcement.MONITOR, kind, **others)


def locked(name: str, kind: AttributeType = AttributeType.STRING, **others: object) -> Attribute:
    """An attribute that only a verified write reaches."""
    return attribute(name, Enforcement.LOCKED, kind, **others)


def provisional(name: str, kind: AttributeType = AttributeType.STRING, **others: object) -> Attribute:
    """An attribute that only unsigned writes have ever named."""
    return opened(name, kind, provisional=True, **others)


def crowd(number: int, *, provisional: bool = False, archived: bool = False) -> list[Attribute]:
    """So many attributes that fill a quota."""
    return [opened(f"filler {n}", provisional=provisional, archived=archived) for n in range(number)]


def acme_rules(
    *attributes: Attribute,
    policy: Policy | None = None,
    keyring: Keyring | None = None,
    tokens: Iterable[AccessToken] = (),
    version: int = 1,
) -> Rules:
    """Acme's rules with these attributes beside the standard ones."""
    return Rules.of(version, ACME, policy or Policy(), attributes, keyring or Keyring(), tokens)


def access_token(mode: Mode = Mode.VOUCHING, scopes: tuple[Scope, ...] = tuple(Scope), **others: object) -> AccessToken:
    """Acme's credential for REST."""
    token = AccessToken("acme", ACME, "Acme's backend", "d" * 64, mode, scopes, float(LONG_AGO))
    return msgspec.structs.replace(token, **others)


def vouched(
    value: Scalar,
    at: int = EARLIER,
    *,
    channel: Channel = Channel.SIGNED,
    by: str | None = None,
    held: Held | None = None,
) -> Holding:
    """A verified current value: it is the slot."""
    return Holding(value, source(channel, at, verified=True, by=by), None, held)


def claimed(
    value: Scalar,
    at: int = EARLIER,
    *,
    slot: Slot | None = None,
    channel: Channel = Channel.MESSENGER,
    held: Held | None = None,
) -> Holding:
    """An unverified current value, beside a slot where there is one."""
    return Holding(value, source(channel, at, verified=False), slot, held)


def slot_of(value: Scalar, at: int = LONG_AGO, *, channel: Channel = Channel.SIGNED, by: str | None = None) -> Slot:
    """A verified slot beside an unverified value."""
    return Slot(value, source(channel, at, verified=True, by=by))


def source(channel: Channel, at: int, *, verified: bool, by: str | None = None) -> Source:
    """Who wrote a value, at a whole second, by the record 1."""
    usual = KID if channel is Channel.SIGNED else BACKEND if verified else None
    return Source(channel, verified, by or usual, at, float(at), 1)


def held(value: Scalar, version: int = 1, *, proven: bool = True, last_at: int = EARLIER, count: int = 1) -> Held:
    """A value that was ignored."""
    return Held(value, version, Channel.MESSENGER, proven, float(last_at), float(last_at), count)


def alice(*, role: Role = Role.USER, version: int = 1, **holdings: Holding) -> Contact:
    """Alice, Acme's customer, with what is kept of her."""
    return person(ALICE, role, "alice" if role is Role.USER else None, holdings, version=version)


def guest(*, role: Role = Role.VISITOR, **holdings: Holding) -> Contact:
    """Whoever used Alice's browser before she signed in."""
    return person(GUEST, role, None, holdings)


def person(
    contact_id: ContactId, role: Role, external_id: str | None, holdings: Mapping[str, Holding], *, version: int = 1
) -> Contact:
    """Anybody."""
    return Contact(
        contact_id,
        ACME,
        version,
        role,
        float(LONG_AGO),
        float(LONG_AGO),
        GENESIS,
        external_id=external_id,
        holdings=dict(holdings),
    )


def signed(values: Mapping[str, object], at: int = NOW, *, kid: str = KID, dated: bool = True) -> Saying:
    """Acme's backend says it in a token."""
    return Saying(Voice(Channel.SIGNED, True, kid, at, dated), values)


def unsigned(values: Mapping[str, object], at: int = NOW, *, proven: bool = True) -> Saying:
    """A browser says it outside any token."""
    return Saying(Voice(Channel.MESSENGER, False, None, at, proven=proven), values)


def observed(values: Mapping[str, object], at: int = NOW) -> Saying:
    """The server has read it off a request."""
    return Saying(Voice(Channel.OBSERVED, False, None, at), values)


def backend(values: Mapping[str, object], at: int = NOW, *, by: str = BACKEND) -> Saying:
    """Acme's backend says it by REST and vouches for it."""
    return Saying(Voice(Channel.API, True, by, at), values)


def relay(values: Mapping[str, object], at: int = NOW, *, channel: Channel = Channel.API) -> Saying:
    """A sync writes back what it has read somewhere."""
    return Saying(Voice(channel, False, "access_token:sync", at), values)


def olive(values: Mapping[str, object], at: int = NOW) -> Saying:
    """Olive, a signed-in teammate, has edited it."""
    return Saying(Voice(Channel.TEAMMATE, True, "teammate:olive", at), values)


def bot(values: Mapping[str, object], at: int = NOW, *, asked: bool = True) -> Saying:
    """A bot has been told it; `asked`: as the answer to its own open question."""
    return Saying(Voice(Channel.BOT, False, "bot", at, asked=asked), values)


def workflow(values: Mapping[str, object], at: int = NOW, *, verified: bool) -> Saying:
    """An automation says it."""
    return Saying(Voice(Channel.WORKFLOW, verified, "workflow:1", at), values)


def weigh(contact: Contact, *sayings: Saying, rules: Rules, now: float = NOW, page: Page = NOWHERE) -> Decision:
    """What becomes of it."""
    numbers = count(2_000)
    return decide(contact, sayings, rules, now=now, page=page, fresh_id=lambda: next(numbers))


def follow(contact: Contact, decision: Decision) -> Contact:
    """The contact as it stands after a decision, one version on."""
    return msgspec.structs.replace(
        contact, version=contact.version + 1, holdings=decision.holdings, ignored=decision.ignored
    )


def told(decision: Decision) -> list[tuple[str, Outcome, Reason | None]]:
    """The receipt, without channels."""
    return [(verdict.name, verdict.verdict, verdict.reason) for verdict in decision.verdicts]


def applied(name: str, channel: Channel = Channel.MESSENGER, reason: Reason | None = None) -> Verdict:
    """The verdict of a value that was written."""
    return Verdict(name, Outcome.APPLIED, channel, reason)


def unchanged(name: str, channel: Channel = Channel.MESSENGER, reason: Reason | None = None) -> Verdict:
    """The verdict of a value that was there already."""
    return Verdict(name, Outcome.UNCHANGED, channel, reason)


def ignored(name: str, reason: Reason, channel: Channel = Channel.MESSENGER) -> Verdict:
    """The verdict of a value that was refused."""
    return Verdict(name, Outcome.IGNORED, channel, reason)
