"""The wall clock is set while the service runs, and between two runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deployment import Register, Service, until

DAY = 86_400


class Clockwork:
    """A service whose wall clock is wrong by as much as is written into a file."""

    def __init__(self, folder: Path, url: str) -> None:
        self._file = folder / "wrong-by"
        self.set(0)
        self.service = Service(
            folder,
            url,
            changes={"wall_clock": str(self._file)},
            schedule=["0s", "1500ms", "1500ms", "1500ms"],
        )

    def set(self, seconds: int) -> None:
        """Set the clock wrong by so many seconds."""
        self._file.write_text(str(seconds))


@pytest.fixture(scope="module")
def clockwork(simulator: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clockwork]:
    made = Clockwork(tmp_path_factory.mktemp("clockwork"), f"{simulator.address}/gvr")
    with made.service:
        yield made


def backing_off(service: Service, register: Register, number: str) -> str:
    """A contact whose lane waits a second and a half for its next attempt."""
    register.fault("503", count=1)
    event = service.take(number)
    until(lambda: service.lane(event)["cause"] == "http-503" and service.state(event) == "waiting")
    return event


@pytest.mark.failure(
    part="clock",
    fault="jumps ahead while the service runs",
    sender="Nothing: 200.",
    operator="Nothing: no lease ends, no lane is taken over, no wait is cut short.",
    kept="Leases and waits, counted by a clock that only goes forward.",
    recovers="There is nothing to recover; the wall clock's word is taken again at the next start.",
)
def test_a_clock_that_jumps_ahead_ends_no_lease_and_no_wait(
    clockwork: Clockwork, register: Register, number: str
) -> None:
    service = clockwork.service
    register.fault("latency", seconds=0.6, match={"method": "PUT"})
    under_way = service.take(f"{number}-under-way")
    service.until_accepted(under_way)
    waiting = backing_off(service, register, number)
    service.take(f"{number}-under-way", version=2)
    until(lambda: register.calls(under_way) == ["POST", "PUT"])
    clockwork.set(DAY)
    lane = service.until_accepted(under_way)
    assert not [cause for cause in lane["causes"] if cause["kind"] == "taken-over"]
    assert register.calls(under_way) == ["POST", "PUT"]
    first, second = service.until_accepted(waiting)["attempts"]
    assert second["started_at"] - first["ended_at"] > 1.1  # 1.5 seconds but for the jitter


@pytest.mark.failure(
    part="clock",
    fault="jumps back while the service runs",
    sender="Nothing: 200.",
    operator="Nothing: what is due is sent when it is due.",
    kept="Leases and waits, counted by a clock that only goes forward.",
    recovers="There is nothing to recover.",
)
def test_a_clock_that_jumps_back_puts_nothing_off(
    clockwork: Clockwork, register: Register, number: str
) -> None:
    service = clockwork.service
    clockwork.set(0)
    waiting = backing_off(service, register, number)
    clockwork.set(-DAY)
    service.until_accepted(waiting)
    service.until_accepted(service.take(f"{number}-new"))


@pytest.mark.failure(
    part="clock",
    fault="was ahead at the last run and is right now",
    sender="Nothing: 200.",
    operator="Log `clock is behind the ledger: waits are counted anew`; audit entry `clock-set-back` with"
    " the seconds.",
    kept="Every message; each wait keeps its length, counted from the start.",
    recovers="At the start, by itself: a lane that was to wait for 5 minutes waits for 5 minutes, not"
    " until the"
    " wrong time comes. On PostgreSQL the time is the database's, so keep that machine's clock slewed: a"
    " lease that"
    " ends an hour late counts as run out, and what is planned for more than a week ahead is due when a"
    " node starts.",
)
def test_what_a_clock_that_was_ahead_has_planned_is_due_when_it_was_meant_to_be(
    clockwork: Clockwork, register: Register, number: str
) -> None:
    service = clockwork.service
    service.kill()
    clockwork.set(DAY)
    service.start()
    waiting = backing_off(service, register, number)
    register.fault("timeout-after-effect", count=1)
    in_doubt = service.take(f"{number}-in-doubt")
    until(lambda: register.calls(in_doubt))
    service.kill()
    clockwork.set(0)
    service.start()
    assert service.logged("clock is behind the ledger: waits are counted anew")
    for event in (waiting, in_doubt):
        service.until_accepted(event)
        assert register.effects(event) == ["POST"]
    assert service.audit_is_whole()


@pytest.mark.failure(
    part="clock",
    fault="is ahead of the last run by a day",
    sender="Nothing: 200.",
    operator="What waited is sent at once; a look-up comes before anything in doubt is sent again.",
    kept="Every message; no attempt is spent by the jump.",
    recovers="There is nothing to recover: what is due is sent.",
)
def test_a_clock_that_is_ahead_of_the_last_run_makes_due_what_waits(
    clockwork: Clockwork, register: Register, number: str
) -> None:
    service = clockwork.service
    waiting = backing_off(service, register, number)
    service.kill()
    clockwork.set(DAY)
    service.start()
    lane = service.until_accepted(waiting)
    assert lane["tries"] == 0 or lane["states"] == ["accepted"]
    assert register.effects(waiting) == ["POST"]
    clockwork.set(0)
