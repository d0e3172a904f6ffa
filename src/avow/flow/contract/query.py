"""What may be asked of contacts: a question that each of them answers with yes or no, and a page of those who say yes.

- Nothing is ever unknown: a value that is not set fails every comparison, and passes its negation.
- A verified condition reads the verified slot. Where there is none nobody has vouched, and it fails, negated or not.
- Text is compared with ASCII letters folded, and ordered by code points; the same on every database.
- A leftover from before an attribute was adopted cannot be judged by a database (`Subject.adopted_at`): it comes along,
  and whoever asked weighs it again.

Source: contract/intercom-notes.md §4.4, spec §3, §9.
"""

from __future__ import annotations

import struct
from typing import Final, Protocol

import msgspec

from avow.trust.contact import Contact, ContactId, Scalar, WorkspaceId
from avow.trust.words import Word

_FOLDED: Final = {upper: upper | 0x20 for upper in range(ord("A"), ord("Z") + 1)}
_SIGN: Final = 1 << 63
_ALL_BITS: Final = (1 << 64) - 1


class Kind(Word):
    """How a field compares. `exact` is text byte for byte; a date is Unix seconds; a boolean is not a number."""

    TEXT = "text"
    EXACT = "exact"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"


class Place(Word):
    """Where a field stands: among the contact's own facts, among its values, within its e-mail, or nowhere at all."""

    FACT = "fact"
    VALUE = "value"
    DOMAIN = "domain"
    NOWHERE = "nowhere"


class Subject(msgspec.Struct, frozen=True):
    """One field. `field` is how it was asked for, `name` what it is called here.

    `blank` is how an unset value reads; `attribute_id` and `adopted_at` are the attribute's.
    """

    field: str
    place: Place
    name: str
    kind: Kind
    attribute_id: int | None = None
    adopted_at: float | None = None
    blank: bool | None = None


class Relation(Word):
    """What a value is to the operands: one of them; containing, beginning or ending with it; within bounds; any."""

    IS = "is"
    CONTAINS = "contains"
    BEGINS = "begins"
    ENDS = "ends"
    WITHIN = "within"
    SET = "set"


class Test(msgspec.Struct, frozen=True):
    """One condition. `WITHIN` is at least `low` and less than `high`, None for no bound."""

    subject: Subject
    relation: Relation
    operands: tuple[str | int | float | bool, ...] = ()
    low: int | float | None = None
    high: int | float | None = None
    negated: bool = False
    verified: bool = False


class Tagged(msgspec.Struct, frozen=True):
    """Whether the contact has this tag (None: any), put on by somebody who vouched where `verified`."""

    tag_id: int | None
    negated: bool = False
    verified: bool = False


class Contradicted(msgspec.Struct, frozen=True):
    """Whether a value of the contact is contradicted.

    Held values that were seen last before `held_since` (Unix seconds) count no more. `loose`: adoptions may have put
    aside what contradicts, of which a database knows nothing: whoever asked weighs it again.
    """

    held_since: float
    negated: bool = False
    loose: bool = False


class Fixed(msgspec.Struct, frozen=True):
    """The same of everybody."""

    value: bool


class Every(msgspec.Struct, frozen=True):
    """All of these."""

    parts: tuple[Node, ...]


class Some(msgspec.Struct, frozen=True):
    """At least one of these."""

    parts: tuple[Node, ...]


Node = Test | Tagged | Contradicted | Fixed | Every | Some


class Sort(msgspec.Struct, frozen=True):
    """In which order: by a field, then by id; both ascending or both descending. Unset values come last either way."""

    subject: Subject
    descending: bool = True


ID: Final = Subject("id", Place.FACT, "id", Kind.EXACT)
NEWEST_FIRST: Final = Sort(ID)


class Mark(msgspec.Struct, frozen=True):
    """The last contact seen: its value of the sorted field as it is stored (`stored_value`), and its id."""

    value: Scalar
    contact_id: ContactId


class Search(msgspec.Struct, frozen=True):
    """A page of users and leads in lists. They are counted up to `most`, unless their number is `known` already."""

    workspace_id: WorkspaceId
    where: Node
    limit: int
    most: int
    sort: Sort = NEWEST_FIRST
    after: Mark | None = None
    known: int | None = None


class Found(msgspec.Struct, frozen=True):
    """The page, how many there are, and the fields for which every contact had to be looked at.

    Leftovers come along, on the page and in the count.
    """

    contacts: tuple[Contact, ...]
    count: int
    unindexed: tuple[str, ...] = ()


class Glance(msgspec.Struct, frozen=True):
    """What a search finds that looks at no more than so many contacts, where no index tells fewer apart.

    `reached`: it ended there, before the page was full; whoever fits may follow behind. `looked` of `everybody`
    (counted up to `EVERYBODY`) were looked at, none where an index led to those who fit; on a full page as far as the
    last but one, who ends the page that is shown. `count` is None where nobody counted. Not `in_order`: newest first,
    as no index is in the order that was asked for. `last_seen_at` is in order to the hour, `updated_at` to the day.
    Leftovers come along.
    """

    contacts: tuple[Contact, ...]
    count: int | None
    unindexed: tuple[str, ...] = ()
    reached: Mark | None = None
    looked: int = 0
    everybody: int = 0
    in_order: bool = True


EVERYBODY: Final = 100_000


class FilterState(Word):
    """How far the index over an attribute is: being built, used by searches, being cleared away."""

    BUILDING = "building"
    READY = "ready"
    DROPPING = "dropping"


class Filter(msgspec.Struct, frozen=True):
    """An attribute that was declared filterable. `done` of `total` contacts are indexed, up to the id `reached`."""

    attribute_id: int
    state: FilterState
    since: float
    done: int = 0
    total: int = 0
    reached: ContactId | None = None

    @property
    def kept(self) -> bool:
        """Whether whoever writes a contact keeps the index in the same transaction."""
        return self.state is not FilterState.DROPPING


class FilterValue(msgspec.Struct, frozen=True):
    """One entry of an index: a contact's value, current or verified, as `sortable` text; None removes the entry."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    attribute_id: int
    verified: bool
    value: str | None


class FilterChanges(Protocol):
    """A change of what is filterable, and steps of building. While it lasts no batch commits in the workspace.

    `put_filter` raises the rules' version where `told`: every process then keeps, or no longer keeps, the index.
    """

    async def filters(self) -> list[Filter]: ...
    async def put_filter(self, it: Filter, *, told: bool) -> None: ...
    async def drop_filter(self, attribute_id: int) -> None: ...
    async def contacts(self, ids: tuple[ContactId, ...]) -> list[Contact]: ...
    async def put_filter_values(self, values: tuple[FilterValue, ...]) -> None: ...


class SearchReads(Protocol):
    """Reads. `filters` come by attribute; `unfinished_filters` are workspaces where a filter is not ready.

    `contact_ids` are everybody's, visitors' too, in order.
    """

    async def search(self, search: Search) -> Found: ...
    async def glance(self, search: Search, *, at_most: int) -> Glance: ...
    async def filters(self, workspace_id: WorkspaceId) -> list[Filter]: ...
    async def unfinished_filters(self) -> list[WorkspaceId]: ...
    async def contact_ids(
        self, workspace_id: WorkspaceId, *, after: ContactId | None, limit: int
    ) -> list[ContactId]: ...
    async def contact_count(self, workspace_id: WorkspaceId) -> int: ...


def fold_text(text: str) -> str:
    """The text as it is compared: ASCII letters in lower case, everything else as it is."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def sortable(value: str | float | bool) -> str:
    """The value as text that is equal, less or greater as the value is. Values of one attribute only are compared."""
    if isinstance(value, str):
        return fold_text(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return f"{value + _SIGN:016x}"
    (bits,) = struct.unpack(">Q", struct.pack(">d", value))
    return f"{bits ^ _ALL_BITS if bits & _SIGN else bits | _SIGN:016x}"
