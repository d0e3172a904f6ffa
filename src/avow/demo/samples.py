"""What may be tried at once? Four commands about Alice, signed anew each time, and where else to look.

They are meant to be pasted together: each prints what became of it. Tokens are good for hours; what is printed holds no
signing secret, only tokens and the demo's access token.
"""

from __future__ import annotations

import json
import shlex
from typing import Any, Final

import msgspec

import avow
from avow.demo.company import Secrets
from avow.demo.story import ALICE, DAY, OLD_SDK
from avow.trust.contact import ContactId

GOOD_FOR: Final = 12 * 3600
OLD: Final = 30 * DAY


class Sample(msgspec.Struct, frozen=True):
    """One command to paste: what it shows, and what to look for in its answer."""

    title: str
    expect: str
    command: str


def samples(secrets: Secrets, alice: ContactId, url: str, *, now: float) -> list[Sample]:
    """The four commands, against a server at `url`. `alice` is her contact id."""

    def token(values: dict[str, Any], age: float = 0) -> str:
        return avow.sign(ALICE, values, key=secrets.secret, kid=secrets.kid, now=now - age, expires_in=GOOD_FOR + age)

    def ping(**user_data: Any) -> str:
        body = {"app_id": secrets.workspace_id, "user_data": user_data, "installation_type": OLD_SDK}
        return _curl(url, "/messenger/web/ping", "-H", "Content-Type: application/json", "-d", json.dumps(body))

    return [
        Sample(
            "a signed update",
            "plan: applied, by the channel signed (unchanged, if pasted a second time)",
            ping(intercom_user_jwt=token({"plan": "pro", "seats": 25})),
        ),
        Sample(
            "an unsigned attempt on the locked plan, with a valid token that does not carry it",
            "plan: ignored, reason unverified, and held",
            ping(intercom_user_jwt=token({}), plan="enterprise"),
        ),
        Sample(
            "a token from 30 days ago, still valid, that would bring back an old plan",
            "plan: ignored, reason stale",
            ping(intercom_user_jwt=token({"plan": "free"}, OLD)),
        ),
        Sample(
            "the provenance of every value of Alice's afterwards",
            "plan is pro, verified, by the key that signed it; enterprise is held beside it: contradicted",
            _curl(url, f"/contacts/{alice}/provenance", "-H", f"Authorization: Bearer {secrets.access_token}"),
        ),
    ]


def places(secrets: Secrets, url: str, program: str, directory: str) -> list[tuple[str, str]]:
    """Where else to look: what it shows, and the command."""
    bearer = ("-H", f"Authorization: Bearer {secrets.access_token}")
    data = f"--data {shlex.quote(directory)}"
    return [
        ("everybody, newest first", _curl(url, "/contacts?per_page=5", *bearer)),
        ("every attribute", _curl(url, "/data_attributes", *bearer)),
        ("is it safe to lock seats?", f"{program} attribute show seats {data}"),
        ("is every record as it was written?", f"{program} audit verify {data}"),
        ("what would become of a token?", f"{program} sign {ALICE} plan=pro {data} | {program} check - {data}"),
    ]


def _curl(url: str, path: str, *options: str) -> str:
    return shlex.join(["curl", "-s", url + path, *options]) + " | python3 -m json.tool"
