"""Lists and searches by Intercom's own clients: over a thousand people page by page, and each of them exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from intercom import MultipleFilterSearchRequest as Group
from intercom import SingleFilterSearchRequest as Condition
from intercom import StartingAfterPaging
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes, message
from tests.clients.conftest import CROWD


def pages_by_hand(acme: Acme, query: Any, per_page: int) -> Iterator[Any]:
    """Every page of a search. python-intercom's own pager asks for the first one again and again."""
    following: str | None = None
    while True:
        paging = StartingAfterPaging(per_page=per_page, starting_after=following)
        page = acme.client.contacts.search(query=query, pagination=paging)
        yield page.response
        if not page.has_next:
            return
        following = page.response.pages.next.starting_after


def found(acme: Acme, *conditions: Condition, any_of: bool = False) -> list[str]:
    """Whom a search finds, by external id."""
    query = conditions[0] if len(conditions) == 1 else Group(operator="OR" if any_of else "AND", value=list(conditions))
    response = acme.client.contacts.search(query=query, pagination=StartingAfterPaging(per_page=150)).response
    assert response.total_count == len(response.data)
    return sorted(one.external_id for one in response.data)


def name_of(acme: Acme, crowd: frozenset[str]) -> str:
    """The attribute that tells the crowd from everybody else."""
    return str(acme.client.contacts.find(next(iter(crowd))).name)


def test_everybody_is_listed_once_while_others_come_in(acme: Acme, crowd: frozenset[str]) -> None:
    seen: Counter[str] = Counter()
    pager = acme.client.contacts.list(per_page=100)
    before = pager.response.total_count
    for place, page in enumerate(pager.iter_pages()):
        seen.update(one.id for one in page.items)
        if place < 3:
            acme.user("newcomer")
    assert crowd <= seen.keys()
    assert set(seen.values()) == {1}
    assert CROWD <= before <= len(seen) <= before + 3, "who came meanwhile may be shown, too"
    assert pager.response.pages.total_pages == -(-before // 100)


def test_the_list_is_iterated_to_its_end(acme: Acme, crowd: frozenset[str]) -> None:
    listed = [one.id for one in acme.client.contacts.list(per_page=150)]
    assert len(listed) == len(set(listed)) == acme.client.contacts.list(per_page=1).response.total_count
    assert crowd <= set(listed)


def test_a_search_is_paged_by_hand_to_its_end(acme: Acme, crowd: frozenset[str]) -> None:
    query = Condition(field="name", operator="=", value=name_of(acme, crowd))
    pages = list(pages_by_hand(acme, query, 140))
    seen = Counter(one.id for page in pages for one in page.data)
    assert seen == Counter(crowd)
    assert [page.pages.page for page in pages] == list(range(1, 9))
    assert {(page.total_count, page.pages.total_pages) for page in pages} == {(CROWD, 8)}


def test_a_search_by_number_finds_those_between(acme: Acme, crowd: frozenset[str]) -> None:
    field = f"custom_attributes.{name_of(acme, crowd)}"
    above, below = Condition(field=field, operator=">", value=9), Condition(field=field, operator="<", value=1_000)
    page = acme.client.contacts.search(query=Group(operator="AND", value=[above, below]))
    assert page.response.total_count == 990
    assert all(9 < one.custom_attributes[name_of(acme, crowd)] < 1_000 for one in page.items)


def test_every_kind_of_condition_finds_whom_it_should(acme: Acme) -> None:
    plan, seats = acme.attribute("plan"), acme.attribute("seats", "integer")
    word, custom = acme.name("Zoe"), f"custom_attributes.{plan.name}"
    alice = acme.user("a", name=f"{word} Alice", custom_attributes={plan.name: "pro", seats.name: 5}).external_id
    bob = acme.user(
        "b", name=f"{word} Bob", email=f"{word}@b.example", custom_attributes={plan.name: "free"}
    ).external_id
    hers = Condition(field="name", operator="^", value=word)
    assert found(acme, hers) == found(acme, Condition(field="name", operator="~", value=word.upper())) == [alice, bob]
    assert found(acme, hers, Condition(field=custom, operator="=", value="pro")) == [alice]
    assert found(acme, hers, Condition(field=custom, operator="!=", value="pro")) == [bob]
    assert found(acme, hers, Condition(field=custom, operator="IN", value=["pro", "free"])) == [alice, bob]
    assert found(acme, hers, Condition(field=custom, operator="NIN", value=["pro"])) == [bob]
    assert found(acme, hers, Condition(field="name", operator="$", value="Bob")) == [bob]
    assert found(acme, hers, Condition(field="name", operator="!~", value="Bob")) == [alice]
    assert found(acme, hers, Condition(field=f"custom_attributes.{seats.name}", operator=">", value="4")) == [alice]
    assert found(acme, hers, Condition(field="email", operator="=")) == [alice], "an absent value means: not set"
    assert found(acme, hers, Condition(field="email", operator="!=")) == [bob]
    assert found(acme, hers, Condition(field="created_at", operator=">", value="1306054154")) == [alice, bob]
    both = [Condition(field="external_id", operator="=", value=one) for one in (alice, bob)]
    assert found(acme, *both, any_of=True) == [alice, bob]
    nested = Group(operator="AND", value=[Group(operator="AND", value=[hers]), Group(operator="OR", value=both)])
    assert acme.client.contacts.search(query=nested).response.total_count == 2


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Condition(field="favourite_colour", operator="=", value="red"), "parameter_invalid"),
        (Condition(field="email", operator="??", value="x"), "parameter_invalid"),
        (Condition(operator="=", value="x"), "parameter_not_found"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_name(acme: Acme, condition: Condition, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        acme.client.contacts.search(query=condition)
    assert (refused.value.status_code, codes(refused.value)) == (400, [code])


def test_a_page_by_its_number_alone_is_refused_with_what_to_do(acme: Acme, crowd: frozenset[str]) -> None:
    with pytest.raises(ApiError) as refused:
        acme.client.contacts.list(page=2, per_page=10)
    assert (refused.value.status_code, codes(refused.value)) == (400, ["client_error"])
    assert "starting_after" in message(refused.value)
    for cursor in ("nonsense", "2.nonsense"):
        with pytest.raises(ApiError) as refused:
            acme.client.contacts.list(starting_after=cursor)
        assert codes(refused.value) == ["client_error"]


@pytest.fixture(scope="module")
def told(acme: Acme, crowd: frozenset[str]) -> Any:
    """What Node's client found."""
    return acme.node("finding", crowd=name_of(acme, crowd))


def test_node_lists_everybody_once_while_others_come_in(told: Any, crowd: frozenset[str]) -> None:
    listed = told["listed"]
    assert crowd <= set(listed)
    assert len(listed) == len(set(listed))
    assert told["before"] <= len(listed) <= told["before"] + 1


@pytest.mark.parametrize("way", ["searched", "searched_without_paging"])
def test_node_iterates_a_search_to_its_end(told: Any, crowd: frozenset[str], way: str) -> None:
    assert Counter(told[way]) == Counter(crowd)


def test_node_searches_in_groups_and_for_what_is_not_set(told: Any) -> None:
    assert told["between"] == 990
    assert (told["unset"], told["set"]) == (1, CROWD)
    assert (told["refused"]["kind"], told["refused"]["status"]) == ("IntercomError", 400)
