"""Settings > Security > Tokens and writes: what a token must have, who may create attributes, what is told and kept.

Each card saves its own settings, and only what is still as it was when the page was shown: two people at once do not
undo each other's. Source: spec §1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import NOTHING, Page, Reply, SeeOther, Visit
from avow.admin.security.messenger import saved
from avow.admin.security.places import Tab, Tabs, address, tabs
from avow.errors import BadInput, Conflict
from avow.flow.screens import identity
from avow.flow.screens.identity import Look
from avow.flow.team.roles import May
from avow.trust.policy import MayCreate, Policy, UndatedTokens

_UNITS: Final = (("seconds", 1), ("minutes", 60), ("hours", 3_600), ("days", 86_400))

UNDATED: Final = (
    (UndatedTokens.ACCEPT, "Accept", "Replayable: whoever has kept such a token can send it again, for ever."),
    (UndatedTokens.FILL_ONLY, "Fill blanks only", "It may fill a blank, and changes nothing that is known."),
    (UndatedTokens.REFUSE, "Refuse", "The request is refused. Best, once your backends set iat."),
)
CREATORS: Final = (
    (MayCreate.SIGNED, "Signed tokens only", "A name nobody knows becomes an attribute when your backend signs it."),
    (MayCreate.ANYONE, "Anyone", "Unsigned names become provisional attributes, at most 50, until somebody vouches."),
    (MayCreate.NOBODY, "Nobody", "New attributes are made here or by REST. Unknown names are ignored."),
)


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `seen` stands for the settings as they are shown.

    `sent` is the visit whose form is shown again: an empty one where somebody was faster, so that all is as it is.
    """

    tabs: Tabs
    policy: Policy
    look: Look
    lifetime: str
    unit: str
    seen: str
    sent: Visit
    may_set: bool
    address: str
    units: tuple[tuple[str, str], ...] = tuple((word, word) for word, _ in _UNITS)
    undated: tuple[tuple[UndatedTokens, str, str], ...] = UNDATED
    creators: tuple[tuple[MayCreate, str, str], ...] = CREATORS


async def show(visit: Visit) -> Page:
    """The screen."""
    policy = (await visit.engine.rulebook.current(visit.workspace_id)).policy
    lifetime, unit = _in_units(policy.max_token_lifetime)
    sent = replace(visit, form=NOTHING) if isinstance(visit.fault, Conflict) else visit
    it = Shown(
        tabs(visit, Tab.POLICY),
        policy,
        await identity.look(visit.engine, visit.workspace_id),
        sent.typed("lifetime", lifetime),
        sent.typed("unit", unit),
        _mark(policy),
        sent,
        visit.may(May.SET_POLICY),
        address(visit, Tab.POLICY),
    )
    return Page("security/policy.html", "Tokens and writes", it)


async def set_tokens(visit: Visit) -> Reply:
    """What a token must have."""
    raw_undated = visit.need("undated_tokens")
    if raw_undated not in tuple(UndatedTokens):
        raise BadInput("Choose one of those shown.", field="undated_tokens")
    lifetime = _lifetime(visit)
    issuer, audience = _party(visit, "issuer"), _party(visit, "audience")
    return await _set(
        visit,
        lambda policy: msgspec.structs.replace(
            policy,
            require_exp=visit.form.get("require_exp") == "yes",
            max_token_lifetime=lifetime,
            undated_tokens=UndatedTokens(raw_undated),
            issuer=issuer,
            audience=audience,
        ),
    )


async def set_writes(visit: Visit) -> Reply:
    """Who may create attributes, what browsers are told, how long what was ignored is kept."""
    raw_creator, raw_days = visit.need("may_create"), visit.need("retention_days").strip()
    if raw_creator not in tuple(MayCreate):
        raise BadInput("Choose one of those shown.", field="may_create")
    days = _whole(raw_days, "retention_days")
    return await _set(
        visit,
        lambda policy: msgspec.structs.replace(
            policy,
            may_create=MayCreate(raw_creator),
            explain_verdicts=visit.form.get("explain_verdicts") == "yes",
            retention_days=days,
        ),
    )


async def end_tokens(visit: Visit) -> Reply:
    """End every dated token up to now, or let them count again."""
    engine = visit.engine
    if visit.need("do") == "lift":
        seen = visit.need("seen")

        def lift(policy: Policy) -> Policy:
            if str(policy.tokens_not_before) != seen:
                raise Conflict("Somebody has ended tokens again since you opened this page. See below until when.")
            return msgspec.structs.replace(policy, tokens_not_before=None)

        await saved(visit, lift)
        return SeeOther(address(visit, Tab.POLICY), Toast("Tokens of every date count again, as far as they live."))
    moment = int(engine.now())
    await saved(visit, lambda policy: msgspec.structs.replace(policy, tokens_not_before=moment))
    return SeeOther(address(visit, Tab.POLICY), Toast("Every dated token up to now has ended. Open pages must reload."))


async def _set(visit: Visit, change: Callable[[Policy], Policy]) -> SeeOther:
    seen = visit.need("seen")

    def unless_moved(policy: Policy) -> Policy:
        if _mark(policy) != seen:
            raise Conflict(
                "Somebody has changed these settings since you opened this page. They are shown as they are."
            )
        return change(policy)

    before, after = await saved(visit, unless_moved)
    return SeeOther(address(visit, Tab.POLICY), Toast("Nothing was to be changed." if before == after else "Saved."))


def _mark(policy: Policy) -> str:
    return hashlib.sha256(msgspec.json.encode(policy, order="sorted")).hexdigest()[:16]


def _in_units(seconds: int | None) -> tuple[str, str]:
    if seconds is None:
        return "", "hours"
    unit, size = next(one for one in reversed(_UNITS) if seconds % one[1] == 0)
    return str(seconds // size), unit


def _lifetime(visit: Visit) -> int | None:
    raw = (visit.form.get("lifetime") or "").strip()
    if not raw:
        return None
    size = dict(_UNITS).get(visit.need("unit"))
    if size is None:
        raise BadInput("Choose seconds, minutes, hours or days.", field="lifetime")
    lifetime = _whole(raw, "lifetime") * size
    if not 60 <= lifetime <= 366 * 86_400:
        raise BadInput("The longest lifetime is out of range; expected 1 minute to 366 days.", field="lifetime")
    return lifetime


def _party(visit: Visit, name: str) -> str | None:
    return (visit.form.get(name) or "").strip() or None


def _whole(raw: str, field: str) -> int:
    if not raw.isascii() or not raw.isdecimal() or len(raw) > 9:
        raise BadInput("This is no whole number.", field=field)
    return int(raw)
