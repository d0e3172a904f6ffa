"""What the flows and a database hand each other: rows of data, each with its meaning, and no behaviour."""

from __future__ import annotations

import msgspec

from avow.errors import AvowError
from avow.flow.contract.beside import Additions, EventRow
from avow.flow.contract.jobs import JobSave
from avow.flow.contract.lookup import KeyRow
from avow.flow.contract.query import FilterValue
from avow.trust.access import AccessToken
from avow.trust.attribute import Attribute
from avow.trust.change import Change
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.policy import Policy, WorkspaceKind
from avow.trust.words import Word


class WriteConflict(AvowError):
    """Somebody else changed a contact, took a key or touched the rules first: load and weigh again."""

    code = "conflict"


class TooMuchAtOnce(AvowError):
    """An erasure would remove more than one transaction should: have `Store.thin_out` done, then write again.

    `contact_id` is who is to be erased, `everybody` she and whoever was merged into her.
    """

    def __init__(self, workspace_id: WorkspaceId, contact_id: ContactId, everybody: tuple[ContactId, ...]) -> None:
        super().__init__("There is too much of somebody to erase it in one transaction.")
        self.workspace_id = workspace_id
        self.contact_id = contact_id
        self.everybody = everybody


class Shelf(Word):
    """Which users and leads a list shows: those that stand in lists, or the archived or blocked ones, who do not."""

    LISTED = "listed"
    ARCHIVED = "archived"
    BLOCKED = "blocked"


class OutboxRow(msgspec.Struct, frozen=True):
    """One change to tell others about, by webhook topic; it points at the change record."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    seq: int
    topic: str
    at: float


class RecordPlace(msgspec.Struct, frozen=True):
    """Where a change record stands among those of one key: by time, then by contact, then by number."""

    at: float
    contact_id: ContactId
    seq: int


class Fading(msgspec.Struct, frozen=True):
    """A record of what was ignored: its values half, and what is held, last only as long as the owner says (§1).

    The store keeps one for every change of kind `ignored` that it appends, until it is told that it has faded.
    """

    workspace_id: WorkspaceId
    contact_id: ContactId
    seq: int
    at: float


class Replay(msgspec.Struct, frozen=True):
    """The outcome of a request that carried an idempotency key. `scope` and `body` are hex digests.

    It is kept for 24 hours, or until its contact is erased; putting a second one meanwhile is a `WriteConflict`.
    """

    workspace_id: WorkspaceId
    scope: str
    body: str
    outcome: bytes
    at: float
    contact_id: ContactId | None = None


class Save(msgspec.Struct, frozen=True):
    """A contact as it shall stand, the version it was loaded at (0: it is new), and the records in between."""

    contact: Contact
    loaded_version: int
    changes: tuple[Change, ...] = ()


class Erasure(msgspec.Struct, frozen=True):
    """Remove a contact, its keys, events and erasable halves, and those merged into it.

    Its chain stays, with a tombstone as its last record.
    """

    workspace_id: WorkspaceId
    contact_id: ContactId
    loaded_version: int
    changes: tuple[Change, ...]


class TrafficCount(msgspec.Struct, frozen=True):
    """How often one class of write reached an attribute in an hour (Unix hours)."""

    workspace_id: WorkspaceId
    attribute: str
    hour: int
    kind: str
    count: int


class WriterSeen(msgspec.Struct, frozen=True):
    """A contact whose browser wrote an attribute unsigned on a day (Unix days). Kept of a contact that is there.

    `label` names origin and SDK version.
    """

    workspace_id: WorkspaceId
    attribute: str
    day: int
    label: str
    contact_id: ContactId
    at: float


class RefusalCount(msgspec.Struct, frozen=True):
    """How many requests were refused for a reason in an hour, with the newest as a sample (no identity, no value)."""

    workspace_id: WorkspaceId
    reason: str
    hour: int
    count: int
    last_at: float
    platform: str
    kid: str | None = None
    origin: str | None = None


class KeyUse(msgspec.Struct, frozen=True):
    """How often a signing key verified a token or a user_hash on a day (Unix days), and when last."""

    workspace_id: WorkspaceId
    kid: str
    day: int
    count: int
    last_at: float


class Seen(msgspec.Struct, frozen=True):
    """When a contact was last heard of."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    at: float


class Alert(msgspec.Struct, frozen=True):
    """Something an operator must hear of, at most once per kind, subject and day (Unix days)."""

    workspace_id: WorkspaceId
    kind: str
    subject: str
    day: int
    at: float


class Tally(msgspec.Struct, frozen=True):
    """Counters gathered in memory, added to what is stored. They may lose the last second, never more (spec §7)."""

    traffic: tuple[TrafficCount, ...] = ()
    writers: tuple[WriterSeen, ...] = ()
    refusals: tuple[RefusalCount, ...] = ()
    key_uses: tuple[KeyUse, ...] = ()
    seen: tuple[Seen, ...] = ()
    alerts: tuple[Alert, ...] = ()


class Writes(msgspec.Struct, frozen=True):
    """All that one batch writes, in one transaction. `attributes` are new or changed rules of the paired workspace.

    At most one save for a contact or a job, one row for a key and one count for a counter. Saves come first, then
    erasures, dropped keys, put keys: an identity that is erased may be given to a new contact at once. What a batch
    says of a contact that it erases (keys, events, replays, writers, what is beside it) is not written.
    """

    saves: tuple[Save, ...] = ()
    put_keys: tuple[KeyRow, ...] = ()
    drop_keys: tuple[KeyRow, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    faded: tuple[Fading, ...] = ()
    attributes: tuple[tuple[WorkspaceId, Attribute], ...] = ()
    outbox: tuple[OutboxRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    replays: tuple[Replay, ...] = ()
    jobs: tuple[JobSave, ...] = ()
    beside: tuple[Additions, ...] = ()
    filter_values: tuple[FilterValue, ...] = ()
    tally: Tally = Tally()


class Workspace(msgspec.Struct, frozen=True):
    """One company's place. A test workspace names the production one it belongs to."""

    id: WorkspaceId
    name: str
    kind: WorkspaceKind
    timezone: str
    policy: Policy
    created_at: float
    production_id: WorkspaceId | None = None


class SealedKey(msgspec.Struct, frozen=True):
    """A signing key at rest: everything but its material in clear, the material sealed under the master key.

    `details` is the JSON of the public facts (`flow/keys.py` knows its shape); `fingerprint` the keyed fingerprint
    by which the same material is never registered twice.
    """

    workspace_id: WorkspaceId
    kid: str
    details: bytes
    sealed: bytes
    fingerprint: bytes


class Teammate(msgspec.Struct, frozen=True):
    """Somebody who signs in: role `owner`, `admin`, `teammate` or `read_only`; the password as an Argon2id hash."""

    id: str
    workspace_id: WorkspaceId
    email: str
    name: str
    role: str
    password_hash: str
    created_at: float


class OperatorChange(msgspec.Struct, frozen=True):
    """What somebody changed about the rules: who, when, what, before and after (never a secret)."""

    workspace_id: WorkspaceId
    id: str
    at: float
    actor: str
    action: str
    subject: str
    before: str = ""
    after: str = ""


class RawRules(msgspec.Struct, frozen=True):
    """What weighing needs of a workspace, of one version: `attributes` are stored rows, `filters` those indexed."""

    version: int
    workspace: Workspace
    attributes: tuple[Attribute, ...]
    keys: tuple[SealedKey, ...]
    access_tokens: tuple[AccessToken, ...]
    filters: tuple[int, ...] = ()


class Clock(msgspec.Struct, frozen=True):
    """The database's time (Unix seconds) and the rules' versions, read in one statement after the lock was taken."""

    now: float
    versions: dict[WorkspaceId, int]
