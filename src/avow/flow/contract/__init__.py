"""What the flows ask of a database: one contract, which SQLite and PostgreSQL fulfil alike.

- A `Transaction` is what the committer works in: rules first, then keys, contacts, writes; durable when `commit`
  returns. On PostgreSQL it holds each workspace's shared advisory lock *before* it reads the rules; on SQLite it is
  the one writer.
- A `RulesTransaction` changes what may be believed (attributes, keys, settings). It holds that lock exclusively, so
  that no write weighed under the old rules can commit after it has been answered: the lock is exact (spec §2).
- Contacts are saved by compare-and-set on `version`; whoever loses is told by `WriteConflict` and weighs again.

The store keeps what it is given; every rule lives above it. Source: scale.md, spec §7.
"""

from avow.flow.contract.rows import (
    Alert,
    Clock,
    Erasure,
    EventRow,
    Fading,
    KeyKind,
    KeyRow,
    KeyUse,
    LookupKey,
    OperatorChange,
    OutboxRow,
    RawRules,
    RefusalCount,
    Replay,
    Save,
    SealedKey,
    Seen,
    Tally,
    Teammate,
    TrafficCount,
    Workspace,
    WriteConflict,
    WriterSeen,
    Writes,
)
from avow.flow.contract.store import RulesTransaction, Store, Transaction

__all__ = [
    "Alert",
    "Clock",
    "Erasure",
    "EventRow",
    "Fading",
    "KeyKind",
    "KeyRow",
    "KeyUse",
    "LookupKey",
    "OperatorChange",
    "OutboxRow",
    "RawRules",
    "RefusalCount",
    "Replay",
    "RulesTransaction",
    "Save",
    "SealedKey",
    "Seen",
    "Store",
    "Tally",
    "Teammate",
    "TrafficCount",
    "Transaction",
    "Workspace",
    "WriteConflict",
    "WriterSeen",
    "Writes",
]
