"""One signing key: how much it is used, and how it ends. Retired at a chosen time, or revoked at once and for good.

Before a key is revoked, a page says who will be shut out; requirements stay on, whatever is revoked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from avow.admin.frame import charts
from avow.admin.frame.charts import Chart
from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.security.places import address
from avow.errors import BadInput
from avow.flow import keys as changing
from avow.flow.screens import keys
from avow.flow.screens.keys import Row
from avow.flow.team.roles import May
from avow.trust.policy import Platform

_HOUR: Final = 3_600
_DAY: Final = 86_400
WAITS: Final = (
    ("3600", "in an hour"),
    ("86400", "in a day"),
    ("604800", "in a week"),
    ("at", "at a time of my choice"),
    ("0", "now"),
)
"""When a key may be retired: seconds from now, or at a time that is typed."""


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen."""

    row: Row
    chart: Chart
    may_manage: bool
    address: str
    kid: str
    waits: tuple[tuple[str, str], ...] = WAITS


class Asked(msgspec.Struct, frozen=True):
    """What is told before a key is revoked. `required_on` are platforms that go on requiring a proof."""

    row: Row
    address: str
    back: str
    required_on: tuple[Platform, ...]


async def show(visit: Visit) -> Page:
    """The screen."""
    row = await _row(visit)
    it = Shown(row, uses(visit, [row]), visit.may(May.MANAGE_KEYS), address(visit), row.key.kid)
    return Page("security/key.html", row.key.name, it)


def uses(visit: Visit, rows: list[Row]) -> Chart:
    """Uses by day of one key, or of several beside each other."""
    starts = keys.days(visit.now)
    series = [(f"series-{place}", row.key.name) for place, row in enumerate(rows, 1)]
    counts = {name: dict(zip(starts, row.days, strict=True)) for (name, _), row in zip(series, rows, strict=True)}
    told = f"{'Tokens' if rows[0].for_tokens else 'Hashes'} verified on each of the last {keys.DAYS} days (UTC)"
    return charts.stacked(told, series, counts, starts=starts, zone=ZoneInfo("UTC"))


async def retire(visit: Visit) -> Reply:
    """Let it run out."""
    row, engine = await _row(visit), visit.engine
    at = _time(visit)
    key = await changing.retire(
        engine.store,
        visit.workspace_id,
        row.key.kid,
        at=at,
        entropy=engine.entropy,
        actor=visit.acting(May.MANAGE_KEYS),
    )
    await engine.rulebook.confirm()
    to = visit.form.get("to") or ""
    back = address(visit, "/rotate", kid=key.kid, to=to) if to else address(visit, "/key", kid=key.kid)
    if key.retires_at is None:
        return SeeOther(back, Toast(f"{key.name} is retired. {_proofs(row)} are refused from now on."))
    local = datetime.fromtimestamp(key.retires_at, visit.browser.zone)
    return SeeOther(back, Toast(f"{key.name} retires on {local:%-d %B at %H:%M}. Until then both are believed."))


async def ask(visit: Visit) -> Page:
    """What revoking it would mean."""
    row = await _row(visit)
    policy = (await visit.engine.rulebook.current(visit.workspace_id)).policy
    required = tuple(one for one in row.alone_on if policy.requires_proof(one))
    it = Asked(row, address(visit), address(visit, "/key", kid=row.key.kid), required)
    return Page("security/revoke.html", f"Revoke {row.key.name}", it)


async def revoke(visit: Visit) -> Reply:
    """End it."""
    row, engine = await _row(visit), visit.engine
    key = await changing.revoke(
        engine.store,
        visit.workspace_id,
        row.key.kid,
        entropy=engine.entropy,
        actor=visit.acting(May.MANAGE_KEYS),
    )
    await engine.rulebook.confirm()
    return SeeOther(address(visit, "/key", kid=key.kid), Toast(f"{key.name} is revoked, for good."))


def _proofs(row: Row) -> str:
    return "Tokens that it signed" if row.for_tokens else "Hashes that it made"


async def _row(visit: Visit) -> Row:
    raw_kid = visit.form.get("kid") or visit.query.get("kid")
    if not raw_kid:
        raise BadInput("No key is named. Choose one from the list.", field="kid")
    return await keys.one(visit.engine, visit.workspace_id, raw_kid)


def _time(visit: Visit) -> int | None:
    """When to retire it (Unix seconds), None for now."""
    raw_wait = visit.need("wait")
    if raw_wait not in dict(WAITS):
        raise BadInput("That is no time. Choose one of those shown.", field="wait")
    if raw_wait != "at":
        return None if raw_wait == "0" else int(visit.now) + int(raw_wait)
    at = visit.need_moment("at")
    if at <= visit.now:
        raise BadInput("That time is over. Choose one that is to come, or now.", field="at")
    return at
