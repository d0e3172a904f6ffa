"""How are several locks turned at once, and turned back? In one transaction: all of them, exactly, or none.

- What was before is handed out in a short text, so that whoever pressed can undo it: of each attribute its former word,
  version and number (one after the other where the first two are the same: a cookie has room for all there can be).
  What somebody has changed since is left alone, and said.

Source: spec §2 (the lock is exact), §8 (singly or all at once; undo restores the former state).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from avow.errors import BadInput
from avow.flow import attributes
from avow.flow.attributes import Edit
from avow.flow.bookkeeping.operator_log import log
from avow.flow.contract import Store
from avow.flow.work import Entropy
from avow.trust.attribute import STANDARD, Attribute, Enforcement
from avow.trust.contact import WorkspaceId

_LETTERS: Final = {"o": Enforcement.OPEN, "m": Enforcement.MONITOR, "l": Enforcement.LOCKED}
_WORDS: Final = {word: letter for letter, word in _LETTERS.items()}
_UNDO: Final = re.compile(r"([oml])(\d{1,9})-((?:[0-9a-f]{8})+)\Z", re.ASCII)
MOST: Final = 400


class Turned(msgspec.Struct, frozen=True):
    """What came of it: the attributes that changed, the text that undoes it, and those that were left alone.

    `since` is when those that changed had been changed before (the earliest, Unix seconds).
    """

    changed: tuple[Attribute, ...]
    undo: str
    left: tuple[str, ...] = ()
    since: float = 0.0


async def turn(
    store: Store, workspace_id: WorkspaceId, wanted: Mapping[str, Enforcement], *, entropy: Entropy, actor: str
) -> Turned:
    """Open, monitor or lock these attributes. When it returns, it is so on every process. Raises `NotFound`."""
    changed: list[Attribute] = []
    times: list[float] = []
    undo: list[tuple[str, int]] = []
    async with store.rules_transaction(workspace_id) as transaction:
        known = STANDARD | {one.name: one for one in (await transaction.rules()).attributes}
        for name, enforcement in wanted.items():
            before = attributes.find_by_name(known, name)
            after = attributes.edited(before, Edit(enforcement=enforcement), known)
            if after == before:
                continue
            after = msgspec.structs.replace(after, version=max(before.version, 1) + 1, updated_at=transaction.now)
            await transaction.put_attribute(after)
            await log(
                transaction,
                workspace_id,
                entropy,
                actor,
                "attribute.enforcement",
                name,
                before.enforcement,
                after.enforcement,
            )
            changed.append(after)
            times.append(before.updated_at)
            undo.append((f"{_WORDS[before.enforcement]}{after.version}", after.id))
    return Turned(tuple(changed), _written(undo), since=min(times, default=0.0))


async def turned(store: Store, workspace_id: WorkspaceId, raw_text: str) -> list[Attribute]:
    """The attributes that such a text is about, in its order, as they are now. Raises `BadInput` for what is none."""
    by_id = {one.id: one for one in (await attributes.every(store, workspace_id)).values()}
    return [by_id[attribute_id] for attribute_id, _, _ in _parsed(raw_text) if attribute_id in by_id]


async def undo(store: Store, workspace_id: WorkspaceId, raw_text: str, *, entropy: Entropy, actor: str) -> Turned:
    """Put back what `turn` changed, where nobody has changed it since. Raises `BadInput` for what is no such text."""
    known = await attributes.every(store, workspace_id)
    by_id = {one.id: one for one in known.values()}
    wanted: dict[str, Enforcement] = {}
    left: list[str] = []
    for attribute_id, version, enforcement in _parsed(raw_text):
        one = by_id.get(attribute_id)
        if one is not None and one.version == version:
            wanted[one.name] = enforcement
        elif one is not None:
            left.append(one.name)
    done = await turn(store, workspace_id, wanted, entropy=entropy, actor=actor)
    return msgspec.structs.replace(done, left=tuple(left))


def _written(undo: Sequence[tuple[str, int]]) -> str:
    groups = itertools.groupby(undo, key=lambda one: one[0])
    return ".".join(f"{place}-{''.join(f'{number:08x}' for _, number in group)}" for place, group in groups)


def _parsed(raw_text: str) -> list[tuple[int, int, Enforcement]]:
    """Number, version and former word of each attribute."""
    found: list[tuple[int, int, Enforcement]] = []
    for part in raw_text.split("."):
        match = _UNDO.match(part)
        if match is None or len(found) + len(match[3]) // 8 > MOST:
            raise BadInput("There is nothing to undo in this.", field="undo")
        numbers = (int(match[3][at : at + 8], 16) for at in range(0, len(match[3]), 8))
        found += [(number, int(match[2]), _LETTERS[match[1]]) for number in numbers]
    return found
