"""The durable schedule, computed by tenacity's strategies."""

from typing import Any

import pytest

from adapter.delivery.schedule import STANDARD, Patience, Schedule
from adapter.domain.message import OutcomeClass
from adapter.ledger.model import Abilities, Lane
from adapter.ledger.protocol import Work


def work(tries: int = 0, asks: int = 0, **abilities: Any) -> Work:
    lane = Lane(id=1, register="gvr", service="s", slot="e1", tries=tries, asks=asks)
    return Work(
        lane=lane,
        message=None,  # type: ignore[arg-type]
        attempt=None,  # type: ignore[arg-type]
        body=b"",
        abilities=Abilities(**abilities),
    )


def test_the_standard_schedule_is_the_documented_one() -> None:
    schedule = Schedule(jitter=0.0)
    assert [schedule.after(spent) for spent in range(9)] == [0, 5, 300, 1800, 7200, 18000, 36000, 36000, None]
    assert len(STANDARD) == 8


def test_each_wait_is_off_by_a_fifth_at_most_and_not_always_the_same() -> None:
    waits = {Schedule().after(2) for _ in range(200)}
    assert len(waits) > 100
    assert all(240 <= (wait or 0) <= 360 for wait in waits)


@pytest.mark.parametrize("waits", [(0.0,), (3.0,)])
def test_a_schedule_of_one_attempt_is_exhausted_by_it(waits: tuple[float, ...]) -> None:
    schedule = Schedule(waits)
    assert schedule.after(0) == waits[0]
    assert schedule.after(1) is None


def test_a_retry_waits_by_the_attempts_that_are_spent() -> None:
    patience = Patience(Schedule(jitter=0.0))
    assert patience.retry_in(work(tries=1), OutcomeClass.TRANSIENT) == 300
    assert patience.retry_in(work(tries=7), OutcomeClass.TRANSIENT) is None


def test_classes_can_have_schedules_of_their_own() -> None:
    patience = Patience(Schedule(jitter=0.0), {OutcomeClass.NOT_SENT: Schedule((0.0, 1.0), jitter=0.0)})
    assert patience.retry_in(work(), OutcomeClass.NOT_SENT) == 1
    assert patience.retry_in(work(), OutcomeClass.TRANSIENT) == 5


@pytest.mark.parametrize("kind", [OutcomeClass.UNKNOWN, OutcomeClass.ELSEWHERE])
def test_a_doubt_is_looked_up_at_once_even_after_the_last_attempt(kind: OutcomeClass) -> None:
    patience = Patience(Schedule(jitter=0.0))
    assert patience.retry_in(work(tries=7, can_look_up=True), kind) == 0
    assert patience.retry_in(work(tries=7), kind) is None
    assert patience.retry_in(work(tries=0, honours_keys=True), kind) == 5


def test_look_ups_follow_the_schedule_and_deliveries_after_them_count_on() -> None:
    patience = Patience(Schedule(jitter=0.0))
    asked = work(tries=3, asks=1)
    assert (patience.ask_in(asked), patience.again_in(asked)) == (300, 1800)
    spent = work(tries=8, asks=7)
    assert (patience.ask_in(spent), patience.again_in(spent)) == (None, None)
