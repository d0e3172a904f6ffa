"""How does the database fare? A store that counts what fails and how long calls take, and does nothing else.

- It stands before a store and hands everything on; what it does not know (a new method) it counts just so.
- With a tracer, each call is a span, and a batch is one span around those of its statements.
- An error is known by its code. Its text, a statement or a parameter is not looked at.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any, Final, cast

from avow.errors import AvowError
from avow.flow.bookkeeping.pulse import SECONDS, Histogram
from avow.flow.contract import Store, WriteConflict
from avow.observe.readings import Number, Spread

Span = Callable[[str], AbstractContextManager[object]]
"""Opens a span of this name around a block."""

_TRANSACTIONS: Final = frozenset({"transaction", "exclusive_transaction", "rules_transaction"})


def no_span(_name: str) -> AbstractContextManager[object]:
    """Where nothing is traced."""
    return nullcontext()


class DatabaseBook:
    """What is counted of one process's database."""

    def __init__(self) -> None:
        self.errors: dict[str, int] = {}
        self.calls: dict[str, Histogram] = {}

    def took(self, operation: str, seconds: float) -> None:
        """A call that has ended."""
        found = self.calls.get(operation)
        if found is None:
            found = self.calls[operation] = Histogram(SECONDS)
        found.add(seconds)

    def failed(self, error: BaseException) -> None:
        """A call that has failed. To be overtaken is no failure, and what is not there is an answer."""
        if not isinstance(error, Exception) or isinstance(error, WriteConflict):
            return
        code = error.code if isinstance(error, AvowError) else AvowError.code
        if code in _DATABASE_CODES:
            self.errors[code] = self.errors.get(code, 0) + 1

    def numbers(self) -> list[Number]:
        """The errors counted."""
        return [Number("avow_database_errors", (code,), count) for code, count in list(self.errors.items())]

    def spreads(self) -> list[Spread]:
        """How long calls took."""
        return [
            Spread("avow_database_call_seconds", (name,), SECONDS, tuple(one.cells), one.total)
            for name, one in list(self.calls.items())
        ]


_DATABASE_CODES: Final = frozenset({"service_unavailable", "insufficient_storage", AvowError.code})


def watched(store: Store, book: DatabaseBook, span: Span = no_span) -> Store:
    """The store, with every call of it noted in the book."""
    return cast(Store, _Watched(store, book, span))


class _Watched:
    """Hands on to what it stands before."""

    def __init__(self, behind: object, book: DatabaseBook, span: Span) -> None:
        self._behind = behind
        self._book = book
        self._span = span

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if name in _TRANSACTIONS:
            found = self._around(name, found)
        elif inspect.iscoroutinefunction(found):
            found = self._noted(name, found)
        else:
            return found
        self.__dict__[name] = found
        return found

    def _noted(self, name: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        book, span, clock = self._book, self._span, time.perf_counter

        async def noted(*arguments: Any, **named: Any) -> Any:
            began = clock()
            try:
                with span(f"database {name}"):
                    return await call(*arguments, **named)
            except Exception as error:
                book.failed(error)
                raise
            finally:
                book.took(name, clock() - began)

        return noted

    def _around(self, name: str, begin: Callable[..., Any]) -> Callable[..., Any]:
        book, span = self._book, self._span

        @asynccontextmanager
        async def around(workspaces: Sequence[str] | str) -> AsyncIterator[Any]:
            began = time.perf_counter()
            inside: Any = None
            try:
                with span("change of rules" if name == "rules_transaction" else "commit batch"):
                    async with begin(workspaces) as transaction:
                        inside = transaction if span is no_span else _Watched(transaction, _Unread(), span)
                        yield inside
            except Exception as error:
                book.failed(error)
                raise
            finally:
                book.took(name, time.perf_counter() - began)

        return around


class _Unread(DatabaseBook):
    """For statements within a transaction, which is noted as one."""

    def took(self, operation: str, seconds: float) -> None:
        return

    def failed(self, error: BaseException) -> None:
        return
