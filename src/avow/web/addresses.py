"""What every HTTP wing needs of an address: where a request comes from, and who shares a limit with whom.

- It is the socket's peer. Only if that peer is a proxy that the operator trusts is `X-Forwarded-For` read, from the
  right, up to the first address that is not a trusted proxy: everything left of it was written by somebody unknown.
- An entry that is no address ends the walk; the nearest proxy that is known stands for it. No spoofed text is ever
  returned.
- One customer of a provider holds a whole IPv6 /64, so limits count the /64.

Source: spec §11; RFC 7239 §5.2, §8.1; RFC 6177;
https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/X-Forwarded-For.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Networks = tuple[IPv4Network | IPv6Network, ...]

UNKNOWN = "unknown"
MAX_HOPS = 20


def peer_address(scope: Scope, trusted_proxies: Networks) -> str:
    """The address from which the request comes, in canonical form; `unknown` if the server cannot tell."""
    client = scope.get("client")
    address = _canonical(client[0]) if client else None
    if address is None:
        return UNKNOWN
    if not trusted_proxies or not is_within(address, trusted_proxies):
        return address
    raw_entries = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").split(b",")
    for raw_entry in reversed(raw_entries[-MAX_HOPS:]):
        entry = _canonical(_without_port(raw_entry.strip().decode("latin-1")))
        if entry is None:
            break
        address = entry
        if not is_within(address, trusted_proxies):
            break
    return address


def told_address(scope: Scope, trusted_proxies: Networks) -> str:
    """For limits only: `peer_address`, or what a neighbour tells that may well be a proxy, where none is named.

    So people whom such a proxy passes on do not share one limit. Whoever is that neighbour can tell what she likes.
    """
    peer = peer_address(scope, trusted_proxies)
    if trusted_proxies or not is_neighbour(peer):
        return peer
    return peer_address(scope, (ip_network(peer),))


@lru_cache(maxsize=8192)
def limit_key(address: str) -> str:
    """The group that `address` is counted in: itself for IPv4, its /64 for IPv6."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    if isinstance(parsed, IPv6Address):
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


@lru_cache(maxsize=8192)
def is_within(address: str, networks: Networks) -> bool:
    """Whether `address` lies in one of `networks`. What is no address lies in none."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def is_neighbour(address: str) -> bool:
    """Whether `address` is of this machine or of a private network, as a proxy's usually is."""
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


@lru_cache(maxsize=8192)
def _canonical(raw_address: str) -> str | None:
    parsed = _parsed(raw_address)
    return None if parsed is None else str(parsed)


def _parsed(raw_address: str) -> IPv4Address | IPv6Address | None:
    """An address without its zone, and of IPv4 where a socket on `::` calls a peer `::ffff:192.0.2.1`."""
    try:
        parsed = ip_address(raw_address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return parsed.ipv4_mapped
        if parsed.scope_id is not None:
            return IPv6Address(int(parsed))
    return parsed


def _without_port(raw_entry: str) -> str:
    """Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if raw_entry.startswith("["):
        return raw_entry[1:].partition("]")[0]
    host, colon, port = raw_entry.partition(":")
    return host if colon and port.isdigit() else raw_entry
