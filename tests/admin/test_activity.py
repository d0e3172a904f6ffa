"""Activity: what was ignored and refused, why, since when, and what operators changed, from what to what."""

from __future__ import annotations

import ast
import re
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path

import pytest

import avow
from avow.admin.activity.operators import _DONE, AREAS, told
from avow.admin.activity.reasons import WORDS, explained
from avow.flow.contract import OperatorChange
from avow.flow.team import second_factor, totp
from avow.trust.attribute import Enforcement
from avow.trust.contact import WorkspaceId
from avow.trust.keys import KeyState
from avow.trust.reasons import Reason
from tests.support.front_desk import FrontDesk

HERE = "/activity"


async def refuse(desk: FrontDesk, reason: Reason, times: int = 1, *, origin: str = "https://app.acme.example") -> None:
    engine = desk.office.engine
    for _ in range(times):
        engine.tally.refused(desk.office.workspace_id, reason, "web", origin, "key-1", engine.now())
    await desk.settle()


async def test_a_value_that_a_lock_ignored_is_counted_with_its_reason(desk: FrontDesk) -> None:
    await desk.office.signed("alice", plan="pro")
    await desk.office.browser("alice", plan="enterprise")
    await desk.settle()
    shown = await desk.get(HERE)
    assert "Unsigned, and the attribute is locked unverified 1 100 %" in shown.row("reason-unverified")
    assert 'href="/docs/reasons/unverified"' in shown.text
    assert "enterprise" not in shown.words


async def test_refused_requests_stand_apart_the_most_frequent_first(desk: FrontDesk) -> None:
    await refuse(desk, Reason.TOKEN_EXPIRED, 1)
    await refuse(desk, Reason.SIGNATURE_INVALID, 3)
    shown = await desk.get(f"{HERE}?show=requests")
    assert re.findall(r'id="reason-(\w+)"', shown.text) == ["signature_invalid", "token_expired"]
    assert "75 %" in shown.row("reason-signature_invalid")
    assert "Ignored values" not in shown.words.split("Refused requests, by reason")[1]


async def test_the_chart_says_the_same_as_its_table(desk: FrontDesk) -> None:
    await refuse(desk, Reason.TOKEN_EXPIRED, 2)
    desk.office.clock.pass_(3 * 86_400)
    await refuse(desk, Reason.TOKEN_EXPIRED, 5)
    shown = await desk.get(f"{HERE}?show=requests&over=30d")
    assert re.findall(r"<title>[^<]*: (\d+) token expired</title>", shown.text) == ["2", "5"]
    table = shown.text[shown.text.index('id="requests-chart-table"') :]
    assert [int(one) for one in re.findall(r'<td class="number">(\d+)</td>', table) if one != "0"][:2] == [5, 2]


@pytest.mark.parametrize(("over", "seen"), [("24h", False), ("7d", True), ("30d", True), ("nonsense", True)])
async def test_a_stretch_of_time_leaves_out_what_is_older(desk: FrontDesk, over: str, seen: bool) -> None:
    await refuse(desk, Reason.TOKEN_EXPIRED)
    desk.office.clock.pass_(3 * 86_400)
    assert ("reason-token_expired" in (await desk.get(f"{HERE}?over={over}")).text) is seen


async def test_one_reason_is_shown_alone_with_samples_as_text(desk: FrontDesk) -> None:
    await refuse(desk, Reason.ORIGIN_NOT_ALLOWED, 2, origin="https://<script>alert(1)</script>")
    await refuse(desk, Reason.TOKEN_EXPIRED)
    shown = await desk.get(f"{HERE}?reason=origin_not_allowed")
    assert "Sent by a page of an origin that is not yours" in shown.words
    assert "https://<script>alert(1)</script>" in shown.words
    assert "<script>alert" not in shown.text
    assert "token_expired" not in shown.text
    assert "Refused requests, by reason" in (await desk.get(f"{HERE}?reason=no_such_reason")).words


async def test_operators_changes_are_told_from_what_to_what(desk: FrontDesk) -> None:
    await desk.office.declare("plan")
    await desk.post("/settings/data/people/turn", name="plan", enforcement="monitor")
    shown = await desk.get(f"{HERE}?show=changes")
    assert "plan Who may write it Locked → became Monitored olive@acme.example" in shown.words


async def test_operators_changes_are_narrowed_to_an_area_and_a_person(desk: FrontDesk) -> None:
    await desk.office.declare("plan")
    every = (await desk.get(f"{HERE}?show=changes")).words
    assert "Access token made" in every
    narrowed = (await desk.get(f"{HERE}?show=changes&about=attribute")).words
    assert "Access token made" not in narrowed
    assert "plan Created" in narrowed
    assert "No change" in (await desk.get(f"{HERE}?show=changes&who=nobody@acme.example")).words


async def test_changes_come_in_pages_and_none_is_shown_twice_or_lost(desk: FrontDesk) -> None:
    for number in range(130):
        desk.office.clock.pass_(1 if number % 3 else 0)
        await desk.office.enforce("email", Enforcement.MONITOR if number % 2 else Enforcement.OPEN)
    seen: list[str] = []
    address = f"{HERE}?show=changes&about=attribute"
    while address:
        shown = await desk.get(address)
        seen += re.findall(r"<bdi>email</bdi>", shown.text)
        older = re.search(r'href="([^"]+)" rel="next"', shown.text)
        address = older[1].replace("&amp;", "&") if older else ""
    log = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=1000)
    assert len(seen) == sum(one.action == "attribute.enforcement" for one in log)


@pytest.mark.parametrize("until", ["x", "-1", "nan", "inf", "1e30"])
async def test_a_moment_that_is_none_is_refused(desk: FrontDesk, until: str) -> None:
    assert (await desk.get(f"{HERE}?show=changes&until={until}")).status == 400


def change(action: str, before: str, after: str, actor: str = "teammate:olive@acme.example") -> OperatorChange:
    return OperatorChange(WorkspaceId("acme0001"), "1", 1.0, actor, action, "subject", before, after)


def test_a_change_of_settings_tells_only_those_that_differ() -> None:
    it = told(change("policy.set", '{"require_exp":true,"issuer":"a"}', '{"issuer":"b","require_exp":true}'))
    assert [(one.about, one.before, one.after) for one in it.differences] == [("issuer", "a", "b")]


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("teammate:olive@acme.example", "olive@acme.example"),
        ("cli:root", "root at the command line"),
        ("access_token:17", "Access token 17"),
        ("olive@acme.example", "olive@acme.example"),
    ],
)
def test_actors_are_told_in_words(actor: str, name: str) -> None:
    assert told(change("attribute.enforcement", "open", "locked", actor)).who == name


@pytest.mark.parametrize("text", ["", "nothing", "[1]", '{"a": {"b": [null]}}', "\u202e", "x" * 5000])
@pytest.mark.parametrize("action", ["policy.set", "attribute.options", "teammate.role", "no.such.action", ""])
def test_whatever_a_record_holds_is_told(action: str, text: str) -> None:
    for one in told(change(action, text, "")).differences:
        assert len(one.before) <= 5000


def test_every_reason_has_words_and_a_page() -> None:
    assert set(WORDS) == set(Reason)
    assert all(explained(reason) == f"/docs/reasons/{reason}" for reason in Reason)


_WRITES = {"log", "_log", "log_teammate", "entry", "note", "_note", "_put"}
_ENDINGS: dict[str, set[str]] = {
    "attribute.": {"create", "adopt", "archived", "enforcement", "description", "options"},
    "key.": {*KeyState} - {KeyState.LIVE},
    "workspace.": {"rename", "timezone"},
}
"""What the flows put behind the beginning of an action that they write as an f-string."""


def actions(tree: ast.AST) -> Iterator[str]:
    """The actions that a module writes down: words such as `key.add`, handed to what keeps the operators' log."""
    for node in ast.walk(tree):
        handed: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _WRITES:
                handed = [*node.args, *(one.value for one in node.keywords)]
        elif isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["action"]:
            handed = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
        for one in handed:
            if isinstance(one, ast.JoinedStr) and isinstance(one.values[0], ast.Constant):
                beginning = str(one.values[0].value)
                yield from (f"{beginning}{ending}" for ending in _ENDINGS.get(beginning, {"?"}))
            elif isinstance(one, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(one.value)):
                yield str(one.value)


def test_every_action_that_is_written_down_has_words_and_an_area() -> None:
    house = Path(avow.__file__).parent
    written = {
        action
        for wing in ("flow", "api", "admin", "cli")
        for path in (house / wing).rglob("*.py")
        for action in actions(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert {"second_factor.on", "second_factor.off", "teammate.join", "people.export", "tag.delete"} <= written
    assert written - set(_DONE) == set()
    assert {one.partition(".")[0] for one in written} - set(AREAS) == set()


async def test_a_second_factor_that_is_turned_on_is_told(desk: FrontDesk) -> None:
    assert desk.teammate is not None
    engine = desk.office.engine
    secret = b32decode((await second_factor.offer(engine, desk.teammate)).secret)
    await second_factor.confirm(engine, desk.teammate, totp.code_at(secret, int(desk.office.clock.now) // 30))
    shown = await desk.get(f"{HERE}?show=changes&about=second_factor")
    assert "olive@acme.example Second factor off → became on olive@acme.example" in shown.words
    assert "Second factors" in shown.words
