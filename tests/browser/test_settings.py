"""Which names does a page keep for itself? Intercom's settings, told once in the console; all others are attributes."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.weighing.names import SETTINGS_KEYS
from tests.browser.cast import Cast, call, until

HEEDED = {"app_id", "installation_type"}
ELSEWHERE = {"last_request_at", "auth_tokens"}
"""Reserved by the server too, for other reasons than settings."""
KEPT_BACK = sorted(SETTINGS_KEYS - HEEDED | ELSEWHERE)


def test_a_setting_of_intercoms_is_not_sent_and_the_console_says_why_once(cast: Cast) -> None:
    page, seen = cast.plain()
    settings = dict.fromkeys(KEPT_BACK, "left")
    call(page, "boot", {"app_id": cast.made.workspace_id, "user_id": cast.me, "seats": 3, **settings})
    until(lambda: cast.values().get("seats") == 3, page)
    call(page, "update", {"city": "Rome", **settings})
    until(lambda: cast.values().get("city") == "Rome", page)
    assert [set(told) for told in seen.user_data()] == [{"user_id", "seats"}, {"user_id", "city"}]
    told = [line.split('"')[1] for line in seen.console if "one of Intercom's settings" in line]
    assert sorted(told) == KEPT_BACK
    assert len(seen.console) == len(KEPT_BACK)


@pytest.mark.parametrize("name", ["region", "server", "widgetUrl", "constructor", "toString", "Plan B"])
def test_a_name_that_intercom_does_not_keep_is_an_attribute(cast: Cast, name: str) -> None:
    page, seen = cast.plain()
    page.evaluate(
        "([app, user_id, name]) => Intercom('boot', { app_id: app, user_id, [name]: 'north' })",
        [cast.made.workspace_id, cast.me, name],
    )
    until(lambda: cast.values().get(name) == "north", page)
    assert (seen.console, seen.errors) == ([], [])


def test_what_names_the_person_is_neither_an_attribute_nor_worth_a_word(cast: Cast) -> None:
    page, seen = cast.plain()
    settings: dict[str, Any] = {"user_id": cast.me, "intercom_user_jwt": cast.token(), "seats": 3}
    call(page, "boot", {"app_id": cast.made.workspace_id, "installation_type": "gtm", **settings})
    until(lambda: cast.values().get("seats") == 3, page)
    assert seen.sent[0]["installation_type"] == "gtm"
    assert set(cast.values()) == {"name", "seats"}
    assert (seen.console, seen.errors) == ([], [])


def test_a_get_token_that_is_no_function_is_told(cast: Cast) -> None:
    page, seen = cast.plain()
    call(page, "boot", {"app_id": cast.made.workspace_id, "user_id": cast.me, "getToken": "/token", "seats": 3})
    until(lambda: cast.values().get("seats") == 3, page)
    assert [line for line in seen.console if "getToken is no function" in line]
    assert "getToken" not in seen.user_data()[0]
