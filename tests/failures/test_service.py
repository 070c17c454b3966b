"""The service is killed, told to stop, or cannot start; a worker is stopped past its lease."""

import signal
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.deployment import Register, Service, contact, event_of, until


@pytest.fixture(scope="module")
def mortal(simulator: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of these tests' own, to be killed; each test leaves it running."""
    folder = tmp_path_factory.mktemp("mortal")
    changes = {"fatal_courier": str(folder / "fatal")}
    with Service(folder, f"{simulator.address}/gvr", changes=changes) as service:
        yield service


class Sender(threading.Thread):
    """Submits one contact after the other, and notes which were acknowledged and which were not."""

    def __init__(self, service: Service, number: str) -> None:
        super().__init__(daemon=True)
        self.acknowledged: dict[str, str] = {}
        self.unanswered: list[str] = []
        self._service, self._number = service, number
        self._ended = threading.Event()

    def run(self) -> None:
        """Submit until told to end."""
        with httpx.Client(base_url=self._service.url, trust_env=False, timeout=10) as http:
            n = 0
            while not self._ended.is_set():
                n += 1
                self._submit(http, f"{self._number}-{n}")

    def _submit(self, http: httpx.Client, number: str) -> None:
        try:
            answer = http.post("/fhir", json=contact(number))
        except httpx.HTTPError:
            self.unanswered.append(number)
            time.sleep(0.01)
            return
        if answer.status_code == 200:
            self.acknowledged[number] = event_of(answer)
        else:
            self.unanswered.append(number)

    def end(self) -> None:
        """Submit no more."""
        self._ended.set()
        self.join(15)


@pytest.mark.failure(
    part="service",
    fault="killed during intake",
    sender="The connection breaks; there is no answer, or 200 for what was committed. Sent again, it is"
    " stored once:"
    " what had been committed gets its first answer.",
    operator="The process is gone; after the start everything that was acknowledged is there.",
    kept="Everything that was acknowledged, and perhaps the one submission whose answer was under way.",
    recovers="Start it again (the platform does); the ledger needs no repair.",
)
def test_a_kill_during_intake_loses_nothing_acknowledged_and_a_resend_is_stored_once(
    mortal: Service, register: Register, number: str
) -> None:
    sender = Sender(mortal, number)
    sender.start()
    until(lambda: len(sender.acknowledged) > 20)
    mortal.kill()
    until(lambda: sender.unanswered)
    sender.end()
    mortal.start()
    for event in sender.acknowledged.values():
        assert mortal.http.get(f"/api/events/{event}").status_code == 200
    resent = sender.unanswered[0]
    event = event_of(mortal.submit(contact(resent)))
    found = mortal.http.get(f"/api/events/{event}").json()
    assert found["revision"] == 1
    assert mortal.has_each_at(register, [event, *sender.acknowledged.values()])


@pytest.mark.failure(
    part="service",
    fault="killed while it sends",
    sender="Nothing: it had its answer.",
    operator="After the start the lane is `unknown` for a moment (cause `cut-off`), with the open attempt"
    " in its history.",
    kept="The attempt, committed with its request before its first byte was sent.",
    recovers="The outcome is looked up at the start (or resent under the same key); lanes flow within 30"
    " seconds."
    " Never a second create.",
)
@pytest.mark.failure(part="worker", fault="killed while it sends")
def test_a_kill_while_sending_is_looked_up_at_the_next_start(
    mortal: Service, register: Register, number: str
) -> None:
    register.fault("latency", seconds=1.0, count=1)
    event = mortal.take(number)
    until(lambda: register.calls(event))
    mortal.restart()
    lane = mortal.until_accepted(event, seconds=30)
    assert register.effects(event) == ["POST"]
    assert lane["attempts"][0]["outcome"]["cause"] == "cut-off"
    assert "taken-over" in [cause["kind"] for cause in lane["causes"]]


@pytest.mark.failure(
    part="service",
    fault="SIGTERM under load",
    sender="Open requests get their answer (5 s); new connections are refused.",
    operator="Exit code 0 within 30 seconds.",
    kept="Everything that was acknowledged. No new claims; requests under way end and their answers are"
    " recorded;"
    " what was claimed and not sent is given back.",
    recovers="The next start goes on where this one ended, with nothing in doubt.",
)
def test_sigterm_lets_what_is_under_way_end_and_leaves_nothing_in_doubt(
    mortal: Service, register: Register, number: str
) -> None:
    sender = Sender(mortal, number)
    sender.start()
    until(lambda: len(sender.acknowledged) > 10)
    register.fault("latency", seconds=0.7, count=3)
    event = mortal.take(f"{number}-slow")
    until(lambda: register.calls(event))
    assert mortal.stop() == 0
    sender.end()
    mortal.start()
    for one in (event, *sender.acknowledged.values()):
        lane = mortal.until_accepted(one)
        assert register.effects(one) == ["POST"]
        assert not [cause for cause in lane["causes"] if cause["kind"] == "taken-over"]


@pytest.mark.failure(
    part="worker",
    fault="paused past its lease",
    sender="Nothing: it had its answer.",
    operator="The lane is taken over: `unknown`, cause `taken-over`; log `lease lost` when the worker"
    " comes back.",
    kept="The attempt; the late worker's answer is kept beside it as evidence.",
    recovers="By the look-up, by the key, or by the late answer, whichever comes first. Never a second"
    " create.",
)
def test_a_worker_that_is_paused_past_its_lease_creates_nothing_twice(
    mortal: Service, register: Register, number: str
) -> None:
    register.fault("latency", seconds=0.5, count=1)
    event = mortal.take(number)
    until(lambda: register.calls(event))
    mortal.signal(signal.SIGSTOP)
    time.sleep(2.8)  # the lease is 2.6 seconds here
    assert register.effects(event) == ["POST"]
    mortal.signal(signal.SIGCONT)
    lane = mortal.until_accepted(event)
    assert lane["attempts"][0]["outcome"]["cause"] == "taken-over"
    assert until(lambda: mortal.logged("lease lost", lane=lane["id"]))
    assert lane["attempts"][0]["evidence"] is not None
    assert register.effects(event) == ["POST"]
    assert register.calls(event).count("POST") == 1


@pytest.mark.failure(
    part="service",
    fault="a courier ends",
    sender="Nothing: 200, submissions are stored.",
    operator="`/health/ready` 503 with part `courier gvr`.",
    kept="Every message, waiting in its lane.",
    recovers="Start the service again (the platform does, by `/health/ready`).",
)
def test_a_courier_that_ends_is_seen_by_the_platform(
    mortal: Service, register: Register, number: str
) -> None:
    fatal = mortal.folder / "fatal"
    fatal.touch()
    until(lambda: mortal.failing() == ["courier gvr"])
    event = mortal.take(number)
    assert mortal.state(event) == "waiting"
    fatal.unlink()
    mortal.restart()
    mortal.until_accepted(event)
    assert mortal.failing() == []
    assert register.calls(event) == ["POST"]
