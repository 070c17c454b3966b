"""The register fails: seen by a whole service, with the simulated register behind a real connection."""

import pytest

from tests.support.deployment import Register, Service, until
from tests.support.proxy import Proxy

TAKEN = "200."
AGAIN = "By the schedule."


def outcomes(service: Service, event: str) -> list[str]:
    """How the attempts at an event ended, in order, as the log tells it: ``not-sent connect``."""
    lane = service.lane(event)["id"]
    return [f"{line['outcome']} {line['cause']}" for line in service.logged("attempted", lane=lane)]


@pytest.mark.failure(
    part="register",
    fault="down: connection refused",
    sender=TAKEN,
    operator="Log `not-sent`, `connect`; the lane is `waiting` with that cause.",
    kept="The message, waiting in its lane, and each attempt.",
    recovers=AGAIN,
)
def test_a_register_that_is_down_gets_everything_when_it_is_up_again(
    service: Service, line: Proxy, register: Register, number: str
) -> None:
    line.refuse()
    event = service.take(number)
    lane = service.until_cause(event)
    assert (lane["cause"], lane["states"]) in (("connect", ["waiting"]), ("connect", ["sending"]))
    line.accept()
    service.until_accepted(event)
    assert outcomes(service, event)[0] == "not-sent connect"
    assert register.calls(event) == ["POST"]


@pytest.mark.failure(
    part="register",
    fault="down longer than the schedule",
    sender=TAKEN,
    operator="After about a day the lane is `parked`; for the cause, however many lanes it parks, one"
    " notice.",
    kept="Every message and its order; what comes later for the same contact waits behind.",
    recovers="A newer version of the contact, or an operator's retry, of one lane or of all with the cause.",
)
def test_a_register_that_stays_down_parks_its_lanes_and_a_retry_sends_them(
    service: Service, line: Proxy, register: Register, number: str
) -> None:
    line.refuse()
    events = [service.take(f"{number}-{n}") for n in range(2)]
    lanes = [service.until_state(event, "parked") for event in events]
    assert [lane["states"] for lane in lanes] == [["parked"]] * 2
    assert service.is_noticed("parked", "connect")
    assert service.metric('vardbro_lanes{register="gvr",state="parked"}') == 2
    line.accept()
    for lane in lanes:
        service.http.post(f"/api/lanes/{lane['id']}/retry", json={})
    for event in events:
        service.until_accepted(event)
        assert register.calls(event) == ["POST"]
    assert service.is_cleared("parked", "connect")


@pytest.mark.failure(
    part="register",
    fault="most attempts fail",
    sender=TAKEN,
    operator="Log `breaker` with `open`: true at 70 % failures of at least 10 attempts in 5 minutes, false"
    " when it closes.",
    kept="Every message; while the breaker is open no attempt is made, so none is spent.",
    recovers="One probe each 5 s; the first that does not fail closes the breaker, and all lanes flow.",
)
def test_a_register_that_mostly_fails_is_left_alone_but_for_a_probe(
    service: Service, line: Proxy, register: Register, number: str
) -> None:
    opened = len(service.logged("breaker", open=True))
    line.refuse()
    events = [service.take(f"{number}-{n}") for n in range(14)]
    until(lambda: len(service.logged("breaker", open=True)) > opened)
    closed = len(service.logged("breaker", open=False))
    line.accept()
    for event in events:
        service.until_accepted(event)
        assert register.calls(event) == ["POST"]
    assert len(service.logged("breaker", open=False)) > closed


@pytest.mark.failure(
    part="register",
    fault="slow past the time-out, no effect",
    sender=TAKEN,
    operator="Log `unknown`, `read-timeout`; the lane is `unknown` until looked up.",
    kept="The message and the frozen request of the attempt.",
    recovers="Looked up: nothing is there once the register's `grace` has passed, so it is sent again.",
)
def test_a_time_out_before_the_effect_is_looked_up_and_sent_again(
    service: Service, register: Register, number: str
) -> None:
    register.fault("timeout-before-effect", count=1)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[0] == "unknown read-timeout"
    assert register.effects(event) == ["POST"]
    assert register.calls(event)[:2] == ["POST", "GET"]


@pytest.mark.failure(
    part="register",
    fault="slow past the time-out, after the effect",
    sender=TAKEN,
    operator="Log `unknown`, `read-timeout`; the lane is `unknown` until looked up.",
    kept="The message; a correction that comes meanwhile waits behind it.",
    recovers="Looked up: it is there, so the message is accepted and the correction goes as update. "
    "Never a second create.",
)
def test_a_time_out_after_the_effect_is_looked_up_and_not_sent_again(
    service: Service, register: Register, number: str
) -> None:
    register.fault("timeout-after-effect", count=1)
    event = service.take(number)
    assert service.take(number, version=2) == event
    lane = service.until_accepted(event)
    assert lane["states"] == ["accepted", "accepted"]
    assert outcomes(service, event)[0] == "unknown read-timeout"
    assert register.calls(event) == ["POST", "GET", "PUT"]


@pytest.mark.failure(
    part="register",
    fault="resets the connection before the effect",
    sender=TAKEN,
    operator="Log `unknown`, `read` or `protocol`.",
    kept="The message and the frozen request of the attempt.",
    recovers="Looked up: nothing is there, so it is sent again.",
)
def test_a_reset_before_the_effect_is_looked_up_and_sent_again(
    service: Service, register: Register, number: str
) -> None:
    register.fault("reset-before-effect", count=1)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[0] in ("unknown read", "unknown protocol")
    assert register.effects(event) == ["POST"]


@pytest.mark.failure(
    part="register",
    fault="resets the connection after the effect",
    sender=TAKEN,
    operator="Log `unknown`, `read` or `protocol`.",
    kept="The message and the frozen request of the attempt.",
    recovers="Looked up: it is there, so the message is accepted.",
)
def test_a_reset_after_the_effect_is_looked_up_and_not_sent_again(
    service: Service, register: Register, number: str
) -> None:
    register.fault("reset-after-effect", count=1)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[0] in ("unknown read", "unknown protocol")
    assert register.calls(event) == ["POST", "GET"]


@pytest.mark.failure(
    part="register",
    fault="500",
    sender=TAKEN,
    operator="Log `unknown`, `http-500`: the fault may have come after the effect.",
    kept="The message and the register's answer.",
    recovers="Looked up, then sent again or not.",
)
def test_a_500_is_a_doubt_and_is_looked_up(service: Service, register: Register, number: str) -> None:
    register.fault("500", count=1)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[0] == "unknown http-500"
    assert register.effects(event) == ["POST"]


@pytest.mark.failure(
    part="register",
    fault="502",
    sender=TAKEN,
    operator="Log `unknown`, `http-502`: a gateway cannot say what happened behind it.",
    kept="The message and the gateway's answer.",
    recovers="Looked up, then sent again or not.",
)
def test_a_502_after_the_effect_is_looked_up_and_not_sent_again(
    service: Service, register: Register, number: str
) -> None:
    register.fault("502", count=1)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[0] == "unknown http-502"
    assert register.calls(event) == ["POST", "GET"]


@pytest.mark.failure(
    part="register",
    fault="503",
    sender=TAKEN,
    operator="Log `transient`, `http-503`; the lane is `waiting`.",
    kept="The message; the same key goes with each attempt.",
    recovers="By the schedule (5 s, 5 min, 30 min, ...): a 503 is given before anything happens.",
)
def test_a_503_is_tried_again_by_the_schedule(service: Service, register: Register, number: str) -> None:
    register.fault("503", count=2)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[:2] == ["transient http-503"] * 2
    assert register.calls(event) == ["POST"] * 3
