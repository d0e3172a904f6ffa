"""Whom a request is about, told a second time: identity, merges, erasure and REST of spec §§3-6, over `model.py`.

Every request answers with `Refused` and its code, or with what it is told; nothing else may have changed then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.support.model import Cell, Fact, HeldFact, Person, Rule, Speaker, Told, Weights, fit, infer

Values = Mapping[str, object]


@dataclass(frozen=True)
class Refused:
    """The whole request is refused."""

    code: str


@dataclass(frozen=True)
class Answered:
    """The request was about this person (None: a visitor who left no trace), and this became of its values."""

    person: Person | None
    role: str
    proven: bool
    receipt: list[Told]


@dataclass
class Model(Weights):
    """The workspace's people besides."""

    required: bool = False
    live: set[str] = field(default_factory=set)
    sessions: dict[str, Person] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    merged: list[Told] = field(default_factory=list)

    def ping(
        self,
        proof: str,
        who: str | None,
        *,
        kid: str = "",
        at: int | None = None,
        signed: Values | None = None,
        raw: Values | None = None,
        observed: Values | None = None,
        session: str | None = None,
        spare: str = "",
    ) -> Refused | Answered:
        """One Messenger request. `at` is when the token says it was issued, in Unix seconds."""
        self.merged = []
        refusal = self._refusal(proof, who, kid, at)
        if refusal:
            return Refused(refusal)
        guest = self.sessions.get(session) if session else None
        guest = None if guest is None or guest.merged_into or guest.role == "user" else guest
        proven, by = proof in ("token", "hash"), kid if proof == "hash" else None
        now = int(self.now)
        said = [
            (Speaker("messenger", False, by, now, proven=proven or proof == "session"), raw or {}),
            (Speaker("observed", False, None, now, proven=proven or proof == "session"), observed or {}),
        ]
        if proof == "token":
            dated = at is not None
            said.append((Speaker("signed", True, kid, min(at, now) if at is not None else now, dated), signed or {}))
        if proof == "email" and self.rules["email"].enforcement != "locked":
            found = self.with_email(who or "")
            if len(found) > 1:
                return Refused("conflict")
            person = found[0] if found else Person("user")
        elif proof in ("token", "hash", "claim"):
            person = self.user(who) or Person("user", who)
        else:
            return self._visit(guest, said, session, spare)
        if person not in self.people:
            self.people.append(person)
        if proven and guest is not None:
            self.merge(person, guest)
        return Answered(person, "user", proven, self.weigh(person, said))

    def _refusal(self, proof: str, who: str | None, kid: str, at: int | None) -> str | None:
        if proof == "token":
            if kid not in self.live:
                return "key_revoked"
            if at is None and self.undated == "refuse":
                return "iat_missing"
            ended = self.ended.get(who or "")
            if ended is not None and (at is None or min(at, int(self.now)) <= ended):
                return "identity_superseded"
        elif proof == "hash":
            if kid not in self.live:
                return "user_hash_invalid"
            return "identity_superseded" if who in self.ended else None  # it has no date, like an undated token
        elif proof in ("claim", "email") and self.required:
            return "identity_unproven"
        return None

    def _visit(
        self, guest: Person | None, said: list[tuple[Speaker, Values]], session: str | None, spare: str
    ) -> Answered:
        """A browser without a name: kept from its first write on."""
        speaker = [(replace(one, proven=True), values) for one, values in said]
        visitor = guest or Person("visitor")
        if guest is None:
            self.people.append(visitor)
        receipt = self.weigh(visitor, speaker)
        if guest is None and not any(cell != Cell() for cell in visitor.cells.values()):
            self.people.remove(visitor)
            return Answered(None, "visitor", True, receipt)
        if guest is None:
            burned = session in self.sessions
            self.sessions[spare if session is None or burned else session] = visitor
        return Answered(visitor, visitor.role, True, receipt)

    def user(self, external_id: str | None) -> Person | None:
        return next((one for one in self.people if external_id is not None and one.external_id == external_id), None)

    def with_email(self, email: str) -> list[Person]:
        users = [one for one in self.people if one.role == "user"]
        return [one for one in users if str(one.cells.get("email", Cell()).value).lower() == email.lower()]

    def merge(self, user: Person, guest: Person) -> None:
        """§5.6, one attribute after the other."""
        for name, theirs in guest.cells.items():
            self._merge_cell(user.cell(name), theirs, self.rules[name])
        guest.cells, guest.merged_into = {}, user

    def _merge_cell(self, ours: Cell, theirs: Cell, rule: Rule) -> None:
        ours.held = ours.held or theirs.held
        slot = theirs.slot
        if slot is not None and (ours.slot is None or slot.signed_at > ours.slot.signed_at):
            mine = ours.current
            keeps = mine is not None and not mine.verified and mine.received_at > slot.received_at
            ours.slot = slot
            if mine is None or not keeps or mine.value == slot.value:
                ours.current = slot
            self.merged.append((rule.name, "applied", None))
        if theirs.current is not None and not theirs.current.verified and theirs.value is not None:
            self.merged.append((rule.name, *self._merge_claim(ours, theirs.current, rule)))

    def _merge_claim(self, ours: Cell, claim: Fact, rule: Rule) -> tuple[str, str | None]:
        if rule.archived:
            return "ignored", "archived"
        if claim.value == ours.value or (ours.slot is not None and claim.value == ours.slot.value):
            return "unchanged", None
        if rule.enforcement == "locked":
            ours.held = HeldFact(claim.value, "messenger", True, claim.received_at, self.now)
            return "ignored", "unverified"
        if ours.value is not None or ours.slot is not None:
            return "ignored", "already_known"
        ours.current = replace(claim, channel="messenger")
        return "applied", "would_ignore" if rule.enforcement == "monitor" else None

    def create(self, external_id: str, speaker: Speaker, values: Values) -> Refused | Answered:
        """REST makes a user."""
        kept = {name: raw for name, raw in values.items() if raw not in (None, "")}
        if self._unfit(speaker, kept):
            return Refused("parameters")
        if self.user(external_id):
            return Refused("conflict")
        person = Person("user", external_id)
        self.people.append(person)
        return Answered(person, "user", True, self.weigh(person, [(speaker, kept)]))

    def update(self, person: Person, speaker: Speaker, values: Values) -> Refused | Answered:
        """REST writes some values, or none of them."""
        if person.merged_into:
            return Refused("contact_merged")
        if self._unfit(speaker, values):
            return Refused("parameters")
        return Answered(person, person.role, True, self.weigh(person, [(speaker, values)]))

    def _unfit(self, speaker: Speaker, values: Values) -> bool:
        """Whether a value fails D1-D4: then REST takes none of the request."""
        for raw_name, raw in values.items():
            name, fault = self.named(speaker.channel, raw_name)
            rule = self.rules.get(name)
            if fault or rule is None or rule.archived:
                return True
            adopted = rule.provisional and speaker.verified and raw not in (None, "")
            kind = infer(name, raw) if adopted else rule.kind
            if not kind or fit(kind, raw)[1] or (adopted and self._collides(name, vouched=True)):
                return True
        return False

    def erase(self, person: Person) -> Refused | None:
        """Forget somebody, and whoever was merged into her."""
        if person.merged_into:
            return Refused("contact_merged")
        gone = [person]
        for one in gone:
            gone += [other for other in self.people if other.merged_into is one]
        self.people = [one for one in self.people if one not in gone]
        self.sessions = {session: one for session, one in self.sessions.items() if one not in gone}
        if person.external_id is not None:
            self.ended[person.external_id] = int(self.now)
        return None

    def accept(self, person: Person, name: str, speaker: Speaker) -> Refused | Answered:
        """A teammate takes the held value after all, and vouches for it."""
        held = person.cells.get(name, Cell()).held
        if person.merged_into:
            return Refused("contact_merged")
        if held is None or self.expired(held):
            return Refused("not_found")
        values = {name: held.value}
        if self._unfit(speaker, values):
            return Refused("parameters")
        if (name, person.role) == ("email", "user") and held.value and self._is_there(person, str(held.value).lower()):
            return Refused("conflict")
        receipt = self.weigh(person, [(speaker, values)])
        person.cell(name).held = None
        return Answered(person, person.role, True, receipt)

    def _is_there(self, person: Person, email: str) -> bool:
        """Whether she would be there twice with this address: two ids are two people, two without any are one."""
        if str(person.cells.get("email", Cell()).value).lower() == email:
            return False
        for other in self.people:
            cell = other.cells.get("email", Cell())
            known = {str(one.value).lower() for one in (cell.current, cell.slot) if one is not None}
            given = {str(cell.slot.value).lower()} if cell.slot is not None else set()
            if cell.current is not None and cell.current.channel in ("api", "import", "teammate"):
                given.add(str(cell.current.value).lower())
            without = [one.external_id for one in (person, other)].count(None)
            if other is not person and other.role == "user" and email in ((), given, known)[without]:
                return True
        return False

    def discard(self, person: Person, name: str) -> Refused | None:
        """A teammate lets go of it."""
        held = person.cells.get(name, Cell()).held
        if person.merged_into:
            return Refused("contact_merged")
        if held is None or self.expired(held):
            return Refused("not_found")
        person.cell(name).held = None
        return None
