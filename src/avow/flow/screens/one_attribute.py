"""How does one attribute fare? Its traffic by hour, who writes it unsigned, whose browser contradicts what is known.

- Stretches of time are those of readiness, and so is the assessment: the headline is the last week.
- Looked at are the people who wrote it unsigned lately, and those of whom anything was ignored lately: the newest
  `LOOKED_AT` of either. That costs the same however many people there are; everything that waits: `waiting.py`.

Source: spec §7 (traffic), §8.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from avow.flow import attributes, readiness
from avow.flow.contacts.reading import Standing, standings
from avow.flow.contract import Filter, OperatorChange
from avow.flow.engine import Engine
from avow.flow.readiness import WINDOWS, Report
from avow.flow.screens import activity
from avow.flow.screens.accepting import AT_ONCE
from avow.trust.attribute import Attribute
from avow.trust.contact import Contact, State, WorkspaceId
from avow.trust.traffic import TrafficClass

LOOKED_AT: Final = 200
LATEST_CHANGES: Final = 20
_HOUR: Final = 3_600
_DAY: Final = 86_400


class Doubt(msgspec.Struct, frozen=True):
    """Somebody whose value of this attribute is held, or contradicts what somebody vouched for."""

    contact: Contact
    standing: Standing


class Look(msgspec.Struct, frozen=True):
    """All that is told of one attribute. `traffic`: class of write → Unix hour → how often, over the longest stretch.

    `filter` is how far its index is, None where it is not quick to filter by.
    """

    report: Report
    traffic: dict[TrafficClass, dict[int, int]]
    contradicting: tuple[Doubt, ...]
    held: tuple[Doubt, ...]
    history: tuple[OperatorChange, ...]
    filter: Filter | None

    @property
    def attribute(self) -> Attribute:
        """The attribute."""
        return self.report.attribute


async def find(engine: Engine, workspace_id: WorkspaceId, id_or_name: str) -> Attribute:
    """The attribute of that number, standard ones too, else of that name. Raises `NotFound`."""
    known = await attributes.every(engine.store, workspace_id)
    for one in known.values():
        if str(one.id) == id_or_name:
            return one
    return attributes.find_by_name(known, id_or_name)


async def look(engine: Engine, workspace_id: WorkspaceId, attribute: Attribute) -> Look:
    """Everything at once."""
    store, now = engine.store, engine.now()
    since = now - max(WINDOWS.values())
    report, rows, people, history, filters = await asyncio.gather(
        readiness.report(store, workspace_id, attribute, now),
        store.traffic(workspace_id, attribute.name, since_hour=int(since // _HOUR)),
        store.screens.doubted(workspace_id, attribute.name, since_day=int(since // _DAY), limit=LOOKED_AT),
        activity.changes_of(store, workspace_id, attribute.name, limit=LATEST_CHANGES),
        store.filters(workspace_id),
    )
    traffic: dict[TrafficClass, dict[int, int]] = {}
    for row in rows:
        traffic.setdefault(TrafficClass(row.kind), {})[row.hour] = row.count
    doubted = await doubts(engine, workspace_id, attribute, people)
    return Look(
        report,
        traffic,
        tuple(one for one in doubted if one.standing.state is State.CONTRADICTED)[:AT_ONCE],
        tuple(one for one in doubted if one.standing.held is not None)[:AT_ONCE],
        tuple(history),
        next((one for one in filters if one.attribute_id == attribute.id and one.kept), None),
    )


async def doubts(
    engine: Engine, workspace_id: WorkspaceId, attribute: Attribute, people: Sequence[Contact]
) -> list[Doubt]:
    """How the value of each of these people stands, of whom anything is known."""
    rules, now = await engine.rulebook.current(workspace_id), engine.now()
    found: list[Doubt] = []
    for contact in people:
        holding = contact.holdings.get(attribute.name)
        if holding is None:
            continue
        alone = msgspec.structs.replace(contact, holdings={attribute.name: holding})
        standing = standings(alone, rules, now).get(attribute.name)
        if standing is not None:
            found.append(Doubt(contact, standing))
    return found
