"""How does a store without a disk search? By asking everybody, in plain Python; its indexes are kept, and not used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from avow.flow.contract.query import Filter, FilterState, FilterValue, Fixed, Found, Glance, Mark, Search, Sort
from avow.flow.search.matching import matches, stored_value
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from avow.trust.keys import Keyring
from avow.trust.rules import Rules
from tests.support.memory_tables import Memory, Table


class FilterRules:
    """`flow.contract.query.FilterChanges`."""

    _tables: dict[str, Table]
    _workspace_id: WorkspaceId
    raised: bool

    async def filters(self) -> list[Filter]:
        found = [it for (where, _), it in self._tables["filters"].items() if where == self._workspace_id]
        return sorted(found, key=lambda it: it.attribute_id)

    async def put_filter(self, it: Filter, *, told: bool) -> None:
        self._tables["filters"].put((self._workspace_id, it.attribute_id), it)
        self.raised = self.raised or told

    async def drop_filter(self, attribute_id: int) -> None:
        self._tables["filters"].drop((self._workspace_id, attribute_id))

    async def contacts(self, ids: tuple[ContactId, ...]) -> list[Contact]:
        found = [self._tables["contacts"].get((self._workspace_id, one)) for one in ids]
        return [it for it in found if it is not None]

    async def put_filter_values(self, values: tuple[FilterValue, ...]) -> None:
        put_values(self._tables, values)


class SearchTables:
    """`flow.contract.query.SearchReads`."""

    memory: Memory

    async def search(self, search: Search) -> Found:
        rules, found = self._rules_of(search.workspace_id), []
        for it in self.memory.rows("contacts", search.workspace_id):
            tags = {one.tag_id: one.verified for one in await self._worn(it)}
            if is_listed(it) and matches(search.where, it, rules, tags):
                found.append(it)
        known = min(len(found), search.most) if search.known is None else search.known
        beyond = [it for it in in_order(found, search.sort) if search.after is None or self._is_past(search, it)]
        return Found(tuple(beyond[: search.limit]), known)

    async def glance(self, search: Search, *, at_most: int) -> Glance:
        """Everybody is walked past in the order asked for, so many at a time."""
        everybody = [it for it in self.memory.rows("contacts", search.workspace_id) if is_listed(it)]
        if len(everybody) <= at_most or search.where == Fixed(True):
            found = await self.search(search)
            return Glance(found.contacts, found.count)
        beyond = [it for it in in_order(everybody, search.sort) if search.after is None or self._is_past(search, it)]
        rules, found_now, places = self._rules_of(search.workspace_id), list[Contact](), list[int]()
        for looked, it in enumerate(beyond[:at_most], 1):
            tags = {one.tag_id: one.verified for one in await self._worn(it)}
            if matches(search.where, it, rules, tags):
                found_now.append(it)
                places.append(looked)
            if len(found_now) == search.limit:
                return Glance(tuple(found_now), None, (), None, places[-2:][0], len(everybody))
        reached = None
        if len(beyond) > at_most:
            edge = beyond[at_most - 1]
            reached = Mark(stored_value(search.sort.subject, edge), edge.id)
        return Glance(tuple(found_now), None, (), reached, min(at_most, len(beyond)), len(everybody))

    async def filters(self, workspace_id: WorkspaceId) -> list[Filter]:
        return self.memory.rows("filters", workspace_id)

    async def unfinished_filters(self) -> list[WorkspaceId]:
        committed = self.memory.tables["filters"].committed
        return sorted({where for (where, _), it in committed.items() if it.state is not FilterState.READY})

    async def contact_ids(self, workspace_id: WorkspaceId, *, after: ContactId | None, limit: int) -> list[ContactId]:
        ids = [it.id for it in self.memory.rows("contacts", workspace_id)]
        return [one for one in ids if after is None or one > after][:limit]

    async def contact_count(self, workspace_id: WorkspaceId) -> int:
        return len(self.memory.rows("contacts", workspace_id))

    async def _worn(self, it: Contact) -> Sequence[Any]:
        living = {one.id for one in self.memory.rows("tags", it.workspace_id)}
        return [one for one in self.memory.rows("taggings", it.workspace_id, it.id) if one.tag_id in living]

    def _rules_of(self, workspace_id: WorkspaceId) -> Rules:
        workspace = self.memory.tables["workspaces"].committed[(workspace_id,)]
        return Rules.of(1, workspace_id, workspace.policy, self.memory.rows("attributes", workspace_id), Keyring())

    def _is_past(self, search: Search, it: Contact) -> bool:
        assert search.after is not None
        mine = (stored_value(search.sort.subject, it), it.id)
        theirs = (search.after.value, search.after.contact_id)
        return mine != theirs and _place(theirs, search.sort) < _place(mine, search.sort)


def put_values(tables: Mapping[str, Any], values: Sequence[FilterValue]) -> None:
    """Enter values into the indexes, or remove them."""
    for one in values:
        place = (one.workspace_id, one.contact_id, one.attribute_id, one.verified)
        if one.value is None:
            tables["entries"].drop(place)
        else:
            tables["entries"].put(place, one)


def in_order(contacts: Sequence[Contact], sort: Sort) -> list[Contact]:
    """The contacts as a list shows them."""
    return sorted(contacts, key=lambda it: _place((stored_value(sort.subject, it), it.id), sort))


def is_listed(it: Contact) -> bool:
    """Whether lists show her."""
    return it.role is not Role.VISITOR and (it.merged_into, it.archived_at, it.blocked_at) == (None, None, None)


def _place(entry: tuple[Any, str], sort: Sort) -> _Place:
    return _Place(*entry, sort.descending)


class _Place:
    """A place in a list that may run downwards: unset values last."""

    def __init__(self, value: Any, contact_id: str, descending: bool) -> None:
        self._key = (value, contact_id)
        self._descending = descending

    def __lt__(self, other: _Place) -> bool:
        (mine, my_id), (theirs, their_id) = self._key, other._key
        if (mine is None) is not (theirs is None):
            return theirs is None
        if mine is None or mine == theirs:
            mine, theirs = my_id, their_id
        return bool(theirs < mine if self._descending else mine < theirs)
