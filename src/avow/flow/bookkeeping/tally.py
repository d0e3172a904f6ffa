"""What happened, counted: gathered in memory between commits, handed over with the next one.

Counters may lose the last second of a process that is killed, never more (spec §7); answers never wait for them.
Memory is bounded: what names nothing known is not counted by name, and who was counted today is remembered up to a
limit.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from avow.flow.bookkeeping.pulse import Counts
from avow.flow.contract import Alert, KeyUse, RefusalCount, Seen, Tally, TrafficCount, WriterSeen
from avow.trust.change import Outcome
from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.traffic import Arrivals, TrafficClass
from avow.trust.weighing.repeats import Again
from avow.trust.weighing.voice import Page

PROXY_UNNAMED: Final = "proxy_unnamed"
"""The alert of a server to which a proxy passes requests on that no setting names."""
_REMEMBERED: Final = 200_000
_HOUR: Final = 3600
_DAY: Final = 86_400
_UNSIGNED: Final = frozenset({TrafficClass.REPEATS, TrafficClass.FILLS, TrafficClass.CHANGES, TrafficClass.CONTRADICTS})


def label_of(writer: Page | str) -> str:
    """How a writer is called: by name, or a page as its browser tells it: origin, first step of the path, SDK."""
    if isinstance(writer, str):
        return writer[:120]
    page = writer
    # No host has a blank, and every name that is no page's: so no page is called like an access token.
    host = "".join(page.origin.split("//", 1)[-1].split()) if page.origin else "unknown origin"
    step = (page.path or "").split("?", 1)[0].lstrip("/").split("/", 1)[0]
    where = f"{host}/{step}" if step else host
    return f"{where} ({page.sdk})"[:120] if page.sdk else where[:120]


class TallyBook:
    """The counters of this process since they were handed over last."""

    def __init__(self) -> None:
        self._traffic: Counter[tuple[WorkspaceId, str, int, str]] = Counter()
        self._arrived: dict[tuple[WorkspaceId, tuple[str, ...], int, str], int] = {}
        """The same for several names at once, which come together again and again."""
        self._writers: dict[tuple[WorkspaceId, str, int, str, ContactId], float] = {}
        self._known_writers: set[tuple[WorkspaceId, str, int, str, ContactId]] = set()
        self._refusals: dict[tuple[WorkspaceId, str, int], RefusalCount] = {}
        self._keys: dict[tuple[WorkspaceId, str, int], tuple[int, float]] = {}
        self._seen: dict[tuple[WorkspaceId, ContactId], float] = {}
        self._alerts: dict[tuple[WorkspaceId, str, str, int], Alert] = {}
        self._noted: set[tuple[WorkspaceId, str, str]] = set()
        self._noted_in = 0
        self.again: dict[tuple[WorkspaceId, ContactId], Counter[Again]] = {}

    def arrived(
        self,
        workspace_id: WorkspaceId,
        contact_id: ContactId,
        arrivals: Arrivals,
        writer: Page | str | None,
        now: float,
    ) -> None:
        """Count classified writes; proven unsigned ones also by who wrote them: a page, or whoever has a name."""
        hour = int(now // _HOUR)
        for kind, attributes in arrivals.items():
            at = (workspace_id, tuple(attributes), hour, kind)
            self._arrived[at] = self._arrived.get(at, 0) + 1
            if kind in _UNSIGNED:
                for attribute in attributes:
                    self.wrote(workspace_id, attribute, writer or Page(), contact_id, now)

    def counted(self, workspace_id: WorkspaceId, what: str, kind: str, now: float) -> None:
        """Something arrived that is no write: `what` is a name that no attribute can have."""
        at = (workspace_id, what, int(now // _HOUR), kind)
        self._traffic[at] = self._traffic.get(at, 0) + 1

    def noted(self, workspace_id: WorkspaceId, what: str, kind: str, now: float) -> None:
        """The same, once an hour: where it matters when, and not how often."""
        hour, place = int(now // _HOUR), (workspace_id, what, kind)
        if hour != self._noted_in:
            self._noted_in = hour
            self._noted.clear()
        if place not in self._noted:
            self._noted.add(place)
            self.counted(workspace_id, what, kind, now)

    def wrote(
        self, workspace_id: WorkspaceId, what: str, writer: Page | str, contact_id: ContactId, now: float
    ) -> None:
        """Who it was today, and from where."""
        seen = (workspace_id, what, int(now // _DAY), label_of(writer), contact_id)
        if seen not in self._known_writers:
            self._writers[seen] = now

    def saw(self, workspace_id: WorkspaceId, contact_id: ContactId, now: float) -> None:
        """A contact was heard of, and nothing of it changed."""
        self._seen[workspace_id, contact_id] = now

    def ignored_again(self, workspace_id: WorkspaceId, contact_id: ContactId, repeats: tuple[Again, ...]) -> None:
        """Something was ignored that is on record for this hour."""
        self.again.setdefault((workspace_id, contact_id), Counter()).update(repeats)

    def used(self, workspace_id: WorkspaceId, kid: str, now: float) -> None:
        """A key verified a token or a user_hash."""
        at = (workspace_id, kid, int(now // _DAY))
        count, _ = self._keys.get(at, (0, 0.0))
        self._keys[at] = (count + 1, now)

    def refused(
        self,
        workspace_id: WorkspaceId,
        reason: str,
        platform: str,
        origin: str | None,
        kid: str | None,
        now: float,
        times: int = 1,
    ) -> None:
        """A request was refused; the newest one of the hour is the sample."""
        at = (workspace_id, reason, int(now // _HOUR))
        before = self._refusals.get(at)
        count = before.count + times if before else times
        self._refusals[at] = RefusalCount(workspace_id, reason, at[2], count, now, platform, kid, origin)

    def weighed(self, workspace_id: WorkspaceId, counts: Counts, now: float) -> None:
        """Count what was ignored, by reason: among the refusals, from whose reasons these differ."""
        for (_, outcome, reason), times in counts:
            if reason is not None and outcome is Outcome.IGNORED:
                self.refused(workspace_id, reason, "", None, None, now, times)

    def alert(self, workspace_id: WorkspaceId, kind: str, subject: str, now: float) -> None:
        """Something the operator must hear of, once a day."""
        day = int(now // _DAY)
        self._alerts[workspace_id, kind, subject, day] = Alert(workspace_id, kind, subject, day, now)

    def waiting(self) -> bool:
        """Whether there is anything to hand over."""
        return bool(
            self._traffic
            or self._arrived
            or self._refusals
            or self._keys
            or self._seen
            or self._writers
            or self._alerts
            or self.again
        )

    def hand_over(self) -> Tally:
        """Everything since the last time, forgotten here. Whoever fails to store it gives it back (`take_back`)."""
        for (workspace_id, attributes, hour, kind), count in self._arrived.items():
            for attribute in attributes:
                self._traffic[workspace_id, attribute, hour, kind] += count
        tally = Tally(
            tuple(TrafficCount(*at, count) for at, count in self._traffic.items()),
            tuple(WriterSeen(*writer, at) for writer, at in self._writers.items()),
            tuple(self._refusals.values()),
            tuple(KeyUse(*at, count, last) for at, (count, last) in self._keys.items()),
            tuple(Seen(*who, at) for who, at in self._seen.items()),
            tuple(self._alerts.values()),
        )
        if len(self._known_writers) > _REMEMBERED:
            self._known_writers.clear()
        self._known_writers.update(self._writers)
        for book in (self._traffic, self._arrived, self._writers, self._refusals, self._keys, self._seen, self._alerts):
            book.clear()
        return tally

    def take_back(self, tally: Tally) -> None:
        """Count again what could not be stored."""
        for row in tally.traffic:
            self._traffic[row.workspace_id, row.attribute, row.hour, row.kind] += row.count
        for writer in tally.writers:
            at = (writer.workspace_id, writer.attribute, writer.day, writer.label, writer.contact_id)
            self._writers.setdefault(at, writer.at)
        for use in tally.key_uses:
            count, last = self._keys.get((use.workspace_id, use.kid, use.day), (0, use.last_at))
            self._keys[use.workspace_id, use.kid, use.day] = (count + use.count, max(last, use.last_at))
        for refusal in tally.refusals:
            later = self._refusals.get((refusal.workspace_id, refusal.reason, refusal.hour))
            total = RefusalCount(
                refusal.workspace_id,
                refusal.reason,
                refusal.hour,
                refusal.count + (later.count if later else 0),
                (later or refusal).last_at,
                (later or refusal).platform,
                (later or refusal).kid,
                (later or refusal).origin,
            )
            self._refusals[refusal.workspace_id, refusal.reason, refusal.hour] = total
        for seen in tally.seen:
            self._seen.setdefault((seen.workspace_id, seen.contact_id), seen.at)
        for alert in tally.alerts:
            self._alerts.setdefault((alert.workspace_id, alert.kind, alert.subject, alert.day), alert)
