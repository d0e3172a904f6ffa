"""Settings > Security > Token checker: what would become of this request, today and under tomorrow's settings?

- Every check V1 to V12 and every verdict, by the functions that a real request meets; nothing is written or counted.
- The token comes in the body of a form, and goes nowhere: no address, no cookie, no log holds any of it.

Source: spec §4, §6, §10; `flow/updates/trial.py`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.visit import Page, Visit
from avow.admin.security.keys import PLATFORMS
from avow.admin.security.places import Tab, Tabs, address, tabs
from avow.errors import BadInput
from avow.flow import attributes
from avow.flow.updates.payload import Payload, payload_of
from avow.flow.updates.proposals import Proposal
from avow.flow.updates.trial import Trial, attempt
from avow.trust.attribute import Attribute, Enforcement
from avow.trust.change import Verdict
from avow.trust.policy import Platform, UndatedTokens
from avow.trust.strict_json import StrictJsonError, loads
from avow.trust.token_checks.numbers import Check

MAX_DEPTH: Final = 8


class Line(msgspec.Struct, frozen=True):
    """One check, under both. `later` is None where nothing is proposed."""

    now: Check
    later: Check | None


class Value(msgspec.Struct, frozen=True):
    """What became of one name by one channel, under both; None where it was not weighed."""

    name: str
    channel: str
    now: Verdict | None
    later: Verdict | None

    @property
    def differs(self) -> bool:
        """Whether tomorrow's settings would change it."""
        return (self.now and (self.now.verdict, self.now.reason)) != (
            self.later and (self.later.verdict, self.later.reason)
        )


class Result(msgspec.Struct, frozen=True):
    """Both trials, side by side."""

    now: Trial
    later: Trial | None
    lines: tuple[Line, ...]
    values: tuple[Value, ...]


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. What was typed is shown again, so that it can be tried under other settings."""

    tabs: Tabs
    address: str
    token: str
    payload: str
    platform: str
    platforms: tuple[tuple[Platform, str], ...]
    lockable: tuple[Attribute, ...]
    openable: tuple[Attribute, ...]
    lock: frozenset[str]
    open: frozenset[str]
    required: bool
    require_exp: bool
    undated: str
    undated_words: tuple[tuple[str, str], ...]
    result: Result | None
    linked: bool


_UNDATED: Final = (
    ("", "As they are today"),
    (UndatedTokens.ACCEPT, "Accepted"),
    (UndatedTokens.FILL_ONLY, "Fill blanks only"),
    (UndatedTokens.REFUSE, "Refused"),
)


async def show(visit: Visit) -> Page:
    """The screen, with nothing tried yet."""
    return await _page(visit, None)


async def check(visit: Visit) -> Page:
    """Try it."""
    raw_platform = visit.need("platform")
    if raw_platform not in tuple(Platform):
        raise BadInput("That is no platform; expected web, ios or android.", field="platform")
    raw_token, payload = (visit.form.get("token") or "").strip(), _payload(visit.form.get("payload") or "")
    if not raw_token and payload is None:
        raise BadInput("There is nothing to try. Paste a token, what a page sends beside it, or both.", field="token")
    platform, proposal, engine = Platform(raw_platform), _proposal(visit, raw_platform), visit.engine

    async def tried(under: Proposal) -> Trial:
        return await attempt(
            engine,
            visit.workspace_id,
            raw_token or None,
            platform=platform,
            payload=payload or Payload(),
            proposal=under,
        )

    now = await tried(Proposal())
    later = await tried(proposal) if proposal else None
    lines = tuple(Line(one, later.checks[place] if later else None) for place, one in enumerate(now.checks))
    return await _page(visit, Result(now, later, lines, _values(now, later)))


async def _page(visit: Visit, result: Result | None) -> Page:
    known = await attributes.every(visit.engine.store, visit.workspace_id)
    there = sorted((one for one in known.values() if not one.archived), key=lambda one: (one.standard, one.name))
    form = visit.form
    it = Shown(
        tabs(visit, Tab.CHECKER),
        address(visit, Tab.CHECKER),
        form.get("token") or "",
        form.get("payload") or "",
        form.get("platform") or Platform.WEB,
        PLATFORMS,
        tuple(one for one in there if not one.locked),
        tuple(one for one in there if one.locked),
        frozenset(form.all("lock")),
        frozenset(form.all("open")),
        form.get("required") == "yes",
        form.get("require_exp") == "yes",
        form.get("undated") or "",
        _UNDATED,
        result,
        "/people/{contact}" in visit.house.paths,
    )
    return Page("security/checker.html", "Token checker", it)


def _payload(raw_text: str) -> Payload | None:
    if not raw_text.strip():
        return None
    try:
        raw = loads(raw_text.encode("utf-8", "surrogatepass"), max_depth=MAX_DEPTH)
    except StrictJsonError as error:
        raise BadInput(f"What the page sends is no strict JSON: {error}", field="payload") from None
    if not isinstance(raw, dict):
        raise BadInput('What the page sends is no JSON object; expected one such as {"plan": "pro"}.', field="payload")
    try:
        return payload_of(raw)
    except BadInput as error:
        raise BadInput(error.message, field="payload") from None


def _proposal(visit: Visit, raw_platform: str) -> Proposal:
    form, policy = visit.form, dict[str, object]()
    enforcement = dict.fromkeys(form.all("lock"), Enforcement.LOCKED) | dict.fromkeys(
        form.all("open"), Enforcement.OPEN
    )
    if form.get("required") == "yes":
        policy["messenger_security"] = {raw_platform: "required"}
    if form.get("require_exp") == "yes":
        policy["require_exp"] = True
    if undated := form.get("undated"):
        policy["undated_tokens"] = undated
    return Proposal(enforcement, policy)


def _values(now: Trial, later: Trial | None) -> tuple[Value, ...]:
    first = {(one.name, str(one.channel)): one for one in now.verdicts}
    second = {(one.name, str(one.channel)): one for one in later.verdicts} if later else {}
    return tuple(
        Value(name, channel, first.get((name, channel)), second.get((name, channel)))
        for name, channel in dict.fromkeys([*first, *second])
    )
