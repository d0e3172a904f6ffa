"""Is this answer one that the documentation describes? Every answer that a test's fixture receives is held to it.

The types are those of `/openapi.json`; a field that is not described is a mistake, and so is a status or a code.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from avow.api.operations import OPEN, described
from avow.messenger.operations import OPERATIONS as MESSENGER
from avow.web.errors import ErrorList
from avow.web.operations import BY_ITSELF, Media, Operation

NOT_OF_AN_OPERATION = frozenset({405})
"""What any address answers, whatever is there."""


def hold(method: str, address: str, status: int, answer: Any, body: Any = None) -> None:
    """Raise `AssertionError` unless the operation at this address is described as answering so.

    `answer` and `body` are decoded JSON; None is an empty one. An address where there is nothing is nobody's concern.
    """
    operation = operation_at(method, unquote(urlsplit(address).path))
    if operation is None or status in NOT_OF_AN_OPERATION:
        return
    where = f"{method} {address} answered {status}"
    if status >= 400:
        _hold_refusal(operation, status, answer, where)
        return
    assert status == operation.status, f"{where}; {operation.status} is described"
    if isinstance(operation.answer, Media):
        return
    if operation.answer is None:
        assert not answer, f"{where} with a body; none is described"
        return
    _fits(answer, operation.answer, where)
    if isinstance(body, dict) and operation.body is not None and not isinstance(operation.body, Media):
        _fits(body, operation.body, f"the body of {where}", strict=False)


def operation_at(method: str, path: str) -> Operation | None:
    """What is described of a method at a path."""
    method = "GET" if method == "HEAD" else method
    found = (one for known, pattern, one in _patterns() if known == method and pattern.fullmatch(path))
    return next(found, None)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], Operation]]:
    operations = [(one.method, one.path, one.operation) for one in described()]
    for name, operation in {**MESSENGER, **OPEN}.items():
        method, _, path = name.partition(" ")
        operations.append((method, path, operation))
    return [(method, _pattern(path), operation) for method, path, operation in operations]


def _pattern(path: str) -> re.Pattern[str]:
    def part(found: re.Match[str]) -> str:
        return "(?s:.+?)" if found[1] in ("external_id", "kid") else "[^/]+"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", part, re.escape(path)))


def _hold_refusal(operation: Operation, status: int, answer: Any, where: str) -> None:
    usual = {404: ("not_found",), **BY_ITSELF}.get(status, ())
    known = {*operation.refusals.get(status, ()), *usual}
    _fits(answer, ErrorList, where)
    codes = {one["code"] for one in answer["errors"]}
    assert codes <= known, f"{where} with {sorted(codes - known)}; described are {sorted(known)}"


def _fits(value: Any, type_: Any, where: str, *, strict: bool = True) -> None:
    """`strict` False: what can be coerced is taken, as values of attributes are."""
    try:
        msgspec.convert(value, type_, strict=strict)
    except msgspec.ValidationError as error:
        raise AssertionError(f"{where}, which is not as described: {error}\n{value}") from None
