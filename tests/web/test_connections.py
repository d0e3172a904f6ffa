"""Too many connections: those who have a place do not notice, those who have none are told."""

from __future__ import annotations

from ipaddress import ip_network

import msgspec

from avow.web.connections import Bounds, Gate
from tests.web.stub_app import Stub
from tests.web.wire import PATIENT, running, wait_until


def gate(**numbers: object) -> Gate:
    return Gate(msgspec.structs.replace(Bounds(), **numbers), bytes)


def test_who_comes_when_all_places_are_taken_is_told_so_and_the_others_go_on() -> None:
    with running(Stub(), msgspec.structs.replace(PATIENT, connections=20)) as here:
        present = [here.dial() for _ in range(20)]
        assert all(line.post(b"abc").reply().status == 200 for line in present)
        for _ in range(10):
            late = here.dial()
            reply = late.reply()
            assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, "service_unavailable", "1")
            assert late.is_closed()
        assert all(line.post(b"abc").reply().status == 200 for line in present)


def test_a_request_sent_at_once_by_somebody_without_a_place_is_not_taken() -> None:
    app = Stub()
    with running(app, msgspec.structs.replace(PATIENT, connections=1)) as here:
        here.dial().post(b"abc").reply()
        assert here.dial().post(b"x" * 50_000).reply().status == 503
    assert app.seen == [("/", 3)]


def test_a_place_that_is_given_back_can_be_taken_again() -> None:
    with running(Stub(), msgspec.structs.replace(PATIENT, connections=1)) as here:
        for _ in range(5):
            line = here.dial()
            assert line.post(b"abc").reply().status == 200
            line.close()
            assert wait_until(lambda: here.server.server_state.connections == set())


def test_hundreds_without_a_place_leave_nothing_behind() -> None:
    with running(Stub(), msgspec.structs.replace(PATIENT, connections=1)) as here:
        first = here.dial()
        first.post(b"abc").reply()
        crowd = [here.dial() for _ in range(400)]
        assert first.post(b"abc").reply().status == 200
        for line in crowd:
            line.close()
        assert wait_until(lambda: len(here.server.server_state.connections) == 1)
        assert here.dial().reply().status == 503


def test_one_address_has_its_own_cap_and_cannot_take_all_places() -> None:
    with running(Stub(), msgspec.structs.replace(PATIENT, connections_per_address=3)) as here:
        lines = [here.dial() for _ in range(3)]
        assert all(line.post(b"abc").reply().status == 200 for line in lines)
        assert here.dial().reply().status == 503
        lines.pop().close()
        assert wait_until(lambda: len(here.server.server_state.connections) == 2)
        assert here.dial().post(b"abc").reply().status == 200


def test_addresses_are_counted_apart_and_ipv6_by_its_64() -> None:
    one = gate(connections_per_address=1)
    assert one.admit("192.0.2.1") is not None
    assert one.admit("192.0.2.1") is None
    assert one.admit("192.0.2.2") is not None
    assert one.admit("2001:db8::1") is not None
    assert one.admit("2001:db8::2") is None
    assert one.admit("2001:db8:0:1::1") is not None


def test_a_trusted_proxy_stands_for_many_and_has_no_cap_of_its_own() -> None:
    one = gate(connections_per_address=1, exempt=(ip_network("10.0.0.0/8"),))
    keys = [one.admit("10.1.2.3") for _ in range(50)]
    assert None not in keys
    assert one.admit("192.0.2.1") is not None
    for key in keys:
        one.leave(str(key))
    assert one.present == 1


def test_who_speaks_ipv4_to_a_server_on_both_is_known_by_that_address() -> None:
    """With `--host ::` the kernel calls her ::ffff:192.0.2.1: all of IPv4 would share one /64, its proxies too."""
    one = gate(connections_per_address=1, exempt=(ip_network("10.0.0.0/8"),))
    assert one.admit("::ffff:192.0.2.1") is not None
    assert one.admit("::ffff:192.0.2.1") is None
    assert one.admit("::ffff:192.0.2.2") is not None
    assert None not in [one.admit("::ffff:10.1.2.3") for _ in range(3)]


def test_the_book_forgets_addresses_that_have_left() -> None:
    one = gate()
    for number in range(1000):
        key = one.admit(f"192.0.2.{number % 250}")
        assert key is not None
        one.leave(key)
    assert (one.present, len(one._by_address)) == (0, 0)
