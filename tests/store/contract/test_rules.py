"""What may be believed is stored exactly, changed only by who has seen it as it is, and announced by its version."""

from __future__ import annotations

import msgspec
import pytest

from avow.errors import Conflict, NotFound
from avow.flow.contract import OperatorChange, RawRules, SealedKey, Store, WriteConflict, Writes
from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.attribute import STANDARD, Attribute, AttributeType, Enforcement
from avow.trust.contact import WorkspaceId
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens, WorkspaceKind
from tests.store import acme
from tests.store.acme import ACME, ACME_TEST, GLOBEX, NOON, OLIVE, write
from tests.store.conftest import Opening

PLAN = Attribute(
    1_001,
    "plan",
    AttributeType.LIST,
    Enforcement.MONITOR,
    options=("free", 'pro, "quoted"', ""),
    provisional=True,
    archived=True,
    ever_signed=True,
    description="What she pays for — 漢字",
    created_at=NOON,
    updated_at=NOON + 0.5,
    adopted_at=NOON + 1,
)
SEATS = Attribute(1_002, "seats", AttributeType.INTEGER)
KEY = SealedKey(ACME, "key1", b'{"name":"\xc3\xa9"}', b"\x00sealed\xff", b"fingerprint 1")
TOKEN = AccessToken("tok1", ACME, "Sync", "ab" * 32, Mode.RELAYING, (Scope.WRITE_CONTACTS,), NOON)
POLICY = Policy(
    messenger_security={Platform.WEB: MessengerSecurity.REQUIRED},
    may_create=MayCreate.NOBODY,
    require_exp=True,
    max_token_lifetime=3_600,
    undated_tokens=UndatedTokens.REFUSE,
    origins=("https://app.acme.example",),
    retention_days=7,
)


async def rules(store: Store, workspace_id: WorkspaceId = ACME) -> RawRules:
    """The rules as they are read everywhere: beside transactions and in both kinds of them."""
    beside = await store.rules(workspace_id)
    assert beside is not None
    async with store.transaction([workspace_id]) as transaction:
        assert await transaction.rules(workspace_id) == beside
        assert (await transaction.clock()).versions == {workspace_id: beside.version}
    async with store.rules_transaction(workspace_id) as change:
        assert await change.rules() == beside
    assert (await store.versions())[workspace_id] == beside.version
    return beside


async def put(store: Store, attribute: Attribute, workspace_id: WorkspaceId = ACME) -> None:
    """One attribute, in a change of its own."""
    async with store.rules_transaction(workspace_id) as change:
        await change.put_attribute(attribute)


async def test_a_workspace_is_as_it_was_made(store: Store) -> None:
    found = await store.workspaces()
    assert [one.id for one in found] == [ACME, ACME_TEST, GLOBEX]
    assert (found[1].kind, found[1].production_id, found[1].policy) == (WorkspaceKind.TEST, ACME, Policy())
    assert found[0].timezone == "Europe/Vienna"
    assert await rules(store) == RawRules(1, found[0], (), (), ())
    assert await store.teammates(ACME) == [OLIVE]
    assert await store.teammates(ACME_TEST) == []


async def test_a_workspace_is_made_with_its_first_key_token_and_log_or_not_at_all(store: Store) -> None:
    (old, *_) = await store.workspaces()
    new = msgspec.structs.replace(old, id=WorkspaceId("new00001"))
    key = msgspec.structs.replace(KEY, workspace_id=new.id)
    token = msgspec.structs.replace(TOKEN, workspace_id=new.id)
    log = OperatorChange(new.id, "1", NOON, "olive", "key.add", "key1", "", "live")
    with pytest.raises(Conflict):
        await store.create_workspaces([old, new], [], keys=[key], access_tokens=[token], log=[log])
    assert await store.rules(new.id) is None
    await store.create_workspaces([new], [], keys=[key], access_tokens=[token], log=[log])
    assert await rules(store, new.id) == RawRules(1, new, (), (key,), (token,))
    assert await store.operator_changes(new.id, limit=9) == [log]


async def test_a_workspace_is_made_once_and_with_it_nothing_else(store: Store) -> None:
    (old, *_) = await store.workspaces()
    new = msgspec.structs.replace(old, id=WorkspaceId("new00001"))
    with pytest.raises(Conflict, match="acme0001"):
        await store.create_workspaces([new, msgspec.structs.replace(old, name="Mallory")], [])
    assert [one.name for one in await store.workspaces()] == ["Acme", "Acme (test)", "Globex"]


async def test_where_there_is_no_workspace_there_are_no_rules(store: Store) -> None:
    nowhere = WorkspaceId("nowhere1")
    assert await store.rules(nowhere) is None
    async with store.transaction([nowhere]) as transaction:
        assert (await transaction.clock()).versions == {}
        with pytest.raises(NotFound):
            await transaction.rules(nowhere)


async def test_everything_that_is_put_comes_back_as_it_was(store: Store) -> None:
    async with store.rules_transaction(ACME) as change:
        await change.put_attribute(PLAN)
        await change.put_attribute(SEATS)
        await change.put_key(KEY)
        await change.put_access_token(TOKEN)
        await change.put_policy(POLICY)
    found = await rules(store)
    assert found.version == 2
    assert found.attributes == (PLAN, SEATS)
    assert (found.keys, found.access_tokens, found.workspace.policy) == ((KEY,), (TOKEN,), POLICY)
    assert await rules(store, ACME_TEST) == RawRules(1, (await store.workspaces())[1], (), (), ())


async def test_a_workspace_gets_another_name_and_zone_and_its_rules_another_version(store: Store) -> None:
    async with store.rules_transaction(ACME) as change:
        await change.put_workspace("Acme Rockets", "Asia/Tokyo")
    found = await rules(store)
    assert (found.version, found.workspace.name, found.workspace.timezone) == (2, "Acme Rockets", "Asia/Tokyo")
    assert found.workspace in await store.workspaces()
    assert (await rules(store, ACME_TEST)).version == 1


async def test_keys_and_tokens_are_replaced_by_what_is_put_again(store: Store) -> None:
    retired = msgspec.structs.replace(KEY, details=b'{"state":"retired"}')
    revoked = msgspec.structs.replace(TOKEN, revoked_at=NOON + 9, name="Old sync")
    for key, token in ((KEY, TOKEN), (retired, revoked)):
        async with store.rules_transaction(ACME) as change:
            await change.put_key(key)
            await change.put_access_token(token)
    found = await rules(store)
    assert (found.version, found.keys, found.access_tokens) == (3, (retired,), (revoked,))


async def test_the_same_key_material_serves_one_workspace_of_a_company(store: Store) -> None:
    async with store.rules_transaction(ACME) as change:
        await change.put_key(KEY)
    again = msgspec.structs.replace(KEY, kid="key2")
    for workspace_id in (ACME, ACME_TEST):
        with pytest.raises(WriteConflict):
            async with store.rules_transaction(workspace_id) as change:
                await change.put_key(msgspec.structs.replace(again, workspace_id=workspace_id))
    async with store.rules_transaction(GLOBEX) as change:
        assert await change.fingerprints() == []
        await change.put_key(msgspec.structs.replace(again, workspace_id=GLOBEX))
    async with store.rules_transaction(ACME_TEST) as change:
        await change.put_key(SealedKey(ACME_TEST, "key1", b"{}", b"", b"fingerprint 2"))
        assert sorted(await change.fingerprints()) == [
            (ACME, "key1", b"fingerprint 1"),
            (ACME_TEST, "key1", b"fingerprint 2"),
        ]


async def test_an_attribute_follows_its_version(store: Store) -> None:
    await put(store, SEATS)
    locked = msgspec.structs.replace(SEATS, enforcement=Enforcement.LOCKED, type=AttributeType.FLOAT, version=2)
    await put(store, locked)
    for stale in (SEATS, locked, msgspec.structs.replace(SEATS, version=4)):
        with pytest.raises(WriteConflict):
            await put(store, stale)
    found = await rules(store)
    assert found.attributes == (locked,)
    assert found.version == 3, "what was refused must not look like a change"


async def test_a_standard_attribute_may_begin_with_its_second_version(store: Store) -> None:
    """Its first one is built in and was never stored."""
    name = msgspec.structs.replace(STANDARD["name"], enforcement=Enforcement.LOCKED, version=2)
    await put(store, name)
    with pytest.raises(WriteConflict):
        await put(store, name)
    with pytest.raises(WriteConflict):
        await put(store, msgspec.structs.replace(SEATS, version=2))
    await put(store, msgspec.structs.replace(name, version=3, description="x"))
    assert [one.version for one in (await rules(store)).attributes] == [3]


@pytest.mark.parametrize("name", ["seats", "SEATS", "ｓｅａｔｓ", "ſeats"])
async def test_a_name_is_taken_however_it_is_written(store: Store, name: str) -> None:
    await put(store, SEATS)
    twin = Attribute(1_003, name, AttributeType.STRING)
    with pytest.raises(WriteConflict):
        await put(store, twin)
    with pytest.raises(WriteConflict):
        await write(store, Writes(attributes=((ACME, twin),)))
    await put(store, twin, ACME_TEST)
    assert (await rules(store)).attributes == (SEATS,)


async def test_a_name_that_strangers_use_is_taken_for_those_who_vouch_too(store: Store) -> None:
    """What folds like it is not: squatting blocks nobody. The same name twice would be open and locked at once."""
    open_one = Attribute(1_003, "Seats", AttributeType.STRING, provisional=True)
    await write(store, Writes(attributes=((ACME, open_one), (ACME, SEATS))))
    for twin in (msgspec.structs.replace(SEATS, id=7, provisional=True), Attribute(8, "Seats", AttributeType.STRING)):
        with pytest.raises(WriteConflict):
            await write(store, Writes(attributes=((ACME, twin),)))
    assert (await rules(store)).attributes == (SEATS, open_one)


async def test_a_number_is_given_once(store: Store) -> None:
    await put(store, SEATS)
    with pytest.raises(WriteConflict):
        await put(store, Attribute(SEATS.id, "other", AttributeType.STRING))


async def test_a_change_that_fails_changes_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.rules_transaction(ACME) as change:
            await change.put_attribute(PLAN)
            await change.put_policy(POLICY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    found = await rules(store)
    assert (found.version, found.attributes, found.workspace.policy) == (1, (), Policy())


async def test_writing_the_log_alone_is_no_change_of_rules(store: Store) -> None:
    entries = [
        OperatorChange(ACME, f"change{number}", NOON + number, "olive", "attribute.lock", "plan", "open", "locked")
        for number in range(4)
    ]
    for entry in entries:
        async with store.rules_transaction(ACME) as change:
            await change.log(entry)
    assert await store.operator_changes(ACME, limit=3) == entries[:0:-1]
    assert await store.operator_changes(ACME_TEST, limit=3) == []
    assert (await rules(store)).version == 1


async def test_a_batch_may_create_attributes_and_announces_them(opening: Opening) -> None:
    first, second = opening(), opening()
    await write(first, Writes(attributes=((ACME, PLAN), (ACME, SEATS))))
    found = await rules(second)
    assert (found.version, found.attributes) == (2, (PLAN, SEATS))
    adopted = msgspec.structs.replace(PLAN, provisional=False, version=2)
    await write(second, Writes(attributes=((ACME, adopted),)))
    for late in (PLAN, adopted):
        with pytest.raises(WriteConflict):
            await write(first, Writes(attributes=((ACME, late),)))
    assert (await rules(first)).version == 3


async def test_a_transaction_keeps_one_time(store: Store) -> None:
    async with store.transaction([ACME, GLOBEX, ACME_TEST]) as transaction:
        first = await transaction.clock()
        await transaction.find([acme.key(acme.KeyKind.SESSION, "x")])
        assert await transaction.clock() == first
        assert set(first.versions) == {ACME, GLOBEX, ACME_TEST}
    async with store.rules_transaction(ACME) as change:
        assert change.now >= first.now
        assert change.now == change.now
