"""What does a promotion from test to production change, what does it loosen, and what can it not do?

- Copied are definitions (type, options, description) and enforcement; never values, keys or settings.
- A step *loosens* when a browser may write unsigned afterwards what it could not write before: a lock that is opened or
  only watched, or a new attribute that is not locked. Each is confirmed by itself; unconfirmed, the lock stays, and a
  new attribute is created locked.
- Provisional attributes of the test workspace are never promoted, archived ones are left out. What only production has
  is not touched.
- Hindered is what the rules forbid: another type, a name that could pass for another, no room, archived in production.

Source: spec §1 (promotion), §2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from avow.trust.attribute import MAX_ACTIVE, Attribute, Enforcement
from avow.trust.weighing.names import fold
from avow.trust.words import Word

_STRENGTH: Final = {Enforcement.OPEN: 0, Enforcement.MONITOR: 1, Enforcement.LOCKED: 2}


class Move(Word):
    """What becomes of one attribute in production."""

    CREATE = "create"
    ADOPT = "adopt"
    CHANGE = "change"


class Hindrance(Word):
    """Why an attribute cannot be promoted."""

    TYPE = "type"
    NAME = "name"
    ARCHIVED = "archived"
    ROOM = "room"


class Step(msgspec.Struct, frozen=True):
    """One attribute: as it is in test (`wanted`), and in production (`known`; None: not there)."""

    wanted: Attribute
    known: Attribute | None
    move: Move

    @property
    def name(self) -> str:
        """The attribute's name, in both."""
        return self.wanted.name

    @property
    def loosens(self) -> bool:
        """Whether a browser may write unsigned afterwards what it could not before."""
        before = Enforcement.LOCKED if self.known is None else self.known.enforcement
        return _STRENGTH[self.wanted.enforcement] < _STRENGTH[before]

    def enforcement(self, *, confirmed: bool) -> Enforcement:
        """The enforcement afterwards. Unconfirmed, nothing is loosened."""
        if not self.loosens or confirmed:
            return self.wanted.enforcement
        return Enforcement.LOCKED if self.known is None else self.known.enforcement


class Hindered(msgspec.Struct, frozen=True):
    """An attribute that stays as it is. `other` is the name that it could pass for, where that is why."""

    wanted: Attribute
    why: Hindrance
    other: str = ""


class Plan(msgspec.Struct, frozen=True):
    """All that a promotion would do. `untouched` counts the custom attributes that only production has."""

    steps: tuple[Step, ...]
    hindered: tuple[Hindered, ...]
    untouched: int

    @property
    def loosening(self) -> tuple[Step, ...]:
        """The steps that must be confirmed, each by itself."""
        return tuple(step for step in self.steps if step.loosens)


def plan(test: Mapping[str, Attribute], production: Mapping[str, Attribute]) -> Plan:
    """Compare all attributes of both workspaces, by name."""
    room = MAX_ACTIVE - sum(not (one.standard or one.archived or one.provisional) for one in production.values())
    vouched = {fold(one.name): one.name for one in production.values() if not one.provisional}
    steps: list[Step] = []
    hindered: list[Hindered] = []
    for wanted in test.values():
        if wanted.provisional or wanted.archived:
            continue
        known = production.get(wanted.name)
        other = vouched.get(fold(wanted.name), wanted.name)
        move = Move.CREATE if known is None else Move.ADOPT if known.provisional else Move.CHANGE
        if other != wanted.name:
            hindered.append(Hindered(wanted, Hindrance.NAME, other))
        elif known is not None and known.archived:
            hindered.append(Hindered(wanted, Hindrance.ARCHIVED))
        elif known is not None and move is Move.CHANGE and known.type is not wanted.type:
            hindered.append(Hindered(wanted, Hindrance.TYPE))
        elif move is not Move.CHANGE and room <= 0:
            hindered.append(Hindered(wanted, Hindrance.ROOM))
        elif known is None or move is Move.ADOPT or _differ(wanted, known):
            room -= move is not Move.CHANGE
            steps.append(Step(wanted, known, move))
    return Plan(tuple(steps), tuple(hindered), _only(production.values(), test))


def applied(step: Step, *, confirmed: bool, now: float, fresh_id: int) -> Attribute:
    """The attribute as production shall have it; `fresh_id` is for one that is new there. `now` is Unix seconds."""
    wanted, known = step.wanted, step.known
    enforcement = step.enforcement(confirmed=confirmed)
    if known is None:
        return Attribute(
            id=fresh_id,
            name=wanted.name,
            type=wanted.type,
            enforcement=enforcement,
            options=wanted.options,
            description=wanted.description,
            created_at=now,
            updated_at=now,
        )
    after = msgspec.structs.replace(
        known,
        type=wanted.type,
        enforcement=enforcement,
        options=wanted.options,
        description=wanted.description,
        provisional=False,
        adopted_at=now if step.move is Move.ADOPT else known.adopted_at,
    )
    if after == known:
        return known
    return msgspec.structs.replace(after, version=max(known.version, 1) + 1, updated_at=now)


def _differ(wanted: Attribute, known: Attribute) -> bool:
    mine, theirs = ((one.enforcement, one.options, one.description) for one in (wanted, known))
    return mine != theirs


def _only(production: Iterable[Attribute], test: Mapping[str, Attribute]) -> int:
    return sum(not one.standard and one.name not in test for one in production)
