"""A page learns within moments that something it shows has changed, and of nothing else."""

from __future__ import annotations

import asyncio
import time

import pytest

from avow.errors import BadInput, NotFound
from avow.flow.screens import person
from avow.flow.screens.live import Watch, seen_in, topics_of
from avow.trust.attribute import Enforcement
from tests.support.office import Office


def watch(office: Office) -> Watch:
    return Watch(office.engine.store, office.engine.rulebook, clock=time.monotonic, now=office.clock)


def event(office: Office, name: str, ago: int = 0) -> dict[str, object]:
    return {"event_name": name, "created_at": int(office.clock.now) - ago, "user_id": "alice"}


async def heard(office: Office, topics: tuple[str, ...], happening: object) -> set[str]:
    """What is said within a second and a half after something happened."""
    told: set[str] = set()

    async def listen() -> None:
        async for news in watch(office).changes(office.workspace_id, topics, {}):
            if news is not None:
                told.add(news.topic)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.2)
    await happening  # type: ignore[misc]
    await asyncio.sleep(1.6)
    listening.cancel()
    return told


async def test_a_lock_is_heard_of(office: Office) -> None:
    assert await heard(office, ("rules", "refusals"), office.enforce("email", Enforcement.LOCKED)) == {"rules"}


async def test_an_update_is_heard_of_by_whoever_watches_traffic_changes_or_the_person(office: Office) -> None:
    await office.signed("alice", name="Alice")
    alice = (await office.known("alice")).id
    told = await heard(
        office, ("traffic", "changes", f"contact:{alice}", f"contact:{'0' * 24}"), office.signed("alice", name="Al")
    )
    assert told == {"traffic", "changes", f"contact:{alice}"}


@pytest.mark.parametrize("ago", [0, 86_400])
async def test_what_somebody_did_is_heard_of_by_whoever_watches_her_and_by_nobody_else(
    office: Office, ago: int
) -> None:
    alice = await office.alice()
    await office.rest("POST", "/events", event(office, "export"))
    told = await heard(
        office,
        (f"contact:{alice}", f"contact:{'0' * 24}", "rules"),
        office.rest("POST", "/events", event(office, "invite", ago)),
    )
    assert told == {f"contact:{alice}"}


async def test_an_event_that_a_page_shows_already_is_no_news(office: Office) -> None:
    alice = await office.alice()
    await office.rest("POST", "/events", event(office, "export"))
    rules = await office.engine.rulebook.current(office.workspace_id)
    seen = await person.look(office.engine, office.workspace_id, alice, rules, before=None, all_notes=False)
    topic = f"contact:{alice}"
    changes = watch(office).changes(office.workspace_id, (topic,), {topic: seen.version})
    assert await anext(changes) is None
    assert await heard(office, (topic,), office.rest("POST", "/events", event(office, "export"))) == set()


async def test_what_changed_after_a_page_was_made_and_before_it_listened_is_told_at_once(office: Office) -> None:
    seen = await watch(office).seen(office.workspace_id)
    await office.enforce("email", Enforcement.LOCKED)
    changes = watch(office).changes(office.workspace_id, ("refusals", "rules"), seen_in(seen))
    async with asyncio.timeout(5):
        news = await anext(news async for news in changes if news is not None)
    assert news.topic == "rules"
    again = watch(office).changes(office.workspace_id, ("refusals", "rules"), seen_in(news.seen))
    assert await anext(again) is None


@pytest.mark.parametrize("raw_seen", ["", "=", "rules", "rules=", "x" * 100_000, "contact:1=2 \ud800=1", "rules= =3"])
async def test_what_nobody_can_have_seen_was_not_seen(office: Office, raw_seen: str) -> None:
    changes = watch(office).changes(office.workspace_id, ("rules",), seen_in(raw_seen))
    assert await anext(changes) is None


async def test_a_write_by_rest_is_heard_of(office: Office) -> None:
    assert await heard(office, ("changes",), office.alice(name="Alice")) == {"changes"}


async def test_a_hundred_who_watch_ask_the_database_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    screens = office.engine.store.screens
    newest = screens.newest

    async def counting(*arguments: object, **named: object) -> str:
        nonlocal asked
        asked += 1
        return await newest(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(screens, "newest", counting)
    one = watch(office)
    await asyncio.gather(*(one.version(office.workspace_id, "traffic") for _ in range(100)))
    assert asked == 1


@pytest.mark.parametrize("topics", ["", "   ", " ".join(f"contact:{number:024x}" for number in range(9))])
def test_so_many_topics_at_most(topics: str) -> None:
    with pytest.raises(BadInput):
        topics_of(topics)


@pytest.mark.parametrize("topic", ["nothing", "contacts", "RULES"])
async def test_what_is_no_topic_is_refused(office: Office, topic: str) -> None:
    with pytest.raises(BadInput):
        await watch(office).version(office.workspace_id, topic)


async def test_what_is_nobody_is_not_watched(office: Office) -> None:
    with pytest.raises(NotFound):
        await watch(office).version(office.workspace_id, "contact:' OR 1=1")
