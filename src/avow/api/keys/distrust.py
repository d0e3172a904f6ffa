"""What did a key vouch for while it was in other hands? `POST /keys/{kid}/distrust`: told first, then done.

- Unless `dry_run` is false, nothing is written. What is told is what would be done at this moment.
- One answer is one step, over a bounded number of change records. Its `next` goes into the next request, until it is
  null. Done twice, nothing changes any more: whoever was interrupted begins again.

Source: spec §4 "Keys" (distrust).
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.keys.fresh import TO_KEEP_KEYS, asking
from avow.api.reading import body, optional, refuse_unknown, required
from avow.flow import distrust, keys
from avow.flow.contacts import require_vouching
from avow.trust.weighing.distrust import Fall

MOST_RECORDS: Final = 500
"""What one answer looks at, and a step of a sweep more at most."""


async def create(call: Call) -> dict[str, Any]:
    """`POST /keys/{kid}/distrust`."""
    require_vouching(call.caller.token, TO_KEEP_KEYS)
    fields = body(call)
    refuse_unknown(fields, "since", "dry_run", "starting_after")
    since, dry_run = required(fields, "since", int), optional(fields, "dry_run", bool) is not False
    place = distrust.place_of(optional(fields, "starting_after", str))
    engine, workspace_id, kid, actor = call.engine, call.workspace_id, call.path["kid"], call.caller.token.actor
    if dry_run:
        steps = distrust.rehearse(engine, workspace_id, kid, since=since, place=place)
    else:
        key = await keys.distrust_asked(engine.store, asking(call), kid, since=since, entropy=engine.entropy)
        await engine.rulebook.confirm()
        steps = distrust.sweep(engine, workspace_id, key, actor=actor, place=place)
    step = await distrust.up_to(steps, MOST_RECORDS)
    return {"type": "distrust", "kid": kid, "since": since, "dry_run": dry_run, **step_object(step)}


def step_object(step: distrust.Step) -> dict[str, Any]:
    """One step as JSON."""
    falls = Counter(fall for finding in step.findings for fall in finding.falls.values())
    return {
        "complete": step.cursor is None,
        "next": None if step.cursor is None else {"starting_after": step.cursor},
        "counts": {"contacts": len(step.findings), **{fall: falls[fall] for fall in Fall}, "erased": step.gone},
        "contacts": [
            {
                "id": finding.contact_id,
                "attributes": [{"name": name, "outcome": fall} for name, fall in finding.falls.items()],
            }
            for finding in step.findings
        ],
        "created": list(step.created),
        "merges": [{"into": into, "from": merged} for into, merged in step.merges],
    }
