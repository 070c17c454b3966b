"""The register fails: seen by a whole service, with the simulated register behind a real connection."""

import time

import httpx
import pytest

from tests.support.deployment import OTHER_UNIT, UNIT, Register, Service, until
from tests.support.proxy import Proxy

NOTICE = "one notice: log `notice.started` and `notice.cleared`, `/api/summary`, and the operators' webhook"
TAKEN = "200 with a receipt, as always: the register is not asked before the answer"
AGAIN = "By the schedule (5 s, 5 min, 30 min, ...); an attempt that was not sent goes three times in a second first."
LOOKED_UP = "The doubt is looked up (GET), before anything else is sent for this contact"


def outcomes(service: Service, event: str) -> list[str]:
    """How the attempts at an event ended, in order, as the log tells it: ``not-sent connect``."""
    lane = service.lane(event)["id"]
    return [f"{line['outcome']} {line['cause']}" for line in service.logged("attempted", lane=lane)]


@pytest.mark.failure(
    part="register",
    fault="down: connection refused",
    sender=TAKEN,
    operator="Log `attempted` with outcome `not-sent`, cause `connect`; the lane is `waiting` with that cause.",
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
    operator="After about a day the lane is `parked`; for the cause, however many lanes it parks, " + NOTICE + ".",
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
    operator="Log `breaker` with `open`: true at 70 % failures of at least 10 attempts in 5 minutes, false when it closes.",
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
    operator="Log `attempted` with outcome `unknown`, cause `read-timeout`; the lane is `unknown` until looked up.",
    kept="The message and the frozen request of the attempt.",
    recovers=f"{LOOKED_UP}: nothing is there once the register's `grace` has passed, so it is sent again.",
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
    operator="Log `attempted` with outcome `unknown`, cause `read-timeout`; the lane is `unknown` until looked up.",
    kept="The message; a correction that comes meanwhile waits behind it.",
    recovers=f"{LOOKED_UP}: it is there, so the message is accepted and the correction goes as update. "
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
    operator="Log `attempted` with outcome `unknown`, cause `read` or `protocol`.",
    kept="The message and the frozen request of the attempt.",
    recovers=f"{LOOKED_UP}: nothing is there, so it is sent again.",
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
    operator="Log `attempted` with outcome `unknown`, cause `read` or `protocol`.",
    kept="The message and the frozen request of the attempt.",
    recovers=f"{LOOKED_UP}: it is there, so the message is accepted.",
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
    operator="Log `attempted` with outcome `unknown`, cause `http-500`: the fault may have come after the effect.",
    kept="The message and the register's answer.",
    recovers=f"{LOOKED_UP}, then sent again or not.",
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
    operator="Log `attempted` with outcome `unknown`, cause `http-502`: a gateway cannot say what happened behind it.",
    kept="The message and the gateway's answer.",
    recovers=f"{LOOKED_UP}, then sent again or not.",
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
    operator="Log `attempted` with outcome `transient`, cause `http-503`; the lane is `waiting`.",
    kept="The message; the same key goes with each attempt.",
    recovers="By the schedule (5 s, 5 min, 30 min, ...): a 503 is given before anything happens.",
)
def test_a_503_is_tried_again_by_the_schedule(service: Service, register: Register, number: str) -> None:
    register.fault("503", count=2)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[:2] == ["transient http-503"] * 2
    assert register.calls(event) == ["POST"] * 3


@pytest.mark.failure(
    part="register",
    fault="429 or 503 with Retry-After",
    sender=TAKEN,
    operator="Log `attempted` with outcome `throttled`; `not_before` of the register in `/api/summary`.",
    kept="Every message; no attempt is spent.",
    recovers="All lanes of the register wait as long as it said, then flow again.",
)
@pytest.mark.parametrize("kind", ["throttle", "503"])
def test_a_register_that_throttles_is_left_alone_as_long_as_it_says(
    service: Service, register: Register, number: str, kind: str
) -> None:
    register.fault(kind, count=1, retry_after=1)
    event = service.take(number)
    until(lambda: service.logged("attempted", lane=service.lane(event)["id"], outcome="throttled"))
    throttled_at = time.monotonic()
    other = service.take(f"{number}-other")
    lane = service.until_accepted(event)
    service.until_accepted(other)
    assert time.monotonic() - throttled_at > 0.7
    assert lane["tries"] == 0
    assert service.http.get("/api/summary").json()["registers"]["gvr"]["not_before"] is not None


@pytest.mark.failure(
    part="register",
    fault="401 for days",
    sender=TAKEN,
    operator="The register is paused (`paused: auth` in `/api/summary`), no lane is parked; " + NOTICE + ".",
    kept="Every message in its lane; no attempt is spent, however long it lasts.",
    recovers="One lane probes every 30 s; the first answer that only an authenticated caller gets resumes the"
    " register, oldest first. An operator can resume it at once.",
)
def test_a_register_that_does_not_know_us_is_paused_and_a_probe_resumes_it(
    service: Service, register: Register, number: str
) -> None:
    register.fault("auth")
    events = [service.take(f"{number}-{n}") for n in range(3)]
    until(lambda: service.paused() == "auth")
    time.sleep(1.0)  # three probes
    assert service.is_noticed("paused", "http-401")
    lanes = [service.lane(event) for event in events]
    assert {lane["tries"] for lane in lanes} == {0}
    assert {lane["state"] for lane in lanes} <= {"waiting", "leased"}
    register.calm()
    for event in events:
        service.until_accepted(event)
        assert register.effects(event) == ["POST"]
    assert service.paused() is None
    assert service.is_cleared("paused", "http-401")


@pytest.mark.failure(
    part="register",
    fault="403 for one unit",
    sender=TAKEN,
    operator="The unit's lanes are `parked` with the register's own code as cause; " + NOTICE + ".",
    kept="Every message of the unit; the lanes of all other units flow.",
    recovers="When the unit has got its right: an operator's retry, or the next version of each contact.",
)
def test_a_unit_that_may_not_report_is_parked_alone(
    service: Service, register: Register, number: str
) -> None:
    register.fault("forbidden-unit", match={"enhet": OTHER_UNIT})
    forbidden = service.take(f"{number}-forbidden", unit=OTHER_UNIT)
    lane = service.until_state(forbidden, "parked")
    allowed = service.take(f"{number}-allowed")
    service.until_accepted(allowed)
    assert (lane["why"], service.paused()) == ("forbidden-unit", None)
    assert service.is_noticed("parked", "gvr:BEHORIGHET")
    register.calm()
    service.http.post(f"/api/lanes/{lane['id']}/retry", json={})
    service.until_accepted(forbidden)
    assert service.is_cleared("parked", "gvr:BEHORIGHET")


@pytest.mark.failure(
    part="register",
    fault="403 for several units",
    sender=TAKEN,
    operator="The register is paused; what the first 403 had parked is revived; " + NOTICE + ".",
    kept="Every message; nothing stays parked.",
    recovers="A probe every 30 s, until the register accepts one; then all lanes flow.",
)
def test_a_register_that_forbids_several_units_is_paused_and_nothing_stays_parked(
    service: Service, register: Register, number: str
) -> None:
    register.fault("forbidden-unit")
    events = [service.take(f"{number}-{unit}", unit=unit) for unit in (UNIT, OTHER_UNIT)]
    until(lambda: service.paused() == "auth")
    until(lambda: {service.state(event) for event in events} <= {"waiting", "leased"})
    assert service.is_noticed("paused", "gvr:BEHORIGHET")
    register.calm()
    for event in events:
        service.until_accepted(event)
    assert service.paused() is None
    assert service.is_cleared("paused", "gvr:BEHORIGHET")


@pytest.mark.failure(
    part="register",
    fault="rejects a message (400 with a reason)",
    sender=TAKEN + "; its status (`/api/sender/status`, feed, webhook) tells that it is parked, the register's reason and"
    " the field",
    operator="The lane is `parked` at once, with the register's code as cause, its reason and the field; " + NOTICE + ".",
    kept="The message, the register's answer, and what waits behind it.",
    recovers="A corrected version from the sender takes its place by itself; or remap, edit, retry or discard.",
)
def test_a_rejected_message_parks_its_lane_and_a_correction_takes_its_place(
    service: Service, register: Register, number: str
) -> None:
    register.fault("reject", count=1, kod="TAXA-FEL", falt="taxa", text="Taxan gäller inte.")
    event = service.take(number)
    lane = service.until_state(event, "parked")
    refusal = lane["attempts"][-1]["outcome"]
    assert (lane["cause"], refusal["field"]) == ("gvr:TAXA-FEL", "taxa")
    assert "Taxan gäller inte." in refusal["reason"]["sv"]
    assert service.is_noticed("parked", "gvr:TAXA-FEL")
    verdict = service.verdict(number)
    assert (verdict["state"], verdict["cause"], verdict["field"]) == ("parked", "gvr:TAXA-FEL", "taxa")
    assert "Taxan gäller inte." in verdict["reason"]
    service.take(number, version=2)
    lane = service.until_accepted(event)
    assert lane["states"] == ["superseded", "accepted"]
    assert service.is_cleared("parked", "gvr:TAXA-FEL")


@pytest.mark.failure(
    part="register",
    fault="409 to a create",
    sender=TAKEN,
    operator="Log `attempted` with outcome `elsewhere`, cause `http-409`; the lane is `unknown` until looked up.",
    kept="The message.",
    recovers=f"{LOOKED_UP}: what stands there is ours, so it is accepted; what differs is sent as an update.",
)
def test_a_create_of_what_is_there_is_looked_up(service: Service, register: Register, number: str) -> None:
    register.fault("duplicate", count=1)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[0] == "elsewhere http-409"
    assert register.effects(event) == ["POST"]
    assert register.calls(event)[-1] == "GET"


@pytest.mark.failure(
    part="register",
    fault="404 to an update",
    sender=TAKEN,
    operator="Log `attempted` with outcome `elsewhere`, cause `http-404`.",
    kept="The message.",
    recovers=f"{LOOKED_UP}: nothing is there, so the newest version is created.",
)
def test_an_update_of_what_the_register_has_lost_is_created(
    service: Service, register: Register, number: str
) -> None:
    event = service.take(number)
    service.until_accepted(event)
    httpx.post(f"{register.address}/_control/reset", trust_env=False)
    service.take(number, version=2)
    service.until_accepted(event)
    assert outcomes(service, event)[0] == "elsewhere http-404"
    assert register.effects(event) == ["POST"]
    assert register.calls(event)[:2] == ["PUT", "GET"]


@pytest.mark.failure(
    part="register",
    fault="an answer that cannot be read",
    sender=TAKEN,
    operator="Log `attempted` with outcome `unknown`, cause `answer-unreadable`, `answer-mismatch` or `protocol`.",
    kept="The message, and the answer as it came.",
    recovers=f"{LOOKED_UP}: it is there, so the message is accepted.",
)
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("malformed-garbage", "unknown answer-unreadable"),
        ("malformed-html", "unknown answer-unreadable"),
        ("malformed-wrong-id", "unknown answer-mismatch"),
        ("malformed-http", "unknown protocol"),
    ],
)
def test_an_unreadable_answer_is_a_doubt_and_is_looked_up(
    service: Service, register: Register, number: str, kind: str, outcome: str
) -> None:
    register.fault(kind, count=1)
    event = service.take(number)
    service.until_accepted(event)
    assert outcomes(service, event)[0] == outcome
    assert register.calls(event) == ["POST", "GET"]


@pytest.mark.failure(
    part="register",
    fault="202: received, not confirmed",
    sender=TAKEN,
    operator="Log `attempted` with outcome `unknown`, cause `answer-received`.",
    kept="The message.",
    recovers=f"{LOOKED_UP}: delivered is not accepted, so only what the register shows counts.",
)
def test_a_202_that_confirms_nothing_is_looked_up(
    service: Service, line: Proxy, register: Register, number: str
) -> None:
    line.tamper = lambda data: data.replace(b"201 Created", b"202 Accepted").replace(b"handelseId", b"arendeNrId")
    event = service.take(number)
    until(lambda: register.calls(event))
    line.carry()
    service.until_accepted(event)
    assert outcomes(service, event)[0] == "unknown answer-received"
    assert register.effects(event) == ["POST"]


@pytest.mark.failure(
    part="register",
    fault="a redirect",
    sender=TAKEN,
    operator="The register is paused, cause `http-308`: somebody must look at `url`; " + NOTICE + ".",
    kept="Every message. Nothing is sent to the new address: nobody has configured it.",
    recovers="A probe every 30 s; or a mended `url` and a restart.",
)
def test_a_redirect_is_not_followed_and_pauses_the_register(
    service: Service, line: Proxy, register: Register, number: str
) -> None:
    register.fault("500")
    with Proxy(register.port) as elsewhere:
        moved = f"308 Permanent Redirect\r\nlocation: http://127.0.0.1:{elsewhere.port}/gvr".encode()
        line.tamper = lambda data: data.replace(b"500 Internal Server Error", moved)
        event = service.take(number)
        until(lambda: service.paused() == "auth")
        assert service.is_noticed("paused", "http-308")
        assert elsewhere.connections == 0
    assert register.effects(event) == []
    register.calm()
    line.carry()
    service.until_accepted(event)
    assert service.is_cleared("paused", "http-308")
