"""What becomes of the values that are held of one attribute: accepted one by one, many at once, or let go.

One by one somebody vouches, and the value is verified. At many nobody has looked that closely: they stay unverified.
"""

from __future__ import annotations

from avow.admin.attribute.places import address, of
from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Reply, SeeOther, Visit
from avow.errors import BadInput
from avow.flow.by_hand.acts import DecideHeld, Decision
from avow.flow.screens import accepting
from avow.flow.team.roles import May

WHAT: dict[Decision, str] = {
    Decision.ACCEPT: "The value is accepted. It counts as verified: you vouched for it.",
    Decision.DISCARD: "The value is let go. What was known stays as it is.",
}


async def decide(visit: Visit) -> Reply:
    """Accept or discard one."""
    attribute = await of(visit)
    raw_decision, (chosen,) = visit.need("decision"), accepting.seen([visit.need("held")])
    if raw_decision not in tuple(Decision):
        raise BadInput("Choose to accept the value, or to discard it.", field="decision")
    decision = Decision(raw_decision)
    await visit.engine.committer.submit(
        DecideHeld(
            workspace_id=visit.workspace_id,
            contact_id=chosen.contact_id,
            actor=visit.acting(May.EDIT_PEOPLE),
            name=attribute.name,
            version=chosen.version,
            decision=decision,
        )
    )
    return SeeOther(address(visit, attribute), Toast(WHAT[decision]))


async def accept_all(visit: Visit) -> Reply:
    """Accept many, unverified."""
    attribute = await of(visit)
    chosen = accepting.seen(visit.form.all("held"))
    actor = visit.acting(May.EDIT_PEOPLE)
    done = await accepting.accept_all(visit.engine, visit.workspace_id, attribute.name, chosen, actor=actor)
    taken = "1 value is" if done.taken == 1 else f"{done.taken} values are"
    text = f"{taken} accepted, unverified."
    if done.left:
        text += (
            f" {done.left} {'was' if done.left == 1 else 'were'} left: somebody vouched there, or it changed meanwhile."
        )
    return SeeOther(address(visit, attribute), Toast(text, Tone.NOTE if done.left else Tone.DONE))
