"""Where are attributes written down? One row each per workspace; a name is taken once, however it is written.

- Every change is a compare-and-set on `version`: version 1 is inserted, each later one follows the one before it.
- A standard attribute's version 1 is built in and never stored, so its version 2 may be its first row.

Source: spec §2, scale.md rule 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from avow.flow.contract import WriteConflict
from avow.store.engine.session import Row, Session
from avow.store.engine.statement import Insert, Lookup, Update
from avow.store.schema import attribute
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import WorkspaceId
from avow.trust.weighing.names import fold

_COLUMNS: Final = (
    "id",
    "name",
    "type",
    "enforcement",
    "standard",
    "options",
    "provisional",
    "archived",
    "ever_signed",
    "description",
    "created_at",
    "updated_at",
    "adopted_at",
    "version",
)
"""The columns of `attribute` that are fields of `Attribute`, in their order."""

OF_WORKSPACE: Final = Lookup(attribute, ("workspace_id",), _COLUMNS)
CREATE: Final = Insert(attribute, (*_COLUMNS, "folded", "workspace_id"))
CHANGE: Final = Update(attribute, (*_COLUMNS, "folded"), ("workspace_id", "id", "version"))

_decode_options = msgspec.json.Decoder(tuple[str, ...]).decode
_encode = msgspec.json.Encoder().encode


def of_row(row: Sequence[Any]) -> Attribute:
    """A stored row, decoded."""
    number, name, kind, enforcement, standard, options, provisional, archived, signed, *rest = row
    kind, enforcement, options = AttributeType(kind), Enforcement(enforcement), _decode_options(options)
    flags = bool(provisional), bool(archived), bool(signed)
    return Attribute(number, name, kind, enforcement, bool(standard), options, *flags, *rest)


async def put(session: Session, workspace_id: WorkspaceId, it: Attribute) -> None:
    """Create or change one attribute. Raises `WriteConflict` where its version, its number or its name is taken."""
    if it.version > 1:
        row = (*_row(it), _folded(it), workspace_id, it.id, it.version - 1)
        if await session.write(CHANGE, [row]):
            return
        if not (it.standard and it.version == 2):
            raise WriteConflict("An attribute has changed since it was read; nothing was written. Read it again.")
    await session.write(CREATE, [(*_row(it), _folded(it), workspace_id)])


def _folded(it: Attribute) -> str:
    """The form in which names must differ; names that only strangers have used differ from each other alone."""
    return f"?{fold(it.name)}" if it.provisional else fold(it.name)


def _row(it: Attribute) -> Row:
    kind, options = str(it.type), _encode(it.options).decode()
    flags = it.provisional, it.archived, it.ever_signed
    times = it.created_at, it.updated_at, it.adopted_at
    return it.id, it.name, kind, str(it.enforcement), it.standard, options, *flags, it.description, *times, it.version
