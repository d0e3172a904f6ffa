"""What stands in the made-up company's test workspace? A few people whom its team has made up in turn, to try things.

- They live in the last two weeks, on Acme's staging pages, under a key and an access token of their own. Both texts are
  forgotten: the printed samples are about production.
- The rules are those that Acme would promote next: stricter ones, and an attribute that production does not have.
"""

from __future__ import annotations

from typing import Final

from avow.demo.past import OLIVE, Clock, Credentials, Past
from avow.demo.story import DAY, OLD_SDK, Act, Attempt, Backend, Refused, Step, Values, Visit
from avow.flow import access, attributes, keys, workspaces
from avow.flow.engine import Engine
from avow.flow.rules.declaring import Definition
from avow.trust.access import Mode, Scope
from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.contact import WorkspaceId

LENGTH: Final = 14 * DAY
STARTS: Final = LENGTH + DAY
"""How many seconds before the end its key is made."""

_STAGING: Final = "https://staging.acme.example"
_DECLARED: Final = (
    Definition("plan", AttributeType.STRING, Enforcement.LOCKED, "What they pay for"),
    Definition("seats", AttributeType.INTEGER, Enforcement.LOCKED, "How many people may sign in"),
    Definition("company_name", AttributeType.STRING, Enforcement.LOCKED, "Whom they work for"),
    Definition("account_manager", AttributeType.STRING, Enforcement.LOCKED, "Who of us looks after them"),
    Definition("trial_ends_at", AttributeType.DATE, Enforcement.LOCKED, "When they have to choose a plan"),
)
_CAST: Final = (
    ("test-trial", "Tess Trial", "free", 1, "Trial & Error Ltd"),
    ("test-paid", "Paul Paid", "pro", 12, "Invoice Works"),
    ("test-enterprise", "Edith Enterprise", "enterprise", 250, "Very Large Holdings"),
    ("test-downgraded", "Dana Downgraded", "starter", 3, "Smaller Than Before"),
    ("test-letters", "Zoë O’Brien-Łukasz Παππά", "starter", 2, "Größe & Söhne"),
    (
        "test-long",
        "Maximiliana Konstantinopolitanska-Wolfeschlegelsteinhausen of the Department of Extraordinarily Long Names",
        "pro",
        5,
        "The Company With the Longest Name That Anybody at Acme Could Think of",
    ),
    ("test-checkout", "Checkout robot", "pro", 1, "Acme"),
    ("olive-staging", "Olive (staging)", "enterprise", 5, "Acme"),
)


async def rehearse(engine: Engine, clock: Clock, workspace_id: WorkspaceId, *, end: int) -> None:
    """Let two weeks pass in an empty test workspace, up to `end`. The clock must be `clock`, `STARTS` before it."""
    store, entropy = engine.store, engine.entropy
    key, secret = workspaces.fresh_key("staging", "Staging", clock(), entropy)
    await keys.add(store, workspace_id, key, master_key=engine.master_key, entropy=entropy, actor=OLIVE)
    token = await access.make(
        store,
        workspace_id,
        name="Staging backend",
        mode=Mode.VOUCHING,
        scopes=(Scope.READ_CONTACTS, Scope.WRITE_CONTACTS),
        entropy=entropy,
        actor=OLIVE,
    )
    for definition in _DECLARED:
        await attributes.declare(store, workspace_id, definition, entropy=entropy, actor=OLIVE)
    async with engine.running():
        await Past(engine, clock, workspace_id, Credentials(key.kid, secret, token.token)).play(story(end))


def story(end: int) -> list[Step]:
    """What the team tried in the two weeks before `end` (Unix seconds), in order."""
    steps = [step for number in range(len(_CAST)) for step in _one(number, end)]
    tried: tuple[tuple[float, Act], ...] = (
        (5, Visit("test-downgraded", {"plan": "starter", "seats": 3}, origin=_STAGING, path="/billing")),
        (4, Visit("test-trial", {}, {"plan": "enterprise", "seats": 500}, _STAGING, "/settings")),
        (3, Backend("test-enterprise", custom={"account_manager": "Olive"})),
        (2.5, Refused("test-checkout", Attempt.EXPIRED, _STAGING)),
        (1.5, Visit("test-paid", {"plan": "pro"}, {"phone": "+1 555 0142"}, _STAGING, "/v1/reports", OLD_SDK)),
        (0.5, Refused("test-trial", Attempt.FORGED, _STAGING)),
        (0.25, Visit("olive-staging", {"seats": 6}, {"theme": "dark"}, _STAGING, event="opened-report")),
    )
    steps.extend(Step(end - days * DAY, act) for days, act in tried)
    return sorted(steps, key=lambda step: step.at)


def _one(number: int, end: int) -> list[Step]:
    """Somebody is made up, and comes back the next day."""
    user_id, name, plan, seats, company = _CAST[number]
    at = end - LENGTH + (number + 1) * DAY
    facts: Values = {
        "name": name,
        "email": f"{user_id}@acme.example",
        "plan": "pro" if user_id == "test-downgraded" else plan,
        "seats": seats,
        "company_name": company,
        "created_at": at,
        **({"trial_ends_at": end + 7 * DAY} if plan == "free" else {}),
    }
    return [
        Step(at, Visit(user_id, facts, origin=_STAGING, path="/welcome", event="signed-up")),
        Step(at + DAY / 2, Visit(user_id, {"email": facts["email"]}, origin=_STAGING, event="opened-report")),
    ]
