"""What would a straightforward server cost that does the same job? FastAPI, Pydantic, PyJWT and SQLAlchemy's ORM.

Written as a careful developer would write it, and given what made it faster when it was measured:

- One transaction a request: the key and the rules as they are now, so that a revoked key or a lock counts at once; the
  contact, its values with their provenance, and a change record.
- One row a contact, values and provenance in two JSON columns; every statement goes through an index.
- SQLite has its write-ahead log and `synchronous=FULL`, an ordinary `def` endpoint in FastAPI's threads (aiosqlite was
  slower), and one connection, for which requests queue (with more they wait for each other inside SQLite instead).
- PostgreSQL has `async def` over a pool of asyncpg's connections (psycopg in threads was no faster).

What it leaves out and Avow does: refusing what PyJWT lets pass, held values, merges, the chain of records, the outbox,
traffic counters, limits.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import jwt
from fastapi import FastAPI, HTTPException
from jwt.types import Options
from pydantic import BaseModel, Field
from sqlalchemy import JSON, Engine, ForeignKey, UniqueConstraint, create_engine, event, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from bench.traffic import PATH, Company, values

REGISTERED = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "user_id"})
REQUIRED: Options = {"require": ["exp", "iat"]}
TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "whole": (int,), "number": (int, float), "boolean": (bool,)}
CONNECTIONS = 16


class Base(DeclarativeBase):
    """The tables."""


class Workspace(Base):
    """A company's place."""

    __tablename__ = "workspace"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class SigningKey(Base):
    """What a company's backend signs with."""

    __tablename__ = "signing_key"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    kid: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    live: Mapped[bool]


class Attribute(Base):
    """What may be written: a locked attribute only with a signature."""

    __tablename__ = "attribute"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    name: Mapped[str]
    type: Mapped[str]
    locked: Mapped[bool]


class Contact(Base):
    """A person, with the values and who vouched for each of them."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("workspace_id", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    external_id: Mapped[str]
    created_at: Mapped[float]
    updated_at: Mapped[float]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)
    provenance: Mapped[dict[str, Any]] = mapped_column(JSON)


class Change(Base):
    """What became of one request."""

    __tablename__ = "change"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    at: Mapped[float]
    token_digest: Mapped[str]
    verdicts: Mapped[dict[str, Any]] = mapped_column(JSON)


class UserData(BaseModel):
    """What a browser says about its person; whatever else it says is unsigned."""

    model_config = {"extra": "allow"}

    user_id: str | None = Field(None, max_length=255)
    intercom_user_jwt: str = Field(max_length=16384)


class Ping(BaseModel):
    """The request."""

    app_id: str
    user_data: UserData
    anonymous_session: str | None = None
    referer: str | None = None


class Verdict(BaseModel):
    """What became of one value."""

    name: str
    verdict: str
    reason: str | None = None


class Pong(BaseModel):
    """The answer."""

    type: str = "user.ping"
    contact_id: int
    user_id: str
    identity_verified: bool = True
    receipt: list[Verdict]


def update(session: Session, ping: Ping) -> Pong:
    """The job itself, in a transaction that whoever calls has begun and will commit."""
    claims = _claims(session, ping)
    contact = _contact(session, ping.app_id, claims["user_id"])
    signed = {name: value for name, value in claims.items() if name not in REGISTERED}
    unsigned = {name: value for name, value in (ping.user_data.model_extra or {}).items() if name not in signed}
    rules = _rules(session, ping.app_id, [*signed, *unsigned])
    verdicts = _weigh(contact, signed, rules, int(claims["iat"]))
    verdicts += _weigh(contact, unsigned, rules, None)
    if any(one.verdict == "applied" for one in verdicts):
        contact.updated_at = time.time()
        _record(session, contact, ping.user_data.intercom_user_jwt, verdicts)
    return Pong(contact_id=contact.id, user_id=contact.external_id, receipt=verdicts)


def _claims(session: Session, ping: Ping) -> dict[str, Any]:
    token = ping.user_data.intercom_user_jwt
    try:
        key = session.get(SigningKey, (ping.app_id, jwt.get_unverified_header(token).get("kid")))
        if key is None or not key.live:
            raise HTTPException(401, "no such key")
        claims = jwt.decode(token, key.secret, algorithms=["HS256"], leeway=60, options=REQUIRED)
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, str(error)) from None
    user_id = claims.get("user_id")
    if not isinstance(user_id, str) or ping.user_data.user_id not in (None, user_id):
        raise HTTPException(401, "the token is about somebody else")
    return claims


def _rules(session: Session, workspace_id: str, names: list[str]) -> dict[str, Attribute]:
    found = session.scalars(select(Attribute).where(Attribute.workspace_id == workspace_id, Attribute.name.in_(names)))
    return {one.name: one for one in found}


def _contact(session: Session, workspace_id: str, external_id: str) -> Contact:
    found = session.scalar(
        select(Contact)
        .where(Contact.workspace_id == workspace_id, Contact.external_id == external_id)
        .with_for_update()
    )
    if found is None:
        now = time.time()
        found = Contact(workspace_id=workspace_id, external_id=external_id, created_at=now, updated_at=now)
        found.attributes, found.provenance = {}, {}
        session.add(found)
        session.flush()
    return found


def _weigh(contact: Contact, said: dict[str, Any], rules: dict[str, Attribute], signed_at: int | None) -> list[Verdict]:
    verdicts: list[Verdict] = []
    attributes, provenance = dict(contact.attributes), dict(contact.provenance)
    for name, value in said.items():
        attribute, before = rules.get(name), provenance.get(name)
        if attribute is None:
            verdicts.append(Verdict(name=name, verdict="ignored", reason="unknown_attribute"))
        elif value is not None and not isinstance(value, TYPES[attribute.type]):
            verdicts.append(Verdict(name=name, verdict="ignored", reason="type_mismatch"))
        elif signed_at is None and attribute.locked:
            verdicts.append(Verdict(name=name, verdict="ignored", reason="unverified"))
        elif signed_at is not None and before and before["signed_at"] and signed_at < before["signed_at"]:
            verdicts.append(Verdict(name=name, verdict="ignored", reason="stale"))
        elif name in attributes and attributes[name] == value:
            verdicts.append(Verdict(name=name, verdict="unchanged"))
        else:
            attributes[name] = value
            provenance[name] = {"verified": signed_at is not None, "signed_at": signed_at, "received_at": time.time()}
            verdicts.append(Verdict(name=name, verdict="applied"))
    if any(one.verdict == "applied" for one in verdicts):
        contact.attributes, contact.provenance = attributes, provenance
    return verdicts


def _record(session: Session, contact: Contact, token: str, verdicts: list[Verdict]) -> None:
    digest = hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()
    told = {one.name: [one.verdict, one.reason, contact.attributes.get(one.name)] for one in verdicts}
    session.add(Change(contact_id=contact.id, at=contact.updated_at, token_digest=digest, verdicts=told))


def application(url: str, company: Company, ready: Callable[[], None]) -> FastAPI:
    """The server over an empty database, which gets its tables and one workspace; `ready` is called when it is up."""
    if url.startswith("sqlite"):
        return _in_threads(_sqlite(url), company, ready)
    return _on_the_loop(url.replace("postgresql://", "postgresql+asyncpg://"), company, ready)


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=60)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _in_threads(engine: Engine, company: Company, ready: Callable[[], None]) -> FastAPI:
    sessions = sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with sessions.begin() as session:
            _create(session, company)
        ready()
        yield
        engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.post(PATH)
    def ping(ping: Ping) -> Pong:
        with sessions.begin() as session:
            return update(session, ping)

    return app


def _on_the_loop(url: str, company: Company, ready: Callable[[], None]) -> FastAPI:
    engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=60)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with sessions.begin() as session:
            await session.run_sync(_create, company)
        ready()
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.post(PATH)
    async def ping(ping: Ping) -> Pong:
        async with sessions.begin() as session:
            return await session.run_sync(update, ping)

    return app


def _create(session: Session, company: Company) -> None:
    Base.metadata.create_all(session.connection())
    session.add(Workspace(id=company.app_id, name="Acme"))
    session.flush()
    session.add(SigningKey(workspace_id=company.app_id, kid=company.kid, secret=company.secret, live=True))
    kinds = {str: "text", bool: "boolean", int: "whole", float: "number"}
    for name, value in values(0).items():
        session.add(Attribute(workspace_id=company.app_id, name=name, type=kinds[type(value)], locked=True))
