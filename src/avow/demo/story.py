"""What happened to them? Half a year of visits, upgrades, mistakes and attempts, in order; the same for the same seed.

- Acme's backend signs. Its old pages (/v1) still send values beside the token; some people write what they like.
- In the beginning everything is open. Then `seats` is watched, and `plan` is locked.
- Times are Unix seconds; nothing here asks a clock.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from avow.demo.people import Person, people
from avow.trust.attribute import Enforcement
from avow.trust.contact import Scalar

Values = Mapping[str, Scalar]

DAY: Final = 86_400
LENGTH: Final = 180 * DAY
PEOPLE: Final = 240
ALICE: Final = "acme-alice"
APP: Final = "https://app.acme.example"
SITE: Final = "https://www.acme.example"
NEW_SDK: Final = "web 2.4.1"
OLD_SDK: Final = "web 1.9.0"


class Visit(msgspec.Struct, frozen=True):
    """A signed-in person opens a page: the token carries `signed`, the page adds `unsigned`; `session` is her own."""

    user_id: str
    signed: Values
    unsigned: Values = {}
    origin: str = APP
    path: str = "/home"
    sdk: str = NEW_SDK
    session: str | None = None
    event: str | None = None


class Stroll(msgspec.Struct, frozen=True):
    """Somebody without a name looks around; `session` is her browser's."""

    session: str
    unsigned: Values
    observed: Values
    path: str = "/pricing"


class Attempt(StrEnum):
    """What was wrong with a token that was refused."""

    EXPIRED = "expired"
    FORGED = "forged"
    AHEAD = "ahead"


class Refused(msgspec.Struct, frozen=True):
    """A token that nobody believes."""

    user_id: str
    attempt: Attempt
    origin: str = APP


class Backend(msgspec.Struct, frozen=True):
    """Acme's backend writes by REST: a user's values, or a new lead (no `user_id`)."""

    user_id: str | None
    standard: Values = {}
    custom: Values = {}


class Farewell(msgspec.Struct, frozen=True):
    """A person asks to be forgotten."""

    user_id: str


class Decision(msgspec.Struct, frozen=True):
    """Olive decides who may write an attribute."""

    attribute: str
    enforcement: Enforcement


Act = Visit | Stroll | Refused | Backend | Farewell | Decision


class Step(msgspec.Struct, frozen=True):
    """One thing that happened, and when."""

    at: float
    act: Act


def story(seed: int, end: int) -> list[Step]:
    """Everything that happened in the half year before `end` (Unix seconds), in order."""
    dice = random.Random(seed)
    begin = end - LENGTH
    locked_at, watched_at = end - 45 * DAY, end - 60 * DAY
    steps = [
        Step(watched_at, Decision("seats", Enforcement.MONITOR)),
        Step(locked_at, Decision("plan", Enforcement.LOCKED)),
        Step(end - 30 * DAY, Decision("company_name", Enforcement.LOCKED)),
    ]
    crowd = people(dice, PEOPLE, first_day=begin + DAY, last_day=end - 2 * DAY)
    for number, person in enumerate(crowd):
        steps.extend(_life(dice, person, number, end))
    steps.extend(_strangers(dice, begin, end))
    steps.extend(_alice(end))
    steps.extend(_attempts(dice, crowd, end))
    forgotten = {
        person.user_id: end - dice.randrange(2 * DAY, 20 * DAY)
        for person in dice.sample([one for one in crowd if one.signed_up_at < end - 40 * DAY], 3)
    }
    told = [step for step in steps if begin <= step.at < min(end, forgotten.get(_whose(step.act), end))]
    told.extend(Step(at, Farewell(user_id)) for user_id, at in forgotten.items())
    return sorted(told, key=lambda step: step.at)


def _whose(act: Act) -> str:
    match act:
        case Visit(user_id=user_id) | Refused(user_id=user_id) | Backend(user_id=str(user_id)):
            return user_id
        case _:
            return ""


def _life(dice: random.Random, person: Person, number: int, end: int) -> Iterator[Step]:
    """One customer's half year: signing up, coming back, upgrading, and what her browser does besides."""
    at, plan = float(person.signed_up_at), person.plans[0]
    session = f"session-{number}" if number % 6 == 0 else None
    if session is not None:
        looked: Values = {
            "utm_source": dice.choice(("newsletter", "search", "podcast")),
            "referrer": "https://news.example/",
        }
        yield Step(at - dice.randrange(3600, 5 * DAY), Stroll(session, {"theme": "dark"}, looked))
    facts = person.facts(plan) | ({"phone": person.phone} if number % 3 == 0 else {})
    yield Step(at, Visit(person.user_id, facts, session=session, path="/welcome", event="signed-up"))
    for upgrade in person.plans[1:]:
        at += dice.randrange(5 * DAY, 50 * DAY)
        plan = upgrade
        seats = person.seats * (2 if dice.random() < 0.3 else 1)
        yield Step(at, Visit(person.user_id, {"plan": plan, "seats": seats}, path="/billing", event="upgraded"))
    for _ in range(dice.randrange(2, 7)):
        when = dice.uniform(person.signed_up_at + DAY, end)
        if when > at:
            yield Step(when, _return(dice, person, plan, number))
    if number % 5 == 0:
        yield Step(
            at + DAY, Backend(person.user_id, custom={"account_manager": dice.choice(("Olive", "Otto", "Oona"))})
        )


def _return(dice: random.Random, person: Person, plan: str, number: int) -> Visit:
    """She comes back: by today's page, which signs all, or by an old one, which sends some of it beside the token."""
    if number % 4:
        job: Values = {"job": person.job} if dice.random() < 0.4 else {}
        facts = {"email": person.email, "plan": plan, **job}
        return Visit(person.user_id, facts, {"language_override": person.language}, path="/home", event="opened-report")
    beside: dict[str, Scalar] = {"name": person.name, "seats": person.seats}
    if number % 8 == 0:
        beside["plan"] = plan
    if number % 3:
        beside["phone"] = person.phone
    if number % 12 == 0:
        beside["favourite_report"] = dice.choice(("churn", "revenue", "usage"))
    return Visit(person.user_id, {"email": person.email}, beside, path="/v1/reports", sdk=OLD_SDK)


def _attempts(dice: random.Random, crowd: Sequence[Person], end: int) -> Iterator[Step]:
    """Tokens that nobody believes, and people who would like to be on another plan without paying."""
    for person in crowd[::9]:
        yield Step(dice.uniform(person.signed_up_at, end), Refused(person.user_id, dice.choice(list(Attempt))))
    for person in crowd[3::17]:
        at = end - dice.randrange(DAY // 2, 28 * DAY)
        if at > person.signed_up_at:
            wish: Values = {"seats": 500} if person.plans[-1] == "enterprise" else {"plan": "enterprise"}
            yield Step(at, Visit(person.user_id, {"email": person.email}, wish, path="/settings"))


def _strangers(dice: random.Random, begin: int, end: int) -> Iterator[Step]:
    """People without a name, and a few whom sales has written down."""
    for number in range(40):
        session = f"stranger-{number}"
        observed: Values = {"utm_campaign": dice.choice(("spring", "summer", "launch"))}
        path = dice.choice(("/pricing", "/docs", "/"))
        yield Step(dice.uniform(begin, end), Stroll(session, {"theme": dice.choice(("dark", "light"))}, observed, path))
    for lead in people(dice, 12, first_day=begin, last_day=end):
        about: Values = {"name": lead.name, "email": lead.email}
        yield Step(lead.signed_up_at, Backend(None, about, {"company_name": lead.company}))


def _alice(end: int) -> Iterator[Step]:
    """The one whom the printed commands are about: a visitor, a customer, on two plans, with an attempt of her own."""
    signed_up_at = end - 150 * DAY + 9 * 3600
    looked: Values = {"utm_source": "podcast", "referrer": "https://podcasts.example/saas"}
    yield Step(signed_up_at - 2 * DAY, Stroll("alice", {"theme": "dark"}, looked))
    email: Values = {"email": "alice.fischer@juniperhealth.example"}
    facts: Values = {
        **email,
        "name": "Alice Fischer",
        "plan": "free",
        "seats": 3,
        "company_name": "Juniper Health",
        "created_at": signed_up_at,
    }
    yield Step(signed_up_at, Visit(ALICE, facts, session="alice", path="/welcome", event="signed-up"))
    yield Step(signed_up_at + 3 * DAY, Visit(ALICE, email, {"name": "Alice F."}, path="/settings"))
    yield Step(end - 120 * DAY, Visit(ALICE, {"plan": "starter", "seats": 8}, path="/billing", event="upgraded"))
    yield Step(end - 90 * DAY, Backend(ALICE, custom={"account_manager": "Olive"}))
    old_page: Values = {"name": "Alice Fischer", "seats": 8, "plan": "starter"}
    yield Step(end - 50 * DAY, Visit(ALICE, email, old_page, path="/v1/reports", sdk=OLD_SDK))
    yield Step(end - 35 * DAY, Visit(ALICE, {"plan": "starter", "job": "operations"}, path="/home"))
    yield Step(end - 12 * DAY, Visit(ALICE, email, {"plan": "pro"}, path="/settings"))
    yield Step(end - 1 * DAY, Visit(ALICE, {"plan": "starter", "seats": 8}, path="/home", event="opened-report"))
