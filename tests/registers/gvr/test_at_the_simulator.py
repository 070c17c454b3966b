"""What each service sends, the simulated register takes: two readings of the facts, made apart, agree."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from adapter.domain.event import Vardhandelse
from adapter.domain.message import Found, Operation, OutcomeClass, RegisterMessage
from adapter.domain.trace import Provenance
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import Answer, RegisterSettings, Request
from adapter.simulator.arrivals import ArrivalLog
from adapter.simulator.call import Call
from adapter.simulator.gvr.register import Gvr
from adapter.simulator.settings import Settings

Origins = Callable[[Vardhandelse], Provenance]
CREATE, UPDATE, CANCEL = Operation.CREATE, Operation.UPDATE, Operation.CANCEL
TODAY = 1_763_721_000.0  # 2025-11-21
CASES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parent / "golden").glob("*.json")
}
REPORTS = sorted(name for name, case in CASES.items() if case["event"]["status"] != "cancelled")
ADMISSION, DISCHARGE = "admission", "discharge"


class Register:
    """The simulated register, as the receiver meets it."""

    def __init__(self) -> None:
        settings = Settings(clock=lambda: TODAY)
        self._gvr = Gvr(settings, ArrivalLog(settings.clock))

    def answer(self, request: Request) -> Answer:
        call = Call(
            request.method,
            request.path,
            urlencode(request.query).encode(),
            request.body or b"",
            "application/json" if request.body else "",
        )
        reading = self._gvr.read(call)
        reply = self._gvr.handle(reading, self._gvr.arrive(reading))
        return Answer(status=reply.status, body=reply.body, headers={"content-type": reply.content_type})


class Way:
    """A golden case's message, told to the register."""

    def __init__(self, register: Register, name: str, origins: Origins) -> None:
        case = {"service": "vardkontakt", "settings": {}, **CASES[name]}
        settings = msgspec.convert(case["settings"], RegisterSettings)
        self._register = register
        self._receiver = GvrReceiver(msgspec.structs.replace(settings, lookup="/vardhandelse/besok"))
        event = msgspec.convert(_dated(case["event"]), Vardhandelse)
        messages = self._receiver.render(event, origins(event), "1", case["service"])
        self.message: RegisterMessage = messages[0]

    def tell(self, operation: Operation) -> str:
        """The cause of the outcome, ``accepted`` when all is well."""
        request = self._receiver.request(operation, self.message.service, self.message.body, None)
        outcome = self._receiver.read(operation, self.message.body, self._register.answer(request))
        assert (outcome.kind is OutcomeClass.ACCEPTED) == (outcome.cause == "accepted")
        return outcome.cause

    def held(self, operation: Operation) -> Any:
        """What the look-up says of an attempt at `operation`."""
        request = self._receiver.lookup(self.message.service, self.message.body)
        assert request is not None
        return self._receiver.read_lookup(operation, self.message.body, self._register.answer(request))


def _dated(event: dict[str, Any]) -> dict[str, Any]:
    """Every action with a date: this register wants one."""
    actions = [{"datum": event["tid"]["startdatum"], **one} for one in event.get("atgarder", ())]
    return {**event, "atgarder": actions}


@pytest.fixture
def way(origins: Origins) -> Callable[[str], Way]:
    """Ways to one register."""
    register = Register()
    return lambda name: Way(register, name, origins)


@pytest.mark.parametrize("name", REPORTS)
def test_a_message_is_taken_corrected_found_and_cancelled(name: str, way: Callable[[str], Way]) -> None:
    if name == DISCHARGE:
        assert way(ADMISSION).tell(CREATE) == "accepted"
    told = way(name)
    assert told.held(CREATE) is Found.ABSENT
    assert told.tell(CREATE) == "accepted"
    assert told.held(CREATE) is Found.EQUAL
    assert told.tell(UPDATE) == "accepted"
    assert told.tell(CANCEL) == "accepted"
    assert told.held(CANCEL) is Found.EQUAL


def test_a_discharge_that_is_too_early_is_taken_when_the_admission_is_there(
    way: Callable[[str], Way],
) -> None:
    discharge = way(DISCHARGE)
    assert discharge.tell(CREATE) == "admission-first"
    assert way(ADMISSION).tell(CREATE) == "accepted"
    assert discharge.tell(CREATE) == "accepted"


def test_an_admission_is_cancelled_after_its_discharge(way: Callable[[str], Way]) -> None:
    admission, discharge = way(ADMISSION), way(DISCHARGE)
    assert (admission.tell(CREATE), discharge.tell(CREATE)) == ("accepted", "accepted")
    assert admission.tell(CANCEL) == "discharge-first"
    assert (discharge.tell(CANCEL), admission.tell(CANCEL)) == ("accepted", "accepted")
