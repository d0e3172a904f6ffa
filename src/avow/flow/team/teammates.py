"""Who works here, as what? Invited by a link, in a role, until somebody says otherwise.

- An invitation's link is told once, to whoever invites; it lasts seven days, is taken up once, and names role and
  address. An address signs in at one place: whoever has one already is not invited again.
- There is an owner, always: the last one can neither leave nor be made anything else. Owners are made and
  unmade by owners.
- Who is removed, or changes her password, is signed out everywhere else.
- An invitation counts as long as whoever made it may make it: when she goes or becomes less, it goes too. Who changes
  the team is looked at once more in the transaction that does so.

Source: spec §11 (roles).
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from avow.errors import BadInput, Conflict, Forbidden, NotFound
from avow.flow.bookkeeping.operator_log import entry, log_teammate
from avow.flow.contract import Invitation, Store, Teammate, TeamTransaction
from avow.flow.engine import Engine
from avow.flow.team import lockout, second_factor, sessions
from avow.flow.team.passwords import Hashing, Passwords, check_password, normal
from avow.flow.team.roles import ALLOWED, May, Present, TeamRole, actor_of, role_of
from avow.flow.work import Entropy
from avow.flow.workspaces import fresh_teammate_id
from avow.trust.contact import WorkspaceId
from avow.trust.identity import fold_email

LASTS: Final = 7 * 86_400
MAX_NAME: Final = 100
MAX_TEAMMATES: Final = 500
_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f]{1,64}@[^\s@\x00-\x1f]{1,189}\Z")


class Invited(msgspec.Struct, frozen=True):
    """A new invitation, and the text of its link, which nobody is told again."""

    invitation: Invitation
    text: str

    def __repr__(self) -> str:
        """Without the text."""
        return f"Invited({self.invitation.email!r})"


class Changed(msgspec.Struct, frozen=True):
    """A teammate who was changed or is gone, and how many invitations that she had made went with it."""

    teammate: Teammate
    withdrawn: int


async def invite(engine: Engine, here: Present, raw_email: str, raw_role: str) -> Invited:
    """Invite somebody. Raises `BadInput`, `Forbidden`, or `Conflict` where the address signs in already."""
    actor = here.acting(May.MANAGE_TEAM)
    email, role = fold_email(raw_email.strip()), role_of(raw_role)
    _require_owner(here, role)
    if not _EMAIL.match(email):
        raise BadInput("This is no e-mail address; expected one such as otto@acme.example.", field="email")
    if await engine.store.team.by_email(email):
        raise Conflict("Somebody signs in with this address already.", field="email")
    text = sessions.secret_text(here.home, engine.entropy)
    async with engine.store.team_transaction(here.home) as transaction:
        _require_owner(await _still(transaction, here), role)
        if len(await transaction.teammates()) >= MAX_TEAMMATES:
            raise BadInput(f"There are {MAX_TEAMMATES} teammates, and there can be no more.", field="email")
        now = transaction.now
        new = Invitation(here.home, sessions.digest_of(text), email, role, here.teammate.email, now, now + LASTS)
        for old in await transaction.invitations():
            if old.email == email:
                await transaction.drop_invitation(old.digest)
        await transaction.put_invitation(new)
        await transaction.log(entry(here.home, now, engine.entropy, actor, "teammate.invite", email, "", role))
    return Invited(new, text)


async def invitations(store: Store, workspace_id: WorkspaceId, now: float) -> list[Invitation]:
    """Those that can still be taken up, oldest first."""
    return [one for one in await store.team.invitations(workspace_id) if one.expires_at > now]


async def withdraw(engine: Engine, here: Present, raw_digest: str) -> None:
    """Let a link lead nowhere any more. Raises `NotFound` where there is no such invitation."""
    actor = here.acting(May.MANAGE_TEAM)
    for one in await engine.store.team.invitations(here.home):
        if one.digest == raw_digest:
            async with engine.store.team_transaction(here.home) as transaction:
                await transaction.drop_invitation(one.digest)
                await transaction.log(
                    entry(here.home, transaction.now, engine.entropy, actor, "teammate.uninvite", one.email, one.role)
                )
            return
    raise NotFound("There is no such invitation. It may have been taken up.", field="invitation")


async def invitation_of(store: Store, raw_text: str, now: float) -> Invitation:
    """The invitation that a link leads to. Raises `NotFound` where it is used, withdrawn, too old or none."""
    workspace_id = sessions.workspace_of(raw_text)
    if workspace_id is not None:
        digest = sessions.digest_of(raw_text)
        for one in await invitations(store, workspace_id, now):
            if one.digest == digest:
                return one
    raise NotFound("This invitation was taken up, was withdrawn, or is too old. Ask whoever invited you for another.")


async def accept(engine: Engine, passwords: Passwords, raw_text: str, raw_name: str, raw_password: str) -> Teammate:
    """Become a teammate. Raises `NotFound` for a link that leads nowhere, `BadInput`, `RateLimited` in a crowd."""
    invitation = await invitation_of(engine.store, raw_text, engine.now())
    name = check_name(raw_name)
    with passwords.place():
        password_hash = await passwords.hashed(check_password(raw_password, invitation.email))
    if await engine.store.team.by_email(invitation.email):
        raise Conflict("Somebody signs in with this address already.", field="email")
    async with engine.store.team_transaction(invitation.workspace_id) as transaction:
        if not await transaction.drop_invitation(invitation.digest):
            raise NotFound("This invitation was taken up a moment ago. Sign in with the password chosen then.")
        new = Teammate(
            fresh_teammate_id(engine.entropy),
            invitation.workspace_id,
            invitation.email,
            name,
            invitation.role,
            password_hash,
            transaction.now,
        )
        await transaction.put_teammate(new)
        await log_teammate(transaction, new, engine.entropy, actor_of(new), "teammate.join", "", new.role)
    return new


async def set_role(engine: Engine, here: Present, teammate_id: str, raw_role: str) -> Changed:
    """Make somebody something else. Raises `Forbidden`, `NotFound`, or `Conflict` for the last owner."""
    actor, role = here.acting(May.MANAGE_TEAM), role_of(raw_role)
    async with engine.store.team_transaction(here.home) as transaction:
        before = await _found(transaction, teammate_id)
        _require_owner(await _still(transaction, here), role, role_of(before.role))
        if before.role == role:
            return Changed(before, 0)
        await _keep_an_owner(transaction, before)
        after = msgspec.structs.replace(before, role=role)
        await transaction.put_teammate(after)
        await log_teammate(transaction, after, engine.entropy, actor, "teammate.role", before.role, role)
        withdrawn = await _withdraw_those_of(transaction, after, ALLOWED[role], engine.entropy, actor)
    return Changed(after, withdrawn)


async def remove(engine: Engine, here: Present, teammate_id: str) -> Changed:
    """Let somebody go; she is signed out at once. Raises `Forbidden`, `NotFound`, or `Conflict` for the last owner."""
    actor = here.acting(May.MANAGE_TEAM)
    async with engine.store.team_transaction(here.home) as transaction:
        gone = await _found(transaction, teammate_id)
        _require_owner(await _still(transaction, here), role_of(gone.role))
        await _keep_an_owner(transaction, gone)
        await transaction.remove_teammate(gone.id)
        await log_teammate(transaction, gone, engine.entropy, actor, "teammate.remove", gone.role, "")
        withdrawn = await _withdraw_those_of(transaction, gone, frozenset(), engine.entropy, actor)
    return Changed(gone, withdrawn)


async def sign_out(engine: Engine, here: Present, teammate_id: str) -> Teammate:
    """End all of somebody's sessions; her password stays. Raises `Forbidden` or `NotFound`."""
    actor = here.acting(May.MANAGE_TEAM)
    async with engine.store.team_transaction(here.home) as transaction:
        who = await _found(transaction, teammate_id)
        _require_owner(await _still(transaction, here), role_of(who.role))
        await transaction.end_sessions(who.id)
        await log_teammate(transaction, who, engine.entropy, actor, "teammate.sign_out", "", "")
    return who


async def rename(engine: Engine, here: Present, raw_name: str) -> Teammate:
    """Her own name."""
    after = msgspec.structs.replace(here.teammate, name=check_name(raw_name))
    async with engine.store.team_transaction(here.home) as transaction:
        known = await _found(transaction, here.teammate.id)
        await transaction.put_teammate(msgspec.structs.replace(known, name=after.name))
    return after


async def change_password(
    engine: Engine, passwords: Passwords, here: Present, raw_old: str, raw_new: str, address: str
) -> None:
    """Her own password, when she knows the old one; all her other sessions end. Raises `BadInput`, `RateLimited`."""
    guesses = lockout.guesses(engine.master_key, "change", f"{here.home}\0{here.teammate.id}", address)
    with passwords.place():
        await lockout.take(engine.store, guesses, engine.now())
        if not await passwords.fits(here.teammate.password_hash, normal(raw_old)):
            raise BadInput("This is not your present password.", field="old_password")
        await lockout.forget(engine.store, guesses)
        new = await passwords.hashed(check_password(raw_new, here.teammate.email))
    async with engine.store.team_transaction(here.home) as transaction:
        known = await _found(transaction, here.teammate.id)
        if known.password_hash != here.teammate.password_hash:
            raise BadInput("This is not your present password any more.", field="old_password")
        await transaction.put_teammate(msgspec.structs.replace(known, password_hash=new))
        await transaction.end_sessions(known.id, but=here.session.digest)
        await second_factor.drop_unconfirmed(transaction, known.id)
        await log_teammate(transaction, known, engine.entropy, actor_of(known), "teammate.password", "", "")


async def reset_password(
    engine: Engine, hashing: Hashing, teammate: Teammate, new_password: str, *, actor: str
) -> None:
    """A new password for somebody who has lost hers; she is signed out everywhere, her second factor is off."""
    new = await hashing.hashed(check_password(new_password, teammate.email))
    async with engine.store.team_transaction(teammate.workspace_id) as transaction:
        known = await _found(transaction, teammate.id)
        await transaction.put_teammate(msgspec.structs.replace(known, password_hash=new))
        await transaction.end_sessions(known.id)
        await log_teammate(transaction, known, engine.entropy, actor, "teammate.password", "", "")
        await second_factor.drop(transaction, known, entropy=engine.entropy, actor=actor)


def check_name(raw_name: str) -> str:
    """A teammate's name, if it can be one: 1 to 100 visible characters. Raises `BadInput`."""
    name = raw_name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise BadInput(f"The name is not usable; expected 1 to {MAX_NAME} visible characters.", field="name")
    return name


async def _withdraw_those_of(
    transaction: TeamTransaction, maker: Teammate, may: frozenset[May], entropy: Entropy, actor: str
) -> int:
    """Drop the invitations that she made and that who `may` only that could not make; how many."""
    count = 0
    for one in await transaction.invitations():
        needed = May.MANAGE_OWNERS if one.role == TeamRole.OWNER else May.MANAGE_TEAM
        if one.invited_by == maker.email and needed not in may:
            await transaction.drop_invitation(one.digest)
            await transaction.log(
                entry(one.workspace_id, transaction.now, entropy, actor, "teammate.uninvite", one.email, one.role)
            )
            count += 1
    return count


async def _still(transaction: TeamTransaction, here: Present) -> Present:
    """Whoever acts, as she stands now: she may have been removed, or made less, since her request began."""
    for one in await transaction.teammates():
        if one.id == here.teammate.id:
            now = msgspec.structs.replace(here, teammate=one)
            now.acting(May.MANAGE_TEAM)
            return now
    raise Forbidden("You were removed from the team a moment ago.", code="role")


async def _found(transaction: TeamTransaction, teammate_id: str) -> Teammate:
    for one in await transaction.teammates():
        if one.id == teammate_id:
            return one
    raise NotFound("There is no such teammate here. Somebody may have removed her.", field="teammate")


async def _keep_an_owner(transaction: TeamTransaction, leaving: Teammate) -> None:
    others = [one for one in await transaction.teammates() if one.role == TeamRole.OWNER and one.id != leaving.id]
    if leaving.role == TeamRole.OWNER and not others:
        raise Conflict("This is the last owner. Make somebody else an owner first.", field="role")


def _require_owner(here: Present, *roles: TeamRole) -> None:
    if TeamRole.OWNER in roles and not here.may(May.MANAGE_OWNERS):
        raise Forbidden("Only an owner makes or unmakes owners.", code="role", field="role")
