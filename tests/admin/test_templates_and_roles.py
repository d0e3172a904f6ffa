"""What holds for every template and role by itself, with nobody at the desk."""

from __future__ import annotations

from avow.admin.frame import rendering
from avow.admin.frame.rendering import TEMPLATES
from avow.flow.team.roles import ALLOWED, May, TeamRole


def test_every_template_can_be_read() -> None:
    for name in rendering.names():
        rendering._environment.get_template(name)


def test_the_table_of_roles_is_a_stair() -> None:
    for lower, higher in ((TeamRole.READ_ONLY, TeamRole.TEAMMATE), (TeamRole.TEAMMATE, TeamRole.ADMIN)):
        assert ALLOWED[lower] < ALLOWED[higher]
    assert ALLOWED[TeamRole.OWNER] == frozenset(May)
    assert ALLOWED[TeamRole.OWNER] - ALLOWED[TeamRole.ADMIN] == {May.MANAGE_OWNERS}


def test_what_renews_itself_asks_for_its_own_page_and_not_for_where_its_forms_are_sent() -> None:
    """A page that tells of a fault stands under the address of the form."""
    live = {name: text for name in rendering.names() if "data-live=" in (text := (TEMPLATES / name).read_text("utf-8"))}
    assert len(live) > 5
    assert [name for name, text in live.items() if 'hx-get="{{ visit.address' in text] == []
