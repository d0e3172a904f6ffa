"""The database is watched without being disturbed: every call goes through, what fails is counted by its code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import pytest

from avow.errors import AvowError, BadInput, StorageFull, Unavailable
from avow.flow.contract import Store, WriteConflict
from avow.observe.watched_store import DatabaseBook, watched


class Behind:
    """A store that does what it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[object] = []

    async def contact(self, *arguments: object, **named: object) -> str:
        self.asked.append((arguments, named))
        if self.error is not None:
            raise self.error
        return "alice"

    @asynccontextmanager
    async def transaction(self, workspaces: object) -> AsyncIterator[Any]:
        self.asked.append(workspaces)
        yield self
        if self.error is not None:
            raise self.error

    async def chains(self, workspace_id: str) -> AsyncIterator[str]:
        yield workspace_id


def watch(behind: Behind, *spans: Any) -> tuple[Any, DatabaseBook]:
    book = DatabaseBook()
    return watched(cast(Store, behind), book, *spans), book


async def test_calls_go_through_with_all_that_was_said() -> None:
    behind = Behind()
    store, book = watch(behind)
    assert await store.contact("acme0001", before=None) == "alice"
    async with store.transaction(["acme0001"]) as transaction:
        assert transaction is behind
    assert [one async for one in store.chains("acme0001")] == ["acme0001"]
    assert behind.asked == [(("acme0001",), {"before": None}), ["acme0001"]]
    assert {spread.labels: sum(spread.cells) for spread in book.spreads()} == {("contact",): 1, ("transaction",): 1}
    assert book.errors == {}


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (Unavailable("canary"), {"service_unavailable": 1}),
        (StorageFull("canary"), {"insufficient_storage": 1}),
        (AvowError("canary"), {"server_error": 1}),
        (ValueError("canary"), {"server_error": 1}),
        (WriteConflict("overtaken"), {}),
        (BadInput("an answer, not a failure"), {}),
    ],
)
async def test_what_fails_is_counted_by_its_code_and_raised_as_it_was(
    error: Exception, counted: dict[str, int]
) -> None:
    store, book = watch(Behind(error))
    with pytest.raises(type(error)) as caught:
        await store.contact()
    assert caught.value is error
    assert book.errors == counted
    with pytest.raises(type(error)):
        async with store.transaction([]):
            pass
    assert book.errors == dict.fromkeys(counted, 2)


async def test_a_batch_is_one_span_around_those_of_its_statements() -> None:
    told: list[str] = []

    @contextmanager
    def span(name: str) -> Iterator[None]:
        told.append(f"+{name}")
        yield
        told.append(f"-{name}")

    store, book = watch(Behind(), span)
    async with store.transaction([]) as transaction:
        await transaction.contact()
    assert told == ["+commit batch", "+database contact", "-database contact", "-commit batch"]
    assert [spread.labels for spread in book.spreads()] == [("transaction",)]
