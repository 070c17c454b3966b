"""The ramp after a stop."""

from adapter.delivery.ramp import Ramp


def test_traffic_begins_with_one_attempt_and_doubles_with_each_round_trip() -> None:
    ramp, rounds = Ramp(8), []
    ramp.restart()
    for _ in range(5):
        rounds.append(ramp.room)
        for _ in range(ramp.room):
            ramp.answered()
    assert rounds == [1, 2, 4, 8, 8]


def test_before_any_stop_everything_may_go() -> None:
    assert Ramp(8).room == 8
