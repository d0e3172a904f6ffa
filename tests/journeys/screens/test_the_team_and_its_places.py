"""Activity, teammates, workspaces: what happens shows itself, people come and go, a promotion does what it showed."""

from __future__ import annotations

import re

from playwright.async_api import Browser, expect

from tests.support.screens import Person, Place


async def test_a_refused_token_appears_by_itself_and_leads_to_its_explanation(place: Place, olive: Person) -> None:
    page = olive.page
    await olive.go("/activity")
    await expect(page.get_by_text("Every token was believed")).to_be_visible()

    forged = {"intercom_user_jwt": "eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoiYWxpY2UifQ."}
    body = {"app_id": place.made.workspace_id, "user_data": forged}
    assert place.client.post("/messenger/web/ping", json=body).status_code == 401

    row = page.locator("#requests").get_by_role("row", name=re.compile("token_malformed|token_algorithm"))
    await expect(row).to_be_visible(timeout=15_000)
    ((reason, count),) = place.stored("SELECT reason, count FROM refusal")
    assert count == 1
    link = row.get_by_role("link", name="What it means")
    assert await link.get_attribute("href") == f"/docs/reasons/{reason}"
    await row.get_by_role("link").first.click()
    await expect(page.get_by_role("heading", name="By the hour")).to_be_visible()


async def test_operators_changes_are_narrowed_and_told_from_what_to_what(place: Place, olive: Person) -> None:
    page = olive.page
    place.rest("POST", "/data_attributes", {"name": "plan", "model": "contact", "data_type": "string"})
    await olive.go("/settings/data/people/plan")
    await page.get_by_role("switch", name=re.compile("plan")).click()
    await expect(page.get_by_text("plan is open")).to_be_visible()
    await olive.go("/activity?show=changes")
    await page.get_by_label("About").select_option(label="Attributes and locks")
    await expect(page).to_have_url(re.compile("about=attribute"))
    row = page.get_by_role("row", name=re.compile("plan Who may write it"))
    await expect(row).to_contain_text("Locked")
    await expect(row).to_contain_text("Open")
    await expect(page.get_by_text("Signing key added")).to_have_count(0)


async def test_somebody_is_invited_joins_is_promoted_and_leaves(place: Place, olive: Person, browser: Browser) -> None:
    page = olive.page
    await olive.go("/settings/teammates")
    await page.get_by_label("E-mail").fill("otto@acme.example")
    await page.get_by_label("Role").select_option(label="Read-only")
    await page.get_by_role("button", name="Make a link").click()
    link = await page.locator("#link").text_content()
    assert link is not None

    otto = await place.person(browser, signed_in=False)
    await otto.page.goto(link)
    await otto.page.get_by_label("Your name").fill("Otto")
    await otto.page.get_by_label("Password").fill("four words well put together")
    await otto.page.get_by_role("button", name="Join").click()
    await otto.page.wait_for_url(lambda url: "/invitation" not in url)
    await otto.go("/settings/data/people")
    await expect(otto.page.locator('[role="switch"]')).to_have_count(0)

    await olive.go("/settings/teammates")
    await page.get_by_role("link", name="Manage otto@acme.example").click()
    await page.get_by_label("What this teammate may do").select_option(label="Admin")
    await page.get_by_role("button", name="Save the role").click()
    await expect(page.get_by_text("Otto is an admin now.")).to_be_visible()
    assert place.stored("SELECT role FROM teammate WHERE email = 'otto@acme.example'") == [("admin",)]
    await otto.go("/settings/data/people")
    await expect(otto.page.locator('[role="switch"]').first).to_be_attached()

    await page.get_by_role("link", name="Remove Otto").click()
    await page.get_by_role("dialog", name=re.compile("Remove Otto")).get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("Otto is removed, and signed out everywhere.")).to_be_visible()
    assert place.stored("SELECT count(*) FROM teammate WHERE email = 'otto@acme.example'") == [(0,)]
    await otto.page.goto(f"{place.url}/app/{place.made.workspace_id}/activity")
    await expect(otto.page).to_have_url(re.compile("/app/sign-in"))
    await otto.page.context.close()


async def test_what_was_tried_in_test_is_promoted_and_locks_stay_unless_confirmed(place: Place, olive: Person) -> None:
    page = olive.page
    ((test_id,),) = place.stored("SELECT id FROM workspace WHERE kind = 'test'")
    for name, enforcement in (("plan", "locked"), ("theme", "open"), ("seats", "open")):
        await olive.go(f"/app/{test_id}/settings/data/people/new")
        await page.get_by_label("Name").fill(name)
        await page.get_by_label("Who may write it").select_option(value=enforcement)
        await page.get_by_role("button", name="Create").click()
        await expect(page.get_by_text(f"{name} is there.")).to_be_visible()
    await expect(page.get_by_text("Test workspace: nothing here touches production.")).to_be_visible()

    await olive.go("/settings/workspaces")
    await page.get_by_role("link", name="Look at the difference").click()
    await page.get_by_role("row", name=re.compile("^theme")).get_by_role("checkbox").check()
    assert await olive.barriers() == []
    await page.get_by_role("button", name="Promote to production").click()
    await expect(page.get_by_text("3 attributes are in production as in test. 1 stayed locked.")).to_be_visible()
    query = "SELECT name, enforcement FROM attribute WHERE workspace_id = ? ORDER BY name"
    assert place.stored(query, place.made.workspace_id) == [("plan", "locked"), ("seats", "locked"), ("theme", "open")]


async def test_two_who_promote_at_once_do_not_undo_each_other(place: Place, olive: Person, browser: Browser) -> None:
    other = await place.person(browser)
    ((test_id,),) = place.stored("SELECT id FROM workspace WHERE kind = 'test'")
    await olive.go(f"/app/{test_id}/settings/data/people/new")
    await olive.page.get_by_label("Name").fill("plan")
    await olive.page.get_by_role("button", name="Create").click()
    await expect(olive.page.get_by_text("plan is there.")).to_be_visible()
    for person in (olive, other):
        await person.go("/settings/workspaces/promote")
    await olive.page.get_by_role("button", name="Promote to production").click()
    await expect(olive.page.get_by_text("1 attribute is in production as in test.")).to_be_visible()
    await other.page.get_by_role("button", name="Promote to production").click()
    await expect(other.page.get_by_role("alert")).to_contain_text("Look at it again before you promote")
    await expect(other.page.get_by_text("Nothing to promote")).to_be_visible()
    assert place.stored("SELECT count(*) FROM operator_change WHERE action = 'workspace.promote'") == [(1,)]
    await other.page.context.close()
