"""Has something changed that a screen shows? Versions of what may be watched, looked at a few times a second.

- What is watched is a topic; its version is a short text that differs when there is something new. Nothing of what has
  changed is told here: whoever watches asks again for what she may see.
- Whoever watches says which versions she has seen (`seen`, `seen_in`): what changed while nobody listened, between a
  page and its stream or between two streams, is told at once.
- All who watch the same topic in one process share one look (`AT_MOST_EVERY`), so that a hundred open screens ask the
  database as often as one does. It works across processes, because it is the database that is looked at.

Source: scale.md rule 9 (a version, polled), spec §10 (live screens).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final, NamedTuple

from avow.errors import BadInput
from avow.flow.contacts import contact_id_of
from avow.flow.contract import Store
from avow.flow.rulebook import Rulebook
from avow.flow.screens import person
from avow.trust.contact import WorkspaceId
from avow.trust.words import Word

AT_MOST_EVERY: Final = 0.3
MAX_TOPICS: Final = 8
_KEPT: Final = 2_000
_MAX_SEEN: Final = 2_000


class Topic(Word):
    """What may be watched. `contact` is followed by a colon and the contact's id."""

    RULES = "rules"
    TRAFFIC = "traffic"
    CHANGES = "changes"
    REFUSALS = "refusals"
    CONTACT = "contact"


WORKSPACE_TOPICS: Final = (Topic.RULES, Topic.TRAFFIC, Topic.CHANGES, Topic.REFUSALS)


class News(NamedTuple):
    """A topic that has something new, and all that has been seen with it."""

    topic: str
    seen: str


class Watch:
    """One process's look at what may have changed. `clock` is a monotonic one, in seconds; `now` Unix seconds."""

    def __init__(
        self, store: Store, rulebook: Rulebook, *, clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        self._now = now
        self._store = store
        self._rulebook = rulebook
        self._clock = clock
        self._seen: dict[tuple[WorkspaceId, str], tuple[float, str]] = {}
        self._looking: dict[tuple[WorkspaceId, str], asyncio.Lock] = {}

    async def version(self, workspace_id: WorkspaceId, topic: str) -> str:
        """The topic's version, not older than `AT_MOST_EVERY`. Raises `BadInput` for what is no topic."""
        place = (workspace_id, topic)
        if (fresh := self._fresh(place)) is not None:
            return fresh
        async with self._looking.setdefault(place, asyncio.Lock()):
            if (fresh := self._fresh(place)) is not None:
                return fresh
            found = await self._look(workspace_id, topic)
            if len(self._seen) >= _KEPT:
                self._seen.clear()
                self._looking.clear()
            self._seen[place] = (self._clock(), found)
            return found

    async def seen(self, workspace_id: WorkspaceId) -> str:
        """The versions of all that a workspace's screens show: what a page that is made now has seen at least."""
        return _told({topic: await self.version(workspace_id, topic) for topic in WORKSPACE_TOPICS})

    async def changes(
        self, workspace_id: WorkspaceId, topics: Sequence[str], seen: Mapping[str, str]
    ) -> AsyncIterator[News | None]:
        """The topics with something newer than was `seen`, as it comes; None after each look. It never ends by itself.

        Of a topic that was not seen at all, what is there now counts as seen.
        """
        known = {topic: seen.get(topic) or await self.version(workspace_id, topic) for topic in topics}
        while True:
            for topic in topics:
                version = await self.version(workspace_id, topic)
                if version != known[topic]:
                    known[topic] = version
                    yield News(topic, _told(known))
            yield None
            await asyncio.sleep(AT_MOST_EVERY)

    def _fresh(self, place: tuple[WorkspaceId, str]) -> str | None:
        at, version = self._seen.get(place, (float("-inf"), ""))
        return version if self._clock() - at < AT_MOST_EVERY else None

    async def _look(self, workspace_id: WorkspaceId, raw_topic: str) -> str:
        word, _, subject = raw_topic.partition(":")
        if word == Topic.RULES:
            return str((await self._rulebook.current(workspace_id)).version)
        if word == Topic.CONTACT:
            return await person.version(self._store, workspace_id, contact_id_of(subject), self._now())
        if word in (Topic.TRAFFIC, Topic.CHANGES, Topic.REFUSALS):
            return await self._store.screens.newest(workspace_id, word, hour=int(self._now() // 3600))
        raise BadInput(f"There is nothing of this kind to watch; expected some of {', '.join(Topic)}.", field="on")


def seen_in(raw_seen: str) -> dict[str, str]:
    """What somebody says she has seen: `topic=version`, with blanks between. What makes no sense was not seen."""
    parts = (part.partition("=") for part in raw_seen[:_MAX_SEEN].split())
    return {topic: version for topic, _, version in parts}


def _told(versions: Mapping[str, str]) -> str:
    return " ".join(f"{topic}={version}" for topic, version in versions.items())


def topics_of(raw_topics: str) -> tuple[str, ...]:
    """The topics in a text, with blanks between. Raises `BadInput` for too many; which are topics is seen later."""
    topics = tuple(dict.fromkeys(raw_topics.split()))
    if not 1 <= len(topics) <= MAX_TOPICS:
        raise BadInput(f"{len(topics)} topics came; expected 1 to {MAX_TOPICS}, with blanks between.", field="on")
    return topics
