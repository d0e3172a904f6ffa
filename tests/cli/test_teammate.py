"""`avow teammate` lists who signs in, and lets somebody back in who has lost her password."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher

from avow.store import open_store
from avow.trust.contact import WorkspaceId
from tests.cli.conftest import Avow


def test_the_owner_is_listed_without_a_password(avow: Avow) -> None:
    (one,) = avow.say("teammate", "list", "--json").told
    assert one["role"] == "owner"
    assert "password" not in " ".join(one)
    assert one["email"] in avow.say("teammate", "list").out


def test_a_new_password_is_shown_once_and_kept_as_a_hash(avow: Avow) -> None:
    (one,) = avow.say("teammate", "list", "--json").told
    told = avow.told("teammate", "password", one["email"].upper())
    assert PasswordHasher().verify(asyncio.run(password_hash(avow)), told["password"])
    assert told["password"] not in avow.say("teammate", "list", "--json").out


def test_nobody_else_gets_one(avow: Avow) -> None:
    code, error, message = avow.refused("teammate", "password", "mallory@example.com")
    assert (code, error) == (1, "not_found")
    assert "There are:" in message


async def password_hash(avow: Avow) -> str:
    store = open_store(avow.database)
    (one,) = await store.teammates(WorkspaceId(avow.workspace_id))
    await store.close()
    return one.password_hash
