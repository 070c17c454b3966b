"""The circuit breaker opens on many failures in a short time, and one probe closes it."""

import pytest

from adapter.delivery.breaker import Breaker
from adapter.domain.message import OutcomeClass

BAD, GOOD = OutcomeClass.TRANSIENT, OutcomeClass.ACCEPTED


def after(*outcomes: OutcomeClass) -> Breaker:
    breaker = Breaker()
    for second, kind in enumerate(outcomes):
        breaker.note(kind, float(second))
    return breaker


def test_it_opens_at_seventy_percent_of_at_least_ten() -> None:
    assert after(*[BAD] * 10).is_open
    assert after(*[GOOD] * 3, *[BAD] * 7).is_open


def test_fewer_attempts_or_fewer_failures_leave_it_closed() -> None:
    assert not after(*[BAD] * 9).is_open
    assert not after(*[GOOD] * 4, *[BAD] * 9).is_open


def test_failures_older_than_five_minutes_are_forgotten() -> None:
    breaker = after(*[BAD] * 9)
    breaker.note(BAD, 400.0)
    assert not breaker.is_open


@pytest.mark.parametrize("kind", [OutcomeClass.REJECTED, OutcomeClass.ELSEWHERE, OutcomeClass.FORBIDDEN_UNIT])
def test_answers_that_judge_a_message_are_no_failures(kind: OutcomeClass) -> None:
    assert not after(*[kind] * 20).is_open


@pytest.mark.parametrize("kind", [OutcomeClass.NOT_SENT, OutcomeClass.TRANSIENT, OutcomeClass.UNKNOWN])
def test_failures_of_the_way_are(kind: OutcomeClass) -> None:
    assert after(*[kind] * 10).is_open


def test_throttling_counts_neither_way() -> None:
    assert not after(*[OutcomeClass.THROTTLED] * 20, *[BAD] * 9).is_open


def test_an_open_one_lets_one_probe_through_after_its_pause() -> None:
    breaker = after(*[BAD] * 10)
    assert breaker.room(8, 10.0) == 0
    assert breaker.wait(10.0) == 4.0
    assert breaker.room(8, 14.0) == 1
    breaker.begin(1)
    assert breaker.room(8, 14.0) == 0


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker = after(*[BAD] * 10)
    breaker.begin(1)
    assert breaker.note(GOOD, 20.0)
    assert breaker.room(8, 20.0) == 8
    assert not breaker.note(BAD, 21.0)


def test_a_probe_that_fails_keeps_it_open() -> None:
    breaker = after(*[BAD] * 10)
    breaker.begin(1)
    breaker.note(BAD, 20.0)
    assert breaker.room(8, 24.0) == 0
    assert breaker.room(8, 25.0) == 1


def test_a_probe_that_was_not_sent_leaves_room_for_another() -> None:
    breaker = after(*[BAD] * 10)
    breaker.begin(1)
    breaker.withdrawn()
    assert breaker.room(8, 30.0) == 1
