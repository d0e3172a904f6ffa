"""Which keys lead from an address to somebody, whatever becomes of her and of the crowd beside her."""

from __future__ import annotations

import msgspec

from avow.flow.contacts import CreateContact, Fields, UpdateContact, Written
from avow.flow.contract import MOST_OF_ADDRESS, KeyKind, KeyRow, LookupKey
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put
from avow.trust.contact import Contact, ContactId, Role
from tests.support.office import Office
from tests.support.world import acme_rules, alice, claimed

ADDRESS = "alice@example.com"


async def leading(office: Office, contact: Contact) -> set[KeyKind]:
    rows = await office.engine.store.keys_of(office.workspace_id, contact.id)
    return {row.key.kind for row in rows if row.key.value == ADDRESS}


async def test_an_address_leads_apart_to_a_user_for_as_long_as_no_id_names_her(office: Office) -> None:
    token, email = await office.caller(), {"email": ADDRESS}
    created = CreateContact(token=token, fields=Fields(role=Role.LEAD, raw_values=email))
    written: Written = await office.engine.committer.submit(created)
    assert await leading(office, written.contact) == {KeyKind.EMAIL}
    for fields, kinds in (
        (Fields(role=Role.USER), {KeyKind.EMAIL, KeyKind.EMAIL_ALONE}),
        (Fields(external_id="alice"), {KeyKind.EMAIL}),
        (Fields(raw_values={"email": None}), set()),
    ):
        update = UpdateContact(token=token, contact_id=written.contact.id, fields=fields)
        await office.engine.committer.submit(update)
        assert await leading(office, written.contact) == kinds


def test_whoever_leaves_a_crowd_that_was_not_laid_out_is_not_led_to_any_more() -> None:
    """And whoever comes back in the same batch stays."""
    one = alice(email=claimed(ADDRESS))
    desk = Desk(one.workspace_id, acme_rules(), 1_700_000_000.0, bytes, b"k" * 32)
    key = LookupKey(one.workspace_id, KeyKind.EMAIL, ADDRESS)
    desk.lay_out_keys(KeyRow(key, ContactId(f"{number:024x}")) for number in range(MOST_OF_ADDRESS + 1))
    desk.lay_out([one])
    assert (desk.keys[key], desk.crowded, desk.is_overtaken()) == ({}, {key}, False)
    there, back = ({"email": claimed(address)} for address in ("elsewhere@example.com", ADDRESS))
    desk.apply(Effects(None, puts=(Put(msgspec.structs.replace(one, version=2, holdings=there)),)))
    assert desk.writes().drop_keys == (KeyRow(key, one.id),)
    desk.apply(Effects(None, puts=(Put(msgspec.structs.replace(one, version=3, holdings=back)),)))
    assert (desk.writes().drop_keys, desk.writes().put_keys) == ((), ())
