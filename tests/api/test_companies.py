"""Companies are not supported, and every address says so in a form that Intercom's clients survive."""

from __future__ import annotations

import pytest

from tests.support.office import Office


async def test_lists_are_empty_under_both_names(office: Office) -> None:
    alice = await office.alice()
    for method, path in (
        ("GET", "/companies"),
        ("POST", "/companies/list"),
        ("GET", "/companies/scroll"),
        ("GET", f"/contacts/{alice}/companies"),
    ):
        answer = await office.rest(method, path)
        assert (answer.status, answer.body["type"]) == (200, "list")
        assert answer.body["data"] == answer.body["companies"] == []
        assert answer.body["total_count"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "/companies?company_id=acme",
        "/companies?name=Acme",
        "/companies/acme",
        "/companies/acme/contacts",
        "/companies/acme/notes",
        "/companies/acme/segments",
    ],
)
async def test_one_company_is_not_found(office: Office, path: str) -> None:
    answer = await office.rest("GET", path)
    assert (answer.status, answer.errors) == (404, [("company_not_found", None)])


async def test_every_write_is_refused_by_name_and_changes_nothing(office: Office) -> None:
    alice = await office.alice()
    before = await office.everything()
    for method, path in (
        ("POST", "/companies"),
        ("PUT", "/companies/acme"),
        ("DELETE", "/companies/acme"),
        ("POST", "/companies/acme/notes"),
        ("POST", f"/contacts/{alice}/companies"),
        ("DELETE", f"/contacts/{alice}/companies/acme"),
    ):
        answer = await office.rest(method, path, {"company_id": "acme", "id": "acme", "name": "Acme"})
        assert (answer.status, answer.errors) == (400, [("not_supported", None)])
    assert await office.everything() == before


async def test_nobodys_companies_are_not_found(office: Office) -> None:
    assert (await office.rest("GET", f"/contacts/{'f' * 24}/companies")).status == 404


async def test_a_scroll_is_at_its_end_whatever_it_went_on_from(office: Office) -> None:
    """Node's client asks again for as long as it is given a place to go on from, whatever stands on the page."""
    assert (await office.rest("GET", "/companies/scroll?scroll_param=25b649f7")).body["scroll_param"] == ""
