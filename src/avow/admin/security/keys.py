"""Settings > Security: every signing key and how much it is used, and how a new one comes into being.

A secret that is made here is on the page that answers the form, and nowhere else: not in an address, not in a cookie,
not on the page when it is loaded again.
"""

from __future__ import annotations

import msgspec

from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.security.places import Tab, Tabs, address, tabs
from avow.admin.security.samples import sample
from avow.errors import BadInput
from avow.flow.screens import keys, new_key
from avow.flow.screens.keys import Row
from avow.flow.screens.new_key import Origin, Registered, Wanted
from avow.flow.team.roles import May
from avow.trust.contact import WorkspaceId
from avow.trust.keys import HashedField, Purpose, SigningKey
from avow.trust.policy import Platform
from avow.trust.reasons import Reason

ALARM_DAYS = 7
_DAY = 86_400

ORIGINS = (
    (Origin.MADE, "Make a secret here", "HS256, 256 bits, shown to you once. The usual choice."),
    (Origin.SECRET, "Paste a secret", "HS256. For a secret your backend has already: 32 bytes or more."),
    (Origin.ED25519, "Paste a public key: Ed25519", "PEM or JWK. Nothing that is stored here can sign."),
    (Origin.ES256, "Paste a public key: ES256", "P-256, PEM or JWK."),
    (Origin.RS256, "Paste a public key: RS256", "RSA of 2048 bits or more, PEM or JWK."),
)
PURPOSES = (
    ("token", "Tokens", "Vouches for identity and values. What you want, unless you know otherwise."),
    ("hash_user_id", "user_hash over the user id", "The legacy hash: proves who somebody is, never a value."),
    ("hash_email", "user_hash over the e-mail", "The same, made from the e-mail address."),
)
PLATFORMS = ((Platform.WEB, "Web"), (Platform.IOS, "iOS"), (Platform.ANDROID, "Android"))


class Alarm(msgspec.Struct, frozen=True):
    """A secret was seen in a browser's request. `last_at` is Unix seconds, `days` how many days it happened on."""

    last_at: float
    days: int


class Shown(msgspec.Struct, frozen=True):
    """What stands on the list."""

    tabs: Tabs
    rows: tuple[Row, ...]
    alarm: Alarm | None
    may_manage: bool
    address: str


class Form(msgspec.Struct, frozen=True):
    """What stands on the form for a new key. `replaces` is the kid of the key that it takes over from."""

    address: str
    kid: str
    replaces: str
    origin: str
    purpose: str
    platforms: tuple[str, ...]
    origins: tuple[tuple[Origin, str, str], ...] = ORIGINS
    purposes: tuple[tuple[str, str, str], ...] = PURPOSES
    every_platform: tuple[tuple[Platform, str], ...] = PLATFORMS


class Made(msgspec.Struct, frozen=True):
    """A key that has just been made; `next` is where its guide goes on."""

    key: SigningKey
    secret: str
    sample: str
    next: str
    address: str


async def show(visit: Visit) -> Page:
    """The list."""
    rows = await keys.every(visit.engine, visit.workspace_id)
    it = Shown(
        tabs(visit, Tab.KEYS),
        tuple(rows),
        await _alarm(visit, visit.workspace_id),
        visit.may(May.MANAGE_KEYS),
        address(visit),
    )
    return Page("security/keys.html", "Security", it)


async def ask(visit: Visit) -> Page:
    """The form for a new key."""
    replaces = visit.form.get("replaces") or visit.query.get("replaces") or ""
    old = await keys.one(visit.engine, visit.workspace_id, replaces) if replaces else None
    known = sorted(old.key.platforms) if old is not None else list(Platform)
    it = Form(
        address(visit),
        new_key.fresh_kid(visit.engine),
        replaces,
        visit.typed("origin", Origin.MADE),
        visit.typed("purpose", _purpose_of(old)),
        tuple(visit.form.all("platforms") if visit.fault else (str(one) for one in known)),
    )
    return Page("security/new_key.html", "New signing key", it)


async def make(visit: Visit) -> Reply:
    """Register what was asked for."""
    actor = visit.acting(May.MANAGE_KEYS)
    registered = await new_key.register(visit.engine, visit.workspace_id, _wanted(visit), actor=actor)
    replaces = visit.form.get("replaces") or ""
    return _answer(visit, registered, replaces)


def _answer(visit: Visit, registered: Registered, replaces: str) -> Reply:
    kid = registered.key.kid
    following = address(visit, "/rotate", kid=replaces, to=kid) if replaces else address(visit, "/key", kid=kid)
    if registered.secret is None:
        return SeeOther(following)
    named = sample("python", kid) if registered.key.purpose is Purpose.TOKEN else ""
    it = Made(registered.key, registered.secret, named, following if replaces else "", address(visit))
    return Page("security/made_key.html", "Your new signing key", it)


def _purpose_of(old: Row | None) -> str:
    if old is None or old.for_tokens:
        return "token"
    return f"hash_{old.key.hashes}"


def _wanted(visit: Visit) -> Wanted:
    raw_origin, raw_purpose = visit.need("origin"), visit.need("purpose")
    raw_platforms = visit.form.all("platforms")
    if raw_origin not in tuple(Origin):
        raise BadInput("That is no way to make a key. Choose one of those shown.", field="origin")
    if raw_purpose not in [word for word, _, _ in PURPOSES]:
        raise BadInput("That is no purpose. Choose one of those shown.", field="purpose")
    if any(one not in tuple(Platform) for one in raw_platforms):
        raise BadInput("That is no platform. Choose some of those shown.", field="platforms")
    return Wanted(
        visit.need("kid").strip(),
        visit.form.get("name") or "",
        Origin(raw_origin),
        Purpose.TOKEN if raw_purpose == "token" else Purpose.USER_HASH,
        HashedField.EMAIL if raw_purpose == "hash_email" else HashedField.USER_ID,
        frozenset(Platform(one) for one in raw_platforms),
        visit.form.get("material") or "",
    )


async def _alarm(visit: Visit, workspace_id: WorkspaceId) -> Alarm | None:
    since = int(visit.now // _DAY) - ALARM_DAYS
    raised = await visit.engine.store.alerts(workspace_id, since_day=since)
    leaks = [one for one in raised if one.kind == Reason.SECRET_LEAKED]
    return Alarm(max(one.at for one in leaks), len({one.day for one in leaks})) if leaks else None
