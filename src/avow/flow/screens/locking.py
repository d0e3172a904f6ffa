"""How are several locks turned at once, and turned back? In one transaction: all of them, exactly, or none.

- What was before is handed out in a short text, so that whoever pressed can undo it: of each attribute its former word,
  version and number (one after the other where the first two are the same: a cookie has room for all there can be).
  What somebody has changed since is left alone, and said. A first signed write is nobody's change, though it raises the
  version: the letter is a capital where none had come.

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
from avow.flow.contract import RawRules, RulesTransaction, Store
from avow.flow.work import Entropy
from avow.trust.attribute import Attribute, Enforcement
from avow.trust.contact import WorkspaceId

_LETTERS: Final = {"o": Enforcement.OPEN, "m": Enforcement.MONITOR, "l": Enforcement.LOCKED}
_WORDS: Final = {word: letter for letter, word in _LETTERS.items()}
_UNDO: Final = re.compile(r"([omlOML])(\d{1,9})-((?:[0-9a-f]{8})+)\Z", re.ASCII)
MOST: Final = 400


class Turned(msgspec.Struct, frozen=True):
    """What came of it: the attributes that changed, the text that undoes it, and those that were left alone.

    `since` is when those that changed had been changed before (the earliest, Unix seconds).
    """

    changed: tuple[Attribute, ...]
    undo: str
    left: tuple[str, ...] = ()
    since: float = 0.0


class _Former(msgspec.Struct, frozen=True):
    """An attribute's word before it was turned, and its version after; `unsigned`: no signed write had come."""

    id: int
    version: int
    enforcement: Enforcement
    unsigned: bool


async def turn(
    store: Store, workspace_id: WorkspaceId, wanted: Mapping[str, Enforcement], *, entropy: Entropy, actor: str
) -> Turned:
    """Open, monitor or lock these attributes. When it returns, it is so on every process. Raises `NotFound`."""
    async with store.rules_transaction(workspace_id) as transaction:
        return await _turn(transaction, await transaction.rules(), wanted, entropy, actor)


async def turned(store: Store, workspace_id: WorkspaceId, raw_text: str) -> list[Attribute]:
    """The attributes that such a text is about, in its order, as they are now. Raises `BadInput` for what is none."""
    by_id = {one.id: one for one in (await attributes.every(store, workspace_id)).values()}
    return [by_id[was.id] for was in _parsed(raw_text) if was.id in by_id]


async def undo(store: Store, workspace_id: WorkspaceId, raw_text: str, *, entropy: Entropy, actor: str) -> Turned:
    """Put back what `turn` changed, where nobody has changed it since. Raises `BadInput` for what is no such text."""
    former = _parsed(raw_text)
    wanted: dict[str, Enforcement] = {}
    left: list[str] = []
    async with store.rules_transaction(workspace_id) as transaction:
        rules = await transaction.rules()
        by_id = {one.id: one for one in attributes.joined(rules.attributes).values()}
        for was in former:
            one = by_id.get(was.id)
            if one is not None and _stands(one, was):
                wanted[one.name] = was.enforcement
            elif one is not None:
                left.append(one.name)
        done = await _turn(transaction, rules, wanted, entropy, actor)
    return msgspec.structs.replace(done, left=tuple(left))


def _stands(one: Attribute, was: _Former) -> bool:
    """Whether nobody has changed the attribute since it was turned."""
    adopted_last = one.adopted_at is not None and one.adopted_at == one.updated_at
    signed_since = one.ever_signed and was.unsigned and not adopted_last
    return one.version == was.version + signed_since


async def _turn(
    transaction: RulesTransaction, rules: RawRules, wanted: Mapping[str, Enforcement], entropy: Entropy, actor: str
) -> Turned:
    known, workspace_id = attributes.joined(rules.attributes), rules.workspace.id
    turned: list[tuple[str, Attribute, float]] = []
    for name, enforcement in wanted.items():
        before = attributes.find_by_name(known, name)
        after = attributes.edited(before, Edit(enforcement=enforcement), known)
        if after == before:
            continue
        after = msgspec.structs.replace(after, version=max(before.version, 1) + 1, updated_at=transaction.now)
        await transaction.put_attribute(after)
        told = before.enforcement, after.enforcement
        await log(transaction, workspace_id, entropy, actor, "attribute.enforcement", name, *told)
        letter = _WORDS[before.enforcement] if before.ever_signed else _WORDS[before.enforcement].upper()
        turned.append((f"{letter}{after.version}", after, before.updated_at))
    turned.sort(key=lambda one: one[0])
    undo = _written([(place, after.id) for place, after, _ in turned])
    return Turned(tuple(after for _, after, _ in turned), undo, since=min((at for *_, at in turned), default=0.0))


def _written(undo: Sequence[tuple[str, int]]) -> str:
    groups = itertools.groupby(undo, key=lambda one: one[0])
    return ".".join(f"{place}-{''.join(f'{number:08x}' for _, number in group)}" for place, group in groups)


def _parsed(raw_text: str) -> list[_Former]:
    found: list[_Former] = []
    for part in raw_text.split("."):
        match = _UNDO.match(part)
        if match is None or len(found) + len(match[3]) // 8 > MOST:
            raise BadInput("There is nothing to undo in this.", field="undo")
        enforcement, unsigned = _LETTERS[match[1].lower()], match[1].isupper()
        numbers = (int(match[3][at : at + 8], 16) for at in range(0, len(match[3]), 8))
        found += [_Former(number, int(match[2]), enforcement, unsigned) for number in numbers]
    return found
