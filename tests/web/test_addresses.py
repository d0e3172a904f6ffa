"""Mallory says she is somebody else: `X-Forwarded-For` counts only as far as the operator's own proxies wrote it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from avow.web.addresses import Networks, limit_key, peer_address, told_address

PROXIES: Networks = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return {"client": (peer, 4711) if peer is not None else None, "headers": headers}


def test_the_peer_is_who_it_is_when_nobody_is_trusted() -> None:
    assert peer_address(scope("198.51.100.7", "192.0.2.1"), ()) == "198.51.100.7"
    assert peer_address(scope("10.0.0.1", "192.0.2.1"), ()) == "10.0.0.1"


def test_a_neighbour_that_nobody_named_tells_for_limits_whom_it_passes_on() -> None:
    assert told_address(scope("10.0.0.1", "203.0.113.9, 192.0.2.1"), ()) == "192.0.2.1"
    assert told_address(scope("10.0.0.1"), ()) == "10.0.0.1"
    assert told_address(scope("10.0.0.1", "nonsense"), ()) == "10.0.0.1"
    assert told_address(scope("10.0.0.1", "192.0.2.1"), (ip_network("10.0.0.2"),)) == "10.0.0.1"
    assert told_address(scope("8.8.8.8", "192.0.2.1"), ()) == "8.8.8.8"
    assert told_address(scope(None, "192.0.2.1"), ()) == "unknown"


def test_mallory_cannot_name_herself_when_she_comes_directly() -> None:
    assert peer_address(scope("198.51.100.7", "192.0.2.1"), PROXIES) == "198.51.100.7"


def test_a_trusted_proxy_names_its_client() -> None:
    assert peer_address(scope("10.0.0.1", "192.0.2.1"), PROXIES) == "192.0.2.1"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        (("203.0.113.9, 192.0.2.1",), "192.0.2.1"),
        (("10.9.9.9, 192.0.2.1",), "192.0.2.1"),
        (("203.0.113.9", "192.0.2.1"), "192.0.2.1"),
        (("203.0.113.9, 192.0.2.1, 10.0.0.2",), "192.0.2.1"),
        (("203.0.113.9, 192.0.2.1", "10.0.0.2", "10.0.0.3"), "192.0.2.1"),
        (("127.0.0.1, 192.0.2.1,10.0.0.2",), "192.0.2.1"),
    ],
)
def test_what_mallory_put_in_front_is_not_believed(forwarded: tuple[str, ...], expected: str) -> None:
    assert peer_address(scope("10.0.0.1", *forwarded), PROXIES) == expected


@pytest.mark.parametrize(
    "nonsense", ["unknown", "", "_hidden", "1.2.3", "192.0.2.1; drop", "192.0.2.1\xff", "0x7f.1", "a" * 5000]
)
def test_an_entry_that_is_no_address_ends_at_the_proxy_that_passed_it_on(nonsense: str) -> None:
    assert peer_address(scope("10.0.0.1", f"192.0.2.1, {nonsense}"), PROXIES) == "10.0.0.1"
    assert peer_address(scope("10.0.0.1", f"192.0.2.1, {nonsense}, 10.0.0.2"), PROXIES) == "10.0.0.2"


def test_a_proxy_that_says_nothing_stands_for_itself() -> None:
    assert peer_address(scope("10.0.0.1"), PROXIES) == "10.0.0.1"


def test_only_the_last_hops_are_looked_at() -> None:
    long = ", ".join(["192.0.2.1"] + ["10.0.0.2"] * 5000)
    assert peer_address(scope("10.0.0.1", long), PROXIES) == "10.0.0.2"


def test_ports_and_brackets_and_mapped_addresses_are_understood() -> None:
    assert peer_address(scope("10.0.0.1", "192.0.2.1:4711"), PROXIES) == "192.0.2.1"
    assert peer_address(scope("10.0.0.1", "[2001:DB8:0::1]:4711"), PROXIES) == "2001:db8::1"
    assert peer_address(scope("::ffff:10.0.0.1", "::ffff:192.0.2.1"), PROXIES) == "192.0.2.1"
    assert peer_address(scope("fe80::1%eth0"), ()) == "fe80::1"


def test_a_server_that_does_not_know_its_peer_says_so() -> None:
    assert peer_address(scope(None, "192.0.2.1"), PROXIES) == "unknown"
    assert peer_address(scope("", "192.0.2.1"), PROXIES) == "unknown"


def test_one_holder_of_an_ipv6_64_has_one_limit() -> None:
    assert limit_key("2001:db8::1") == limit_key("2001:db8::ffff:ffff:ffff:ffff") == "2001:db8::/64"
    assert limit_key("2001:db8:0:1::1") != limit_key("2001:db8::1")
    assert limit_key("192.0.2.1") == "192.0.2.1"
    assert limit_key("unknown") == "unknown"
