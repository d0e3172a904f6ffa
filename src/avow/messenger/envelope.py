"""What does this request say? Bytes in Intercom's two encodings → the parts of a submission, nothing believed yet.

- Form fields with `user_data` as JSON text, or one JSON object with the same names.
- A name that comes twice, two tokens or two user ids that differ: refused, for nobody could say which one was meant.
- Bounds: 64 KiB, nesting 8, 100 attributes a request, 20 events.

Source: contract/intercom-notes.md §3.2, §3.4; spec §4, §10, §11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from avow.errors import BadInput
from avow.flow.updates.submissions import Happening
from avow.trust.contact import WorkspaceId
from avow.trust.strict_json import DuplicateName, StrictJsonError, loads
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of
from avow.trust.weighing.names import IDENTITY_KEYS
from avow.trust.weighing.voice import Page
from avow.web.forms import parse_form
from avow.web.request import Media

MAX_DEPTH: Final = 8
MAX_ATTRIBUTES: Final = 100
MAX_EVENTS: Final = 20
MAX_EMAIL: Final = 255
MAX_EVENT_NAME: Final = 120
MAX_METADATA: Final = 10
_TOKEN_KEYS: Final = ("intercom_user_jwt", "token")
_FORM: Final = Media.FORM
_UTM: Final = frozenset({"utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term"})


class Envelope(msgspec.Struct, frozen=True):
    """One request, read.

    `raw_token` and `raw_user_hash` are None where none came; `raw_values` are outside the token; `fields` is all of it.
    """

    app_id: WorkspaceId
    raw_token: object
    raw_user_hash: object
    raw_session: object
    unproven_user_id: str | None
    unproven_email: str | None
    raw_values: dict[str, object]
    observed: dict[str, object]
    page: Page
    idempotency_key: str | None
    fields: Mapping[str, object]


def read(media: Media, body: bytes, *, origin: str | None) -> Envelope:
    """Take a body apart. Raises `BadInput` that names the field at fault."""
    fields = _fields(media, body)
    user_data = _user_data(fields.get("user_data"))
    # What stands as text is looked through as what it says: a secret hides in no quotes.
    decoded = {
        name: _object(raw.encode(), name) for name in ("event_list",) if isinstance(raw := fields.get(name), str)
    }
    fields = {**fields, **decoded, "user_data": user_data}
    if len(user_data) > MAX_ATTRIBUTES + len(IDENTITY_KEYS):
        raise BadInput(f"user_data has {len(user_data)} entries; send at most {MAX_ATTRIBUTES}.", field="user_data")
    raw_values = {name: value for name, value in user_data.items() if name not in IDENTITY_KEYS}
    if len(raw_values) > MAX_ATTRIBUTES:
        raise BadInput(f"user_data has {len(raw_values)} attributes; send at most {MAX_ATTRIBUTES}.", field="user_data")
    raw_email = user_data.get("email")
    return Envelope(
        _app_id(fields, user_data),
        _token(fields, user_data),
        _only(fields, user_data, "user_hash", "user hashes"),
        _only(fields, user_data, "anonymous_session", "sessions"),
        _user_id(_only(fields, user_data, "user_id", "user ids")),
        raw_email if isinstance(raw_email, str) and raw_email.strip() and len(raw_email) <= MAX_EMAIL else None,
        raw_values,
        _observed(fields),
        _page(fields, origin),
        _idempotency_key(fields),
        fields,
    )


def _fields(media: Media, body: bytes) -> Mapping[str, object]:
    if media is _FORM:
        return parse_form(body).single
    return _object(body, "body")


def _user_data(raw: object) -> Mapping[str, object]:
    if raw is None or raw == "":
        return {}
    if isinstance(raw, str):
        return _object(raw.encode(), "user_data")
    if isinstance(raw, dict):
        return raw
    raise BadInput("user_data is not an object; send the user's data as a JSON object.", field="user_data")


def _object(raw: bytes, field: str) -> dict[str, object]:
    try:
        value = loads(raw, max_depth=MAX_DEPTH)
    except DuplicateName as error:
        raise BadInput(f"The {field} is ambiguous: {error}.", field=field, code="duplicate_field") from None
    except StrictJsonError as error:
        raise BadInput(f"The {field} is not the JSON that is expected: {error}.", field=field) from None
    if not isinstance(value, dict):
        raise BadInput(f"The {field} is not a JSON object.", field=field)
    return value


def _app_id(fields: Mapping[str, object], user_data: Mapping[str, object]) -> WorkspaceId:
    raw = _only(fields, user_data, "app_id", "workspaces")
    if not isinstance(raw, str) or not 1 <= len(raw) <= 64:
        raise BadInput("app_id is missing; send your workspace's id.", field="app_id", code="parameter_not_found")
    return WorkspaceId(raw)


def _token(fields: Mapping[str, object], user_data: Mapping[str, object]) -> object:
    """The one token, under either name; an empty one is a bad one, not none (spec §4)."""
    found: object = None
    for name in _TOKEN_KEYS:
        for place in (user_data, fields):
            value = place.get(name)
            if value is not None:
                found = value if found is None else _same(found, value, _TOKEN_KEYS[0], "tokens")
    return found


def _only(fields: Mapping[str, object], user_data: Mapping[str, object], name: str, what: str) -> object:
    """The one value under this name, in either place; absent, `null` and `""` are none."""
    inner, outer = user_data.get(name), fields.get(name)
    if outer is None or outer == "":
        return None if inner == "" else inner
    return outer if inner is None or inner == "" else _same(inner, outer, name, what)


def _same(one: object, other: object, name: str, what: str) -> object:
    if one != other or type(one) is not type(other):
        message = f"The request has two {what} that differ; send one {name}."
        raise BadInput(message, field=name, code="duplicate_field")
    return one


def _user_id(raw: object) -> str | None:
    if raw is None:
        return None
    user_id = user_id_of(raw)
    if user_id is None:
        raise BadInput(
            f"user_id is not a user's id; send a text of 1 to {MAX_USER_ID} characters that is not blank.",
            field="user_id",
        )
    return user_id


def _idempotency_key(fields: Mapping[str, object]) -> str | None:
    raw = fields.get("Idempotency-Key")
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str) or len(raw) > 255:
        raise BadInput("Idempotency-Key is not a text of at most 255 characters.", field="Idempotency-Key")
    return raw


def _page(fields: Mapping[str, object], origin: str | None) -> Page:
    referer = fields.get("referer")
    path = None
    if isinstance(referer, str) and referer:
        try:
            parts = urlsplit(referer)
        except ValueError:
            parts = urlsplit("")
        path = (parts.path or "/")[:200]
        if origin is None and parts.netloc:
            origin = f"{parts.scheme}://{parts.netloc}"[:200]
    kind, version = fields.get("installation_type"), fields.get("installation_version") or fields.get("v")
    sdk = " ".join([str(part)[:40] for part in (kind, version) if isinstance(part, (str, int)) and part != ""])
    return Page(origin, path, sdk or None)


def _observed(fields: Mapping[str, object]) -> dict[str, object]:
    """What the address of the page itself tells: campaign parameters and where the visitor came from."""
    referer, before = fields.get("referer"), fields.get("r")
    observed: dict[str, object] = {}
    if isinstance(referer, str) and "utm_" in referer and len(referer) <= 4096:
        try:
            pairs = parse_qsl(urlsplit(referer).query, max_num_fields=50)
        except ValueError:
            pairs = []
        observed.update((name, value[:255]) for name, value in pairs if name in _UTM and "\0" not in value)
    if isinstance(before, str) and before:
        observed["referrer"] = before[:255]
    return observed


def happenings(fields: Mapping[str, object]) -> tuple[Happening, ...]:
    """The events of an `events` request: `event_list` as Intercom's clients send it, JSON text or an object."""
    listed = fields.get("event_list")
    rows = listed.get("data") if isinstance(listed, dict) else None
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_EVENTS:
        raise BadInput(f'event_list has no "data" with 1 to {MAX_EVENTS} events in it.', field="event_list")
    return tuple(_happening(row) for row in rows)


def _happening(row: object) -> Happening:
    name = row.get("event_name") if isinstance(row, dict) else None
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_EVENT_NAME or not name.strip():
        raise BadInput(f"An event has no event_name of 1 to {MAX_EVENT_NAME} characters.", field="event_name")
    metadata = row.get("metadata") if isinstance(row, dict) else None
    metadata = {} if metadata is None else metadata
    if not isinstance(metadata, dict) or len(metadata) > MAX_METADATA:
        raise BadInput(f"An event's metadata is not an object of at most {MAX_METADATA} entries.", field="metadata")
    text = msgspec.json.encode(metadata).decode()
    if len(text) > 4096:
        raise BadInput("An event's metadata is longer than 4,096 characters.", field="metadata")
    return Happening(name, text)
