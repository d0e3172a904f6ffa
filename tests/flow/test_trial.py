"""A trial tells what would become of a token now, by the checks that a real one meets, and writes nothing."""

from __future__ import annotations

import pytest

from avow import sign
from avow.errors import NotFound
from avow.flow.updates.trial import attempt
from avow.trust.change import Outcome
from avow.trust.contact import WorkspaceId
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.token_checks.numbers import Outcome as CheckOutcome
from tests.support.office import Office


def token(office: Office, user_id: str = "alice", /, *, age: float = 0, **values: str) -> str:
    return sign(user_id, values, key=office.secret, kid=office.kid, now=office.clock() - age, expires_in=3600)


async def failed(office: Office, raw_token: str) -> list[tuple[str, Reason | None]]:
    trial = await attempt(office.engine, office.workspace_id, raw_token, platform=Platform.WEB)
    assert not trial.believed
    assert (trial.claims, trial.verdicts) == (None, ())
    return [(one.number, one.reason) for one in trial.checks if one.outcome is CheckOutcome.FAILED]


async def test_the_verdicts_are_those_that_the_token_then_gets(office: Office) -> None:
    await office.signed("alice", plan="pro", seats="3")
    office.clock.pass_(60)
    older = token(office, plan="free", seats="3", age=90)
    trial = await attempt(office.engine, office.workspace_id, older, platform=Platform.WEB)
    receipt = await office.signed("alice", at=office.clock() - 90, plan="free", seats="3")
    assert trial.verdicts == receipt.verdicts
    assert [(one.name, one.verdict, one.reason) for one in trial.verdicts] == [
        ("plan", Outcome.IGNORED, Reason.STALE),
        ("seats", Outcome.IGNORED, Reason.STALE),
    ]


async def test_nothing_is_written(office: Office) -> None:
    await office.signed("alice", plan="pro")
    before, versions = await office.everything(), await office.engine.store.versions()
    office.clock.pass_(60)
    trial = await attempt(office.engine, office.workspace_id, token(office, plan="max", new="x"), platform=Platform.WEB)
    assert [one.verdict for one in trial.verdicts] == [Outcome.APPLIED, Outcome.APPLIED]
    assert trial.contact_id == (await office.known("alice")).id
    assert (await office.everything(), await office.engine.store.versions()) == (before, versions)


async def test_somebody_new_is_nobody_yet(office: Office) -> None:
    trial = await attempt(office.engine, office.workspace_id, token(office, plan="pro"), platform=Platform.WEB)
    assert (trial.believed, trial.contact_id) == (True, None)
    assert (await office.rest("GET", "/contacts/find_by_external_id/alice")).status == 404


async def test_a_token_from_before_its_user_was_erased_fails_the_last_check(office: Office) -> None:
    contact_id = await office.alice(name="Alice")
    old = token(office, plan="pro")
    assert (await office.rest("DELETE", f"/contacts/{contact_id}")).status == 200
    assert await failed(office, old) == [("V12", Reason.IDENTITY_SUPERSEDED)]


async def test_a_token_that_nobody_signed_tells_nothing_of_what_it_says(office: Office) -> None:
    forged = sign("alice", {"plan": "max"}, key="Nq7-vY2mKz_84hTpLw0cXbRj6sDfGa3e", kid=office.kid, now=office.clock())
    assert await failed(office, forged) == [("V6", Reason.SIGNATURE_INVALID)]
    assert await failed(office, "x.y") == [("V1", Reason.TOKEN_MALFORMED)]


async def test_there_is_no_trial_where_there_is_no_workspace(office: Office) -> None:
    with pytest.raises(NotFound):
        await attempt(office.engine, WorkspaceId("nowhere1"), token(office), platform=Platform.WEB)
