"""Who asks a real server everything that a document allows, and things that it does not? And is every answer in order?

- Half of the requests are as the document says, half break it somewhere. Half name things that there are: contacts,
  tags, keys, jobs of the place, made anew all the time, for the requests erase and revoke them.
- Seeded: the same requests each time, unless AVOW_PROOF=1 looks further.
"""

from __future__ import annotations

import itertools
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok

from tests.support.program import Made

Judge = Callable[[Case[Any], Any], None]
_Operation = APIOperation[Any, Any, Any, Any]
NAMED = ("id", "from", "into", "user_id", "external_id", "contact_id", "email", "kid", "name")
MOMENTS = dict.fromkeys(("created_at", "first", "last", "since"), (1600000000, 1700000000))
FIELDS = ("email", "created_at", "custom_attributes.plan", "role", "name", "tag_id", "last_seen_at", "external_id")
PATIENCE = 30.0


class Acquaintances:
    """What there is at the place, by what an address calls it."""

    def __init__(self, url: str, made: Made, session: requests.Session) -> None:
        self._url = url
        self._session = session
        self._headers = {"authorization": f"Bearer {made.access_token}"}
        self._numbers = itertools.count()
        self._kid = made.kid
        self.known: dict[str, list[str]] = {}

    def refresh(self) -> None:
        """Meet some more, and forget the oldest."""
        number = next(self._numbers)
        user = self._ask("/contacts", {"external_id": f"user-{number}", "email": f"user-{number}@customer.example"})
        lead = self._ask("/contacts", {"role": "lead", "email": f"user-{number}@customer.example"})
        tag = self._ask("/tags", {"name": f"tag {number}", "users": [{"id": user["id"]}]})
        note = self._ask(f"/contacts/{user['id']}/notes", {"body": "Likes tea"})
        job = self._ask("/imports", {"format": "csv"}) if number < 15 else None
        if job is not None:
            self._note("imports", job["id"])
        export = self._ask("/exports", {}) if number < 5 else None
        if export is not None:
            self._note("exports", export["id"])
        attribute = self._ask(
            "/data_attributes", {"name": f"attribute {number}", "model": "contact", "data_type": "string"}
        ) if number < 5 else None  # fmt: skip
        self._note("contacts", user["id"], lead["id"])
        self._note("external_id", f"user-{number}")
        self._note("tags", tag["id"])
        self._note("notes", note["id"])
        self._note("keys", self._kid)
        self._note("data_attributes", "plan", *([str(attribute["id"])] if attribute else []))
        self._note("segments", "000000000000000000000001")

    def _ask(self, path: str, body: Any) -> dict[str, Any]:
        answer = self._session.post(self._url + path, json=body, headers=self._headers, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def _note(self, what: str, *names: str) -> None:
        self.known[what] = [*self.known.get(what, ()), *names][-6:]

    def within(self, case: Case[Any], dice: random.Random) -> None:
        """Let a request be about somebody who is there."""
        subject = case.path.split("/")[1]
        parts = case.path_parameters or {}
        for name in parts:
            about = {"tag_id": "tags", "external_id": "external_id"}.get(name, subject)
            if self.known.get(about):
                parts[name] = dice.choice(self.known[about])
        if isinstance(case.body, dict):
            self._name(case.body, subject, dice)

    def _name(self, body: dict[str, Any], subject: str, dice: random.Random) -> None:
        for name, value in body.items():
            if name == "custom_attributes" and isinstance(value, dict):
                body[name] = dict(zip(("plan", "attribute 0", "attribute 1"), value.values(), strict=False))
            elif isinstance(value, dict):
                self._name(value, subject, dice)
            elif name in MOMENTS and isinstance(value, int):
                body[name] = dice.choice(MOMENTS[name])
            elif name == "field" and isinstance(value, str):
                body[name] = dice.choice(FIELDS)
            elif name in NAMED and isinstance(value, str):
                kind = "tags" if name == "id" and subject == "tags" else "contacts"
                body[name] = dice.choice(self.known["external_id" if name in ("user_id", "external_id") else kind])


def shapes(path: str) -> str:
    """An address without what its parts are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def fuzz(document: Mapping[str, Any], url: str, made: Made, count: int, judge: Judge) -> Counter[int]:
    """Send about so many requests; how many answers there were by status. Raises what `judge` finds."""
    loaded = schemathesis.openapi.from_dict(dict(document))
    operations = [found.ok() for found in loaded.get_all_operations() if isinstance(found, Ok)]
    statuses: Counter[int] = Counter()
    first = 0 if os.environ.get("AVOW_PROOF") != "1" else random.SystemRandom().randrange(1 << 30)
    each = max(4, count // len(operations) // 2)
    with requests.Session() as session:
        acquaintances = Acquaintances(url, made, session)
        asking = _Asking(url, made, session, acquaintances, judge, statuses)
        for round_ in itertools.count(first):
            for operation in operations:
                if statuses.total() >= count:
                    return statuses
                acquaintances.refresh()
                asking.about(operation, each, round_)
    return statuses


class _Asking:
    def __init__(
        self,
        url: str,
        made: Made,
        session: requests.Session,
        acquaintances: Acquaintances,
        judge: Judge,
        statuses: Counter[int],
    ) -> None:
        self._headers = {"Authorization": f"Bearer {made.access_token}"}
        self._url = url
        self._session = session
        self._acquaintances = acquaintances
        self._judge = judge
        self._statuses = statuses

    def about(self, operation: _Operation, most: int, round_: int) -> None:
        """So many requests at most about one operation."""

        @seed(round_)
        @settings(
            max_examples=most,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(_cases(operation), st.randoms(use_true_random=False), st.booleans())
        def ask(case: Case[Any], dice: random.Random, known: bool) -> None:
            if known:
                self._acquaintances.within(case, dice)
            answer = case.call(base_url=self._url, session=self._session, headers=self._headers, timeout=PATIENCE)
            self._statuses[answer.status_code] += 1
            try:
                self._judge(case, answer)
            except (AssertionError, Failure, FailureGroup) as error:
                told = f"{error}\n{getattr(error, 'exceptions', '')}"
                raise AssertionError(
                    f"{case.as_curl_command()}\nround {round_}\n{told}\n{answer.text[:2000]}"
                ) from None

        ask()


def _cases(operation: _Operation) -> st.SearchStrategy[Case[Any]]:
    """As the document says, and not."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    try:
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        return st.one_of(right, wrong)
    except Exception:  # noqa: BLE001 - nothing about it can be wrong
        return right
