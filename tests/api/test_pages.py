"""A list without page numbers says so: the first page again and again would be a list without an end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.office import Office

LISTS = {
    "contacts": ("GET", "/contacts?per_page=1", None, "page"),
    "changes": ("GET", "/contacts/{id}/changes?per_page=1", None, "page"),
    "merges": ("GET", "/contacts/{id}/merge_history?per_page=1", None, "page"),
    "events": ("GET", "/events?type=user&user_id=alice&per_page=1", None, "page"),
    "search": (
        "POST",
        "/contacts/search",
        {"query": {"field": "role", "operator": "=", "value": "user"}, "pagination": {"per_page": 1}},
        "pagination.page",
    ),
}


def asked(body: Any, path: str, page: int | str) -> tuple[Any, str]:
    if body is None:
        return None, f"{path}&page={page}"
    return {**body, "pagination": {**body["pagination"], "page": page}}, path


@pytest.mark.parametrize("which", sorted(LISTS))
async def test_a_further_page_by_its_number_alone_is_refused(office: Office, which: str) -> None:
    method, path, body, field = LISTS[which]
    path = path.replace("{id}", await office.alice())
    for page, status, code in (
        (1, 200, None),
        ("1", 200, None),
        (2, 400, "client_error"),
        (0, 400, "parameter_invalid"),
    ):
        said, address = asked(body, path, page)
        answer = await office.rest(method, address, said)
        assert answer.status == status, (page, answer.body)
        if code is not None:
            assert answer.errors == [(code, field)]


async def test_a_search_goes_on_by_its_cursor_whatever_number_comes_along(office: Office) -> None:
    """Intercom's clients send `pages.next` as it is, and that has both."""
    _, path, body, _ = LISTS["search"]
    for name in ("alice", "bob"):
        await office.rest("POST", "/contacts", {"external_id": name})
    first = (await office.rest("POST", path, body)).body
    second = (await office.rest("POST", path, {**dict(body or {}), "pagination": first["pages"]["next"]})).body
    assert {one["data"][0]["external_id"] for one in (first, second)} == {"alice", "bob"}


@pytest.mark.parametrize("which", ["contacts", "changes", "events"])
async def test_a_list_goes_on_by_its_cursor_whatever_number_comes_along(office: Office, which: str) -> None:
    """Some clients count their pages, and send the number beside the cursor."""
    path = LISTS[which][1].replace("{id}", await office.alice())
    await office.rest("PUT", f"/contacts/{(await office.known('alice')).id}", {"name": "Alice"})
    await office.rest("POST", "/contacts", {"external_id": "bob"})
    for at in (int(office.clock()) - 2, int(office.clock()) - 1):
        event = {"event_name": "ordered", "created_at": at, "user_id": "alice"}
        assert (await office.rest("POST", "/events", event)).status == 202
    first = (await office.rest("GET", path)).body
    further = first["pages"]["next"]
    address = further if isinstance(further, str) else f"{path}&starting_after={further['starting_after']}"
    second = await office.rest("GET", f"{address}&page=2")
    assert second.status == 200
    name = "events" if which == "events" else "data"
    assert [len(one[name]) for one in (first, second.body)] == [1, 1]
    assert first[name] != second.body[name]
