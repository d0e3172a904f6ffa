"""What holds for every screen, whoever adds it: who gets in, whose workspace, which site asks, what a page may load.

One desk serves the whole file, as nothing that is tried here may change anything.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.routing import Router

from avow.admin.door import ScreensDoor
from avow.admin.frame.navigation import MENU
from avow.admin.screens import OWN, SCREENS
from avow.flow.team.roles import ALLOWED, TeamRole
from avow.observe.requests import RequestBook
from avow.web.boundary import Boundary
from tests.support.front_desk import ORIGIN, QUICK, FrontDesk, open_front_desk
from tests.support.office import fresh_copy

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = {"attribute": "1", "contact": "0" * 24, "id": "0" * 24}
ACTS = [(method, path, act) for table in (SCREENS, OWN) for path, acts in table.items() for method, act in acts.items()]
IDS = [f"{method} {path or '/'}" for method, path, _ in ACTS]
every_act = pytest.mark.parametrize(("method", "path", "act"), ACTS, ids=IDS)
every_post = pytest.mark.parametrize(
    ("path", "act"),
    [(path, act) for method, path, act in ACTS if method == "POST"],
    ids=[path for method, path, _ in ACTS if method == "POST"],
)
every_get = pytest.mark.parametrize(
    "path", [path for method, path, _ in ACTS if method == "GET"], ids=[one for one in IDS if one.startswith("GET")]
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FrontDesk]:
    """Olive's desk, for all of them."""
    async with open_front_desk(fresh_copy(migrated, tmp_path_factory.mktemp("screens"))) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def others(desk: FrontDesk) -> dict[TeamRole, FrontDesk]:
    """Somebody of each role."""
    return {role: await desk.as_role(role) for role in TeamRole}


def filled(path: str) -> str:
    """An address with something in each of its places."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda match: PATHS.get(match[1], "nothing"), path)


async def everything(desk: FrontDesk) -> str:
    """All that a screen may change, as text."""
    store = desk.office.engine.store
    team = await store.teammates(desk.office.workspace_id), await store.team.invitations(desk.office.workspace_id)
    log = await store.operator_changes(desk.office.workspace_id, limit=100)
    return repr((await desk.office.everything(), team, log))


@every_act
async def test_nobody_sees_or_does_anything_without_signing_in(
    desk: FrontDesk, method: str, path: str, act: Any
) -> None:
    before = await everything(desk)
    stranger = desk.stranger()
    shown = await (stranger.get(filled(path)) if method == "GET" else stranger.post(filled(path)))
    assert (shown.status, shown.text) == (303, "")
    assert shown.location.startswith("/app/sign-in")
    assert await everything(desk) == before


@every_act
async def test_a_role_does_what_the_table_says_and_no_more(
    desk: FrontDesk, others: dict[TeamRole, FrontDesk], method: str, path: str, act: Any
) -> None:
    for role, other in others.items():
        if act.may in ALLOWED[role]:
            continue
        before = await everything(desk)
        shown = await (other.get(filled(path)) if method == "GET" else other.post(filled(path)))
        assert shown.status == 403, role
        assert "Ask an admin" in shown.words
        assert await everything(desk) == before


@every_act
async def test_another_companys_workspace_is_as_if_there_were_none(
    desk: FrontDesk, method: str, path: str, act: Any
) -> None:
    if path.startswith("/app"):
        return
    address = f"/app/globex01{filled(path)}"
    shown = await (desk.get(address) if method == "GET" else desk.post(address))
    assert shown.status == 404
    assert "not yours to see" in shown.words


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://mallory.example"},
    "a sibling": {"sec-fetch-site": "same-site", "origin": "http://other.avow.test"},
    "no page": {"sec-fetch-site": "none"},
    "by origin alone": {"origin": "https://mallory.example"},
    "an opaque origin": {"origin": "null"},
    "another port": {"origin": "http://avow.test:8080"},
    "says nothing": {},
}


@every_post
async def test_what_no_page_of_ours_asked_for_is_not_done(desk: FrontDesk, path: str, act: Any) -> None:
    before = await everything(desk)
    for whence, headers in FOREIGN.items():
        shown = await desk.post(filled(path), headers=headers)
        assert shown.status == 403, whence
        assert "not made by a page of this server" in shown.words, whence
    assert await everything(desk) == before


@every_post
async def test_a_body_that_is_no_form_is_refused(desk: FrontDesk, path: str, act: Any) -> None:
    own = {"sec-fetch-site": "same-origin", "origin": ORIGIN, "content-type": "application/json"}
    assert (await desk.post(filled(path), headers=own)).status in (400, 415)


@every_get
async def test_a_page_loads_nothing_from_elsewhere_and_is_kept_nowhere(desk: FrontDesk, path: str) -> None:
    shown = await desk.get(filled(path))
    policy = shown.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["referrer-policy"] == "same-origin"
    assert re.findall(r'<style|\sstyle="|\son\w+="|javascript:', shown.text) == []
    assert re.findall(r'(?:src|href)="(?!/|#|otpauth:|https://docs\.)[^"]', shown.text) == []


@every_get
async def test_a_page_has_one_heading_and_names_its_workspace(desk: FrontDesk, path: str) -> None:
    shown = await desk.get(filled(path))
    if shown.status == 200:
        assert shown.text.count("<h1") == 1
        assert "Acme" in shown.title
        assert "Production" in shown.words


@pytest.mark.parametrize("path", [path for path, acts in SCREENS.items() if "GET" in acts and "{" not in path])
async def test_the_test_workspace_is_never_taken_for_the_real_one(desk: FrontDesk, path: str) -> None:
    shown = await desk.get(f"/app/{desk.test_workspace_id}{path}")
    if shown.status == 200:
        assert "Test workspace: nothing here touches production." in shown.words


async def test_the_menu_leads_only_to_what_is_there(desk: FrontDesk) -> None:
    shown = await desk.get("")
    links = set(re.findall(rf'href="{desk.root}([^"]*)"', shown.text))
    assert links <= set(SCREENS)
    assert {entry.path for group in MENU for entry in group.entries} & set(SCREENS) <= links


async def test_what_is_not_there_is_said_on_a_page(desk: FrontDesk) -> None:
    for address in ("/app/nothing", "/nothing/at/all", "/app/static/0/nothing.js"):
        shown = await desk.get(address)
        assert shown.status == 404
        assert "Nothing is here" in shown.words


async def test_a_screen_is_counted_under_its_template_and_not_under_whom_it_shows(desk: FrontDesk) -> None:
    engine = desk.office.engine
    door = ScreensDoor(engine, Router(), trusted_proxies=(), clock=time.monotonic, passwords=QUICK)
    book = RequestBook(60.0)
    book.know({route.endpoint: route.path for route in door.routes})
    transport = httpx.ASGITransport(Boundary(door, engine.entropy, told=book))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        for path in (f"{desk.root}/people/{'0' * 24}", f"{desk.root}/nowhere", "/app/sign-in"):
            await client.get(path, headers={"accept": "text/html"})
    assert [one.labels for one in book.numbers() if one.name == "avow_http_requests"] == [
        ("GET", "/app/{workspace}/people/{contact}", "303"),
        ("GET", "none", "404"),
        ("GET", "/app/sign-in", "200"),
    ]
