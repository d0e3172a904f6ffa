"""An access token's text is told once and kept as a digest; a revoked one ends for good, and stays on the list."""

from __future__ import annotations

import os

import pytest

from avow.errors import BadInput, NotFound
from avow.flow import access
from avow.trust.access import Mode, Scope, digest_of, workspace_of
from avow.trust.contact import WorkspaceId
from tests.support.office import OLIVE, Office


async def made(office: Office, name: str = "CRM", *scopes: Scope) -> access.Made:
    return await access.make(
        office.engine.store,
        office.workspace_id,
        name=name,
        mode=Mode.RELAYING,
        scopes=scopes or (Scope.WRITE_CONTACTS, Scope.READ_CONTACTS, Scope.WRITE_CONTACTS),
        entropy=os.urandom,
        actor=OLIVE,
    )


async def test_a_made_token_is_kept_as_a_digest(office: Office) -> None:
    new = await made(office)
    assert workspace_of(new.text) == office.workspace_id
    assert new.token.digest == digest_of(new.text)
    assert new.token.scopes == (Scope.READ_CONTACTS, Scope.WRITE_CONTACTS)
    assert new.text not in repr(new) + repr(await access.every(office.engine.store, office.workspace_id))


async def test_a_revoked_token_is_refused_and_stays_on_the_list(office: Office) -> None:
    new = await made(office, "CRM", Scope.READ_CONTACTS)
    assert (await office.rest("GET", "/contacts", token=new.text)).status == 200
    revoked = await access.revoke(
        office.engine.store, office.workspace_id, new.token.id, entropy=os.urandom, actor=OLIVE
    )
    await office.engine.rulebook.confirm()
    assert (await office.rest("GET", "/contacts", token=new.text)).status == 401
    assert revoked in await access.every(office.engine.store, office.workspace_id)


async def test_revoking_again_changes_nothing(office: Office) -> None:
    new = await made(office)
    revoke = (office.engine.store, office.workspace_id, new.token.id)
    first = await access.revoke(*revoke, entropy=os.urandom, actor=OLIVE)
    office.clock.pass_(60)
    assert await access.revoke(*revoke, entropy=os.urandom, actor=OLIVE) == first


async def test_who_made_and_revoked_what_is_written_down(office: Office) -> None:
    new = await made(office)
    await access.revoke(office.engine.store, office.workspace_id, new.token.id, entropy=os.urandom, actor=OLIVE)
    logged = await office.engine.store.operator_changes(office.workspace_id, limit=10)
    told = {(one.action, one.actor) for one in logged if one.subject == new.token.id}
    assert told == {("access_token.make", OLIVE), ("access_token.revoke", OLIVE)}
    assert new.text not in repr(logged)


@pytest.mark.parametrize(("name", "field"), [(" ", "name"), ("x" * 101, "name"), ("a\nb", "name")])
async def test_a_name_that_is_none_is_refused(office: Office, name: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        await made(office, name)
    assert refused.value.field == field
    assert len(await access.every(office.engine.store, office.workspace_id)) == 1


async def test_a_token_without_scopes_is_refused(office: Office) -> None:
    with pytest.raises(BadInput, match="no scopes"):
        await access.make(
            office.engine.store,
            office.workspace_id,
            name="CRM",
            mode=Mode.VOUCHING,
            scopes=(),
            entropy=os.urandom,
            actor=OLIVE,
        )


async def test_what_is_not_there_cannot_be_listed_or_revoked(office: Office) -> None:
    with pytest.raises(NotFound):
        await access.every(office.engine.store, WorkspaceId("nowhere1"))
    with pytest.raises(NotFound, match="Its tokens"):
        await access.revoke(office.engine.store, office.workspace_id, "nobody", entropy=os.urandom, actor=OLIVE)
