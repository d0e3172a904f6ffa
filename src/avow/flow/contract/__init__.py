"""What the flows ask of a database: one contract, which SQLite and PostgreSQL fulfil alike.

- A `Transaction` is what the committer works in: rules first, then keys, contacts, writes; durable when `commit`
  returns. On PostgreSQL it holds each workspace's shared advisory lock *before* it reads the rules; on SQLite it is
  the one writer.
- A `RulesTransaction` changes what may be believed (attributes, keys, settings). It holds that lock exclusively, so
  that no write weighed under the old rules can commit after it has been answered: the lock is exact (spec §2).
- Contacts are saved by compare-and-set on `version`; whoever loses is told by `WriteConflict` and weighs again.

The store keeps what it is given; every rule lives above it. Source: scale.md, spec §7.
"""

from avow.flow.contract.beside import (
    Additions,
    Beside,
    EventPlace,
    EventRow,
    EventSummary,
    Move,
    Note,
    NoteId,
    Tag,
    Tagging,
    TagId,
)
from avow.flow.contract.jobs import ENDED, Job, JobKind, JobPart, Jobs, JobSave, JobState, Rejection
from avow.flow.contract.rows import (
    Alert,
    Clock,
    Erasure,
    Fading,
    KeyKind,
    KeyRow,
    KeyUse,
    LookupKey,
    OperatorChange,
    OutboxRow,
    RawRules,
    RecordPlace,
    RefusalCount,
    Replay,
    Save,
    SealedKey,
    Seen,
    Shelf,
    Tally,
    Teammate,
    TrafficCount,
    Workspace,
    WriteConflict,
    WriterSeen,
    Writes,
)
from avow.flow.contract.screens import ScreenReads, TrafficSum, WriterSum
from avow.flow.contract.store import RulesTransaction, Store, Transaction
from avow.flow.contract.team import (
    Failures,
    Invitation,
    RecoveryCode,
    SecondFactor,
    TeammateSession,
    TeamStore,
    TeamTransaction,
)

__all__ = [
    "ENDED",
    "Additions",
    "Alert",
    "Beside",
    "Clock",
    "Erasure",
    "EventPlace",
    "EventRow",
    "EventSummary",
    "Fading",
    "Failures",
    "Invitation",
    "Job",
    "JobKind",
    "JobPart",
    "JobSave",
    "JobState",
    "Jobs",
    "KeyKind",
    "KeyRow",
    "KeyUse",
    "LookupKey",
    "Move",
    "Note",
    "NoteId",
    "OperatorChange",
    "OutboxRow",
    "RawRules",
    "RecordPlace",
    "RecoveryCode",
    "RefusalCount",
    "Rejection",
    "Replay",
    "RulesTransaction",
    "Save",
    "ScreenReads",
    "SealedKey",
    "SecondFactor",
    "Seen",
    "Shelf",
    "Store",
    "Tag",
    "TagId",
    "Tagging",
    "Tally",
    "TeamStore",
    "TeamTransaction",
    "Teammate",
    "TeammateSession",
    "TrafficCount",
    "TrafficSum",
    "Transaction",
    "Workspace",
    "WriteConflict",
    "WriterSeen",
    "WriterSum",
    "Writes",
]
