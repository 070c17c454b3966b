"""Buckets that fill with time."""

from adapter.access.rate import Bucket, retry_after
from tests.support.world import Clock


def test_a_burst_is_let_through_and_then_so_many_a_second() -> None:
    clock = Clock(0.0)
    bucket = Bucket(2.0, 3, clock)
    assert [bucket.take() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.now = 0.5
    assert [bucket.take(), bucket.take()] == [0.0, 0.5]
    clock.now = 100.0
    assert [bucket.take() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_what_is_refused_does_not_make_the_wait_longer() -> None:
    clock = Clock(0.0)
    bucket = Bucket(0.1, 1, clock)
    bucket.take()
    assert {bucket.take() for _ in range(100)} == {10.0}
    clock.now = 10.0
    assert bucket.take() == 0.0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    clock = Clock(100.0)
    bucket = Bucket(1.0, 1, clock)
    bucket.take()
    clock.now = 50.0
    assert bucket.take() > 0
    clock.now = 51.0
    assert bucket.take() == 0.0


def test_retry_after_is_whole_seconds_and_one_at_least() -> None:
    assert [retry_after(seconds) for seconds in (0.001, 1.0, 1.1, 10.0)] == [1, 1, 2, 10]
