"""What would become of a token, or of a page's request, now and under other rules? `POST /tokens/check`.

- Every check V1 to V12 and every verdict, by the functions that a real request meets; nothing is written or counted.
- The answer depends on stored values, so it takes an access token with a scope of its own. It repeats neither the token
  nor any value.

Source: spec §10; `flow/updates/trial.py`.
"""

from __future__ import annotations

from typing import Any

from avow.api.exchange import Call
from avow.api.reading import body, optional, refuse_unknown
from avow.errors import BadInput
from avow.flow.contacts.telling import verdict_object
from avow.flow.updates.payload import payload_of
from avow.flow.updates.proposals import Proposal, enforcements_of
from avow.flow.updates.trial import AS_IT_IS, Trial, attempt
from avow.trust.policy import Platform


async def create(call: Call) -> dict[str, Any]:
    """`POST /tokens/check`."""
    fields = body(call)
    refuse_unknown(fields, "token", "user_data", "platform", "enforcement", "policy")
    raw_token, raw_payload = fields.get("token"), optional(fields, "user_data", dict)
    if raw_token is None and raw_payload is None:
        message = "token and user_data are missing. Send a token, what a page says beside it, or both."
        raise BadInput(message, field="token", code="parameter_not_found")
    platform, payload = _platform(fields), payload_of(raw_payload or {})
    proposal = Proposal(
        enforcements_of(optional(fields, "enforcement", dict) or {}), optional(fields, "policy", dict) or {}
    )
    engine, workspace_id = call.engine, call.workspace_id

    async def tried(under: Proposal) -> Trial:
        return await attempt(engine, workspace_id, raw_token, platform=platform, payload=payload, proposal=under)

    current = await tried(AS_IT_IS)
    proposed = trial_object(await tried(proposal)) if proposal else None
    return {"type": "token_check", "platform": platform, "current": trial_object(current), "proposed": proposed}


def trial_object(trial: Trial) -> dict[str, Any]:
    """What was found out, as JSON."""
    claims = trial.claims
    return {
        "accepted": trial.believed,
        "checks": [
            {
                "check": one.number,
                "title": one.title,
                "outcome": one.outcome,
                "reason": one.reason,
                "message": one.message or None,
            }
            for one in trial.checks
        ],
        "refusal": None if trial.refusal is None else {"code": trial.refusal_code, "message": trial.refusal},
        "user_id": claims.user_id if claims else None,
        "key_id": claims.kid if claims else None,
        "signed_at": claims.signed_at if claims else None,
        "dated": claims.dated if claims else None,
        "expires_at": claims.expires_at if claims else None,
        "contact_id": trial.contact_id,
        "attributes": [verdict_object(verdict) for verdict in trial.verdicts],
    }


def _platform(fields: dict[str, object]) -> Platform:
    named = optional(fields, "platform", str)
    try:
        return Platform.WEB if named is None else Platform(named)
    except ValueError:
        raise BadInput("platform is not web, ios or android, one of which is expected.", field="platform") from None
