"""Which shapes do many answers and bodies share? Pages of lists, and what is said of who did something.

Source: contract/intercom-notes.md §4.1 (cursor pages).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, UnsetType

from avow.trust.change import Outcome
from avow.trust.contact import Channel
from avow.trust.reasons import Reason
from avow.web.operations import Exactly, Parameter, Place, Told

Count = Annotated[int, Meta(ge=0, examples=[1])]
Cursor = Annotated[str, Meta(description="Where the next page begins; it is opaque.")]
PerPage = Annotated[int, Meta(ge=1, le=150)]

PER_PAGE: Final = Parameter("per_page", PerPage, "How many entries a page has.")
STARTING_AFTER: Final = Parameter("starting_after", str, "The cursor from `pages.next` of the page before.")
PAGED: Final = (PER_PAGE, STARTING_AFTER)
MERGES: Final = Parameter("include_merge_history", bool, "Whether a user's newest merges are told.")
ONCE: Final = Parameter(
    "Idempotency-Key",
    Annotated[str, Meta(min_length=1, max_length=255, pattern="^[!-~]([ -~]*[!-~])?$")],
    "A retry with the same key and body has one effect.",
    place=Place.HEADER,
)
RECEIPT: Final = Parameter(
    "Avow-Receipt", Literal["1"], "With `1` the answer tells what became of every value.", place=Place.HEADER
)
CURSORS: Final = {400: ("client_error",)}
MISSING: Final = {404: ("not_found",)}
WHOM: Final = {404: ("not_found",), 410: ("contact_merged",)}
"""What may be wrong with the contact of an address."""


class Nothing(Exactly, frozen=True, kw_only=True):
    """Nothing is asked for: the body may be left out, or is an empty object."""


class NextPage(Told, frozen=True, kw_only=True):
    """What to ask for next."""

    page: Count
    per_page: Count
    starting_after: Cursor


class Pages(Told, tag_field="type", tag="pages", frozen=True, kw_only=True):
    """Where in a list a page stands. `next` is absent or null on the last one."""

    page: Count
    per_page: Count
    total_pages: Count | UnsetType = UNSET
    next: NextPage | UnsetType | None = UNSET


class Actor(Told, frozen=True, kw_only=True):
    """Who did it: `admin`, `access_token`, or `operator` for whoever else is on record."""

    type: str
    id: str
    email: str | UnsetType | None = UNSET


class Origin(Told, frozen=True, kw_only=True):
    """By which door something came, who brought it, and whether it was vouched for."""

    channel: Channel
    actor: str | None
    verified: bool | UnsetType = UNSET


class Reference(Told, frozen=True, kw_only=True):
    """Something by its type and id; where there is a `url`, it leads there."""

    type: str
    id: str
    url: str | UnsetType = UNSET


class Verdict(Told, frozen=True, kw_only=True):
    """What became of one value, and why. Every `reason` has a page: `/docs/reasons/{reason}`."""

    name: str
    verdict: Outcome
    reason: Reason | None
    channel: Channel


class Receipt(Told, frozen=True, kw_only=True):
    """What became of every value of a write, in the order in which they were weighed."""

    attributes: list[Verdict]
