"""Mallory makes noise in Alice's name, or in thousands of names. Who pays, and what stays bounded?"""

from __future__ import annotations

from pathlib import Path

from avow.trust.attribute import MAX_PROVISIONAL
from tests.support.place import Place, open_place


async def test_refused_and_unproven_requests_never_use_up_the_victims_allowance(tmp_path: Path) -> None:
    # Six a minute are one in a window of ten seconds.
    async with open_place(tmp_path, AVOW_UNPROVEN_PER_MINUTE="6", AVOW_CONTACT_PER_MINUTE="30000") as place:
        token = place.token("alice", plan="free")
        answers = [await place.ping({"user_id": "alice", "plan": "x"}) for _ in range(4)]
        answers += [await place.ping({"intercom_user_jwt": token[:-2] + "AA"}) for _ in range(4)]
        noise = [answer for answer in answers if answer.status == 429]
        assert len(noise) >= 4
        assert noise[0].code == "rate_limit_exceeded"
        assert 1 <= int(noise[0].headers["retry-after"]) <= 10
        told = [noise[0].headers.get_list(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset")]
        assert told[:2] == [["1"], ["0"]], "a browser may know when to come again, too"
        assert int(told[2][0]) % 10 == 0
        # Alice sits behind the same address, and is proven: she is not locked out.
        for _ in range(4):
            assert (await place.ping({"intercom_user_jwt": token})).status == 200


async def test_ignored_writes_are_recorded_once_an_hour_and_counted(place: Place) -> None:
    await place.signed("alice", plan="free")
    await place.lock("plan")
    for _ in range(20):
        await place.ping({"user_id": "alice", "plan": "enterprise"})
    contact = await place.known("alice")
    changes = await place.engine.store.changes(place.workspace_id, contact.id, before=None, limit=100)
    assert sum(change.facts.kind == "ignored" for change in changes) <= 2  # the hour may turn under the test


async def test_unknown_names_are_recorded_under_one_label(place: Place) -> None:
    await place.signed("alice", plan="free")
    for number in range(30):
        await place.ping({"user_id": "alice", f"noise_{number}": 1})
    contact = await place.known("alice")
    assert len(contact.ignored) <= 2
    assert not any(name.startswith("noise") for name in contact.holdings)


async def test_strangers_fill_their_own_quota_of_attributes_and_no_other(place: Place) -> None:
    await place.policy(may_create="anyone")
    answer = await place.ping(
        {"user_id": "mallory"} | {f"squat_{number}": "x" for number in range(MAX_PROVISIONAL + 10)}
    )
    verdicts = [line["verdict"] for line in answer.body["receipt"]["attributes"]]
    assert verdicts.count("applied") == MAX_PROVISIONAL
    assert answer.verdict(f"squat_{MAX_PROVISIONAL + 1}") == ("ignored", "attribute_limit")
    assert (await place.signed("alice", plan="free")).verdict("plan") == ("applied", None)


async def test_what_never_was_a_request_creates_no_file(place: Place, tmp_path: Path) -> None:
    before = sorted(path.name for path in (tmp_path / "data").iterdir())
    await place.ping({"user_id": "../../etc/passwd", "name": "x"})
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == before
