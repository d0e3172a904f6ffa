"""Intercom's SDK from npm, unmodified, and the documented snippet: what a company has already, pointed at Avow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.cast import Cast, call, until
from tests.browser.site import SNIPPET, intercoms_sdk

SDK_PAGE = '<!doctype html><html lang="en"><title>Acme</title><script src="/sdk.js"></script>'


@pytest.fixture
def sdk(cast: Cast, modules: Path) -> Cast:
    """A page with Intercom's SDK, built as a bundler would."""
    script = intercoms_sdk(modules)
    assert script is not None, "tests/clients has no node_modules; run: make test"
    cast.site.scripts["/sdk.js"] = script
    return cast


def test_the_sdk_boots_updates_tracks_and_shuts_down(sdk: Cast) -> None:
    page, seen = sdk.open(SDK_PAGE)
    widget = f"{sdk.server.url}/widget/{sdk.made.workspace_id}"
    boot = {"app_id": sdk.made.workspace_id, "widgetUrl": widget, "name": "Alice"}
    page.evaluate("(boot) => sdk.Intercom(boot)", {**boot, "intercom_user_jwt": sdk.token(plan="pro")})
    until(lambda: sdk.values().get("plan") == "pro", page)
    page.evaluate(
        "() => { sdk.update({ plan: 'enterprise', city: 'Berlin' }); sdk.trackEvent('invited', { to: 'Bob' }); }"
    )
    until(lambda: sdk.values().get("city") == "Berlin", page)
    until(lambda: [one for one in seen.sent if one["route"] == "events"], page)
    provenance = sdk.provenance()
    assert (provenance["plan"]["value"], provenance["plan"]["state"]) == ("pro", "verified")
    assert (provenance["city"]["value"], provenance["city"]["state"]) == ("Berlin", "unverified")
    assert provenance["name"]["channel"] == "messenger"
    page.evaluate("() => sdk.shutdown()")
    assert page.evaluate("() => sdk.whoami()") is None
    assert seen.errors == []


def test_the_sdk_without_a_token_writes_unverified(sdk: Cast) -> None:
    page, _ = sdk.open(SDK_PAGE)
    boot = {"app_id": sdk.made.workspace_id, "widgetUrl": f"{sdk.server.url}/widget/{sdk.made.workspace_id}"}
    page.evaluate("(boot) => sdk.default(boot)", {**boot, "user_id": sdk.me, "name": "Alice", "created_at": 1700000000})
    until(lambda: sdk.values().get("name") == "Alice", page)
    assert {one["verified"] for one in sdk.provenance().values()} == {False}


@pytest.mark.parametrize("region", ["us", "eu", "ap"])
def test_the_sdks_region_leads_nobody_elsewhere(sdk: Cast, region: str) -> None:
    page, seen = sdk.open(SDK_PAGE)
    boot = {"app_id": sdk.made.workspace_id, "widgetUrl": f"{sdk.server.url}/widget/{sdk.made.workspace_id}"}
    page.evaluate("(boot) => sdk.Intercom(boot)", {**boot, "region": region, "user_id": sdk.me})
    told = until(seen.user_data, page)
    until(sdk.contact, page)
    assert "api_base" not in told[0]


def test_the_snippet_with_a_token(cast: Cast) -> None:
    page, seen = cast.snippet({"intercom_user_jwt": cast.token(plan="pro", email=f"{cast.me}@customer.example")})
    until(lambda: cast.values().get("plan") == "pro", page)
    call(page, "update", {"plan": "enterprise"})
    warned = until(lambda: [line for line in seen.console if "superseded_by_signed" in line], page)
    assert f"{cast.server.url}/docs/reasons/superseded_by_signed" in warned[0]
    assert cast.values()["plan"] == "pro"
    assert seen.errors == []


def test_the_snippet_replays_what_was_called_before_the_script_was_there(cast: Cast) -> None:
    early = "<script>Intercom('update', {seats: 3}); Intercom('trackEvent', 'came-early');</script>"
    page, seen = cast.plain(path="/nothing")
    settings = {"app_id": cast.made.workspace_id, "user_id": cast.me}
    cast.site.pages["/early"] = page_with_snippet(cast, settings) + early
    page.goto(cast.site.url + "/early")
    until(lambda: cast.values().get("seats") == 3, page)
    until(lambda: [one for one in seen.sent if one["route"] == "events"], page)


def test_an_ignored_value_is_held_and_told(cast: Cast) -> None:
    call_locked = {"intercom_user_jwt": cast.token(tier="gold")}  # first arrived signed: locked from then on
    page, seen = cast.snippet(call_locked)
    until(lambda: cast.values().get("tier") == "gold", page)
    page.close()
    page, seen = cast.snippet({"intercom_user_jwt": cast.token(), "tier": "platinum"}, path="/again")
    until(lambda: [line for line in seen.console if '"tier" was ignored (unverified)' in line], page)
    assert cast.values()["tier"] == "gold"
    assert cast.provenance()["tier"]["held"]["value"] == "platinum"


def page_with_snippet(cast: Cast, settings: dict[str, object]) -> str:
    """The documented snippet with these settings."""
    return SNIPPET % {
        "settings": json.dumps(settings),
        "server": cast.server.url,
        "app": cast.made.workspace_id,
    }
