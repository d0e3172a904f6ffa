"""What happens when rows of an import arrive: each is weighed like a request of its own, all in one transaction.

- A row that is refused refuses no other one; it is written down with its line and the reason.
- The job moves on in the same transaction: after a crash it goes on exactly behind the last row that was written.
- Who is who: by `id`, else by `external_id`, else by an address (`identity.naming` says which). Two who share it are a
  conflict, nobody's is somebody new.

Source: spec §3 (channel `import`), §6, §7.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from avow.errors import AvowError, BadInputs, Conflict, NotAuthenticated, NotFound
from avow.flow.contacts import identity
from avow.flow.contacts.callers import Speaker, standing_token
from avow.flow.contacts.reading import present
from avow.flow.contacts.writing import Written, created, updated
from avow.flow.contract import ENDED, Job, JobSave, JobState, KeyKind, LookupKey, Rejection
from avow.flow.desk import Desk
from avow.flow.imports.job import MAX_REJECTED, Details, FileFault, Progress, details_of, progress_of, written
from avow.flow.imports.rows import BadLine, Row
from avow.flow.work import Effects, Elsewhere, Idempotency, Wants
from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.change import ChangeKind, Outcome, Verdict
from avow.trust.contact import Channel, Contact, Role, WorkspaceId
from avow.trust.identity import fold_email
from avow.trust.rules import Rules

LEASE: Final = 15.0
"""Seconds for which a server that works on a job has it for itself."""


class Overtaken(Conflict):
    """Somebody else has moved the job on, or ended it."""


class Arrival(msgspec.Struct, frozen=True):
    """The next rows of an import, and where it stands once they are done. Its result is the `Job` afterwards.

    It is refused as a whole before the first row or not at all: the job was moved, or whoever asked may not any more.
    """

    workspace_id: WorkspaceId
    job_id: str
    version: int
    rows: tuple[Row | BadLine, ...]
    position: int
    line: int
    eaten: tuple[int, ...] = ()

    @property
    def idempotency(self) -> Idempotency | None:
        """The job's version is what makes a second try none."""
        return None

    @property
    def outcome(self) -> type[Job]:
        """The job afterwards."""
        return Job

    def authenticate(self, desk: Desk) -> None:
        """Raises `NotAuthenticated` or `Forbidden` where whoever asked by REST may not any more."""
        speaker_of(desk, details_of(standing_job(desk, self.job_id, self.version)), "")

    def wants(self) -> Wants:
        """Everybody whom a row may be about, and the job."""
        rows = [row for row in self.rows if isinstance(row, Row)]
        keys = (key for row in rows for key in identity.keys_of(self.workspace_id, row.fields))
        ids = tuple(row.contact_id for row in rows if row.contact_id is not None)
        return Wants(tuple(dict.fromkeys(keys)), ids, (self.job_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Whether the ids of those who are not there were erased once."""
        return tuple(key for row in self.rows if isinstance(row, Row) for key in _erased(desk, row))

    def weigh(self, desk: Desk) -> Effects:
        """Weigh every row, one after the other."""
        job = standing_job(desk, self.job_id, self.version)
        details, progress = details_of(job), progress_of(job)
        speaker = speaker_of(desk, details, job.actor)
        count = _Count(progress)
        elsewhere: list[Elsewhere] = []
        for row in self.rows:
            count.rows += 1
            if isinstance(row, BadLine):
                count.reject(row.line, [FileFault(row.line, row.fault.code, row.fault.message, row.fault.field)])
            else:
                elsewhere += self._one(desk, speaker, row, count, dry=details.options.dry_run)
            if details.options.strict and count.rejected > progress.rejected:
                return _stopped(job, count, desk.now, elsewhere)
        after = count.progress(self.position, self.line)
        moved = moved_on(job, desk.now, progress=written(after), lease=None if job.lease is None else desk.now + LEASE)
        save = JobSave(moved, job.version, tuple(count.kept), eaten=self.eaten)
        return Effects(moved, jobs=(save,), elsewhere=tuple(elsewhere))

    def _one(self, desk: Desk, speaker: Speaker, row: Row, count: _Count, *, dry: bool) -> tuple[Elsewhere, ...]:
        """What is to be counted of it."""
        try:
            effects = _row_effects(desk, speaker, row)
        except AvowError as error:
            count.reject(row.line, list(_faults(row.line, error)))
            return ()
        count.tell(effects)
        if dry:
            return ()
        desk.apply(effects)
        return effects.elsewhere


def _erased(desk: Desk, row: Row) -> tuple[LookupKey, ...]:
    external_id = row.fields.external_id
    if not isinstance(external_id, str) or desk.row(desk.key(KeyKind.EXTERNAL_ID, external_id)) is not None:
        return ()
    return identity.erased_keys(desk, row.fields)


def standing_job(desk: Desk, job_id: str, version: int) -> Job:
    """The job as it is. Raises `Overtaken` where it is another version by now, or has ended."""
    job = desk.jobs.get(job_id)
    if job is None or job.version != version or job.state in ENDED:
        raise Overtaken("The import was moved on, ended or cancelled elsewhere. Look at its state.", code="job_moved")
    return job


def moved_on(job: Job, now: float, **changes: object) -> Job:
    """The job one version on."""
    return msgspec.structs.replace(job, version=job.version + 1, updated_at=now, **changes)


def speaker_of(desk: Desk, details: Details, actor: str) -> Speaker:
    """In whose name rows are written. Raises `NotAuthenticated` or `Forbidden` where a token may not any more."""
    mode = details.options.mode
    if details.token_id is None:
        return Speaker(Channel.IMPORT, actor, mode, actor)
    standing = standing_token(desk, token_of(desk.rules, details.token_id), Scope.WRITE_CONTACTS)
    relayed = Mode.RELAYING in (mode, standing.mode)
    return Speaker(Channel.IMPORT, standing.actor, Mode.RELAYING if relayed else Mode.VOUCHING, standing.name)


def token_of(rules: Rules, token_id: str) -> AccessToken:
    """The token that asked for an import, revoked or not. Raises `NotAuthenticated` where there is none any more."""
    for token in rules.access_tokens.values():
        if token.id == token_id:
            return token
    raise NotAuthenticated("The access token that asked for this import is gone. Ask again with a live one.")


def _row_effects(desk: Desk, speaker: Speaker, row: Row) -> Effects:
    """What one row asks to be written. Raises what a request would be refused with."""
    known = _known(desk, row, speaker.mode)
    return created(desk, speaker, row.fields) if known is None else updated(desk, known, speaker, row.fields)


def _known(desk: Desk, row: Row, mode: Mode) -> Contact | None:
    """Whom a row is about, if she is there. Raises `NotFound`, `Gone` or `Conflict`."""
    fields, named = row.fields, isinstance(row.fields.external_id, str)
    if row.contact_id is not None:
        if (by_id := desk.contacts.get(row.contact_id)) is not None:
            return present(by_id)
        if not named and fields.raw_values.get("email") in (None, ""):
            raise NotFound("There is no contact of this id. Name her by external_id or email, too.", field="id")
    if isinstance(fields.external_id, str):
        holder = desk.found(desk.key(KeyKind.EXTERNAL_ID, fields.external_id))
        if holder is not None:
            return present(holder)
    email = fields.raw_values.get("email")
    if not isinstance(email, str) or not email:
        return None
    return _by_email(desk, row, fold_email(email), mode)


def _by_email(desk: Desk, row: Row, email: str, mode: Mode) -> Contact | None:
    external_id, role = row.fields.external_id, row.fields.role or Role.USER
    probe = desk.blank(role, external_id=external_id if isinstance(external_id, str) else None)
    if role is Role.LEAD and row.fields.email_verified is False:
        # Nobody vouches for such a lead's address, so it would be somebody new each time.
        mode = Mode.RELAYING
    same = list(dict.fromkeys(one.id for one in identity.alike(desk, probe, email, mode)))
    if len(same) > 1:
        raise Conflict("Several people have this address. Name one of them by external_id or id.", field="email")
    return desk.contacts[same[0]] if same else None


def _faults(line: int, error: AvowError) -> Iterator[FileFault]:
    for one in error.errors if isinstance(error, BadInputs) else [error]:
        yield FileFault(line, str(one.code), one.message, one.field)


def _stopped(job: Job, count: _Count, now: float, elsewhere: Sequence[Elsewhere]) -> Effects:
    """A strict import ends before its first bad line is passed over: everything before it is written."""
    faults = tuple(
        fault for rejection in count.kept[-1:] for fault in msgspec.json.decode(rejection.errors, type=list[FileFault])
    )
    before = progress_of(job)
    progress = msgspec.structs.replace(count.progress(before.position, before.line), faults=faults)
    failed = moved_on(job, now, state=JobState.FAILED, progress=written(progress), finished_at=now, lease=None)
    save = JobSave(failed, job.version, tuple(count.kept), emptied=True)
    return Effects(failed, jobs=(save,), elsewhere=tuple(elsewhere))


class _Count:
    """What became of the rows so far."""

    def __init__(self, before: Progress) -> None:
        self._before = before
        self.rows, self.rejected = before.rows, before.rejected
        self.kept: list[Rejection] = []
        self._kinds: Counter[str] = Counter()
        self._ignored: Counter[str] = Counter(before.ignored)

    def reject(self, line: int, faults: list[FileFault]) -> None:
        """A row that was not taken."""
        self.rejected += 1
        if self.rejected <= MAX_REJECTED:
            self.kept.append(Rejection(line, msgspec.json.encode(faults).decode()))

    def tell(self, effects: Effects) -> None:
        """A row that was."""
        self._kinds[_kind(effects)] += 1
        result: Written = effects.result
        self._ignored.update(_reasons(result.verdicts))

    def progress(self, position: int, line: int) -> Progress:
        """All of it, once the rows are done."""
        before = self._before
        return Progress(
            position,
            line,
            self.rows,
            before.created + self._kinds["created"],
            before.updated + self._kinds["updated"],
            before.unchanged + self._kinds["unchanged"],
            self.rejected,
            dict(self._ignored),
        )


def _kind(effects: Effects) -> str:
    drafts = [put.draft.kind for put in effects.puts if put.draft is not None]
    if ChangeKind.CREATED in drafts:
        return "created"
    return "updated" if ChangeKind.UPDATED in drafts else "unchanged"


def _reasons(verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    for verdict in verdicts:
        if verdict.verdict is Outcome.IGNORED and verdict.reason is not None:
            yield str(verdict.reason)
