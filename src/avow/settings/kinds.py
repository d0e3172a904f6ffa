"""Which kinds of setting are there? Each parser takes the raw text and gives the value.

What does not fit is a `ValueError` whose text says what was expected, and never what was found: that may be a secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

Networks = tuple[IPv4Network | IPv6Network, ...]


class Secret(msgspec.Struct, frozen=True):
    """Bytes that no error, log or repr shows."""

    value: bytes

    def __repr__(self) -> str:
        return "Secret(...)"


def parse_master_key(raw: str) -> Secret:
    """The 32 bytes of a master key written as 64 hex digits or as base64, of `AVOW_MASTER_KEY` or of the key's file."""
    text = raw.strip()
    try:
        if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
            key = bytes.fromhex(text)
        else:
            key = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != 32:
        raise ValueError("it must be 32 bytes as 64 hex digits or as base64 (make one with: openssl rand -hex 32)")
    if len(set(key)) < 8:
        raise ValueError("it must be random (make one with: openssl rand -hex 32)")
    return Secret(key)


def master_key(raw: str) -> Secret | None:
    """The same, where there may be none."""
    return parse_master_key(raw) if raw.strip() else None


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not least <= int(raw) <= most:
            raise ValueError(f"it must be a whole number from {least} to {most}")
        return int(raw)

    return parse


def whole_or_nothing(least: int, most: int) -> Callable[[str], int | None]:
    """The same, where an empty text means: off."""
    parse = whole(least, most)
    return lambda raw: parse(raw) if raw else None


def share(raw: str) -> float:
    """A part of the whole."""
    if not re.fullmatch(r"0|1|0?\.[0-9]{1,9}|1\.0+|0\.0+", raw):
        raise ValueError("it must be a number from 0 (none) to 1 (all), such as 0.05")
    return float(raw)


def directory(raw: str) -> Path:
    """A directory, there or still to be made."""
    if "\0" in raw:
        raise ValueError("it must be the path of a directory")
    try:
        path = Path(raw).expanduser()
    except RuntimeError:
        raise ValueError("its ~ must lead to the home of a user that there is") from None
    if path.exists() and not path.is_dir():
        raise ValueError("it must be a directory, or nothing yet")
    return path


def database(raw: str) -> str:
    """The address of a database; empty: it is in the data directory."""
    if not raw:
        return ""
    if raw.startswith("sqlite:"):
        path = raw.removeprefix("sqlite:///")
        if path == raw or not path or path == ":memory:" or "?" in path or "\0" in path:
            raise ValueError("it must be sqlite:///relative/path or sqlite:////absolute/path; memory is not durable")
        return raw
    url = "postgresql" + raw.removeprefix("postgres") if raw.startswith("postgres://") else raw
    parts = urlsplit(url)
    try:
        valid = parts.scheme == "postgresql" and len(parts.path) > 1 and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in raw):
        raise ValueError("it must be postgresql://user:password@host:port/name or sqlite:///path")
    return url


def collector(raw: str) -> str:
    """Where traces are sent; empty: nowhere. Credentials have no place in it, since addresses get into logs."""
    if not raw:
        return ""
    try:
        parts = urlsplit(raw)
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or "@" in raw or any(character.isspace() or not character.isprintable() for character in raw):
        raise ValueError("it must be http://host:port/path or https://…, without user and password")
    return raw


def host(raw: str) -> str:
    """An address or name to listen on."""
    if not re.fullmatch(r"[A-Za-z0-9._:%-]{1,255}", raw):
        raise ValueError("it must be an address or a name of this machine, such as 127.0.0.1, 0.0.0.0 or ::")
    return raw


def networks(raw: str) -> Networks:
    """Addresses and networks with commas or blanks between."""
    try:
        return tuple(ip_network(part) for part in re.split(r"[,\s]+", raw.strip()) if part)
    except ValueError:
        raise ValueError(
            "it must be addresses or networks with commas between, such as 10.0.0.0/8, 2001:db8::7"
        ) from None


def networks_or_none(raw: str) -> Networks:
    """The same, where `none` says that there are none although there would be a default."""
    return () if raw.strip().lower() == "none" else networks(raw)


def one_of(*words: str) -> Callable[[str], str]:
    """One word of a fixed set, in any case."""
    listed = f"{', '.join(words[:-1])} or {words[-1]}"

    def parse(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError(f"it must be {listed}")
        return raw.lower()

    return parse
