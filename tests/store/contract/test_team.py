"""Who signs in, with what, and how often it failed: what every database must keep of it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from avow.flow.contract import (
    Failures,
    Invitation,
    OperatorChange,
    RecoveryCode,
    SecondFactor,
    Store,
    Teammate,
    TeammateSession,
    WriteConflict,
)
from tests.store.acme import ACME, GLOBEX, NOON, OLIVE

OTTO = Teammate("team2", ACME, "Otto@Acme.example", "Otto", "teammate", "$argon2id$…", NOON + 1)
AT_HOME = TeammateSession(ACME, "d1", OLIVE.id, NOON, NOON + 5, "203.0.113.7", "Firefox on Linux", True)
FACTOR = SecondFactor(ACME, OLIVE.id, b"sealed", NOON, True, 0)
CODES = [RecoveryCode(ACME, OLIVE.id, "c1"), RecoveryCode(ACME, OLIVE.id, "c2")]


async def hire(store: Store, *teammates: Teammate) -> None:
    async with store.team_transaction(ACME) as transaction:
        for one in teammates:
            await transaction.put_teammate(one)


async def begin(store: Store, *sessions: TeammateSession) -> None:
    async with store.team_transaction(ACME) as transaction:
        for one in sessions:
            await transaction.begin_session(one)


async def test_a_teammate_is_found_by_her_address_however_it_was_written(store: Store) -> None:
    await hire(store, OTTO)
    assert await store.team.by_email("otto@acme.example") == [OTTO]
    assert await store.team.by_email("nobody@acme.example") == []


async def test_a_session_leads_to_its_teammate_in_its_workspace_only(store: Store) -> None:
    await begin(store, AT_HOME)
    assert await store.team.session(ACME, "d1") == (AT_HOME, OLIVE)
    assert await store.team.session(GLOBEX, "d1") is None
    assert await store.team.session(ACME, "d2") is None


async def test_sessions_are_listed_the_one_seen_last_first(store: Store) -> None:
    away = msgspec.structs.replace(AT_HOME, digest="d2", complete=False)
    await begin(store, AT_HOME, away)
    await store.team.see_session(ACME, "d2", NOON + 60)
    await store.team.see_session(ACME, "d2", NOON + 50)
    seen = msgspec.structs.replace(away, last_seen_at=NOON + 60)
    assert await store.team.sessions(ACME, OLIVE.id) == [seen, AT_HOME]


async def test_an_ended_session_is_gone_and_was_there_once(store: Store) -> None:
    await begin(store, AT_HOME)
    assert await store.team.end_session(ACME, "d1")
    assert not await store.team.end_session(ACME, "d1")
    assert await store.team.session(ACME, "d1") is None


async def test_ending_all_sessions_of_one_leaves_those_of_others(store: Store) -> None:
    await hire(store, OTTO)
    his = msgspec.structs.replace(AT_HOME, digest="d2", teammate_id=OTTO.id)
    await begin(store, AT_HOME, his)
    async with store.team_transaction(ACME) as transaction:
        await transaction.end_sessions(OLIVE.id)
    assert await store.team.sessions(ACME, OLIVE.id) == []
    assert await store.team.sessions(ACME, OTTO.id) == [his]


async def test_one_session_is_left_of_all_and_one_is_ended_once(store: Store) -> None:
    await begin(store, AT_HOME, *(msgspec.structs.replace(AT_HOME, digest=digest) for digest in ("d2", "d3")))
    async with store.team_transaction(ACME) as transaction:
        assert await transaction.end_session("d3")
        assert not await transaction.end_session("d3")
        await transaction.end_sessions(OLIVE.id, but="d1")
    assert await store.team.sessions(ACME, OLIVE.id) == [AT_HOME]


async def test_a_change_reads_what_it_has_just_written(store: Store) -> None:
    invitation = Invitation(ACME, "i1", "otto@acme.example", "teammate", OLIVE.email, NOON, NOON + 60)
    async with store.team_transaction(ACME) as transaction:
        assert (await transaction.invitations(), await transaction.second_factor(OLIVE.id)) == ([], None)
        await transaction.put_invitation(invitation)
        await transaction.put_second_factor(FACTOR, CODES)
        assert (await transaction.invitations(), await transaction.second_factor(OLIVE.id)) == ([invitation], FACTOR)
        await transaction.drop_invitation("i1")
        await transaction.drop_second_factor(OLIVE.id)
        assert (await transaction.invitations(), await transaction.second_factor(OLIVE.id)) == ([], None)


async def test_a_teammate_is_changed_in_place(store: Store) -> None:
    admin = msgspec.structs.replace(OLIVE, role="admin", name="Olive Ott", password_hash="other")
    await hire(store, admin)
    assert await store.teammates(ACME) == [admin]


async def test_two_teammates_have_two_addresses(store: Store) -> None:
    with pytest.raises(WriteConflict):
        await hire(store, msgspec.structs.replace(OTTO, email=OLIVE.email))
    assert await store.teammates(ACME) == [OLIVE]


async def test_who_leaves_takes_sessions_and_second_factor_along(store: Store) -> None:
    await begin(store, AT_HOME)
    async with store.team_transaction(ACME) as transaction:
        await transaction.put_second_factor(FACTOR, CODES)
    async with store.team_transaction(ACME) as transaction:
        await transaction.remove_teammate(OLIVE.id)
        assert await transaction.teammates() == []
    assert await store.teammates(ACME) == []
    assert await store.team.session(ACME, "d1") is None
    assert await store.team.second_factor(ACME, OLIVE.id) is None
    assert await store.team.recovery_codes(ACME, OLIVE.id) == 0


async def test_an_invitation_is_taken_up_once(store: Store) -> None:
    invitation = Invitation(ACME, "i1", "otto@acme.example", "teammate", OLIVE.id, NOON, NOON + 60)
    async with store.team_transaction(ACME) as transaction:
        await transaction.put_invitation(invitation)
    assert await store.team.invitations(ACME) == [invitation]
    assert await store.team.invitations(GLOBEX) == []
    async with store.team_transaction(ACME) as transaction:
        assert await transaction.drop_invitation("i1")
        assert not await transaction.drop_invitation("i1")
    assert await store.team.invitations(ACME) == []


async def test_what_fails_in_a_change_of_the_team_changes_nothing(store: Store) -> None:
    async def hire_and_stumble() -> None:
        async with store.team_transaction(ACME) as transaction:
            await transaction.put_teammate(OTTO)
            raise LookupError

    with pytest.raises(LookupError):
        await hire_and_stumble()
    assert await store.teammates(ACME) == [OLIVE]


async def test_a_code_counts_once_even_if_it_comes_twice_at_once(store: Store) -> None:
    async with store.team_transaction(ACME) as transaction:
        await transaction.put_second_factor(FACTOR, CODES)
    first = await asyncio.gather(*(store.team.take_step(ACME, OLIVE.id, 7) for _ in range(4)))
    assert sorted(first) == [False, False, False, True]
    assert not await store.team.take_step(ACME, OLIVE.id, 6)
    assert await store.team.take_step(ACME, OLIVE.id, 8)
    kept = await store.team.second_factor(ACME, OLIVE.id)
    assert kept == msgspec.structs.replace(FACTOR, last_step=8)
    assert not await store.team.take_step(ACME, "nobody", 9)


async def test_a_recovery_code_counts_once(store: Store) -> None:
    async with store.team_transaction(ACME) as transaction:
        await transaction.put_second_factor(FACTOR, CODES)
    first = await asyncio.gather(*(store.team.take_recovery_code(CODES[0]) for _ in range(3)))
    assert sorted(first) == [False, False, True]
    assert await store.team.recovery_codes(ACME, OLIVE.id) == 1


async def test_a_new_second_factor_replaces_the_old_one_and_its_codes(store: Store) -> None:
    new = msgspec.structs.replace(FACTOR, sealed=b"other", confirmed=False)
    async with store.team_transaction(ACME) as transaction:
        await transaction.put_second_factor(FACTOR, CODES)
        await transaction.put_second_factor(new, CODES[:1])
    assert await store.team.second_factor(ACME, OLIVE.id) == new
    assert await store.team.recovery_codes(ACME, OLIVE.id) == 1


async def test_failures_are_counted_within_their_time(store: Store) -> None:
    for later in (0, 10, 20):
        await store.team.count_failures(["a", "b"], NOON + later, within=15)
    await store.team.count_failures(["a"], NOON + 21, within=15)
    assert await store.team.failures(["a", "b", "c"]) == [
        Failures("a", 2, NOON + 20, NOON + 21),
        Failures("b", 1, NOON + 20, NOON + 20),
    ]
    await store.team.forget_failures(["a", "c"])
    assert [one.key for one in await store.team.failures(["a", "b"])] == ["b"]


async def test_a_failure_that_was_none_is_taken_back(store: Store) -> None:
    await store.team.count_failures(["a", "b"], NOON, within=15)
    await store.team.count_failures(["a"], NOON + 1, within=15)
    for key in ("a", "b", "b", "c"):
        await store.team.uncount_failure(key)
    assert await store.team.failures(["a", "b", "c"]) == [
        Failures("a", 1, NOON, NOON + 1),
        Failures("b", 0, NOON, NOON),
    ]


async def test_what_was_changed_about_the_team_is_logged(store: Store) -> None:
    change = OperatorChange(ACME, "o1", NOON, OLIVE.email, "teammate.invite", "otto@acme.example", "", "teammate")
    async with store.team_transaction(ACME) as transaction:
        await transaction.log(change)
    assert await store.operator_changes(ACME, limit=5) == [change]


async def test_what_nobody_comes_back_to_is_swept(store: Store) -> None:
    old = Invitation(ACME, "i1", "otto@acme.example", "teammate", OLIVE.id, NOON, NOON + 60)
    async with store.team_transaction(ACME) as transaction:
        await transaction.put_invitation(old)
    await begin(store, AT_HOME)
    await store.team.count_failures(["a"], NOON, within=15)
    await store.sweep(NOON + 3600)
    assert (await store.team.sessions(ACME, OLIVE.id), await store.team.invitations(ACME)) == ([AT_HOME], [old])
    await store.sweep(NOON + 40 * 86_400)
    assert await store.team.sessions(ACME, OLIVE.id) == []
    assert await store.team.invitations(ACME) == []
    assert await store.team.failures(["a"]) == []
