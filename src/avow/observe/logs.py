"""What is written to the log? One line for each thing that happened: a JSON object, or text for people.

- Fields come from `FIELDS`; nothing else gets in. A value, token, header, path or query is no field.
- What we say ourselves is said in words of ours. Of a library's message only the words before the first sign are
  written, of an exception its kind and places: what follows there may quote what nobody should read.
- Lines of one request carry its id and workspace by themselves.

Source: spec §11; RFC 8259; RFC 3339.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import msgspec

from avow.web import journal
from avow.web.errors import describe

REQUESTS: Final = "avow.request"

FIELDS: Final[Mapping[str, str]] = {
    "time": "When, in UTC, with milliseconds (RFC 3339).",
    "level": "`debug`, `info`, `warning`, `error` or `critical`.",
    "logger": "Which part speaks: `avow.request` for requests.",
    "message": "What happened, in words; `request` for a request.",
    "pid": "The process.",
    "request_id": "The request's id, the same as in `X-Request-Id` and in `error.list`.",
    "workspace": "The workspace's id, once the request has shown that there is one.",
    "method": "The request's method; `OTHER` for one that no address takes.",
    "route": "The address's template, such as `/contacts/{id}`; `none` where there is none.",
    "status": "The answer's status; 499 where the client left first.",
    "duration_ms": "Milliseconds from the head of the request to the end of the answer.",
    "bytes": "Bytes of the answer's body.",
    "error": "Kind and places of an exception, and of its causes; never its text.",
}
"""Every field, in the order in which they are written."""

_WORDS: Final = re.compile(r"[A-Za-z][A-Za-z ,]{0,99}")
_encode: Final = msgspec.json.Encoder().encode


def start(level: str, format_: str, stream: TextIO | None = None) -> None:
    """Log to standard error (or `stream`) from here on. Every process does so for itself.

    `level` is that of our own parts; of libraries we hear warnings and worse.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_FORMATS[format_]())
    logging.raiseExceptions = False  # a line that cannot be written would be told with all it was made of
    root = logging.getLogger()
    for one in [one for one in root.handlers if isinstance(one.formatter, Lines)]:
        root.removeHandler(one)
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))
    logging.getLogger("avow").setLevel(level.upper())


def write(log: logging.Logger, level: int, message: str, *, at: float, **fields: object) -> None:
    """Write a line, whatever the level: whoever calls has decided. `at` is Unix seconds."""
    record = log.makeRecord(log.name, level, "", 0, message, (), None)
    record.created = at
    record.fields = fields
    log.handle(record)


class Lines(logging.Formatter):
    """What all formats have in common: a record as its fields."""

    def fields_of(self, record: logging.LogRecord) -> dict[str, Any]:
        """The fields of one line, in their order, without those that say nothing."""
        scope = journal.current() or {}
        known: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            "pid": os.getpid(),
            "request_id": scope.get("avow.request_id"),
            "workspace": scope.get("avow.workspace"),
            "error": describe(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None,
            **getattr(record, "fields", {}),
        }
        return {name: known[name] for name in FIELDS if known.get(name) is not None}


class JsonLines(Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return _encode(self.fields_of(record)).decode()


class TextLines(Lines):
    """Time, level, logger and message; then whatever else there is, as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        fields = self.fields_of(record)
        head = f"{fields.pop('time')} {fields.pop('level'):<7} {fields.pop('logger')}: {fields.pop('message')}"
        return " ".join([head, *(f"{name}={value}" for name, value in fields.items())])


_FORMATS: Final[Mapping[str, type[Lines]]] = {"json": JsonLines, "text": TextLines}


def message_of(record: logging.LogRecord) -> str:
    """What a record says: our own words as they are, of anybody else's the first ones only."""
    if record.name == "avow" or record.name.startswith("avow."):
        return "".join(letter if letter.isprintable() else " " for letter in record.getMessage())
    first = _WORDS.match(str(record.msg))
    return first[0].strip() if first else "(not written: it does not begin with words)"
