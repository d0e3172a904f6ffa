"""How does a value come to have a reason? One situation for each reason of D1 to D8."""

from __future__ import annotations

import time
from typing import Any

from avow.flow import attributes
from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.keys import Algorithm
from avow.trust.reasons import Reason
from tests.docs.situations import IN_A_STRICT_PLACE, declare, line, of, payload
from tests.support.company import Key
from tests.support.place import OLIVE, Place

# D1 to D9.


@of(Reason.INVALID_NAME)
async def _(place: Place) -> Any:
    await place.signed("names", plan="pro")
    return line(await place.ping({"user_id": "names", "Plan": "free"}), Reason.INVALID_NAME)


@of(Reason.RESERVED_NAME)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "reserved", "role": "admin"}), Reason.RESERVED_NAME)


@of(Reason.DUPLICATE_NAME)
async def _(place: Place) -> Any:
    await declare(place, "pl_an", AttributeType.STRING)
    return line(await place.ping({"user_id": "twice", "pl_an": "a", "pl.an": "b"}), Reason.DUPLICATE_NAME)


@of(Reason.NOT_SUPPORTED)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "staff", "company": {"id": "1", "name": "Acme"}}), Reason.NOT_SUPPORTED)


@of(Reason.UNKNOWN_ATTRIBUTE)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "new", "favourite_colour": "red"}), Reason.UNKNOWN_ATTRIBUTE)


@of(Reason.ATTRIBUTE_LIMIT, IN_A_STRICT_PLACE)
async def _(place: Place) -> Any:
    many = {f"made_up_{number}": "x" for number in range(1, 52)}
    return line(await place.ping(many), Reason.ATTRIBUTE_LIMIT)


@of(Reason.ARCHIVED)
async def _(place: Place) -> Any:
    engine = place.engine
    await declare(place, "fax", AttributeType.STRING)
    away = attributes.Edit(archived=True)
    await attributes.update(engine.store, place.workspace_id, "fax", away, entropy=engine.entropy, actor=OLIVE)
    return line(await place.signed("old", fax="12"), Reason.ARCHIVED)


@of(Reason.TYPE_MISMATCH)
async def _(place: Place) -> Any:
    await declare(place, "seats", AttributeType.INTEGER, Enforcement.MONITOR)
    return line(await place.signed("types", seats="a dozen"), Reason.TYPE_MISMATCH)


@of(Reason.TOO_LONG)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "long", "name": "A" * 300}), Reason.TOO_LONG)


@of(Reason.NOT_AN_OPTION)
async def _(place: Place) -> Any:
    await declare(place, "tier", AttributeType.LIST, Enforcement.OPEN, "gold", "silver")
    return line(await place.signed("lists", tier="platinum"), Reason.NOT_AN_OPTION)


@of(Reason.SUPERSEDED_BY_SIGNED)
async def _(place: Place) -> Any:
    token = place.token("both", plan="pro")
    return line(await place.ping({"intercom_user_jwt": token, "plan": "free"}), Reason.SUPERSEDED_BY_SIGNED)


@of(Reason.UNVERIFIED)
async def _(place: Place) -> Any:
    await place.signed("locked", plan="starter")
    return line(await place.ping({"user_id": "locked", "plan": "enterprise"}), Reason.UNVERIFIED)


@of(Reason.WOULD_IGNORE)
async def _(place: Place) -> Any:
    return line(await place.ping({"user_id": "watched", "seats": 3}), Reason.WOULD_IGNORE)


@of(Reason.STALE)
async def _(place: Place) -> Any:
    await place.signed("moved", plan="pro")
    return line(await place.signed("moved", at=time.time() - 3600, lasting=7200, plan="starter"), Reason.STALE)


@of(Reason.UNDATED)
async def _(place: Place) -> Any:
    await place.signed("undated", plan="starter")
    own = Key(place.kid, Algorithm.HS256, imported_secret=place.secret)
    token = own.sign(payload(user_id="undated", iat=None, plan="pro"))
    return line(await place.ping({"intercom_user_jwt": token}), Reason.UNDATED)


@of(Reason.ALREADY_KNOWN)
async def _(place: Place) -> Any:
    await place.ping({"intercom_user_jwt": place.token("guest"), "phone": "+49 30 1"})
    session = (await place.ping({})).body["anonymous_session"]
    session = (await place.ping({"phone": "+49 30 2"}, anonymous_session=session)).body["anonymous_session"]
    merged = await place.ping({"intercom_user_jwt": place.token("guest")}, anonymous_session=session)
    changes = await place.rest("GET", f"/contacts/{merged.body['user']['id']}/changes")
    told = [one for change in changes.body["data"] for one in change["verdicts"] if "reason" in one]
    return next(one for one in told if one["reason"] == Reason.ALREADY_KNOWN)


# What later became of a value.


@of(Reason.KEY_COMPROMISED)
async def _(place: Place) -> Any:
    leaked = Key("leaked", Algorithm.HS256)
    await place.rest("POST", "/keys", {"kid": leaked.kid, "secret": leaked.secret})
    since = int(time.time())
    await place.ping({"intercom_user_jwt": leaked.sign(payload(user_id="compromised", plan="enterprise"))})
    await place.rest("POST", f"/keys/{leaked.kid}/distrust", {"since": since, "dry_run": False})
    contact = await place.known("compromised")
    told = (await place.rest("GET", f"/contacts/{contact.id}/provenance")).body
    return told["attributes"]["plan"]
