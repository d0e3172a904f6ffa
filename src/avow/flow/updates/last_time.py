"""What became of this when it came last? If it changed nothing, it changes nothing while nothing else has moved.

Weighing is a pure function of the contact, the rules and what is said: an outcome in which every value was what it said
already holds for one version of the contact and of the rules. Source: `trust/decision.py`.
"""

from __future__ import annotations

from avow.flow.desk import Desk
from avow.flow.updates.submissions import Receipt
from avow.flow.work import Effects
from avow.trust.change import Outcome
from avow.trust.contact import Contact, ContactId

_UNCHANGED = Outcome.UNCHANGED  # found without the way by its class, as in `trust/decision.py`


class LastTime:
    """What became of a submission when it came last, for whoever may see it again."""

    __slots__ = ("_answer", "_contact_id", "_effects", "_rules_version", "_told", "_version")

    def __init__(self) -> None:
        self._effects: Effects | None = None
        self._told: Receipt | None = None
        self._answer = b""
        self._contact_id, self._version, self._rules_version = ContactId(""), -1, -1

    def keep(self, effects: Effects, contact: Contact | None, desk: Desk) -> None:
        """Remember an outcome in which every value was what it said already.

        What a work before has changed may never be committed: somebody else's change would then bear the same version.
        """
        if effects.puts or contact is None or not desk.is_as_loaded(contact):
            return
        receipt: Receipt = effects.result
        if all(one.verdict is _UNCHANGED for one in receipt.verdicts):
            self._effects, self._contact_id, self._version = effects, contact.id, contact.version
            self._rules_version = desk.rules.version

    def holds(self, contact: Contact | None, desk: Desk) -> Effects | None:
        """That outcome, if neither the contact nor the rules have moved since."""
        if contact is None or contact.version != self._version or contact.id != self._contact_id:
            return None
        return self._effects if desk.rules.version == self._rules_version else None

    def answer(self, receipt: Receipt) -> bytes | None:
        """The answer that told of this very receipt, under the rules that the submission was believed under."""
        return self._answer if receipt is self._told else None

    def answered(self, receipt: Receipt, answer: bytes) -> None:
        """Remember what it was answered."""
        self._told, self._answer = receipt, answer
