"""The server shows its documentation itself: offline, to everybody, in a frame that nothing foreign gets into."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from starlette.routing import Router

from avow import manual
from avow.manual import addresses, shelf
from avow.trust.reasons import Reason
from avow.web.boundary import Boundary
from tests.docs.pages import anchors, pages
from tests.house.tree import ROOT

PAGES = sorted(name for name in shelf.names() if name.endswith(".md"))


@pytest.fixture
async def reader() -> AsyncIterator[httpx.AsyncClient]:
    app = Boundary(Router(manual.routes(), redirect_slashes=False), lambda size: b"\x01" * size)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://avow.test") as client:
        yield client


class Found(HTMLParser):
    """What a page points at, the anchors that it has, and whether anything runs or is styled in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.links |= {value for name in ("href", "src") if (value := named.get(name)) is not None}
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag in ("script", "style") or any(name == "style" or name.startswith("on") for name, _ in attrs):
            self.inline.append(tag)


def test_what_is_shown_is_what_stands_in_the_checkout() -> None:
    assert shelf.folder() == ROOT / "docs"
    assert {f"docs/{name}" for name in PAGES} == {path for path in pages() if path.startswith("docs/")}


@pytest.mark.parametrize("name", PAGES)
async def test_every_page_is_served_without_anything_inline_or_foreign(reader: httpx.AsyncClient, name: str) -> None:
    answer = await reader.get(addresses.address_of(name))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    found = Found(answer.text)
    assert found.inline == []
    assert len(found.ids) == len(set(found.ids))
    assert anchors(f"docs/{name}") <= set(found.ids)


async def test_every_link_within_leads_to_something_that_is_served(reader: httpx.AsyncClient) -> None:
    seen: dict[str, Found] = {}
    for name in [addresses.address_of(page) for page in PAGES] + [addresses.API]:
        seen[name] = Found((await reader.get(name)).text)
    broken = []
    for address, found in seen.items():
        for link in found.links:
            path, _, fragment = link.partition("#")
            there = path or address
            if there.startswith("/docs/") and there in seen:
                if fragment and fragment not in seen[there].ids:
                    broken.append(f"{address}: {link}")
            elif there.startswith("/"):
                if (await reader.get(there)).status_code != 200:
                    broken.append(f"{address}: {link}")
            else:
                assert re.match(r"https?:", there), f"{address}: {link}"
    assert broken == []


@pytest.mark.parametrize("reason", Reason)
async def test_every_reason_has_the_address_that_browsers_and_screens_link(
    reader: httpx.AsyncClient, reason: Reason
) -> None:
    answer = await reader.get(f"/docs/reasons/{reason}")
    assert answer.status_code == 200
    assert f'<h1 id="{reason}"><code>{reason}</code></h1>' in answer.text


async def test_a_reason_that_there_is_not_is_answered_with_those_that_there_are(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/docs/reasons/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "alert(1)" not in answer.text
    assert all(f'href="/docs/reasons/{reason}"' in answer.text for reason in Reason)
    assert (
        await reader.get("/docs/reasons/nope", headers={"if-none-match": answer.headers["etag"]})
    ).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "%2e%2e/pyproject.toml",
        "..%2f..%2fetc/passwd",
        "/etc/passwd",
        "nope",
        "static/nope.css",
        "a\n",
    ],
)
async def test_no_path_leads_out_of_the_documentation(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(f"/docs/{path}".replace("\n", "%0A"))
    assert answer.status_code == 404
    assert "avow.manual" not in answer.text


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/docs", "/docs/"),
        ("/docs/README.md", "/docs/"),
        ("/docs/reasons", "/docs/reasons/"),
        ("/docs/reference/reasons/unverified", "/docs/reasons/unverified"),
        ("/docs/reference/reasons/unverified.md", "/docs/reasons/unverified"),
        ("/docs/how-to/rotate-a-key.md", "/docs/how-to/rotate-a-key"),
        ("/docs/decisions", "/docs/decisions/"),
        ("/docs/reasons/rate_limit_exceeded", "/docs/reference/errors#codes"),
    ],
)
async def test_other_forms_of_an_address_lead_to_the_one(reader: httpx.AsyncClient, asked: str, there: str) -> None:
    answer = await reader.get(asked)
    assert (answer.status_code, answer.headers["location"]) == (307, there)


@pytest.mark.parametrize("address", ["/openapi.json", "/docs/", "/docs/api", "/docs/one-update.svg"])
async def test_what_a_browser_has_kept_is_not_sent_again(reader: httpx.AsyncClient, address: str) -> None:
    for encoding in ("gzip", "identity"):
        first = await reader.get(address, headers={"accept-encoding": encoding})
        assert first.status_code == 200
        assert first.headers["cache-control"] == "public, no-cache"
        again = {"accept-encoding": encoding, "if-none-match": f'W/{first.headers["etag"]}, "x"'}
        second = await reader.get(address, headers=again)
        assert (second.status_code, second.content) == (304, b"")
    plain = await reader.get(address, headers={"accept-encoding": "identity"})
    packed = await reader.get(address, headers={"accept-encoding": "gzip"})
    assert packed.text == plain.text
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["content-encoding"] == "gzip"


async def test_programs_of_other_origins_may_read_the_document_and_nobody_need_show_who_she_is(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get("/openapi.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["openapi"].startswith("3.1.")


async def test_many_who_ask_at_once_are_given_the_same_and_nobody_else_waits(reader: httpx.AsyncClient) -> None:
    slept = asyncio.create_task(asyncio.sleep(0))
    answers: list[Any] = await asyncio.gather(*(reader.get("/openapi.json") for _ in range(8)))
    await slept
    assert len({answer.headers["etag"] for answer in answers}) == 1


async def test_the_reference_shows_every_operation_with_its_example_and_every_type(reader: httpx.AsyncClient) -> None:
    document = (await reader.get("/openapi.json")).json()
    found = Found((await reader.get("/docs/api")).text)
    for path, methods in document["paths"].items():
        for method in methods:
            assert addresses.section(method.upper(), path) in found.ids
    assert {f"type-{name}" for name in document["components"]["schemas"]} <= set(found.ids)
    assert found.inline == []


async def test_an_answer_without_a_page_has_its_icon_where_browsers_look_for_it(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/favicon.ico")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "public, max-age=604800"
    assert answer.content == (await reader.get("/docs/static/icon.svg")).content
    again = await reader.get("/favicon.ico", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await reader.head("/favicon.ico")).status_code == 200
