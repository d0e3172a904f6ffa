"""Whom a request is about, and whether that was proven (§5): nobody becomes somebody else by saying so."""

from __future__ import annotations

import msgspec
import pytest

from avow.errors import Conflict, Forbidden
from avow.trust.contact import Contact, ContactId, Role
from avow.trust.identity import Claim, Found, Proof, Subject, fold_email, identify
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from tests.support.world import acme_rules, alice, claimed, guest, locked, monitored, person, slot_of, vouched

MAIL = "alice@acme.example"
MALLORY = ContactId("c" * 24)
MERGED = msgspec.structs.replace(guest(), merged_into=alice().id)


def subject_of(claim: Claim, found: Found | None = None, rules: Rules | None = None) -> Subject:
    return identify(claim, found or Found(), rules or acme_rules())


def by_token(found: Found | None = None) -> Subject:
    return subject_of(Claim(Proof.TOKEN, False, "alice"), found)


def by_email_hash(found: Found) -> Subject:
    return subject_of(Claim(Proof.EMAIL_HASH, False, None, MAIL), found)


def by_unproven_email(found: Found, rules: Rules | None = None) -> Subject:
    return subject_of(Claim(Proof.NONE, False, None, MAIL), found, rules)


@pytest.mark.parametrize("proof", [Proof.TOKEN, Proof.USER_HASH])
@pytest.mark.parametrize("required", [True, False])
def test_a_token_or_a_hash_over_the_user_id_proves_that_user(proof: Proof, required: bool) -> None:
    claim = Claim(proof, required, "alice")
    assert subject_of(claim, Found(by_user_id=alice())) == Subject(Role.USER, True, alice())
    assert subject_of(claim) == Subject(Role.USER, True)


@pytest.mark.parametrize("role", [Role.VISITOR, Role.LEAD])
def test_the_browsers_own_visitor_is_handed_over_to_whom_it_proves(role: Role) -> None:
    visitor = guest(role=role)
    assert by_token(Found(by_user_id=alice(), by_session=visitor)) == Subject(Role.USER, True, alice(), visitor)
    assert by_token(Found(by_session=visitor)).absorb == visitor


@pytest.mark.parametrize("session", [None, MERGED, alice(), person(MALLORY, Role.USER, "mallory", {})])
def test_a_burned_session_or_somebody_elses_hands_nothing_over(session: Contact | None) -> None:
    assert by_token(Found(by_user_id=alice(), by_session=session)) == Subject(Role.USER, True, alice())


@pytest.mark.parametrize("email", [vouched(MAIL), vouched("ALICE@Acme.EXAMPLE"), claimed("x@y.z", slot=slot_of(MAIL))])
def test_a_hash_over_an_email_proves_the_user_whose_email_is_verified(email: object) -> None:
    user = alice(email=email)  # type: ignore[arg-type]
    assert by_email_hash(Found(by_email=[user])) == Subject(Role.USER, True, user)


@pytest.mark.parametrize(
    "stranger",
    [
        alice(email=claimed(MAIL)),
        alice(email=claimed(MAIL, slot=slot_of("alice@home.example"))),
        alice(email=claimed(MAIL, slot=slot_of(None))),
        alice(role=Role.LEAD, email=vouched(MAIL)),
        guest(email=vouched(MAIL)),
        alice(),
    ],
)
def test_an_email_that_only_somebody_claimed_proves_nothing(stranger: Contact) -> None:
    """E-mail takeover: Mallory writes her address into Alice's profile, then presents a hash over her own address."""
    assert by_email_hash(Found(by_email=[stranger])) == Subject(Role.USER, True, None)


def test_the_user_whom_this_proof_made_is_found_again_whatever_the_email_is_now() -> None:
    made, other = alice(email=claimed("new@acme.example")), person(MALLORY, Role.USER, "m", {"email": vouched(MAIL)})
    assert by_email_hash(Found(by_email_proof=made, by_email=[other])) == Subject(Role.USER, True, made)


def test_two_users_with_one_verified_email_are_not_guessed_between() -> None:
    both = [alice(email=vouched(MAIL)), person(MALLORY, Role.USER, "m", {"email": vouched(MAIL)})]
    with pytest.raises(Conflict) as conflict:
        by_email_hash(Found(by_email=both))
    assert conflict.value.field == "email"
    assert MAIL not in conflict.value.message


@pytest.mark.parametrize(("user_id", "email"), [("alice", None), (None, MAIL), ("alice", MAIL)])
def test_where_proof_is_required_a_claim_without_it_is_refused(user_id: str | None, email: str | None) -> None:
    for found in (Found(), Found(by_user_id=alice(), by_email=[alice(email=vouched(MAIL))])):
        with pytest.raises(Forbidden) as refusal:
            subject_of(Claim(Proof.NONE, True, user_id, email), found)
        assert refusal.value.code == Reason.IDENTITY_UNPROVEN
        assert "alice" not in refusal.value.message


def test_where_proof_is_not_required_a_claim_is_taken_and_marked_unproven() -> None:
    claim = Claim(Proof.NONE, False, "alice", MAIL)
    assert subject_of(claim, Found(by_user_id=alice())) == Subject(Role.USER, False, alice())
    assert subject_of(claim) == Subject(Role.USER, False)


def test_an_unproven_user_id_outweighs_an_email_and_brings_no_visitor_along() -> None:
    found = Found(by_email=[alice(email=vouched(MAIL))], by_session=guest())
    assert subject_of(Claim(Proof.NONE, False, "mallory", MAIL), found) == Subject(Role.USER, False)


def test_an_unproven_email_finds_the_one_user_who_has_it() -> None:
    user = alice(email=claimed("Alice@ACME.example"))
    assert by_unproven_email(Found(by_email=[user], by_session=guest())) == Subject(Role.USER, False, user)
    assert by_unproven_email(Found(by_email=[user]), acme_rules(monitored("email"))).contact == user


@pytest.mark.parametrize("other", [guest(email=claimed(MAIL)), alice(role=Role.LEAD, email=claimed(MAIL))])
def test_leads_and_visitors_are_never_found_by_an_unproven_email(other: Contact) -> None:
    assert by_unproven_email(Found(by_email=[other])) == Subject(Role.USER, False)


def test_an_unproven_email_that_fits_several_users_is_a_conflict() -> None:
    both = [alice(email=claimed(MAIL)), person(MALLORY, Role.USER, "m", {"email": claimed(MAIL)})]
    with pytest.raises(Conflict):
        by_unproven_email(Found(by_email=both))


def test_a_crowd_of_whom_not_all_were_looked_at_is_not_guessed_in() -> None:
    for seen in ([], [alice(email=vouched(MAIL))]):
        for asked in (by_unproven_email, by_email_hash):
            with pytest.raises(Conflict):
                asked(Found(by_email=seen, crowded=True))
    assert by_email_hash(Found(by_email_proof=alice(), crowded=True)).contact == alice()
    assert by_unproven_email(Found(crowded=True), acme_rules(locked("email"))) == Subject(Role.VISITOR, True)


def test_an_email_that_is_only_in_the_slot_is_not_hers_to_an_unproven_caller() -> None:
    user = alice(email=claimed("new@acme.example", slot=slot_of(MAIL)))
    assert by_unproven_email(Found(by_email=[user])) == Subject(Role.USER, False)


def test_while_email_is_locked_an_unproven_email_is_a_visitor() -> None:
    found = Found(by_email=[alice(email=vouched(MAIL))])
    assert by_unproven_email(found, acme_rules(locked("email"))) == Subject(Role.VISITOR, True)
    with_session = Found(by_email=found.by_email, by_session=guest())
    assert by_unproven_email(with_session, acme_rules(locked("email"))) == Subject(Role.VISITOR, True, guest())


@pytest.mark.parametrize("required", [True, False])
def test_without_a_claim_the_browser_is_its_own_visitor_or_lead(required: bool) -> None:
    claim = Claim(Proof.SESSION, required)
    assert subject_of(claim) == Subject(Role.VISITOR, True)
    assert subject_of(claim, Found(by_session=guest())) == Subject(Role.VISITOR, True, guest())
    lead = guest(role=Role.LEAD)
    assert subject_of(claim, Found(by_session=lead)) == Subject(Role.LEAD, True, lead)


@pytest.mark.parametrize("session", [MERGED, alice()])
def test_a_session_that_was_burned_or_leads_to_a_user_gives_a_new_visitor(session: Contact) -> None:
    """A stolen visitor id: what was the visitor's became Alice's, and the old session does not lead to her."""
    assert subject_of(Claim(Proof.SESSION, False), Found(by_session=session)) == Subject(Role.VISITOR, True)


@pytest.mark.parametrize(
    ("email", "folded"),
    [
        ("Alice@ACME.example", "alice@acme.example"),
        ("ÄLICE@acme.example", "Älice@acme.example"),
        ("İ@x", "İ@x"),
        ("\u212a@x", "\u212a@x"),
        ("ſ@x", "ſ@x"),
        ("ａlice@x", "ａlice@x"),
        ("@[`{z", "@[`{z"),
        ("", ""),
    ],
)
def test_emails_are_compared_with_ascii_letters_folded_and_nothing_else(email: str, folded: str) -> None:
    assert fold_email(email) == folded
    assert fold_email(folded) == folded
