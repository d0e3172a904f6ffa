"""A request says one thing twice. Whoever checked the first copy, somebody else reads the second."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.support.place import Place

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def _bodies(place: Place, token: str, other: str) -> dict[str, tuple[str, str]]:
    app = f'"app_id":"{place.workspace_id}"'
    form = f"app_id={place.workspace_id}"
    return {
        "user_data twice": (JSON, f'{{{app},"user_data":{{}},"user_data":{{"user_id":"alice"}}}}'),
        "an attribute twice": (JSON, f'{{{app},"user_data":{{"user_id":"alice","plan":"a","plan":"b"}}}}'),
        "an attribute twice, escaped": (
            JSON,
            f'{{{app},"user_data":{{"user_id":"alice","plan":"a","pl\\u0061n":"b"}}}}',
        ),
        "two user ids": (JSON, f'{{{app},"user_id":"mallory","user_data":{{"user_id":"alice"}}}}'),
        "two tokens": (JSON, f'{{{app},"intercom_user_jwt":"{other}","user_data":{{"intercom_user_jwt":"{token}"}}}}'),
        "two tokens by two names": (JSON, f'{{{app},"user_data":{{"token":"{other}","intercom_user_jwt":"{token}"}}}}'),
        "two workspaces": (JSON, f'{{{app},"user_data":{{"app_id":"zzzzzzzz","user_id":"alice"}}}}'),
        "two sessions": (JSON, f'{{{app},"anonymous_session":"a","user_data":{{"anonymous_session":"b"}}}}'),
        "form field twice": (FORM, f"{form}&user_data=%7B%7D&user_data=%7B%7D"),
        "form field twice, escaped": (FORM, f"{form}&user_data=%7B%7D&user%5Fdata=%7B%7D"),
        "form app_id twice": (FORM, f"{form}&{form}"),
        "duplicate inside the form's JSON": (FORM, f"{form}&user_data=" + quote('{"user_id":"a","user_id":"b"}')),
    }


CASES = [
    "user_data twice",
    "an attribute twice",
    "an attribute twice, escaped",
    "two user ids",
    "two tokens",
    "two tokens by two names",
    "two workspaces",
    "two sessions",
    "form field twice",
    "form field twice, escaped",
    "form app_id twice",
    "duplicate inside the form's JSON",
]


@pytest.mark.parametrize("case", CASES)
async def test_what_comes_twice_is_refused_and_changes_nothing(place: Place, case: str) -> None:
    await place.signed("alice", plan="free")
    before = await place.everything()
    bodies = _bodies(place, place.token("alice", plan="x"), place.token("mallory", plan="y"))
    media, body = bodies[case]
    answer = await place.post("/messenger/web/ping", body.encode(), media)
    assert (answer.status, answer.code) == (400, "duplicate_field")
    assert await place.everything() == before


async def test_the_same_token_twice_is_one_token(place: Place) -> None:
    token = place.token("alice", plan="free")
    answer = await place.ping({"intercom_user_jwt": token, "token": token})
    assert answer.status == 200


async def test_the_requests_user_id_must_be_its_tokens(place: Place) -> None:
    before = await place.everything()
    answer = await place.ping({"user_id": "mallory", "intercom_user_jwt": place.token("alice", plan="x")})
    assert (answer.status, answer.code) == (401, "identity_mismatch")
    assert await place.everything() == before


@pytest.mark.parametrize("bad", ["", " ", 0, False, [], {}, "null", "undefined", "a.b.c"])
async def test_a_bad_token_is_never_taken_for_no_token(place: Place, bad: object) -> None:
    before = await place.everything()
    answer = await place.ping({"user_id": "mallory", "intercom_user_jwt": bad, "name": "Mallory"})
    assert answer.status == 401
    assert await place.everything() == before
