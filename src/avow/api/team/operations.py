"""What does each address of admins and activity logs do, in one line, and by which types?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from avow.api.shapes import PER_PAGE
from avow.api.team import shapes
from avow.web.operations import Operation, Parameter, Seconds

TEAM: Final = "Team"

OPERATIONS: Final[Mapping[str, Operation]] = {
    "GET /admins": Operation(summary="List admins", subject=TEAM, answer=shapes.AdminList),
    "GET /admins/{id}": Operation(
        summary="Get an admin", subject=TEAM, answer=shapes.Admin, refusals={404: ("admin_not_found",)}
    ),
    "GET /admins/activity_logs": Operation(
        summary="List changes of the rules",
        subject=TEAM,
        answer=shapes.ActivityList,
        query=(
            Parameter("created_at_after", Seconds, "From this second on.", required=True),
            Parameter("created_at_before", Seconds, "Up to this second."),
            Parameter("page", Annotated[int, Meta(ge=1, le=99_999)], "The number of the page."),
            PER_PAGE,
        ),
        refusals={400: ("parameter_not_found",)},
    ),
    "POST /admins/activity_logs/search": Operation(
        summary="Search changes of the rules", subject=TEAM, body=shapes.SearchActivities, answer=shapes.ActivityList
    ),
    "GET /admins/activity_log_event_types": Operation(
        summary="List activity types", subject=TEAM, answer=shapes.ActivityTypes
    ),
}
"""By method and address."""
