"""Is it safe to lock this attribute? `/data_attributes/{id}/readiness`, for the last day, week and month.

`state` and `sentence` are those of the last week. Claims of callers who had not proven whom they speak about stand
under `unproven` and never block. Source: spec §8.
"""

from __future__ import annotations

from typing import Any, Final

from avow.api.exchange import Call
from avow.flow import attributes, readiness
from avow.trust.readiness import UNSIGNED, Assessment
from avow.trust.traffic import TrafficClass

_PROVEN: Final = (TrafficClass.SIGNED, *UNSIGNED)
_PREFIX: Final = "unproven_"


async def get(call: Call) -> dict[str, Any]:
    """`GET /data_attributes/{id}/readiness`."""
    store, workspace_id = call.engine.store, call.workspace_id
    attribute = attributes.find(await attributes.every(store, workspace_id), call.path["id"])
    report = await readiness.report(store, workspace_id, attribute, call.engine.now())
    return {
        "type": "readiness",
        "attribute": attribute.name,
        "enforcement": attribute.enforcement,
        "state": report.headline.state,
        "sentence": report.headline.sentence,
        "last_seen": {"signed": report.last_signed_at, "unsigned": report.last_unsigned_at},
        "windows": {name: _assessment_object(one) for name, one in report.windows.items()},
    }


def _assessment_object(one: Assessment) -> dict[str, Any]:
    unproven = {kind: count for kind, count in one.counts.items() if kind not in _PROVEN}
    return {
        "state": one.state,
        "sentence": one.sentence,
        "signed_share": one.signed_share,
        "counts": {kind: one.counts[kind] for kind in _PROVEN},
        "unproven": {kind.removeprefix(_PREFIX): count for kind, count in unproven.items()},
        "writers": [
            {"label": writers.label, "people": writers.people, "last_at": int(writers.last_at)}
            for writers in one.writers
        ],
    }
