"""The page about roles says what the table of roles says."""

from __future__ import annotations

import re

from avow.flow.team import lockout, sessions, teammates
from avow.flow.team.roles import ALLOWED, May, TeamRole
from tests.house.tree import texts

PAGE = texts()["docs/how-to/sign-in-and-invite.md"]


def test_every_act_has_its_row_and_every_row_is_true() -> None:
    told = {}
    for line in re.findall(r"^\| `(\w+)`: [^|]+\| (.+) \|$", PAGE, re.MULTILINE):
        told[line[0]] = [cell.strip() == "yes" for cell in line[1].split("|")]
    order = (TeamRole.OWNER, TeamRole.ADMIN, TeamRole.TEAMMATE, TeamRole.READ_ONLY)
    assert told == {str(act): [act in ALLOWED[role] for role in order] for act in May}


def test_the_numbers_at_the_door_are_the_programs() -> None:
    assert (lockout.FROM_ONE_ADDRESS, lockout.FROM_ANYWHERE, lockout.WITHIN) == (5, 50, 15 * 60)
    assert (sessions.IDLE, sessions.LONGEST, teammates.LASTS) == (7 * 86_400, 30 * 86_400, 7 * 86_400)
    for words in ("Five wrong", "fifty from anywhere", "quarter of an hour", "7 days without use", "lasts seven days"):
        assert words in PAGE
