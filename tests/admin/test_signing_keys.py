"""Olive makes keys, exchanges them and ends them; a secret is shown once, and what is stored is what she was told."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from avow.flow.rules.sealing import unsealed
from avow.flow.team.roles import TeamRole
from avow.sign import sign
from avow.trust.keys import Algorithm, HashedField, KeyState, Purpose, SigningKey
from avow.trust.policy import MessengerSecurity, Platform
from avow.trust.reasons import Reason
from avow.trust.token import verify
from tests.support.front_desk import FrontDesk, Shown
from tests.support.settling import settled

AT = "/settings/security"
EVERYWHERE = [str(one) for one in Platform]
DAY = 86_400


async def stored(desk: FrontDesk) -> dict[str, SigningKey]:
    """Every key as it is kept."""
    engine = desk.office.engine
    rules = await engine.store.rules(desk.office.workspace_id)
    return {key.kid: unsealed(key, engine.master_key) for key in (rules.keys if rules else ())}


async def make(desk: FrontDesk, kid: str = "acme-2027", /, **fields: str | list[str]) -> Shown:
    """Send the form for a new key."""
    sent: dict[str, str | list[str]] = {
        "name": "Backend",
        "origin": "made",
        "purpose": "token",
        "platforms": EVERYWHERE,
    }
    return await desk.post(f"{AT}/keys", kid=kid, **(sent | fields))


def secret_of(shown: Shown) -> str:
    """What the page shows this once."""
    found = re.search(r'<pre id="secret"[^>]*>([^<]*)</pre>', shown.text)
    assert found
    return html.unescape(found[1])


async def test_a_new_keys_secret_is_shown_once_and_signs(desk: FrontDesk) -> None:
    shown = await make(desk)
    assert shown.status == 200
    secret = secret_of(shown)
    assert (await stored(desk))["acme-2027"].material == secret.encode()
    rules = await desk.office.engine.rulebook.current(desk.office.workspace_id)
    now = desk.office.clock()
    token = sign("alice", {"plan": "pro"}, key=secret, kid="acme-2027", now=now)
    claims = verify(token, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=now)
    assert claims.attributes == {"plan": "pro"}

    for path in (
        AT,
        f"{AT}/key?kid=acme-2027",
        f"{AT}/samples?kid=acme-2027",
        f"{AT}/keys",
        f"{AT}/rotate?kid=acme-2027",
    ):
        assert secret not in (await desk.get(path)).text
    log = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=5)
    assert secret not in repr(log)
    told = {(one.actor, one.action, one.subject) for one in log}
    assert ("teammate:olive@acme.example", "key.add", "acme-2027") in told


async def test_the_form_sent_twice_makes_one_key(desk: FrontDesk) -> None:
    first = secret_of(await make(desk))
    again = await make(desk)
    assert again.status == 409
    assert "A kid is never used twice" in again.words
    assert (await stored(desk))["acme-2027"].material == first.encode()


async def test_a_pasted_public_key_is_registered_and_never_shown_as_a_secret(desk: FrontDesk) -> None:
    public = Ed25519PrivateKey.generate().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().replace("\n", "\r\n")
    shown = await make(desk, "ed", origin="ed25519", material=pem, platforms=["ios"])
    assert shown.location == f"{desk.root}{AT}/key?kid=ed"
    key = (await stored(desk))["ed"]
    assert (key.algorithm, key.platforms) == (Algorithm.ED25519, frozenset({Platform.IOS}))
    page = await desk.follow(shown)
    assert "Ed25519" in page.words
    assert "BEGIN PUBLIC KEY" not in page.text


async def test_a_user_hash_key_says_what_it_hashes(desk: FrontDesk) -> None:
    await make(desk, "hash", purpose="hash_email")
    key = (await stored(desk))["hash"]
    assert (key.purpose, key.hashes) == (Purpose.USER_HASH, HashedField.EMAIL)
    assert "user_hash over the e-mail" in (await desk.get(AT)).words


async def test_what_a_user_hash_proves_is_counted_as_a_use_of_its_key_wherever_it_is_asked(desk: FrontDesk) -> None:
    await make(desk, "legacy", purpose="hash_email")
    for _ in range(2):
        assert (await desk.office.hashed("alice@customer.example", name="Alice")).proven
    await desk.settle()
    listed = await desk.get(AT)
    assert 'aria-label="2 uses in 30 days, at most 2 a day"' in listed.text
    assert "Not counted" not in listed.words
    own = await desk.get(f"{AT}/key?kid=legacy")
    assert ("2 uses" in own.words, "Hashes verified on each of" in own.text) == (True, True)
    asked = (await desk.get(f"{AT}/key/revoke?kid=legacy")).words
    assert "2 requests in the last 24 hours carried a user_hash of this key" in asked
    retired = await desk.follow(await desk.post(f"{AT}/key/retire", kid="legacy", wait="0"))
    assert "Hashes that it made are refused" in retired.words


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"origin": "secret", "material": "too short"}, "expected 32 to 1024 bytes"),
        ({"origin": "secret", "material": ""}, "Nothing is pasted"),
        (
            {"origin": "rs256", "material": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"},
            "found PEM of type PRIVATE KEY",
        ),
        ({"origin": "es256", "material": "{}", "purpose": "hash_email"}, "JWK"),
        ({"origin": "borrowed"}, "That is no way to make a key"),
        ({"purpose": "fame"}, "That is no purpose"),
        ({"platforms": []}, "Choose at least one"),
        ({"platforms": ["vms"]}, "That is no platform"),
        ({"kid": "two words"}, "expected 1 to 128 visible ASCII"),
        ({"kid": "é"}, "expected 1 to 128 visible ASCII"),
        ({"name": "x" * 101}, "The name is not usable"),
    ],
)
async def test_what_can_be_no_key_is_said_at_its_field_and_changes_nothing(
    desk: FrontDesk, fields: dict[str, str | list[str]], told: str
) -> None:
    before = await stored(desk)
    kid = str(fields.pop("kid", "acme-2027"))
    shown = await make(desk, kid, **fields)
    assert shown.status == 400
    assert told in shown.words
    assert await stored(desk) == before


async def test_one_secret_is_never_registered_twice(desk: FrontDesk) -> None:
    shown = await make(desk, origin="secret", material=desk.office.secret, purpose="hash_user_id")
    assert shown.status == 409
    assert "is registered already" in shown.words
    assert desk.office.secret not in shown.text


async def test_a_key_retires_at_a_chosen_time_and_serves_until_then(desk: FrontDesk) -> None:
    shown = await desk.post(f"{AT}/key/retire", kid=desk.office.kid, wait="86400")
    assert "Until then both are believed" in (await desk.follow(shown)).words
    key = (await stored(desk))[desk.office.kid]
    assert (key.state, key.retires_at) == (KeyState.RETIRING, int(desk.office.clock()) + DAY)
    assert "Retiring" in (await desk.get(AT)).row("key-1")
    desk.office.clock.pass_(DAY + 1)
    assert "Retired" in (await desk.get(AT)).row("key-1")


async def test_a_typed_time_is_hers(desk: FrontDesk) -> None:
    desk.cookies["avow_zone"] = "America%2FNew_York"
    day = datetime.fromtimestamp(desk.office.clock() + 9 * DAY, ZoneInfo("America/New_York")).strftime("%Y-%m-%d")
    await desk.post(f"{AT}/key/retire", kid=desk.office.kid, wait="at", at=f"{day}T09:30")
    at = (await stored(desk))[desk.office.kid].retires_at
    assert at is not None
    assert datetime.fromtimestamp(at, ZoneInfo("America/New_York")).strftime("%Y-%m-%dT%H:%M") == f"{day}T09:30"


@pytest.mark.parametrize("at", ["", "soon", "1999-01-01T00:00", "9999999-01-01T00:00", "9000-01-01T00:00"])
async def test_a_time_that_is_none_or_over_is_refused(desk: FrontDesk, at: str) -> None:
    shown = await desk.post(f"{AT}/key/retire", kid=desk.office.kid, wait="at", at=at)
    assert shown.status == 400
    assert (await stored(desk))[desk.office.kid].state is KeyState.LIVE


async def test_before_a_key_is_revoked_it_is_said_who_is_shut_out(desk: FrontDesk) -> None:
    await desk.office.signed("alice", plan="pro")
    await settled(desk.office.engine, desk.office.workspace_id)
    await desk.office.policy(messenger_security={Platform.WEB: MessengerSecurity.REQUIRED})
    await desk.office.engine.rulebook.confirm()
    asked = await desk.get(f"{AT}/key/revoke?kid={desk.office.kid}")
    assert "1 request in the last 24 hours" in asked.words
    assert "There is no other live key on the web, iOS and Android" in asked.words
    assert "Requirements stay on." in asked.words
    assert (await stored(desk))[desk.office.kid].state is KeyState.LIVE

    shown = await desk.post(f"{AT}/key/revoke", kid=desk.office.kid)
    assert "is revoked, for good" in (await desk.follow(shown)).words
    assert (await stored(desk))[desk.office.kid].state is KeyState.REVOKED
    again = await desk.post(f"{AT}/key/revoke", kid=desk.office.kid)
    assert again.status == 400


async def test_the_rotation_leads_from_one_key_to_the_next(desk: FrontDesk) -> None:
    old = desk.office.kid
    start = await desk.get(f"{AT}/rotate?kid={old}")
    assert "Make the new key : to be done now" in start.row("step-make")
    made = await make(desk, replaces=old)
    secret, guide = secret_of(made), f"{AT}/rotate?kid={old}&to=acme-2027"
    assert html.escape(f"{desk.root}{guide}") in made.text
    assert "Let your backends sign with it : to be done now" in (await desk.get(guide)).row("step-deploy")

    await desk.office.signed("alice")
    newer = replace(desk.office, kid="acme-2027", secret=secret)
    await newer.signed("alice")
    await settled(desk.office.engine, desk.office.workspace_id)
    assert "Watch the uses move : to be done now" in (await desk.get(guide)).row("step-watch")

    desk.office.clock.pass_(2 * DAY)
    ready = await desk.get(guide)
    assert "Nobody has signed with the old key for a day" in ready.row("step-retire")
    shown = await desk.post(f"{AT}/key/retire", kid=old, to="acme-2027", wait="0")
    over = await desk.follow(shown)
    assert "The old key is retired : done" in over.row("step-over")
    assert (await stored(desk))[old].state is KeyState.RETIRED
    assert (await stored(desk))["acme-2027"].state is KeyState.LIVE


async def test_distrusting_is_a_dry_run_until_it_is_confirmed(desk: FrontDesk) -> None:
    await desk.office.signed("alice", plan="pro", seats=7)
    since = datetime.fromtimestamp(desk.office.clock() - 3600, ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")
    dry = await desk.post(f"{AT}/key/rehearse", kid=desk.office.kid, since=since)
    assert "1 person would lose something" in dry.words
    assert "2 values stay as they are, unverified" in dry.words
    assert (await desk.office.holding("alice", "plan")).verified_slot is not None
    moment = re.search(r'name="moment" value="(\d+)"', dry.text)
    assert moment

    shown = await desk.post(f"{AT}/key/distrust", kid=desk.office.kid, moment=moment[1])
    assert "is taken back: 1 person." in (await desk.follow(shown)).words
    assert (await desk.office.holding("alice", "plan")).verified_slot is None
    key = (await stored(desk))[desk.office.kid]
    assert (key.state, key.distrusted_since) == (KeyState.REVOKED, float(moment[1]))


@pytest.mark.parametrize("fields", [{"since": "soon"}, {"since": ""}, {"since": "2999-01-01T00:00"}])
async def test_a_moment_that_has_not_been_is_refused(desk: FrontDesk, fields: dict[str, str]) -> None:
    shown = await desk.post(f"{AT}/key/rehearse", kid=desk.office.kid, **fields)
    assert shown.status == 400
    assert (await stored(desk))[desk.office.kid].state is KeyState.LIVE


@pytest.mark.parametrize("moment", ["", "soon", "-1", "9" * 13, "99999999999"])
async def test_a_moment_that_was_made_up_takes_nothing_back(desk: FrontDesk, moment: str) -> None:
    shown = await desk.post(f"{AT}/key/distrust", kid=desk.office.kid, moment=moment)
    assert shown.status == 400
    assert (await stored(desk))[desk.office.kid].state is KeyState.LIVE


@pytest.mark.parametrize("path", ["key", "key/revoke", "key/distrust", "rotate"])
async def test_a_key_that_is_not_there_is_said_to_be_none(desk: FrontDesk, path: str) -> None:
    for query in ("", "?kid=nothing", "?kid=%3Cscript%3E"):
        shown = await desk.get(f"{AT}/{path}{query}")
        assert shown.status in (400, 404)
        assert "<script>" not in shown.text.replace("<script src", "")


async def test_a_key_of_the_test_workspace_is_not_found_here(desk: FrontDesk) -> None:
    other = f"/app/{desk.test_workspace_id}{AT}"
    await desk.post(f"{other}/keys", kid="only-test", name="T", origin="made", purpose="token", platforms=EVERYWHERE)
    assert (await desk.get(f"{other}/key?kid=only-test")).status == 200
    assert (await desk.get(f"{AT}/key?kid=only-test")).status == 404


async def test_hostile_names_of_keys_show_as_text(desk: FrontDesk) -> None:
    name, kid = '"><img src=x>\u202e', "<b>'\"&?#/%"
    await make(desk, kid, name=name.replace("\u202e", ""))
    listed = await desk.get(AT)
    assert "<img" not in listed.text.split("<main")[1]
    link = re.search(r'href="([^"]*/key\?kid=[^"]*%3Cb%3E[^"]*)"', listed.text)
    assert link
    page = await desk.get(html.unescape(link[1]))
    assert page.status == 200
    assert kid in page.words


async def test_a_leaked_secret_raises_an_alarm_that_says_what_to_do(desk: FrontDesk) -> None:
    assert "seen in a browser" not in (await desk.get(AT)).words
    desk.office.engine.tally.alert(desk.office.workspace_id, Reason.SECRET_LEAKED, "", desk.office.clock())
    await settled(desk.office.engine, desk.office.workspace_id)
    assert "A signing secret was seen in a browser, just now" in (await desk.get(AT)).words


async def test_who_may_not_manage_keys_is_shown_no_button_for_it(desk: FrontDesk) -> None:
    reader = await desk.as_role(TeamRole.READ_ONLY)
    for path in (AT, f"{AT}/key?kid={desk.office.kid}", f"{AT}/rotate?kid={desk.office.kid}"):
        shown = await reader.get(path)
        assert shown.status == 200
        buttons = re.findall(r'class="button[^>]*>(?:<svg.*?</svg>)?([^<>]+)<', shown.text)
        assert not {"New key", "Rotate", "Retire", "Revoke…", "Distrust…", "Make the new key"} & set(buttons)
