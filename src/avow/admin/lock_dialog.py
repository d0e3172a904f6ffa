"""What would a lock mean? The dialog before it: who would be affected, and what is stored that nobody vouched for.

- Its numbers are of what is chosen in it, and say of which attributes that is. They are asked for again whenever
  another box is checked; without a script, by a button.
- Of several that are offered, those that are ready are chosen to begin with.

Source: spec §8.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from avow.admin.attribute.places import PATH
from avow.admin.frame.visit import Page, Visit
from avow.admin.unvouched import Counted, counted
from avow.errors import BadInput
from avow.flow.screens import attributes
from avow.flow.screens.attributes import Row
from avow.trust.policy import UndatedTokens
from avow.trust.readiness import UNPROVEN


class Asked(msgspec.Struct, frozen=True):
    """What the dialog tells: `rows` are the attributes that are offered; all else is of those `chosen` among them.

    `offered` are the ids of the rows with points between. `people` are those whose browsers still write one of the
    chosen unsigned, each counted once; `unproven` the unsigned claims of callers who had proven nothing, `leftovers`
    the values that nobody vouched for, `aside` whether she wants them put aside.
    """

    rows: tuple[Row, ...]
    chosen: tuple[Row, ...]
    offered: str
    address: str
    people: int
    unproven: int
    replayable: bool
    leftovers: Counted
    aside: bool

    @property
    def names(self) -> list[str]:
        """The names of the chosen."""
        return [row.name for row in self.chosen]


async def ask(visit: Visit) -> Page:
    """What a lock of these attributes would mean, before it is turned."""
    named, raw_offered = visit.query.all("name"), visit.query.get("offered")
    store, workspace_id = visit.engine.store, visit.workspace_id
    every = await attributes.every(store, workspace_id, visit.now, asked=named)
    rows = [row for row in _offered(every, named, raw_offered) if not row.attribute.locked]
    if not rows:
        raise BadInput("None of these attributes is there to be locked; they may be locked already.", field="name")
    chosen = _chosen(rows, named, raw_offered)
    names = [row.name for row in chosen]
    policy = (await visit.engine.rulebook.current(workspace_id)).policy
    it = Asked(
        tuple(rows),
        tuple(chosen),
        ".".join(str(row.attribute.id) for row in rows),
        visit.root + PATH,
        await attributes.unsigned_writers(store, workspace_id, names, visit.now),
        sum(row.assessment.counts[kind] for row in chosen for kind in UNPROVEN),
        policy.undated_tokens is UndatedTokens.ACCEPT,
        await counted(visit, names) if names else Counted(0, 0, ""),
        "hold" in (visit.query.get("leftovers"), visit.query.get("preferred")),
    )
    title = f"Lock {rows[0].name}" if len(rows) == 1 else f"Lock {len(rows)} attributes"
    return Page("attributes_lock.html", title, it)


def _offered(every: Sequence[Row], named: Sequence[str], raw_offered: str | None) -> list[Row]:
    """Those in the list: of these ids where it was shown before, else of these names, in their order."""
    if raw_offered is None:
        known = {row.name: row for row in every}
        return [known[name] for name in dict.fromkeys(named) if name in known]
    by_id = {str(row.attribute.id): row for row in every}
    return [by_id[raw_id] for raw_id in dict.fromkeys(raw_offered.split(".")) if raw_id in by_id]


def _chosen(rows: Sequence[Row], named: Sequence[str], raw_offered: str | None) -> list[Row]:
    if raw_offered is not None:
        return [row for row in rows if row.name in named]
    return list(rows) if len(rows) == 1 else [row for row in rows if row.ready]
