"""Acme's keys, one of which was in other hands: taken back, with all that must hold whatever is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from avow.flow import distrust, keys
from avow.flow.audit import audit
from avow.flow.workspaces import fresh_key
from avow.trust.contact import Holding
from avow.trust.weighing.distrust import Fall
from tests.support.office import OLIVE, Office


async def with_key(office: Office, kid: str = "second") -> Office:
    """The same office, signing with another key of its own."""
    engine = office.engine
    key, secret = fresh_key(kid, kid, office.clock(), engine.entropy)
    how: dict[str, Any] = {"master_key": engine.master_key, "entropy": engine.entropy, "actor": OLIVE}
    await keys.add(engine.store, office.workspace_id, key, **how)
    await engine.rulebook.confirm()
    return replace(office, kid=kid, secret=secret)


async def fell(office: Office, since: float, kid: str | None = None) -> dict[str, dict[str, Fall]]:
    """Distrust the office's first key, or another one: what became of whom, by id. A rehearsal told the same."""
    chosen, engine = kid or office.kid, office.engine
    rehearsed = [step async for step in distrust.rehearse(engine, office.workspace_id, chosen, since=since)]
    before = await office.everything()
    key = await distrust.begin(engine, office.workspace_id, chosen, since=since, actor=OLIVE)
    assert await office.everything() == before
    done = [step async for step in distrust.sweep(engine, office.workspace_id, key, actor=OLIVE)]
    told, foretold = found(done), found(rehearsed)
    assert told == foretold
    assert [step.created for step in done] == [step.created for step in rehearsed]
    again = [step async for step in distrust.sweep(engine, office.workspace_id, key, actor=OLIVE)]
    assert found(again) == {}, "done twice, it changes nothing more"
    verified = await audit(engine.store, office.workspace_id)
    assert verified.holds, verified.findings
    return told


def found(steps: list[distrust.Step]) -> dict[str, dict[str, Fall]]:
    return {finding.contact_id: finding.falls for step in steps for finding in step.findings}


async def alices(office: Office, told: dict[str, dict[str, Fall]]) -> dict[str, Fall]:
    return told.get((await office.known("alice")).id, {})


def standing(holding: Holding) -> tuple[object, bool, str | None]:
    """(value, verified, by) of the current value."""
    source = holding.source
    assert source is not None
    return holding.value, source.verified, source.by


def slot(holding: Holding) -> tuple[object, str | None] | None:
    """(value, by) of the verified slot."""
    found = holding.verified_slot
    return None if found is None else (found.value, found.source.by)
