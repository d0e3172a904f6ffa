"""What does each address of tags, notes, segments, events and companies do, in one line, and by which types?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta

from avow.api.beside import shapes
from avow.api.shapes import CURSORS, MISSING, ONCE, PAGED, PER_PAGE, WHOM
from avow.web.operations import ContactId, Operation, Parameter, Place

TAGS: Final = "Tags"
NOTES: Final = "Notes"
SEGMENTS: Final = "Segments"
EVENTS: Final = "Events"
COMPANIES: Final = "Companies"
_ID: Final = Parameter("id", ContactId, "The contact's id.", place=Place.PATH)
_COUNTED: Final = Parameter("include_count", bool, "Whether it is told how many people are in each.")
_BY_NAME: Final = (
    Parameter("company_id", str, "Asked for one, there is none: 404."),
    Parameter("name", str, "Asked for one, there is none: 404."),
)
_NUMBERED: Final = Parameter(
    "page", Annotated[int, Meta(ge=1, le=1_000)], "The number of the page, for clients that have no cursor."
)
_NO_COMPANY: Final = {404: ("company_not_found",)}


def _refused(summary: str, method_and_address: str) -> tuple[str, Operation]:
    return method_and_address, Operation(
        summary=summary, subject=COMPANIES, status=None, refusals={400: ("not_supported",)}
    )


def _none(summary: str, method_and_address: str) -> tuple[str, Operation]:
    return method_and_address, Operation(summary=summary, subject=COMPANIES, status=None, refusals=_NO_COMPANY)


OPERATIONS: Final[Mapping[str, Operation]] = {
    "GET /contacts/{id}/tags": Operation(
        summary="List a contact's tags", subject=TAGS, answer=shapes.WornTagList, path=(_ID,), refusals=WHOM
    ),
    "POST /contacts/{id}/tags": Operation(
        summary="Tag a contact",
        subject=TAGS,
        body=shapes.WearTag,
        answer=shapes.WornTag,
        path=(_ID,),
        headers=(ONCE,),
        refusals={404: ("not_found",), 410: ("contact_merged",)},
    ),
    "DELETE /contacts/{id}/tags/{tag_id}": Operation(
        summary="Untag a contact",
        subject=TAGS,
        answer=shapes.WornTag,
        path=(_ID,),
        headers=(ONCE,),
        refusals={404: ("not_found",), 410: ("contact_merged",)},
    ),
    "GET /tags": Operation(summary="List tags", subject=TAGS, answer=shapes.TagList),
    "POST /tags": Operation(
        summary="Make or rename a tag, tag or untag people",
        subject=TAGS,
        body=shapes.WriteTag,
        answer=shapes.TagWithUsers,
        headers=(ONCE,),
        refusals={400: ("not_supported",), 404: ("not_found",), 410: ("contact_merged",)},
    ),
    "GET /tags/{id}": Operation(summary="Get a tag", subject=TAGS, answer=shapes.Tag, refusals=MISSING),
    "DELETE /tags/{id}": Operation(
        summary="Delete a tag", subject=TAGS, answer=shapes.DeletedTag, headers=(ONCE,), refusals=MISSING
    ),
    "GET /contacts/{id}/notes": Operation(
        summary="List a contact's notes",
        subject=NOTES,
        answer=shapes.NoteList,
        path=(_ID,),
        query=(*PAGED, _NUMBERED),
        refusals={**WHOM, **CURSORS},
    ),
    "POST /contacts/{id}/notes": Operation(
        summary="Write a note",
        subject=NOTES,
        body=shapes.WriteNote,
        answer=shapes.Note,
        path=(_ID,),
        headers=(ONCE,),
        refusals={404: ("not_found", "admin_not_found"), 410: ("contact_merged",)},
    ),
    "GET /notes/{id}": Operation(summary="Get a note", subject=NOTES, answer=shapes.Note, refusals=MISSING),
    "GET /contacts/{id}/segments": Operation(
        summary="List a contact's segments",
        subject=SEGMENTS,
        answer=shapes.ContactSegments,
        path=(_ID,),
        refusals=WHOM,
    ),
    "GET /segments": Operation(summary="List segments", subject=SEGMENTS, answer=shapes.SegmentList, query=(_COUNTED,)),
    "GET /segments/{id}": Operation(
        summary="Get a segment", subject=SEGMENTS, answer=shapes.Segment, query=(_COUNTED,), refusals=MISSING
    ),
    "GET /contacts/{id}/subscriptions": Operation(
        summary="List a contact's subscriptions",
        subject=SEGMENTS,
        answer=shapes.SubscriptionList,
        path=(_ID,),
        refusals=WHOM,
    ),
    "GET /events": Operation(
        summary="List or count what somebody did",
        subject=EVENTS,
        answer=shapes.EventList | shapes.EventSummary,
        query=(
            Parameter("type", Literal["user"], "`user`.", required=True),
            Parameter("user_id", str, "The user's id of your own."),
            Parameter("email", str, "The contact's address."),
            Parameter("intercom_user_id", str, "The contact's id."),
            Parameter("summary", bool, "Whether everything is counted by name instead."),
            PER_PAGE,
            Parameter("since", int, "Not before this Unix second."),
            Parameter("before", str, "Before this Unix second, or this place in the list."),
            Parameter("page", Annotated[int, Meta(ge=1)], "1; beside `before` it counts for nothing."),
        ),
        refusals={
            400: ("parameter_not_found", "client_error"),
            404: ("not_found",),
            409: ("conflict",),
            410: ("contact_merged",),
        },
    ),
    "POST /events": Operation(
        summary="Track an event",
        subject=EVENTS,
        body=shapes.TrackEvent,
        headers=(ONCE,),
        refusals={**WHOM, 409: ("conflict",)},
    ),
    "POST /events/summaries": Operation(
        summary="Hand in a count of events",
        subject=EVENTS,
        body=shapes.SummariseEvents,
        headers=(ONCE,),
        refusals={**WHOM, 409: ("conflict",)},
    ),
    "GET /companies": Operation(
        summary="List companies: none",
        subject=COMPANIES,
        answer=shapes.CompanyList,
        query=_BY_NAME,
        refusals=_NO_COMPANY,
    ),
    "POST /companies/list": Operation(
        summary="List companies: none",
        subject=COMPANIES,
        answer=shapes.CompanyList,
        query=_BY_NAME,
        refusals=_NO_COMPANY,
    ),
    "GET /companies/scroll": Operation(
        summary="Scroll companies: none",
        subject=COMPANIES,
        answer=shapes.CompanyList,
        query=(Parameter("scroll_param", str, "It comes back empty: there is no more."),),
    ),
    "GET /contacts/{id}/companies": Operation(
        summary="List a contact's companies: none",
        subject=COMPANIES,
        answer=shapes.CompanyList,
        path=(_ID,),
        refusals=WHOM,
    ),
    **dict(
        (
            _none("Get a company: there is none", "GET /companies/{id}"),
            _none("List a company's contacts: there is none", "GET /companies/{id}/contacts"),
            _none("List a company's notes: there is none", "GET /companies/{id}/notes"),
            _none("List a company's segments: there is none", "GET /companies/{id}/segments"),
            _refused("Write a company: refused", "POST /companies"),
            _refused("Update a company: refused", "PUT /companies/{id}"),
            _refused("Delete a company: refused", "DELETE /companies/{id}"),
            _refused("Write a note on a company: refused", "POST /companies/{id}/notes"),
            _refused("Attach a company: refused", "POST /contacts/{id}/companies"),
            _refused("Detach a company: refused", "DELETE /contacts/{id}/companies/{company_id}"),
        )
    ),
}
"""By method and address."""
