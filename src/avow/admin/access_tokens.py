"""Settings > Access tokens: which credentials REST has, what each may do, when it was used, and its end.

A new token's text is on the page that answers the form, and nowhere else. The form names the token that it makes: a
reload of that page makes no second one.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.errors import BadInput, NotFound
from avow.flow import access
from avow.flow.bookkeeping.identities import CALLS
from avow.flow.team.roles import May
from avow.trust.access import AccessToken, Mode, Scope

PATH: Final = "/settings/access-tokens"
REMEMBERED: Final = 30 * 86_400
_HOUR: Final = 3_600
MODES: Final = (
    (Mode.VOUCHING, "Vouching", "Your own backend: what it writes is verified."),
    (Mode.RELAYING, "Relaying", "A sync or an integration that writes back what it has read: nothing it writes is."),
)
SCOPES: Final = {
    Scope.READ_CONTACTS: "Read people, and who vouched for what",
    Scope.WRITE_CONTACTS: "Create, change, merge and erase people",
    Scope.READ_ATTRIBUTES: "Read attributes and their locks",
    Scope.WRITE_ATTRIBUTES: "Create attributes, lock and open them",
    Scope.READ_KEYS: "List signing keys (never their secrets)",
    Scope.WRITE_KEYS: "Make and end signing keys: can vouch for anything",
    Scope.CHECK_TOKENS: "Try tokens without writing anything",
}


class Row(msgspec.Struct, frozen=True):
    """One token. `used_at` is the hour in which it was used last (Unix seconds), None for not in 30 days."""

    token: AccessToken
    used_at: float | None


class Shown(msgspec.Struct, frozen=True):
    """What stands on the list."""

    live: tuple[Row, ...]
    revoked: tuple[Row, ...]
    may_manage: bool
    address: str
    scopes: int = len(Scope)


class Form(msgspec.Struct, frozen=True):
    """What stands on the form for a new one."""

    address: str
    id: str
    mode: str
    chosen: tuple[str, ...]
    modes: tuple[tuple[Mode, str, str], ...] = MODES
    scopes: tuple[tuple[Scope, str], ...] = tuple(SCOPES.items())


class Made(msgspec.Struct, frozen=True):
    """A token that has just been made, its text, and how it is used."""

    token: AccessToken
    text: str
    sample: str
    address: str


class Asked(msgspec.Struct, frozen=True):
    """What is told before one is revoked."""

    row: Row
    address: str


async def show(visit: Visit) -> Page:
    """The list."""
    rows = await _rows(visit)
    it = Shown(
        tuple(row for row in reversed(rows) if row.token.revoked_at is None),
        tuple(row for row in reversed(rows) if row.token.revoked_at is not None),
        visit.may(May.MANAGE_ACCESS_TOKENS),
        visit.root + PATH,
    )
    return Page("access_tokens.html", "Access tokens", it)


async def ask(visit: Visit) -> Page:
    """The form for a new one."""
    chosen = visit.form.all("scope") if visit.fault else [str(Scope.READ_CONTACTS), str(Scope.WRITE_CONTACTS)]
    it = Form(
        visit.root + PATH, access.fresh_id(visit.engine.entropy), visit.typed("mode", Mode.VOUCHING), tuple(chosen)
    )
    return Page("access_token_new.html", "New access token", it)


async def make(visit: Visit) -> Reply:
    """Make one."""
    raw_mode, raw_scopes = visit.need("mode"), visit.form.all("scope")
    if raw_mode not in tuple(Mode):
        raise BadInput("That is no mode. Choose one of those shown.", field="mode")
    if not raw_scopes or any(one not in tuple(Scope) for one in raw_scopes):
        raise BadInput("Nothing is chosen that it may do. Choose at least one.", field="scope")
    made = await access.make(
        visit.engine.store,
        visit.workspace_id,
        name=visit.need("name"),
        mode=Mode(raw_mode),
        scopes=[Scope(one) for one in raw_scopes],
        entropy=visit.engine.entropy,
        actor=visit.acting(May.MANAGE_ACCESS_TOKENS),
        raw_id=visit.need("id"),
    )
    await visit.engine.rulebook.confirm()
    sample = f'curl -H "Authorization: Bearer $AVOW_ACCESS_TOKEN" {visit.browser.base}/contacts'
    it = Made(made.token, made.text, sample, visit.root + PATH)
    return Page("access_token_made.html", "Your new access token", it)


async def ask_revoke(visit: Visit) -> Page:
    """What revoking it would mean."""
    it = Asked(await _row(visit), visit.root + PATH)
    return Page("access_token_revoke.html", f"Revoke {it.row.token.name}", it)


async def revoke(visit: Visit) -> Reply:
    """End it."""
    row = await _row(visit)
    await access.revoke(
        visit.engine.store,
        visit.workspace_id,
        row.token.id,
        entropy=visit.engine.entropy,
        actor=visit.acting(May.MANAGE_ACCESS_TOKENS),
    )
    await visit.engine.rulebook.confirm()
    return SeeOther(visit.root + PATH, Toast(f"{row.token.name} is revoked, for good."))


async def _row(visit: Visit) -> Row:
    raw_id = visit.form.get("id") or visit.query.get("id")
    for row in await _rows(visit):
        if row.token.id == raw_id:
            return row
    raise NotFound("There is no such access token in this workspace.", field="id")


async def _rows(visit: Visit) -> list[Row]:
    store = visit.engine.store
    tokens = await access.every(store, visit.workspace_id)
    since = int((visit.now - REMEMBERED) // _HOUR)
    used: dict[str, int] = {}
    for row in await store.traffic(visit.workspace_id, CALLS, since_hour=since):
        used[row.kind] = max(row.hour, used.get(row.kind, 0))
    return [Row(one, used[one.id] * _HOUR if one.id in used else None) for one in tokens]
