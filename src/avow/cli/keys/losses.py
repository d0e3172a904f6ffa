"""What did a key vouch for while it was in other hands? The report: numbers, the first of each list, and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final

import msgspec
from rich.console import Console

from avow.cli.output import moment, table
from avow.flow.distrust import Step
from avow.trust.weighing.distrust import Fall

MOST_LISTED: Final = 10_000
"""Entries of a list that are kept in memory; a file holds all of them."""
SHOWN: Final = 20
_WORDS: Final = {
    Fall.RESTORED: "attributes got back what was vouched for before",
    Fall.OFFERED: "attributes stay as they are, unverified, beside what was vouched for before",
    Fall.UNVERIFIED: "attributes stay as they are, unverified: nobody vouched before",
    Fall.DATE_LOWERED: "attributes stay vouched for, dated back",
    Fall.HELD_DOUBTED: "held values are nobody's claim any more",
}


@dataclass(slots=True)
class Losses:
    """What was found of one key since a time (Unix seconds). `gone`: records of contacts that were erased since."""

    kid: str
    since: float
    dry_run: bool
    records: int = 0
    gone: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    created: list[dict[str, Any]] = field(default_factory=list)
    merges: list[dict[str, Any]] = field(default_factory=list)

    def take(self, step: Step, lines: IO[bytes] | None) -> None:
        """Add one step; `lines` gets a JSON line for each entry."""
        self.records += step.records
        self.gone += step.gone
        self.counts.update(str(fall) for one in step.findings for fall in one.falls.values())
        contacts = [{"id": one.contact_id, "attributes": dict(one.falls)} for one in step.findings]
        created = [{"id": contact_id} for contact_id in step.created]
        merges = [{"into": into, "from": merged} for into, merged in step.merges]
        self._add("contacts", self.contacts, contacts, lines)
        self._add("created", self.created, created, lines)
        self._add("merges", self.merges, merges, lines)

    def _add(
        self, name: str, kept: list[dict[str, Any]], found: Sequence[dict[str, Any]], lines: IO[bytes] | None
    ) -> None:
        self.counts[name] += len(found)
        kept.extend(found[: MOST_LISTED - len(kept)])
        if lines is not None:
            lines.writelines(msgspec.json.encode({"list": name, **one}) + b"\n" for one in found)

    def told(self) -> dict[str, Any]:
        """The report for machines."""
        names = ("contacts", *(str(fall) for fall in Fall), "created", "merges")
        return {
            "kid": self.kid,
            "since": self.since,
            "dry_run": self.dry_run,
            "counts": {name: self.counts[name] for name in names} | {"erased": self.gone},
            "contacts": self.contacts,
            "created": [one["id"] for one in self.created],
            "merges": self.merges,
        }

    def show(self, console: Console) -> None:
        """The report for people."""
        for sentence in self._sentences():
            console.print(sentence)
        if self.contacts:
            rows = [(one["id"], ", ".join(f"{name} {fall}" for name, fall in one["attributes"].items()))
                    for one in self.contacts[:SHOWN]]  # fmt: skip
            console.print()
            console.print(table(("contact", "attributes"), rows))
        more = max(self.counts[name] - SHOWN for name in ("contacts", "created", "merges"))
        if more > 0:
            console.print("\nThere are more than are shown. All of them: --report FILE")
        console.print(f"\n{'Nothing was written.' if self.dry_run else 'This is done.'}")

    def _sentences(self) -> Iterator[str]:
        counts, end = self.counts, "would be revoked" if self.dry_run else "is revoked, for good"
        yield f"{self.kid} {end}. Nothing counts that it vouched for since {moment(self.since)} UTC."
        yield f"{counts['contacts']} contacts {'would lose' if self.dry_run else 'lost'} something:"
        for fall, words in _WORDS.items():
            if counts[fall]:
                yield f"  {counts[fall]} {words}"
        yield f"On its word {counts['created']} contacts were created and {counts['merges']} merged; they stay."
        if self.created:
            yield "  created: " + ", ".join(one["id"] for one in self.created[:SHOWN])
        if self.merges:
            yield "  merged: " + ", ".join(f"{one['from']} into {one['into']}" for one in self.merges[:SHOWN])
