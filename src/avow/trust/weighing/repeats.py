"""What was ignored again within the hour of its record: counted, and not recorded again.

- A record tells whose key had proven who says it, so what is held is recorded once for each such key: whoever distrusts
  one of them later finds everything that was held on its proof.

Source: spec §7.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from avow.trust.contact import Contact
from avow.trust.reasons import Reason


class Again(msgspec.Struct, frozen=True):
    """Something was ignored that had been recorded in this hour already: only a count changes.

    `held` is the version of the held value that it repeats, None where it repeats none; `proven_by` the key that had
    proven whoever said it.
    """

    attribute: str
    reason: Reason
    held: int | None = None
    proven_by: str | None = None


def noted_under(attribute: str, reason: Reason, proven_by: str | None) -> str:
    """Under what it is kept, for each hour, that something was recorded."""
    return f"{attribute}:{reason}" if proven_by is None else f"{attribute}:{reason}:{proven_by}"


def count_again(contact: Contact, repeats: Mapping[Again, int], now: float) -> Contact:
    """The contact with further ignored repeats counted, in its hour's counts and in what is held. Pure bookkeeping."""
    hour, ignored, holdings = int(now // 3600), dict(contact.ignored), dict(contact.holdings)
    for again, times in repeats.items():
        key = noted_under(again.attribute, again.reason, again.proven_by)
        at, count = ignored.get(key, (hour, 0))
        ignored[key] = (at, count + times)
        holding = holdings.get(again.attribute)
        held = holding.held if holding is not None else None
        if holding is not None and held is not None and held.version == again.held:
            counted = msgspec.structs.replace(held, count=held.count + times, last_at=now)
            holdings[again.attribute] = msgspec.structs.replace(holding, held=counted)
    return msgspec.structs.replace(contact, ignored=ignored, holdings=holdings)
