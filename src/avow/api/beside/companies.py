"""Which companies are there? None: company data is not supported, and every address says so in a form clients survive.

- Lists are empty, under both names that clients read (`data`, `companies`).
- One company is not found; whatever would write one is refused as `not_supported`, and changes nothing.

Source: spec §10; contract/intercom-notes.md §4.2.
"""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.errors import BadInput, NotFound
from avow.flow import contacts


async def listed(call: Call) -> dict[str, Any]:
    """`GET /companies`, and `POST /companies/list`. Asked for one by `company_id` or `name`, it is not found."""
    if call.query.get("company_id") or call.query.get("name"):
        return await get(call)
    pages = {"type": "pages", "page": 1, "per_page": 50, "total_pages": 0}
    return {**_none(), "total_count": 0, "pages": pages}


async def scrolled(_: Call) -> dict[str, Any]:
    """`GET /companies/scroll`: at its end from the start, or a client that is told to go on would do so for ever."""
    return {**_none(), "total_count": 0, "pages": None, "scroll_param": ""}


async def get(_: Call) -> dict[str, Any]:
    """`GET /companies/{id}`, and what would stand below it."""
    raise NotFound("There is no company: company data is not supported.", code="company_not_found")


async def of_contact(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/companies`."""
    await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    return {**_none(), "total_count": 0, "pages": {"type": "pages", "page": 1, "per_page": 50, "total_pages": 0}}


async def refused(_: Call) -> dict[str, Any]:
    """Every write."""
    raise BadInput("Company data is not supported, and nothing was changed. Leave it out.", code="not_supported")


def _none() -> dict[str, Any]:
    return {"type": "list", "data": [], "companies": []}
