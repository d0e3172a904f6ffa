"""What must become of a value, told a second time: a small model of spec §§2-6, written from the spec, not the code.

It keeps the current value and the verified slot side by side, always, and puts leftovers right at the moment of an
adoption; the code does neither. Where both agree after every step of a long walk, neither has lost or invented a value.
`model_people.py` says whom a request is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

Scalar = str | int | float | bool | None
Told = tuple[str, str, str | None]

ALIASES = {"created_at": "signed_up_at"}
RESERVED = {"user_hash", "user_id", "app_id"}
FREE_SPELLING = {"signed", "messenger", "bot"}
ADOPTERS = {"signed", "api", "import", "teammate"}
MONTH = 30 * 86_400


@dataclass(frozen=True)
class Fact:
    """A value somebody said, and who."""

    value: Scalar
    channel: str
    verified: bool
    by: str | None
    signed_at: int
    received_at: float


@dataclass(frozen=True)
class HeldFact:
    """A value that was refused, and is kept for a teammate to look at."""

    value: Scalar
    channel: str
    proven: bool
    first: float
    last: float
    count: int = 1


@dataclass
class Cell:
    """One attribute of one person."""

    current: Fact | None = None
    slot: Fact | None = None
    held: HeldFact | None = None

    @property
    def value(self) -> Scalar:
        return self.current.value if self.current else None


@dataclass
class Rule:
    """One attribute of the workspace."""

    name: str
    kind: str
    enforcement: str = "open"
    provisional: bool = False
    archived: bool = False
    ever_signed: bool = False
    adopted: bool = False


@dataclass
class Person:
    """Anybody; the id is the real one's, once there is one."""

    role: str
    external_id: str | None = None
    id: str | None = None
    cells: dict[str, Cell] = field(default_factory=dict)
    merged_into: Person | None = None

    def cell(self, name: str) -> Cell:
        return self.cells.setdefault(name, Cell())


@dataclass(frozen=True)
class Speaker:
    """Who says a set of values, and how far that can be relied on."""

    channel: str
    verified: bool
    by: str | None
    signed_at: int
    dated: bool = True
    proven: bool = True
    asked: bool = False


@dataclass
class Weights:
    """The workspace's rules, and the weighing of values under them."""

    rules: dict[str, Rule]
    now: float = 0.0
    may_create: str = "signed"
    undated: str = "accept"
    people: list[Person] = field(default_factory=list)

    def weigh(self, person: Person, said: Sequence[tuple[Speaker, Mapping[str, object]]]) -> list[Told]:
        """Every value of one request, verified voices first: (name, verdict, reason) of each."""
        receipt: list[Told] = []
        in_token: set[str] = set()
        for speaker, values in sorted(said, key=lambda one: not one[0].verified):
            spelled: set[str] = set()
            for raw_name, raw in values.items():
                receipt.append(self._one(person, speaker, raw_name, raw, spelled, in_token))
            if speaker.channel == "signed":
                in_token |= spelled
        return receipt

    def _one(
        self, person: Person, speaker: Speaker, raw_name: str, raw: object, spelled: set[str], in_token: set[str]
    ) -> Told:
        name, fault = self.named(speaker.channel, raw_name)
        if fault:
            return raw_name, "ignored", fault
        if name in spelled:
            return raw_name, "ignored", "duplicate_name"
        spelled.add(name)
        refusal = self._exists(name, speaker, raw, superseded=speaker.channel != "signed" and name in in_token)
        if refusal:
            return name, "ignored", refusal
        rule = self.rules[name]
        if rule.archived:
            return name, "ignored", "archived"
        value, unfit = fit(rule.kind, raw)
        if unfit:
            return name, "ignored", unfit
        if speaker.channel != "signed" and name in in_token:
            return name, "ignored", "superseded_by_signed"
        if speaker.channel == "signed":
            rule.ever_signed = True
        verdict, reason = self._write(person, rule, speaker, value)
        return name, verdict, reason

    def named(self, channel: str, raw_name: str) -> tuple[str, str | None]:
        """D1: the attribute that is meant, or why none is."""
        if channel not in FREE_SPELLING:
            exact = raw_name in self.rules or (raw_name not in ALIASES and "." not in raw_name)
            return raw_name, _bad_name(raw_name) or (None if exact else "invalid_name")
        name = raw_name.replace(".", "_")
        name = ALIASES.get(name, name)
        return name, None if name in self.rules else _bad_name(name)

    def _exists(self, name: str, speaker: Speaker, raw: object, *, superseded: bool) -> str | None:
        """D2: the attribute is there, or comes into being, or why not."""
        rule = self.rules.get(name)
        if rule is None:
            signed = speaker.channel == "signed"
            if speaker.channel not in ("signed", "messenger"):
                return "unknown_attribute"
            if self._collides(name, vouched=signed):
                return "invalid_name"
            may = self.may_create == "anyone" or (self.may_create == "signed" and signed)
            if raw in (None, "") or not may:
                return "unknown_attribute"
            kind = infer(name, raw)
            unfit = fit(kind, raw)[1] if kind else "type_mismatch"
            if unfit or superseded:
                return unfit or "superseded_by_signed"
            self.rules[name] = Rule(
                name, kind, "locked" if signed else "open", provisional=not signed, ever_signed=signed
            )
        elif self._is_vouched_for(rule, speaker) and raw not in (None, ""):
            return self._adopt(rule, raw)
        return None

    def _is_vouched_for(self, rule: Rule, speaker: Speaker) -> bool:
        return rule.provisional and not rule.archived and speaker.verified and speaker.channel in ADOPTERS

    def _adopt(self, rule: Rule, raw: object) -> str | None:
        if self._collides(rule.name, vouched=True):
            return "invalid_name"
        kind = infer(rule.name, raw)
        unfit = fit(kind, raw)[1] if kind else "type_mismatch"
        if not unfit:
            self.adopt(rule, kind, "locked" if rule.enforcement == "locked" else "monitor")
        return unfit

    def adopt(self, rule: Rule, kind: str, enforcement: str) -> None:
        """A provisional attribute gets its type; what strangers left behind fits it, or is held."""
        rule.kind, rule.enforcement, rule.provisional = kind, enforcement, False
        for cell in [person.cells[rule.name] for person in self.people if rule.name in person.cells]:
            left = cell.current
            if left is None or left.verified:
                continue
            value, unfit = fit(kind, left.value)
            if unfit:
                cell.held = HeldFact(left.value, left.channel, False, left.received_at, self.now)
                cell.current = cell.slot
            else:
                cell.current = replace(left, value=value)

    def _collides(self, name: str, *, vouched: bool) -> bool:
        taken = [rule.name for rule in self.rules.values() if not (vouched and rule.provisional)]
        return any(other != name and other.casefold() == name.casefold() for other in (*taken, *ALIASES))

    def _write(self, person: Person, rule: Rule, speaker: Speaker, value: Scalar) -> tuple[str, str | None]:
        """D6-D9."""
        cell = person.cell(rule.name)
        if speaker.verified:
            return self._vouch(cell, speaker, value)
        flag = None
        if rule.enforcement != "open":
            if speaker.channel == "bot" and speaker.asked and person.role != "user":
                flag = "bot_exempt"
            elif rule.enforcement == "locked":
                self._hold(cell, speaker, value)
                return "ignored", "unverified"
            else:
                flag = "would_ignore"
        if speaker.channel == "bot" and cell.value is not None:
            return "ignored", "already_known"
        if value == cell.value:
            return "unchanged", flag
        if cell.slot is not None and cell.slot.value == value:
            cell.current = cell.slot
        else:
            cell.current = Fact(value, speaker.channel, False, speaker.by, speaker.signed_at, self.now)
        return "applied", flag

    def _vouch(self, cell: Cell, speaker: Speaker, value: Scalar) -> tuple[str, str | None]:
        slot, at, now = cell.slot, speaker.signed_at, cell.current
        if speaker.channel == "signed":
            if not speaker.dated and self.undated == "fill_only" and (slot is not None or cell.value is not None):
                return "ignored", "undated"
            if slot is not None and (at < slot.signed_at or (at == slot.signed_at and slot.channel != "signed")):
                return "ignored", "stale"
        elif slot is not None:
            at = max(at, slot.signed_at)
        fresh = Fact(value, speaker.channel, True, speaker.by, at, self.now)
        if now is None or not now.verified or (now.value, now.channel, now.by) != (value, fresh.channel, fresh.by):
            cell.current = cell.slot = fresh
            return "applied", None
        if at > now.signed_at:
            cell.current = cell.slot = replace(now, signed_at=at)
        return "unchanged", None

    def _hold(self, cell: Cell, speaker: Speaker, value: Scalar) -> None:
        held = cell.held
        if value == cell.value or (cell.slot is not None and value == cell.slot.value):
            return
        if held is not None and held.proven and not speaker.proven and not self.expired(held):
            return
        if held is not None and (held.value, held.proven) == (value, speaker.proven):
            cell.held = replace(held, last=self.now, count=held.count + 1)
        else:
            cell.held = HeldFact(value, speaker.channel, speaker.proven, self.now, self.now)

    def expired(self, held: HeldFact) -> bool:
        return held.last < self.now - MONTH


def _bad_name(name: str) -> str | None:
    if name == "company":
        return "not_supported"
    if name in RESERVED:
        return "reserved_name"
    return "invalid_name" if name == "" else None


def infer(name: str, raw: object) -> str:
    """The type of a first value, or nothing."""
    if name.endswith("_at") and not isinstance(raw, bool) and fit("date", raw)[1] is None:
        return "date"
    kinds = {bool: "boolean", int: "integer", float: "float", str: "string"}
    return kinds.get(type(raw), "")


def fit(kind: str, raw: object) -> tuple[Scalar, str | None]:
    """D4: the value as its type has it, or why it does not fit."""
    if raw is None or raw == "":
        return None, None
    if kind == "string" and not isinstance(raw, list):
        text = str(raw).lower() if isinstance(raw, bool) else str(raw)
        return (text, None) if len(text) <= 255 else (None, "too_long")
    if kind == "boolean" and raw in (True, False, "true", "false") and isinstance(raw, bool | str):
        return raw in (True, "true"), None
    if kind in ("integer", "date", "float") and not isinstance(raw, bool | list):
        try:
            number = float(str(raw))
        except ValueError:
            return None, "type_mismatch"
        if kind == "float":
            return number, None
        if number == int(number) and not (isinstance(raw, str) and "." in raw):
            return int(number), None
    return None, "type_mismatch"
