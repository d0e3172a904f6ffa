"""What happens when a Messenger delivers facts about a person: stations 3 and 4 of one update, as a work for the
committer.

- The token was believed (`trust/token.py`) under cached rules; here, in the transaction that writes, its key is
  looked at again wherever the rules have moved since, and V12 is checked.
- A visitor or lead of the same browser is merged first, then the values are weighed.
- Whoever is blocked is refused, once proven; whoever is archived and comes back proven is in lists again.
- The receipt an unproven caller gets depends on her request and the policy alone (§5.7).

Source: spec §4 V12, §5, §6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from avow.errors import Forbidden
from avow.flow.bookkeeping.pulse import counted
from avow.flow.contacts.absorption import absorbed
from avow.flow.contacts.identity import given_to
from avow.flow.contract import EventRow, KeyKind, KeyRow, LookupKey
from avow.flow.desk import Desk
from avow.flow.updates.belief import believe_again, ends, not_before, refuse_ended
from avow.flow.updates.last_time import LastTime
from avow.flow.updates.sessions import anonymous_id
from avow.flow.updates.submissions import Receipt, Submission
from avow.flow.updates.voices import sayings_of
from avow.flow.work import Effects, Idempotency, Put, Wants
from avow.trust.change import ChangeKind, Draft, Verdict
from avow.trust.contact import Channel, Contact, Role
from avow.trust.decision import Decision, decide
from avow.trust.identity import Claim, Found, Proof, Subject, identify, refuse_unproven
from avow.trust.reasons import Reason
from avow.trust.weighing.repeats import count_again

_NOBODY: Final = Wants()
# As in `trust/decision.py`: found without the way by their class.
_NONE, _EMAIL_HASH, _EXTERNAL_ID = Proof.NONE, Proof.EMAIL_HASH, KeyKind.EXTERNAL_ID
_USER, _VISITOR = Role.USER, Role.VISITOR
_UPDATED, _SIGNED = ChangeKind.UPDATED, Channel.SIGNED


class MessengerUpdate:
    """One submission, to be identified, weighed and committed. Its result is a `Receipt`."""

    __slots__ = ("_claim", "_last_time", "_user", "idempotency", "outcome", "submission", "workspace_id")

    def __init__(
        self, submission: Submission, idempotency: Idempotency | None = None, last_time: LastTime | None = None
    ) -> None:
        self.submission = submission
        self.idempotency = idempotency
        self.workspace_id = submission.workspace_id
        self.outcome: Any = Receipt
        self._claim = claim = submission.claim
        self._user = None if claim.user_id is None else LookupKey(self.workspace_id, _EXTERNAL_ID, claim.user_id)
        # A guest of the same browser may turn up, and an event is stored each time: then nothing is as it was.
        again = submission.claims is not None and submission.session is None and not submission.happenings
        self._last_time = last_time if again else None

    def wants(self) -> Wants:
        """The keys the claim names, and the browser's session. Of whom proof is required that she has not, nothing."""
        submission, claim = self.submission, self._claim
        keys: list[LookupKey] = []
        if claim.required:
            return _NOBODY
        if self._user is not None:
            keys.append(self._user)
        elif claim.email is not None:
            keys.append(LookupKey(submission.workspace_id, KeyKind.EMAIL, claim.email))
            if claim.proof is Proof.EMAIL_HASH:
                keys.append(LookupKey(submission.workspace_id, KeyKind.EMAIL_PROOF, claim.email))
        if submission.session is not None:
            keys.append(LookupKey(submission.workspace_id, KeyKind.SESSION, submission.session))
        return Wants(tuple(keys))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Of a user id that leads nowhere, whether it was erased; of an e-mail, whose proofs have ended; of a session
        that leads nowhere, whether it led to a visitor once.
        """
        session = self.submission.session
        if self._claim.required:
            return ()
        if self._claim.proof is _EMAIL_HASH:
            return ends(desk, self.wants().keys)
        if self._user is not None:
            return () if desk.row(self._user) is not None else (desk.erased_key(self._user.value),)
        if session is None or desk.row(desk.key(KeyKind.SESSION, session)) is not None:
            return ()
        return (desk.key(KeyKind.ANONYMOUS, anonymous_id(session)),)

    def weigh(self, desk: Desk) -> Effects:
        """Identify, merge, weigh. Raises `TokenRefused`, `Forbidden` or `Conflict`; then nothing happens."""
        submission = self.submission
        believe_again(self.submission, self._claim, desk)
        claim = self._claim
        if claim.proof is _NONE and desk.rules.policy.requires_proof(submission.platform):
            claim = msgspec.structs.replace(claim, required=True)
        found, last_time = self._found(desk, claim), self._last_time
        if last_time is not None and (effects := last_time.holds(found.by_user_id, desk)) is not None:
            return effects
        subject = identify(claim, found, desk.rules)
        refuse_ended(claim, subject, desk)
        effects = _Update(submission, claim, subject, desk).effects()
        if last_time is not None:
            last_time.keep(effects, found.by_user_id, desk)
        return effects

    def authenticate(self, desk: Desk) -> None:
        """Raise what `weigh` would of who asks. An unproven caller has to be let in still."""
        claim = self._claim
        believe_again(self.submission, claim, desk)
        if claim.proof is Proof.EMAIL_HASH:
            refuse_ended(claim, identify(claim, self._found(desk, claim), desk.rules), desk)
        if claim.proof is Proof.NONE and desk.rules.policy.requires_proof(self.submission.platform):
            refuse_unproven()

    def _found(self, desk: Desk, claim: Claim) -> Found:
        session = self.submission.session
        by_session = desk.found(desk.key(KeyKind.SESSION, session)) if session is not None else None
        if self._user is not None:
            return Found(by_user_id=desk.found(self._user), by_session=by_session)
        if claim.email is None:
            return Found(by_session=by_session)
        key = desk.key(KeyKind.EMAIL, claim.email)
        proven, crowded = desk.found(desk.key(KeyKind.EMAIL_PROOF, claim.email)), key in desk.crowded
        return Found(None, proven, () if crowded else desk.all_found(key), by_session, crowded)


class _Update:
    """The weighing of one submission, step by step: the contact as it stands so far, and what is to be written."""

    def __init__(self, submission: Submission, claim: Claim, subject: Subject, desk: Desk) -> None:
        self._submission = submission
        self._claim = claim
        self._subject = subject
        self._desk = desk
        self._puts: list[Put] = []
        self._put_keys: list[KeyRow] = []
        shown, unknown = submission.session, subject.contact is None
        led = () if shown is None else ((KeyKind.SESSION, shown), (KeyKind.ANONYMOUS, anonymous_id(shown)))
        burned = unknown and any(desk.row(desk.key(*key)) is not None for key in led)
        self._session = submission.spare_session if shown is None or burned else shown

    def effects(self) -> Effects:
        """Everything this update asks to be written."""
        subject, desk = self._subject, self._desk
        contact = subject.contact or desk.blank(subject.role, external_id=self._claim.user_id)
        if contact.blocked_at is not None:
            return self._turned_away(contact)
        if contact.archived_at is not None and subject.proven:
            contact = self._brought_back(contact)
        if subject.absorb is not None and subject.absorb.blocked_at is None:
            contact = self._absorb(self._created(contact), subject.absorb)
        decision = self._decide(contact)
        before, contact = contact, self._follow(contact, decision)
        stored = contact.version > 0
        receipt = Receipt(
            contact.id if stored else None,
            contact.role,
            subject.proven,
            tuple(decision.verdicts),
            contact.external_id,
            self._session if contact.role is not _USER else None,
            self._submission.spare_seed,
        )
        return Effects(
            receipt,
            tuple(self._puts),
            tuple(self._put_keys),
            events=self._events(contact),
            rules=decision.rules if decision.new_rules else None,
            new_rules=tuple(decision.new_rules),
            seen=contact.id if stored else None,
            arrivals=decision.arrivals,
            counts=counted(decision.verdicts),
            again=tuple(decision.again) if contact is before else (),
            page=self._submission.page,
            kid=self._submission.kid,
        )

    def _decide(self, contact: Contact) -> Decision:
        desk, page = self._desk, self._submission.page
        fresh_id = desk.fresh_attribute_id
        sayings = sayings_of(self._submission, int(desk.now), proven=self._subject.proven)
        return decide(contact, sayings, desk.rules, now=desk.now, page=page, fresh_id=fresh_id)

    def _turned_away(self, contact: Contact) -> Effects:
        """A blocked contact writes nothing. Who has not proven to be her is not told that she is blocked (§5.7)."""
        if self._subject.proven:
            raise Forbidden("The company takes nothing from this person any more.", code=Reason.CONTACT_BLOCKED)
        verdicts = tuple(self._decide(contact).verdicts)
        return Effects(Receipt(contact.id, contact.role, False, verdicts, contact.external_id), about=contact.id)

    def _brought_back(self, contact: Contact) -> Contact:
        desk = self._desk
        contact = msgspec.structs.replace(
            contact, version=contact.version + 1, updated_at=desk.now, last_seen_at=desk.now, archived_at=None
        )
        self._puts.append(Put(contact, self._draft(ChangeKind.UNARCHIVED)))
        return contact

    def _created(self, contact: Contact) -> Contact:
        """The contact, created if it was not yet, without values."""
        if contact.version > 0:
            return contact
        contact = msgspec.structs.replace(contact, version=1, last_seen_at=self._desk.now)
        self._puts.append(Put(contact, self._draft(ChangeKind.CREATED, values=given_to(contact))))
        self._name(contact)
        return contact

    def _name(self, contact: Contact) -> None:
        """Let the claim's keys lead to the new contact."""
        desk, claim, session = self._desk, self._claim, self._session
        if claim.user_id is not None:
            ended_at = not_before(desk, claim.user_id)
            self._put_keys.append(KeyRow(desk.key(KeyKind.EXTERNAL_ID, claim.user_id), contact.id, ended_at))
        elif claim.email is not None and claim.proof is Proof.EMAIL_HASH:
            self._put_keys.append(KeyRow(desk.key(KeyKind.EMAIL_PROOF, claim.email), contact.id))
        elif session is not None and contact.role is _VISITOR:
            self._put_keys.append(KeyRow(desk.key(KeyKind.SESSION, session), contact.id))
            self._put_keys.append(KeyRow(desk.key(KeyKind.ANONYMOUS, anonymous_id(session)), contact.id))

    def _absorb(self, user: Contact, guest: Contact) -> Contact:
        """Merge the browser's visitor or lead into the proven user. That burns its session."""
        seen = msgspec.structs.replace(user, last_seen_at=self._desk.now)
        it = absorbed(self._desk, seen, guest, self._draft(ChangeKind.MERGED))
        self._puts.extend(it.puts)
        return it.contact

    def _follow(self, contact: Contact, decision: Decision) -> Contact:
        """The contact after the decision, with its record. A visitor not worth storing stays unstored."""
        new = contact.version == 0
        known_by_now = contact.role is not _VISITOR or bool(self._submission.happenings)
        worth_storing = known_by_now if new else bool(decision.applied or decision.refused)
        if not decision.stored and not worth_storing:
            return contact
        after = msgspec.structs.replace(
            contact,
            version=contact.version + 1,
            updated_at=self._desk.now if decision.applied else contact.updated_at,
            last_seen_at=self._desk.now,
            holdings=decision.holdings,
            ignored=decision.ignored,
        )
        if decision.again:
            after = count_again(after, Counter(decision.again), self._desk.now)
        draft = None
        if new or decision.applied:
            kind = ChangeKind.CREATED if new else _UPDATED
            values = {**decision.values, **given_to(contact)} if new else decision.values
            draft = self._draft(kind, tuple(decision.applied), values)
        self._puts.append(Put(after, draft))
        if new:
            self._name(after)
        return self._refused(after, decision) if decision.refused else after

    def _refused(self, contact: Contact, decision: Decision) -> Contact:
        """What was ignored is told in a record of its own, whose values last only as long as held values do (§1)."""
        draft = self._draft(ChangeKind.IGNORED, tuple(decision.refused), decision.refused_values)
        last = self._puts[-1]
        if last.draft is None:
            self._puts[-1] = Put(contact, draft)
            return contact
        contact = msgspec.structs.replace(contact, version=contact.version + 1)
        self._puts.append(Put(contact, draft))
        return contact

    def _events(self, contact: Contact) -> tuple[EventRow, ...]:
        desk, whose = self._desk, (self._desk.workspace_id, contact.id)
        return tuple(
            EventRow(*whose, desk.entropy(12).hex(), event.name, desk.now, desk.now, False, event.metadata)
            for event in self._submission.happenings
        )

    def _draft(
        self, kind: ChangeKind, verdicts: tuple[Verdict, ...] = (), values: Mapping[str, Any] | None = None
    ) -> Draft:
        claims, page = self._submission.claims, self._submission.page
        return Draft(
            kind,
            _SIGNED if claims is not None else Channel.MESSENGER,
            None,
            claims.kid if claims is not None else None,
            claims.digest.hex() if claims is not None else None,
            page.sdk,
            None,
            verdicts,
            dict(values or {}),
            page.origin,
            page.path,
        )
