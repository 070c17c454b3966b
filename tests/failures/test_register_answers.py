"""The register answers with something else than a confirmation: seen by a whole service."""

import time

import httpx
import pytest

from tests.support.deployment import OTHER_UNIT, UNIT, Register, Service, until
from tests.support.proxy import Proxy

TAKEN = "200."


def outcomes(service: Service, event: str) -> list[str]:
    """How the attempts at an event ended, in order, as the log tells it: ``not-sent connect``."""
    lane = service.lane(event)["id"]
    return [f"{line['outcome']} {line['cause']}" for line in service.logged("attempted", lane=lane)]


@pytest.mark.failure(
    part="register",
    fault="429 or 503 with Retry-After",
    sender=TAKEN,
    operator="Log `throttled`; `not_before` of the register in `/api/summary`.",
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
    other = service.take(f"{number}-other")
    lane = service.until_accepted(event)
    throttled, *_, accepted = lane["attempts"]
    assert accepted["started_at"] - throttled["ended_at"] >= 1.0
    assert service.until_accepted(other)["attempts"][0]["started_at"] - throttled["ended_at"] >= 1.0
    assert lane["tries"] == 0
    assert service.http.get("/api/summary").json()["registers"]["gvr"]["not_before"] is not None


@pytest.mark.failure(
    part="register",
    fault="401 for days",
    sender=TAKEN,
    operator="The register is paused (`paused: auth` in `/api/summary`), no lane is parked; one notice.",
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
    operator="The unit's lanes are `parked` with the register's own code as cause; one notice.",
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
    operator="The register is paused; what the first 403 had parked is revived; one notice.",
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
    sender="200; its status shows `parked`, the register's reason and the field.",
    operator="The lane is `parked` at once, with the register's code as cause, its reason and the field;"
    " one notice.",
    kept="The message, the register's answer, and what waits behind it.",
    recovers="A corrected version from the sender takes its place by itself; or remap, edit, retry or"
    " discard.",
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
    operator="Log `elsewhere`, `http-409`; the lane is `unknown` until looked up.",
    kept="The message.",
    recovers="Looked up: what stands there is ours, so it is accepted; what differs is sent as an update.",
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
    operator="Log `elsewhere`, `http-404`.",
    kept="The message.",
    recovers="Looked up: nothing is there, so the newest version is created.",
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
    operator="Log `unknown`, `answer-unreadable`, `answer-mismatch` or `protocol`.",
    kept="The message, and the answer as it came.",
    recovers="Looked up: it is there, so the message is accepted.",
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
    operator="Log `unknown`, `answer-received`.",
    kept="The message.",
    recovers="Looked up: delivered is not accepted, so only what the register shows counts.",
)
def test_a_202_that_confirms_nothing_is_looked_up(
    service: Service, line: Proxy, register: Register, number: str
) -> None:
    line.tamper = lambda data: data.replace(b"201 Created", b"202 Accepted").replace(
        b"handelseId", b"arendeNrId"
    )
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
    operator="The register is paused, cause `http-308`: somebody must look at `url`; one notice.",
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
