"""Olive requires a proof where it is safe, sees who would be refused before, and changes what tokens must have."""

from __future__ import annotations

import re

import pytest

from avow.flow.bookkeeping import identities
from avow.flow.contract import Writes
from avow.flow.team.roles import TeamRole
from avow.flow.updates.submissions import Receipt, Submission
from avow.trust.contact import Role
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens
from avow.trust.token import Claims
from avow.trust.weighing.voice import Page
from tests.store.acme import changed, person, write
from tests.support.front_desk import FrontDesk, Shown
from tests.support.settling import settled

AT = "/settings/security/messenger"
TOKENS = "/settings/security/policy"


async def policy(desk: FrontDesk) -> Policy:
    """The settings as they are kept."""
    stored = await desk.office.engine.store.rules(desk.office.workspace_id)
    assert stored is not None
    return stored.workspace.policy


async def arrived(desk: FrontDesk, platform: Platform, count: int, **more: object) -> None:
    """Requests of one kind, as the Messenger counts them."""
    office = desk.office
    people = [changed(person(office.workspace_id)) for _ in range(count)]
    await write(office.engine.store, Writes(saves=tuple(people)), [office.workspace_id])
    for one in people:
        said = Submission(office.workspace_id, platform, 1, page=Page("https://app.acme.example", "/v1/x"), **more)  # type: ignore[arg-type]
        identities.count(office.engine.tally, said, Receipt(one.contact.id, Role.USER, False), office.clock())
    await settled(office.engine, office.workspace_id)


def token(*, dated: bool = True, expires_at: float | None = 9e9) -> Claims:
    """What a believed token says."""
    return Claims("alice", {}, "first", 1, dated, expires_at, b"")


async def test_a_platform_on_which_all_prove_themselves_is_ready(desk: FrontDesk) -> None:
    await arrived(desk, Platform.IOS, 3, claims=token())
    shown = await desk.get(AT)
    assert "100 % 3 requests Ready: every request of 7 days proved whom it is about" in shown.row("platform-ios")
    assert "Nobody signed in was seen in 7 days" in shown.row("platform-android")


async def test_who_still_proves_nothing_is_told_with_the_page(desk: FrontDesk) -> None:
    await arrived(desk, Platform.WEB, 1, claims=token())
    await arrived(desk, Platform.WEB, 3, unproven_user_id="alice")
    await arrived(desk, Platform.WEB, 5)
    shown = await desk.get(AT)
    assert "25 % 4 requests; 5 of visitors Not yet: 3 requests in 7 days" in shown.row("platform-web")
    assert "app.acme.example/v1 3 just now" in shown.words
    asked = await desk.get(f"{AT}/turn?platform=web")
    assert "3 requests in 7 days would have been refused. app.acme.example/v1 : 3 people" in asked.words
    assert await policy(desk) == Policy()


async def test_where_nobody_proves_anything_a_requirement_is_advised_against(desk: FrontDesk) -> None:
    await arrived(desk, Platform.WEB, 2, unproven_user_id="alice")
    asked = await desk.get(f"{AT}/turn?platform=web")
    assert "Nobody proves who they are on Web yet. Everybody who is signed in there would be refused." in asked.words


async def test_a_requirement_holds_for_its_platform_alone_and_is_undone(desk: FrontDesk) -> None:
    shown = await desk.follow(await desk.post(f"{AT}/turn", platform="web", security="required"))
    assert "Web requires a proof." in shown.words
    assert (await policy(desk)).messenger_security == {Platform.WEB: MessengerSecurity.REQUIRED}
    assert "Required" in shown.row("platform-web")
    fields = dict(re.findall(r'name="(platform|security)" value="(\w+)"', shown.text.split('class="toast"')[1]))
    await desk.post(f"{AT}/turn", **fields)
    assert (await policy(desk)).messenger_security == {Platform.WEB: MessengerSecurity.OFF}


@pytest.mark.parametrize("fields", [{"platform": "vms"}, {"platform": "web", "security": "perhaps"}, {}])
async def test_what_is_no_platform_or_requirement_is_refused(desk: FrontDesk, fields: dict[str, str]) -> None:
    assert (await desk.post(f"{AT}/turn", **fields)).status == 400
    assert await policy(desk) == Policy()


async def test_origins_are_taken_one_a_line(desk: FrontDesk) -> None:
    typed = " https://app.acme.example/\r\n\r\nhttps://www.acme.example:8443\r\n"
    await desk.post(f"{AT}/origins", seen_origins="", origins=typed)
    assert (await policy(desk)).origins == ("https://app.acme.example", "https://www.acme.example:8443")
    assert "not a security boundary" in (await desk.get(AT)).words
    seen = "https://app.acme.example\r\nhttps://www.acme.example:8443"
    await desk.post(f"{AT}/origins", seen_origins=seen, origins="")
    assert (await policy(desk)).origins == ()


@pytest.mark.parametrize(
    "origins",
    [
        "app.acme.example",
        "https://a.example/path",
        "javascript:alert(1)",
        "*",
        "https://a.example:443",
        "http://[::1]:80",
    ],
)
async def test_what_is_no_origin_is_said_at_the_field(desk: FrontDesk, origins: str) -> None:
    shown = await desk.post(f"{AT}/origins", seen_origins="", origins=origins)
    assert shown.status == 400
    assert "is no page origin" in shown.words
    assert (await policy(desk)).origins == ()


async def change(desk: FrontDesk, what: str, **fields: str) -> Shown:
    """Send one of the two cards as it stands, with these fields changed."""
    page = await desk.get(TOKENS)
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen
    own = {"tokens": {"undated_tokens": "accept"}, "writes": {"may_create": "signed", "retention_days": "30"}}[what]
    return await desk.post(f"{TOKENS}/{what}", seen=seen[1], **(own | fields))


async def test_what_a_token_must_have_is_saved(desk: FrontDesk) -> None:
    shown = await change(
        desk,
        "tokens",
        undated_tokens="refuse",
        require_exp="yes",
        lifetime="2",
        unit="hours",
        issuer="acme",
        audience="",
    )
    assert "Saved." in (await desk.follow(shown)).words
    assert await policy(desk) == Policy(
        undated_tokens=UndatedTokens.REFUSE, require_exp=True, max_token_lifetime=7200, issuer="acme"
    )
    assert 'value="2"' in (await desk.get(TOKENS)).text


async def test_what_browsers_may_create_and_are_told_is_saved(desk: FrontDesk) -> None:
    await change(desk, "writes", may_create="nobody", explain_verdicts="yes", retention_days="7")
    assert await policy(desk) == Policy(may_create=MayCreate.NOBODY, explain_verdicts=True, retention_days=7)


@pytest.mark.parametrize(
    ("what", "fields", "told"),
    [
        ("tokens", {"lifetime": "0", "unit": "hours"}, "expected 1 minute to 366 days"),
        ("tokens", {"lifetime": "400", "unit": "days"}, "expected 1 minute to 366 days"),
        ("tokens", {"lifetime": "one", "unit": "days"}, "This is no whole number"),
        ("tokens", {"lifetime": "1", "unit": "moons"}, "Choose seconds, minutes, hours or days"),
        ("tokens", {"undated_tokens": "perhaps"}, "Choose one of those shown"),
        ("tokens", {"issuer": "x" * 256}, "issuer is not usable"),
        ("writes", {"may_create": "mallory"}, "Choose one of those shown"),
        ("writes", {"retention_days": "0"}, "expected 1 to 366 days"),
        ("writes", {"retention_days": "367"}, "expected 1 to 366 days"),
        ("writes", {"retention_days": "-1"}, "This is no whole number"),
        ("writes", {"retention_days": "٣"}, "This is no whole number"),
    ],
)
async def test_a_setting_that_cannot_be_changes_none(
    desk: FrontDesk, what: str, fields: dict[str, str], told: str
) -> None:
    shown = await change(desk, what, **fields)
    assert shown.status == 400
    assert told in shown.words
    assert await policy(desk) == Policy()


async def test_two_people_at_once_do_not_undo_each_others_settings(desk: FrontDesk) -> None:
    seen = re.search(r'name="seen" value="(\w+)"', (await desk.get(TOKENS)).text)
    assert seen
    await change(desk, "tokens", undated_tokens="refuse")
    late = await desk.post(f"{TOKENS}/writes", seen=seen[1], may_create="anyone", retention_days="31")
    assert late.status == 409
    assert "Somebody has changed these settings" in late.words
    assert 'value="30"' in late.text
    assert 'value="31"' not in late.text
    assert await policy(desk) == Policy(undated_tokens=UndatedTokens.REFUSE)


async def test_how_many_tokens_have_no_date_or_no_end_is_told_beside_the_settings(desk: FrontDesk) -> None:
    await arrived(desk, Platform.WEB, 4, claims=token())
    await arrived(desk, Platform.WEB, 1, claims=token(dated=False))
    await arrived(desk, Platform.IOS, 2, claims=token(expires_at=None))
    await arrived(desk, Platform.IOS, 1, claims=token(dated=False, expires_at=None))
    assert "Of 8 tokens believed in 7 days, 2 had no iat and 3 no exp ." in (await desk.get(TOKENS)).words


async def test_every_token_up_to_now_is_ended_and_can_count_again(desk: FrontDesk) -> None:
    await desk.post(f"{TOKENS}/end-tokens", do="end")
    assert (await policy(desk)).tokens_not_before == int(desk.office.clock())
    seen = re.search(r'name="seen" value="([\d.]+)"><button[^>]*value="lift"', (await desk.get(TOKENS)).text)
    assert seen
    desk.office.clock.pass_(60)
    await desk.post(f"{TOKENS}/end-tokens", do="end")
    assert (await desk.post(f"{TOKENS}/end-tokens", do="lift", seen=seen[1])).status == 409
    assert (await policy(desk)).tokens_not_before == int(desk.office.clock())
    await desk.post(f"{TOKENS}/end-tokens", do="lift", seen=str(int(desk.office.clock())))
    assert (await policy(desk)).tokens_not_before is None


async def test_who_may_not_set_the_policy_sees_it_and_cannot_change_it(desk: FrontDesk) -> None:
    reader = await desk.as_role(TeamRole.TEAMMATE)
    for path in (AT, TOKENS):
        shown = await reader.get(path)
        assert shown.status == 200
        assert not re.search(r'role="switch"|<footer>|End them…</button><form', shown.text.split("<dialog")[0])


async def test_one_request_is_spoken_of_in_the_singular(desk: FrontDesk) -> None:
    await arrived(desk, Platform.WEB, 1, claims=token())
    await arrived(desk, Platform.WEB, 1, unproven_user_id="alice")
    row = (await desk.get(AT)).row("platform-web")
    assert "Not yet: 1 request in 7 days did not prove whom it is about" in row
