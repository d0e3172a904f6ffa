"""Rate limits: what is published is what is allowed, and no number of keys makes an allowance new."""

from __future__ import annotations

import pytest

from avow.errors import RateLimited
from avow.web.limits import Limiter, headers, require

NOW = 1_700_000_000.0


def test_ten_thousand_a_minute_are_1667_in_a_window() -> None:
    limiter = Limiter(10_000)
    allowed = [limiter.take("acme", NOW).allowed for _ in range(1700)]
    assert allowed == [True] * 1667 + [False] * 33


def test_an_allowance_says_what_is_left_and_when_it_is_whole_again() -> None:
    limiter = Limiter(30)
    first, second = limiter.take("acme", NOW + 3.5), limiter.take("acme", NOW + 4)
    assert (first.limit, first.remaining, first.reset_at, first.allowed) == (5, 4, 1_700_000_010, True)
    assert second.remaining == 3
    assert headers(second) == (
        (b"x-ratelimit-limit", b"5"),
        (b"x-ratelimit-remaining", b"3"),
        (b"x-ratelimit-reset", b"1700000010"),
    )


def test_the_next_window_is_whole_again() -> None:
    limiter = Limiter(6)
    assert limiter.take("acme", NOW + 9.99).allowed
    assert not limiter.take("acme", NOW + 9.999).allowed
    assert limiter.take("acme", NOW + 10).allowed


def test_a_refused_request_is_not_counted_and_nobody_elses_business() -> None:
    limiter = Limiter(6)
    assert limiter.take("mallory", NOW).allowed
    assert not limiter.take("mallory", NOW).allowed
    assert limiter.take("alice", NOW).allowed


def test_looking_does_not_count() -> None:
    limiter = Limiter(6)
    assert [limiter.look("alice", NOW).allowed for _ in range(3)] == [True] * 3
    assert limiter.take("alice", NOW).allowed
    assert limiter.look("alice", NOW).allowed is False


def test_a_clock_that_is_put_back_a_little_gives_nothing_back() -> None:
    limiter = Limiter(6)
    assert limiter.take("alice", NOW).allowed
    assert not limiter.take("alice", NOW - 9).allowed


def test_a_clock_that_was_an_hour_ahead_shuts_nobody_out_for_an_hour() -> None:
    limiter = Limiter(6)
    assert limiter.take("alice", NOW + 3600).allowed
    allowance = limiter.take("alice", NOW)
    assert (allowance.allowed, allowance.reset_at) == (True, NOW + 10)
    assert not limiter.look("alice", NOW + 1).allowed


def test_the_table_never_grows_beyond_its_bound() -> None:
    limiter = Limiter(600, max_keys=100)
    for number in range(10_000):
        limiter.take(f"192.0.2.{number}", NOW)
        assert len(limiter) <= 100


def test_mallory_cannot_win_her_allowance_back_by_inventing_keys() -> None:
    limiter = Limiter(60, max_keys=100)
    while limiter.take("mallory", NOW).allowed:
        pass
    for number in range(10_000):
        limiter.take(f"invented {number}", NOW)
    assert not limiter.take("mallory", NOW).allowed


def test_a_table_full_of_used_up_keys_still_takes_new_ones() -> None:
    limiter = Limiter(6, max_keys=100)
    assert all(limiter.take(str(number), NOW).allowed for number in range(10_000))
    assert len(limiter) <= 100


def test_a_new_window_forgets_all_keys() -> None:
    limiter = Limiter(600)
    for number in range(1000):
        limiter.take(str(number), NOW)
    limiter.take("alice", NOW + 10)
    assert len(limiter) == 1


def test_the_least_limit_is_one_in_a_window() -> None:
    assert Limiter(1).limit == 1


def test_being_over_the_limit_is_an_error_that_says_when_to_come_back() -> None:
    limiter = Limiter(6)
    require(limiter.take("acme", NOW), NOW, "this workspace")
    with pytest.raises(RateLimited) as caught:
        require(limiter.take("acme", NOW + 2.5), NOW + 2.5, "this workspace")
    assert caught.value.retry_after == 8
    assert caught.value.message == (
        "The limit of this workspace is 1 requests in 10 seconds and is used up; try again in 8 s."
    )
