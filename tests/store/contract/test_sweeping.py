"""A sweep goes on until nothing old is left, however much it is, and takes nothing that is young."""

from __future__ import annotations

from avow.flow.contract import OutboxRow, Store, Tally, WriterSeen, Writes
from avow.trust.contact import WorkspaceId
from tests.store.acme import ACME, GLOBEX, NOON, contact_id, person, stored, write
from tests.store.contract.test_lists import now_of

DAY = 86_400
MANY = 1_100


async def test_tries_of_a_night_are_gone_after_one_sweep(store: Store) -> None:
    await store.team.count_failures([f"old{number}" for number in range(MANY)], NOON, within=900)
    await store.team.count_failures(["young"], NOON + 3_000, within=900)
    await store.sweep(NOON + 3_601)
    assert await store.team.failures([f"old{number}" for number in range(MANY)]) == []
    assert [one.key for one in await store.team.failures(["young"])] == ["young"]


async def test_old_rows_go_in_every_workspace_and_young_ones_stay(store: Store) -> None:
    now = await now_of(store)
    (somebody,) = await stored(store, person())
    today = int(now // DAY)

    def writer(label: str, day: int) -> WriterSeen:
        return WriterSeen(ACME, "plan", day, label, somebody.id, NOON)

    def told(workspace_id: WorkspaceId, days: int) -> OutboxRow:
        return OutboxRow(workspace_id, contact_id(), 1, "topic", now - days * DAY)

    await write(
        store,
        Writes(
            outbox=(told(ACME, 8), told(ACME, 6), told(GLOBEX, 8), told(GLOBEX, 6)),
            tally=Tally(writers=tuple(writer(f"page{days}", today - days) for days in (60, 40, 30, 0))),
        ),
    )
    await store.sweep(now)
    left = [len(await store.outbox(one, limit=9)) for one in (ACME, GLOBEX)]
    assert left == [1, 1]
    assert {one.label for one in await store.writers(ACME, "plan", since_day=0)} == {"page0", "page30"}
