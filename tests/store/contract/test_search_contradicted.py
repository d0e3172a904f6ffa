"""Who contradicts what somebody vouched for is found alike by every database and by plain Python."""

from __future__ import annotations

from avow.flow.contract import Store, Writes
from avow.flow.contract.query import Contradicted, Every, Node
from avow.flow.search.matching import matches
from avow.flow.search.parsing import Terms, parse
from avow.flow.search.searching import Asked, search
from avow.trust.attribute import STANDARD, Attribute, AttributeType
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, Scalar, Slot, Source
from avow.trust.keys import Keyring
from avow.trust.policy import Policy
from avow.trust.rules import Rules
from tests.store.acme import ACME, NOON, changed, person, stored, write

RULES = Rules.of(1, ACME, Policy(), (), Keyring())
VOUCHED = Source(Channel.SIGNED, True, "key-1", 1, NOON, 1)
CLAIMED = Source(Channel.MESSENGER, False, None, 1, NOON, 1)


def held(value: Scalar, *, proven: bool = True, last_at: float = NOON) -> Held:
    return Held(value, 1, Channel.MESSENGER, proven, NOON, last_at, 1, "https://app.acme.example", "/v1")


HOLDINGS = {
    "verified": Holding("Alice", VOUCHED),
    "unverified": Holding("Alice", CLAIMED),
    "hostile text": Holding('],[],null,["', VOUCHED),
    "the same held": Holding("Alice", VOUCHED, None, held("Alice")),
    "another held": Holding("Alice", VOUCHED, None, held("Mallory")),
    "another type held": Holding("1", VOUCHED, None, held(1)),
    "an equal number held": Holding(1, VOUCHED, None, held(1.0)),
    "a clear held": Holding("Alice", VOUCHED, None, held(None)),
    "held against a clear": Holding(None, VOUCHED, None, held("Mallory")),
    "unproven": Holding("Alice", VOUCHED, None, held("Mallory", proven=False)),
    "expired": Holding("Alice", VOUCHED, None, held("Mallory", last_at=NOON - 1)),
    "beside a slot": Holding("Mallory", CLAIMED, Slot("Alice", VOUCHED)),
    "a slot alone": Holding(None, None, Slot("Alice", VOUCHED)),
    "held for nobody's word": Holding("Alice", CLAIMED, None, held("Mallory")),
    "held alone": Holding(None, None, None, held("Mallory")),
}


async def found(store: Store, where: Node) -> set[ContactId]:
    results = await search(store, ACME, RULES, Asked(where, 50))
    return {one.id for one in results.contacts}


async def test_a_contradiction_is_found_from_the_moment_it_comes_to_the_moment_it_goes(store: Store) -> None:
    """From every shape to every other, by a change of the contact."""
    shapes = list(HOLDINGS.values())
    people = await stored(store, *(person(holdings={"name": before}) for before in shapes for _ in shapes))
    after = [shape for _ in shapes for shape in shapes]
    saves = [changed(one, holdings={"name": holding}) for one, holding in zip(people, after, strict=True)]
    await write(store, Writes(saves=tuple(saves)))
    now = [save.contact for save in saves]
    for since in (NOON, NOON + 1):
        where = Contradicted(since)
        results = await search(store, ACME, RULES, Asked(where, 1_000))
        assert {one.id for one in results.contacts} == {one.id for one in now if matches(where, one, RULES)}
        assert len(results.contacts) == len(shapes) * (6 if since == NOON else 2), "held values expire by themselves"


async def test_whoever_is_put_aside_contradicts_nobody_until_she_is_back(store: Store) -> None:
    (alice,) = await stored(store, person(holdings={"name": HOLDINGS["another held"]}))
    for facts, there in (({"archived_at": NOON}, set()), ({"archived_at": None}, {alice.id})):
        save = changed(alice, **facts)
        await write(store, Writes(saves=(save,)))
        alice = save.contact
        assert await found(store, Contradicted(NOON)) == there


async def test_what_an_adoption_has_put_aside_contradicts_nobody(store: Store) -> None:
    size = Attribute(1001, "size", AttributeType.INTEGER, adopted_at=NOON)
    rules = RULES.having(size)
    async with store.rules_transaction(ACME) as transaction:
        await transaction.put_attribute(size)
    slot = Slot(None, VOUCHED)
    people = [person(holdings={"size": Holding(value, CLAIMED, slot)}) for value in ("a lot", "7", 7)]
    aside, fitting, number = [one.id for one in await stored(store, *people)]
    for negated, expected in ((False, {fitting, number}), (True, {aside})):
        where = Contradicted(NOON, negated=negated, loose=True)
        results = await search(store, ACME, rules, Asked(where, 50))
        assert {one.id for one in results.contacts} == expected
        assert results.approximate


async def test_every_shape_of_a_contradiction_is_found_and_nothing_else(store: Store) -> None:
    people: list[Contact] = [person(holdings={"name": holding}) for holding in HOLDINGS.values()]
    named = dict(zip([one.id for one in await stored(store, *people)], HOLDINGS, strict=True))
    contradicted = Contradicted(NOON)
    there = {named[one] for one in await found(store, contradicted)}
    assert there == {named[one.id] for one in people if matches(contradicted, one, RULES)}
    assert there == {
        "another held",
        "another type held",
        "a clear held",
        "held against a clear",
        "beside a slot",
        "a slot alone",
    }
    others = {named[one] for one in await found(store, Contradicted(NOON, negated=True))}
    assert others == set(HOLDINGS) - there
    alice = parse({"field": "name", "operator": "=", "value": "alice"}, Terms(STANDARD, None))  # type: ignore[arg-type]
    both = {named[one] for one in await found(store, Every((contradicted, alice)))}
    assert both == {"another held", "a clear held"}
