"""People written as the server writes them, for commands that look at what is stored."""

from __future__ import annotations

import asyncio

from avow import app, sign
from avow.flow.contacts import find_by_external_id
from avow.flow.updates.submissions import Submission
from avow.flow.updates.update import MessengerUpdate
from avow.settings import Settings
from avow.trust.contact import WorkspaceId
from avow.trust.policy import Platform
from avow.trust.token import verify
from tests.cli.conftest import Avow


def live(avow: Avow, user_id: str, *plans: str, settings: Settings | None = None) -> str:
    """Signed updates of `plan`, one record each; the user's contact id."""
    place = settings or Settings.from_environment({}, data=avow.data, database_url=avow.database)

    async def update() -> str:
        workspace_id = WorkspaceId(avow.workspace_id)
        async with app.open_engine(place) as engine, engine.running():
            for plan in plans:
                rules = await engine.rulebook.current(workspace_id)
                token = sign(user_id, {"plan": plan}, key=avow.made["signing_key"]["secret"])
                claims = verify(
                    token, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=engine.now()
                )
                submission = Submission(workspace_id, Platform.WEB, rules.version, claims)
                await engine.committer.submit(MessengerUpdate(submission))
            return (await find_by_external_id(engine.store, workspace_id, user_id)).id

    return asyncio.run(update())
