"""The bench sends what it says it sends, and knows what must be in the database afterwards."""

from __future__ import annotations

import pytest

from avow.trust.keys import secret_from_random
from bench.load import LoadFailed, _is_whole
from bench.traffic import LANES, Company, Lane, expected, lanes, values

ACME = Company("acme1234", "acme-bench", secret_from_random(bytes(range(32))), 1_700_000_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("population", [1000, 1563, 100_000])
def test_everybody_is_in_one_lane_and_gets_a_turn_before_anybody_gets_a_second(population: int) -> None:
    met: list[int] = []
    for lane in lanes(ACME, population, 1):
        turns = [lane.turn(turn) for turn in range(lane.people)]
        assert {serial for _, serial in turns} == {1}
        assert lane.turn(lane.people) == (turns[0][0], 2)
        met += [person for person, _ in turns]
    assert sorted(met) == list(range(population))


def test_each_update_changes_every_value() -> None:
    for serial in range(1, 500):
        before, after = values(serial), values(serial + 1)
        assert all(before[name] != after[name] for name in before)


def test_a_request_is_as_long_as_the_method_says() -> None:
    body = ACME.request(999_999, 1234).partition(b"\r\n\r\n")[2]
    assert 520 <= len(body) <= 560
    assert 360 <= len(ACME.token(999_999, 1234)) <= 410


def test_what_must_be_found_afterwards_is_what_was_sent_last() -> None:
    sent = [40 + number for number in range(LANES)]
    latest: dict[int, int] = {}
    for number, count in enumerate(sent):
        lane = Lane(ACME, number, 1000, 1)
        for turn in range(count):
            person, serial = lane.turn(turn)
            latest[person] = serial
    assert expected(1000, 1, sent) == latest


def test_the_repeated_request_of_a_person_is_byte_for_byte_the_last_one_sent() -> None:
    lane = Lane(ACME, 3, 200, 1)
    lane.sign(9)
    last = list(lane.ready)[-lane.people :]
    lane.sent = 9
    assert lane.latest() == last


@pytest.mark.parametrize("end", range(1, len(OK)))
def test_a_reply_that_has_only_begun_is_waited_for(end: int) -> None:
    assert not _is_whole(OK[:end])


def test_a_whole_reply_is_known_as_one() -> None:
    assert _is_whole(OK)


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"garbage"]
)
def test_a_reply_that_is_no_success_ends_the_measuring(reply: bytes) -> None:
    with pytest.raises(LoadFailed):
        _is_whole(reply)
