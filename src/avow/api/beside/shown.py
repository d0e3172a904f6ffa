"""What of tags and notes does a contact's own answer show? The first ten of each as references, and how many there are.

Read for all contacts of an answer at once.
Source: contract/intercom-openapi.yaml, schemas `contact_tags`, `contact_notes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from avow.api.exchange import Call
from avow.api.rendering import MOST_SHOWN, Attached
from avow.trust.contact import Contact, ContactId


async def attached(call: Call, contacts: Sequence[Contact]) -> Mapping[ContactId, tuple[Attached, Attached]]:
    """Tags and notes of those contacts that have any."""
    # A tag or note makes another version of its contact: who is of the first one has none, and is not asked about.
    ids = [one.id for one in contacts if one.version > 1]
    if not ids:
        return {}
    found = await call.engine.store.beside(call.workspace_id, ids, notes=MOST_SHOWN)
    return {
        contact_id: (
            Attached(_references("tag", one.tags[:MOST_SHOWN]), len(one.tags)),
            Attached(_references("note", one.notes), one.note_count),
        )
        for contact_id, one in found.items()
    }


def _references(kind: str, ids: Sequence[int]) -> tuple[dict[str, Any], ...]:
    return tuple({"type": kind, "id": str(one), "url": f"/{kind}s/{one}"} for one in ids)
