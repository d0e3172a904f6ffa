"""What might be asked of Acme's customers? People with values of every kind, and queries drawn from a seed.

Values are few and near each other, so that queries find some of the people and not all: letters of either case, texts
within texts, days that begin and end beside each other, whole numbers that a float cannot tell apart.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final

from avow.trust.attribute import Attribute, AttributeType
from avow.trust.contact import Channel, Contact, Holding, Role, Scalar, Slot, Source
from tests.store.acme import ACME, NOON, contact_id, person

DAY: Final = 86_400
FIRST_DAY: Final = 1_699_920_000
ADOPTED_AT: Final = NOON + 500
ATTRIBUTES: Final = (
    Attribute(1001, "plan", AttributeType.STRING),
    Attribute(1002, "seats", AttributeType.INTEGER),
    Attribute(1003, "spend", AttributeType.FLOAT),
    Attribute(1004, "on trial", AttributeType.BOOLEAN),
    Attribute(1005, "renewal_at", AttributeType.DATE),
    Attribute(1006, "größe", AttributeType.LIST, options=("S", "M", "L")),
    Attribute(1007, "rooms", AttributeType.INTEGER, adopted_at=ADOPTED_AT),
)
_TEXTS: Final = ("pro", "Pro", "PRO plus", "free", "100%", "a_b", "axb", "Ärger", "ärger", "O'Neil", 'say "hi"', "a/b")
_EMAILS: Final = ("alice@acme.example", "Alice@ACME.example", "bob@globex.example", "odd@at@acme.example", "none", "x@")
_WHOLE: Final = (0, -1, 7, 42, 43, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))
_FLOATS: Final = (0.0, -0.5, 0.1, 7.25, 1e16, 1e-7, 123456.75)
_DAYS: Final = tuple(FIRST_DAY + day * DAY + second for day in range(3) for second in (0, 1, DAY - 1))
POOL: Final[dict[str, tuple[Any, ...]]] = {
    "plan": _TEXTS,
    "seats": _WHOLE,
    "spend": _FLOATS,
    "on trial": (True, False),
    "renewal_at": _DAYS,
    "größe": ("S", "M", "L"),
    "rooms": (1, 2, 3),
    "email": _EMAILS,
    "name": _TEXTS,
    "unsubscribed_from_emails": (True, False),
}
_LEFTOVERS: Final = ("1", "2", "three", 2.0, True)
"""What browsers wrote into `rooms` before anybody vouched for it; some of it fits."""
_TEXT_OPERATORS: Final = ("=", "!=", "IN", "NIN", "~", "!~", "^", "$")
_NUMBER_OPERATORS: Final = ("=", "!=", "IN", "NIN", ">", "<", ">=", "<=")
_OPERATORS: Final = {
    **dict.fromkeys(("plan", "größe", "email", "name"), _TEXT_OPERATORS),
    **dict.fromkeys(("seats", "spend", "rooms"), _NUMBER_OPERATORS),
    **dict.fromkeys(("on trial", "unsubscribed_from_emails"), ("=", "!=", "IN", "NIN")),
    "renewal_at": ("=", ">", "<"),
}
_STANDARD: Final = ("email", "name", "unsubscribed_from_emails")


def people(chance: Random, number: int) -> list[Contact]:
    """So many, of every role; some are in no list."""
    return [_anybody(chance, place) for place in range(number)]


def _anybody(chance: Random, place: int) -> Contact:
    role = chance.choice((Role.USER, Role.USER, Role.LEAD, Role.VISITOR))
    holdings = {name: _holding(chance, name) for name in POOL if chance.random() < 0.7}
    return person(
        ACME,
        role=role,
        external_id=f"{chance.choice('aA')}lice{place}" if role is Role.USER else None,
        created_at=float(chance.choice(_DAYS)) + 0.5,
        last_seen_at=None if chance.random() < 0.3 else float(chance.choice(_DAYS)),
        merged_into=contact_id() if chance.random() < 0.05 else None,
        archived_at=NOON if chance.random() < 0.05 else None,
        holdings=holdings,
    )


def _holding(chance: Random, name: str) -> Holding:
    value: Scalar = None if chance.random() < 0.1 else chance.choice(POOL[name])
    if chance.random() < 0.5:
        return Holding(value, _source(verified=True, at=NOON + 600))
    slot = Slot(chance.choice((None, *POOL[name])), _source(verified=True, at=NOON + 600))
    if name == "rooms" and chance.random() < 0.6:
        came = chance.choice((NOON, NOON + 700))  # later than the adoption, where the clock was set back
        return Holding(chance.choice(_LEFTOVERS), _source(verified=False, at=came), None)
    return Holding(value, _source(verified=False, at=NOON + 700), slot if chance.random() < 0.5 else None)


def _source(*, verified: bool, at: float) -> Source:
    return Source(Channel.SIGNED if verified else Channel.MESSENGER, verified, "key1" if verified else None, 1, at, 1)


def query(chance: Random, tags: tuple[int, ...] = ()) -> dict[str, Any]:
    """A condition, a group of some, or a group of groups."""
    depth = chance.choice((0, 0, 1, 1, 2))
    return _group(chance, depth, tags) if depth else _condition(chance, tags)


def _group(chance: Random, depth: int, tags: tuple[int, ...]) -> dict[str, Any]:
    parts = [
        _group(chance, depth - 1, tags) if depth > 1 and chance.random() < 0.5 else _condition(chance, tags)
        for _ in range(chance.randint(1, 3))
    ]
    return {"operator": chance.choice(("AND", "OR")), "value": parts}


def _condition(chance: Random, tags: tuple[int, ...]) -> dict[str, Any]:
    kind = chance.random()
    if tags and kind < 0.1:
        return {"field": "tag_id", "operator": chance.choice(("=", "!=")), "value": chance.choice((None, *tags, 99))}
    if kind < 0.2:
        return _about_facts(chance)
    name = chance.choice((*_OPERATORS, "email_domain"))
    field = name if name in (*_STANDARD, "email_domain") else f"custom_attributes.{name}"
    condition: dict[str, Any] = {"field": field}
    if chance.random() < 0.3:
        condition["verified"] = True
    if chance.random() < 0.1:
        return {**condition, "operator": chance.choice(("=", "!="))}
    operator = chance.choice(_OPERATORS.get(name, _TEXT_OPERATORS))
    pool = ("acme.example", "at@acme.example", "x", "ACME") if name == "email_domain" else POOL[name]
    value = chance.choice(pool)
    if operator in ("IN", "NIN"):
        value = [chance.choice(pool) for _ in range(chance.randint(1, 3))]
    elif operator in ("~", "!~", "^", "$"):
        begin = chance.randrange(len(value))
        value = value[begin : begin + chance.randint(1, 4)]
        value = value.swapcase() if chance.random() < 0.5 and value.isascii() else value
    return {**condition, "operator": operator, "value": value}


def _about_facts(chance: Random) -> dict[str, Any]:
    field = chance.choice(("role", "external_id", "created_at", "last_seen_at", "updated_at", "browser"))
    if field == "role":
        return {"field": field, "operator": chance.choice(("=", "!=")), "value": chance.choice(("user", "lead"))}
    if field in ("external_id", "browser"):
        operator = chance.choice(_TEXT_OPERATORS[:2] + _TEXT_OPERATORS[4:])
        return {"field": field, "operator": operator, "value": chance.choice(("alice1", "ALICE", "lice", "3"))}
    return {"field": field, "operator": chance.choice(("=", ">", "<")), "value": chance.choice(_DAYS)}
