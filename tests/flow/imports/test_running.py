"""An import goes on where it was interrupted: nobody is made twice, nobody is missed, nothing is counted twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from avow.errors import NotAuthenticated, Unavailable
from avow.flow import access, imports
from avow.flow.contract import JobPart, JobState, Transaction
from avow.flow.imports import running
from avow.flow.imports.arrival import LEASE
from avow.flow.imports.work_list import advance
from avow.trust.access import Mode
from tests.support.office import Office
from tests.support.sheets import Killed, Sheet, begun, counts, csv, imported, report

PEOPLE = 300
FILE = csv("external_id,email,name", *(f"u{one},u{one}@x.example,Name {one}" for one in range(PEOPLE)))


async def everybody(office: Office) -> list[Any]:
    found, _ = await office.engine.store.contacts(office.workspace_id, before=None, limit=1000, most=1000)
    return found


@pytest.mark.parametrize("cut_at", [0, 4096, 8192])
async def test_an_import_killed_while_its_file_is_looked_through_has_written_nothing(
    office: Office, cut_at: int
) -> None:
    job = await begun(office)
    with pytest.raises(Killed):
        await imports.run(office.engine, job, Sheet(FILE, cut_at=cut_at))
    assert await everybody(office) == []
    stood = await imports.find(office.engine, office.workspace_id, job.id)
    ended = await imports.run(office.engine, stood, Sheet(FILE), rows_at_once=7)
    assert counts(await report(office, ended)) == (PEOPLE, 0, 0, 0)
    assert {one.external_id for one in await everybody(office)} == {f"u{one}" for one in range(PEOPLE)}


async def test_an_import_killed_among_its_rows_again_and_again_still_ends_right(office: Office) -> None:
    job = await begun(office)
    kills = 0
    while job.state not in (JobState.COMPLETED, JobState.FAILED):
        batches = 0

        def kill(_: Any, __: imports.Progress) -> None:
            nonlocal batches
            batches += 1
            if batches == 5:
                raise Killed

        try:
            job = await imports.run(office.engine, job, Sheet(FILE, block=1024), rows_at_once=5, on_progress=kill)
        except Killed:
            kills += 1
            job = await imports.find(office.engine, office.workspace_id, job.id)
    assert kills == 15
    assert counts(await report(office, job)) == (PEOPLE, 0, 0, 0)
    assert {one.version for one in await everybody(office)} == {1}


async def test_rows_of_many_values_come_few_at_a_time_and_go_on_after_a_kill(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However wide a row is, it comes: a row at least is written each time."""
    monkeypatch.setattr(running, "VALUES_AT_ONCE", 9)
    wide = csv("external_id,email,name,phone", *(f"u{one},u{one}@x.example,Name {one},{one}" for one in range(40)))
    seen: list[int] = []

    def kill(_: Any, progress: imports.Progress) -> None:
        seen.append(progress.rows)
        if len(seen) == 4:
            raise Killed

    job = await begun(office)
    with pytest.raises(Killed):
        await imports.run(office.engine, job, Sheet(wide), on_progress=kill)
    stood = await imports.find(office.engine, office.workspace_id, job.id)
    monkeypatch.setattr(running, "VALUES_AT_ONCE", 1)
    ended = await imports.run(office.engine, stood, Sheet(wide), on_progress=kill)
    assert seen == [0, 3, 6, 9, *range(9, 41)]
    assert counts(await report(office, ended)) == (40, 0, 0, 0)
    assert {one.version for one in await everybody(office)} == {1}


async def test_a_commit_that_could_not_be_confirmed_is_looked_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are there and the answer was lost: they are not written again, and the import goes on."""
    lost = 0
    store = office.engine.store
    real = store.transaction

    @asynccontextmanager
    async def losing(workspaces: Any) -> AsyncIterator[Transaction]:
        nonlocal lost
        async with real(workspaces) as transaction:
            yield transaction
        if lost < 3 and (await everybody(office)):
            lost += 1
            raise Unavailable("The answer was lost.")

    monkeypatch.setattr(store, "transaction", losing)
    monkeypatch.setattr(asyncio, "sleep", _at_once(asyncio.sleep))
    told = await imported(office, FILE, rows_at_once=50)
    assert lost == 3
    assert counts(told) == (PEOPLE, 0, 0, 0)
    assert {one.version for one in await everybody(office)} == {1}


def _at_once(sleep: Any) -> Any:
    return lambda seconds: sleep(min(seconds, 0.01))


async def test_two_who_run_the_same_import_write_every_row_once(office: Office) -> None:
    job = await begun(office)
    runs = (imports.run(office.engine, job, Sheet(FILE), rows_at_once=11) for _ in range(2))
    ended = await asyncio.gather(*runs, return_exceptions=True)
    assert sum(isinstance(one, imports.Overtaken) for one in ended) == 1, ended
    assert {one.version for one in await everybody(office)} == {1}
    assert len(await everybody(office)) == PEOPLE


async def test_requests_are_served_while_an_import_runs(office: Office) -> None:
    """At most one batch is ahead of a request."""
    job = await begun(office)
    longest = 0

    def look(_: Any, progress: imports.Progress) -> None:
        nonlocal longest
        longest = max(longest, len(office.engine.committer._waiting))

    run = asyncio.create_task(imports.run(office.engine, job, Sheet(FILE), rows_at_once=10, on_progress=look))
    served = 0
    while not run.done():
        await office.browser("alice", phone=str(served))
        served += 1
    await run
    assert served > 4  # where all rows are one batch, three are served before it and after
    assert longest <= 1


# By a server, from parts.


async def sent(office: Office, token: str, content: bytes = FILE, **options: Any) -> str:
    """An import sent in parts and started; its id."""
    answer = await office.rest("POST", "/imports", {"format": "csv", **options}, token=token)
    assert answer.status == 200, answer.body
    path = f"/imports/{answer.body['id']}"
    for start in range(0, len(content), 3000):
        part = await office.rest("PUT", f"{path}/content?offset={start}", content[start : start + 3000], token=token)
        assert part.status == 200, part.body
    started = await office.rest("POST", f"{path}/start", token=token)
    assert started.body["state"] == "waiting"
    return str(answer.body["id"])


async def test_a_server_takes_an_import_up_and_throws_away_what_was_sent(office: Office) -> None:
    job_id = await sent(office, office.access_token)
    assert await advance(office.engine)
    assert not await advance(office.engine)
    told = (await office.rest("GET", f"/imports/{job_id}")).body
    assert (told["state"], counts(told)) == ("completed", (PEOPLE, 0, 0, 0))
    assert await office.engine.store.jobs.part(office.workspace_id, job_id, 0) is None


async def test_the_lease_of_a_dead_server_runs_out_and_another_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await sent(office, office.access_token)
    jobs = office.engine.store.jobs
    real = type(jobs).part

    async def dying(self: Any, workspace_id: Any, job_id: str, offset: int) -> JobPart | None:
        if offset >= 6000 and await everybody(office):
            raise asyncio.CancelledError
        return await real(self, workspace_id, job_id, offset)

    monkeypatch.setattr(type(jobs), "part", dying)
    with pytest.raises(asyncio.CancelledError):
        await advance(office.engine)
    monkeypatch.undo()
    assert 0 < len(await everybody(office)) < PEOPLE
    assert not await advance(office.engine), "the lease still stands"
    office.clock.pass_(LEASE + 1)
    assert await advance(office.engine)
    told = (await office.rest("GET", f"/imports/{job_id}")).body
    assert (told["state"], counts(told)) == ("completed", (PEOPLE, 0, 0, 0))
    assert {one.version for one in await everybody(office)} == {1}


async def test_a_revoked_token_ends_its_import_where_it_stands(office: Office) -> None:
    token = await office.token()
    caller = await office.caller()
    job_id = await sent(office, token)
    for known in await access.every(office.engine.store, office.workspace_id):
        if known.id not in (caller.id,) and known.name == "Other":
            await access.revoke(
                office.engine.store, office.workspace_id, known.id, entropy=office.engine.entropy, actor="olive"
            )
    assert await advance(office.engine)
    told = (await office.rest("GET", f"/imports/{job_id}")).body
    assert (told["state"], told["errors"][0]["code"]) == ("failed", NotAuthenticated.code)
    assert await everybody(office) == []


async def test_a_revoked_token_declares_no_attribute_by_an_import_that_still_waits(office: Office) -> None:
    caller = await office.caller()
    token = await office.token()
    body = {"contacts": [{"external_id": "u1", "plan": "pro"}], "create_attributes": True}
    job_id = (await office.rest("POST", "/imports", body, token=token)).body["id"]
    for known in await access.every(office.engine.store, office.workspace_id):
        if known.name == "Other" and known.id != caller.id:
            await access.revoke(
                office.engine.store, office.workspace_id, known.id, entropy=office.engine.entropy, actor="olive"
            )
    before = await office.everything()
    assert await advance(office.engine)
    told = (await office.rest("GET", f"/imports/{job_id}")).body
    assert (told["state"], told["errors"][0]["code"]) == ("failed", NotAuthenticated.code)
    assert await office.everything() == before


async def test_a_relaying_token_vouches_for_nothing_by_importing(office: Office) -> None:
    token = await office.token(Mode.RELAYING)
    await sent(office, token)
    assert await advance(office.engine)
    holding = await office.holding("u1", "name")
    assert (holding.value, holding.source.verified if holding.source else None) == ("Name 1", False)


async def test_a_cancelled_import_is_taken_up_by_nobody(office: Office) -> None:
    job_id = await sent(office, office.access_token)
    assert (await office.rest("POST", f"/imports/{job_id}/cancel")).body["state"] == "cancelled"
    assert not await advance(office.engine)
    assert await everybody(office) == []
    assert (await office.rest("POST", f"/imports/{job_id}/start")).body["state"] == "cancelled"
