"""Jobs are saved by version, beside the work that they have done; what they are fed and rejected goes with them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from avow.flow.contract import Job, JobKind, JobPart, JobSave, JobState, Rejection, Save, Store, WriteConflict, Writes
from avow.trust.contact import Role
from tests.store.acme import ACME, GLOBEX, NOON, changed, contact_id, person, stored, write
from tests.store.conftest import Opening

_DAY = 86_400


def job(number: int = 1, **facts: Any) -> Job:
    """A job that was never saved."""
    whole = {"kind": JobKind.IMPORT, "state": JobState.RUNNING, "actor": "cli:olive", "fingerprint": "ab"}
    texts = {"details": '{"form":"csv"}', "progress": "{}", "created_at": NOON, "updated_at": NOON}
    return Job(**{"workspace_id": ACME, "id": f"{number:024x}", "version": 1, **whole, **texts, **facts})


def on(one: Job, **facts: Any) -> Job:
    """The same one version on."""
    return msgspec.structs.replace(one, version=one.version + 1, **facts)


async def test_a_job_moves_on_with_its_work_or_not_at_all(opening: Opening) -> None:
    first, second = opening(), opening()
    begun = job()
    await write(first, Writes(jobs=(JobSave(begun, 0),)))
    moved = on(begun, progress='{"position":9}', lease=NOON + 15)
    await write(first, Writes(jobs=(JobSave(moved, 1),)))
    alice = changed(person())
    with pytest.raises(WriteConflict):
        await write(second, Writes(saves=(alice,), jobs=(JobSave(on(begun), 1),)))
    assert await second.jobs.get(ACME, begun.id) == moved
    assert await second.contact(ACME, alice.contact.id) is None


async def test_a_job_is_made_once(store: Store) -> None:
    await write(store, Writes(jobs=(JobSave(job(), 0),)))
    with pytest.raises(WriteConflict):
        await write(store, Writes(jobs=(JobSave(job(state=JobState.FAILED), 0),)))
    assert await store.jobs.get(ACME, job().id) == job()
    assert await store.jobs.get(GLOBEX, job().id) is None


async def test_a_transaction_sees_the_jobs_that_there_are(store: Store) -> None:
    await write(store, Writes(jobs=(JobSave(job(), 0),)))
    async with store.transaction([ACME]) as transaction:
        assert await transaction.jobs([(ACME, job().id), (ACME, job(2).id)]) == [job()]


async def test_parts_are_found_by_any_of_their_bytes_and_stay_as_they_came(store: Store) -> None:
    parts = (JobPart(0, b"abc"), JobPart(3, b"\0\xff"))
    begun = job()
    await write(store, Writes(jobs=(JobSave(begun, 0, parts=parts),)))
    await write(store, Writes(jobs=(JobSave(on(begun), 1, parts=(JobPart(3, b"other"),)),)))
    found = [await store.jobs.part(ACME, begun.id, offset) for offset in (0, 2, 3, 4, 5)]
    assert found == [parts[0], parts[0], parts[1], parts[1], None]
    await write(store, Writes(jobs=(JobSave(on(on(begun)), 2, eaten=(0,)),)))
    assert await store.jobs.part(ACME, begun.id, 1) is None
    assert await store.jobs.part(ACME, begun.id, 3) == parts[1]
    await write(store, Writes(jobs=(JobSave(on(on(on(begun))), 3, emptied=True),)))
    assert await store.jobs.part(ACME, begun.id, 3) is None


async def test_rejected_lines_come_by_line_and_are_told_once(store: Store) -> None:
    begun = job()
    lines = tuple(Rejection(line, "[]") for line in (7, 3, 12))
    await write(store, Writes(jobs=(JobSave(begun, 0, lines), JobSave(job(2), 0, (Rejection(1, "[]"),)))))
    await write(store, Writes(jobs=(JobSave(on(begun), 1, (Rejection(7, "[1]"),)),)))
    found = await store.jobs.rejected(ACME, begun.id, after=0, limit=2)
    assert found == [Rejection(3, "[]"), Rejection(7, "[]")]
    assert await store.jobs.rejected(ACME, begun.id, after=7, limit=2) == [Rejection(12, "[]")]


async def test_jobs_are_listed_newest_first_and_found_by_what_they_work_on(store: Store) -> None:
    jobs = [job(1), job(2, kind=JobKind.EXPORT), job(3, fingerprint="cd"), job(4)]
    await write(store, Writes(jobs=tuple(JobSave(one, 0) for one in jobs)))
    assert await store.jobs.listed(ACME, JobKind.IMPORT, before=None, limit=2) == [jobs[3], jobs[2]]
    assert await store.jobs.listed(ACME, JobKind.IMPORT, before=jobs[2].id, limit=2) == [jobs[0]]
    assert await store.jobs.alike(ACME, "ab") == [jobs[3], jobs[1], jobs[0]]
    assert await store.jobs.alike(GLOBEX, "ab") == []


async def test_only_jobs_whose_lease_has_run_out_wait_for_a_server(store: Store) -> None:
    leases = {1: NOON - 1, 2: None, 3: NOON, 4: NOON + 1, 5: NOON - 5}
    await write(store, Writes(jobs=tuple(JobSave(job(number, lease=at), 0) for number, at in leases.items())))
    assert [int(one.id, 16) for one in await store.jobs.due(NOON, limit=9)] == [5, 1, 3]
    assert [int(one.id, 16) for one in await store.jobs.due(NOON, limit=1)] == [5]


async def test_people_are_everybody_but_visitors_and_the_merged_newest_first(store: Store) -> None:
    facts: list[dict[str, Any]] = [{}, {"role": Role.LEAD}, {"role": Role.VISITOR}, {"archived_at": NOON}]
    people = await stored(store, *(person(id=contact_id(), **one) for one in facts), person(blocked_at=NOON))
    (gone,) = await stored(store, person(merged_into=people[0].id))
    await stored(store, person(GLOBEX))
    known = [one for one in people if one.role is not Role.VISITOR][::-1]
    assert await store.jobs.people(ACME, before=None, limit=9) == known
    assert await store.jobs.people(ACME, before=known[0].id, limit=2) == known[1:3]
    assert gone not in known


async def test_reports_are_kept_for_a_month_and_what_nobody_started_for_a_week(store: Store) -> None:
    facts = [
        {"finished_at": NOON - 31 * _DAY},
        {"finished_at": NOON - 29 * _DAY},
        {"state": JobState.RECEIVING, "updated_at": NOON - 8 * _DAY},
        {"state": JobState.RECEIVING, "updated_at": NOON - 6 * _DAY},
    ]
    jobs = [job(number, **one) for number, one in enumerate(facts)]
    saves = (JobSave(one, 0, (Rejection(1, "[]"),), (JobPart(0, b"x"),)) for one in jobs)
    await write(store, Writes(jobs=tuple(saves)))
    await store.sweep(NOON)
    kept = await store.jobs.listed(ACME, JobKind.IMPORT, before=None, limit=9)
    assert kept == [jobs[3], jobs[1]]
    for one in jobs:
        beside = await store.jobs.rejected(ACME, one.id, after=0, limit=9), await store.jobs.part(ACME, one.id, 0)
        assert beside == (([Rejection(1, "[]")], JobPart(0, b"x")) if one in kept else ([], None))


async def test_a_save_of_somebody_and_a_job_is_one_transaction(store: Store) -> None:
    alice = changed(person())
    await write(store, Writes(saves=(Save(alice.contact, 0, alice.changes),), jobs=(JobSave(job(), 0),)))
    assert await store.contact(ACME, alice.contact.id) is not None
    assert await store.jobs.get(ACME, job().id) is not None
