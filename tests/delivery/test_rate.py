"""The token bucket."""

import pytest

from adapter.delivery.rate import TokenBucket


def test_no_more_than_a_burst_at_once_and_then_by_the_rate() -> None:
    bucket = TokenBucket(10.0, now=0.0, burst=3)
    assert bucket.room(8, 0.0) == 3
    bucket.take(3)
    assert bucket.room(8, 0.05) == 0
    assert bucket.wait(0.05) == pytest.approx(0.05)
    assert bucket.room(8, 0.2) == 2


def test_rest_is_not_saved_up() -> None:
    assert TokenBucket(10.0, now=0.0, burst=3).room(100, 3600.0) == 3


def test_a_slow_rate_still_lets_one_through() -> None:
    bucket = TokenBucket(0.1, now=0.0)
    assert bucket.room(8, 0.0) == 1
    bucket.take(1)
    assert bucket.wait(0.0) == pytest.approx(10.0)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(10.0, now=100.0, burst=1)
    bucket.take(1)
    assert bucket.room(1, 50.0) == 0
