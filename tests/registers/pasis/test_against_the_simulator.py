"""What is sent to PASiS passes the checks of the other end, which were written apart from our rules."""

from pathlib import Path
from typing import Any

import pytest

from adapter.cases.form import Case, CaseFile, dates_of
from adapter.cases.run import Translators, read_cases, run_case
from adapter.domain.message import Found, Operation, OutcomeClass
from adapter.registers.pasis import PasisReceiver
from adapter.registers.protocol import Answer, RegisterSettings, Request
from adapter.simulator.arrivals import ArrivalLog
from adapter.simulator.call import Call
from adapter.simulator.pasis.register import Pasis
from adapter.simulator.settings import Settings

CASES = Path(__file__).parents[2] / "cases" / "pasis"
RECEIVER = PasisReceiver(RegisterSettings(lookup="/vardkontakter"))
UNSURE = "PASIS-IDENTITET-FORM"
"""Contacts with this warning may be refused, as it says."""


def _cases() -> list[Any]:
    return [
        pytest.param(file, case, date, id=f"{path.stem}: {case.name} ({date})")
        for path in sorted(CASES.glob("*.yaml"))
        for file in (read_cases(path),)
        for case in file.cases
        for date in dates_of(file, case)
        if UNSURE not in case.triggers
    ]


@pytest.fixture(scope="module")
def translators() -> Translators:
    return Translators()


def _answer(register: Pasis, request: Request | None) -> Answer:
    assert request is not None
    call = Call(
        request.method, request.path, b"", request.body or b"", "application/json" if request.body else ""
    )
    reading = register.read(call)
    reply = register.handle(reading, register.arrive(reading))
    return Answer(status=reply.status, body=reply.body, headers={"content-type": reply.content_type})


@pytest.mark.parametrize(("file", "case", "date"), _cases())
def test_what_a_case_sends_is_taken_looked_up_corrected_and_withdrawn(
    translators: Translators, file: CaseFile, case: Case, date: str
) -> None:
    for message in run_case(translators, file, case, date, CASES).messages("pasis"):
        if message["operation"] == "cancel":
            continue
        settings = Settings()
        register, body = Pasis(settings, ArrivalLog(settings.clock)), message["body"]
        for operation in (Operation.CREATE, Operation.UPDATE):
            answer = _answer(register, RECEIVER.request(operation, "vardkontakt", body, None))
            assert RECEIVER.read(operation, body, answer).kind is OutcomeClass.ACCEPTED, answer.body
        held = _answer(register, RECEIVER.lookup("vardkontakt", body))
        assert RECEIVER.read_lookup(Operation.UPDATE, body, held) is Found.EQUAL
        gone = _answer(register, RECEIVER.request(Operation.CANCEL, "vardkontakt", body, None))
        assert RECEIVER.read(Operation.CANCEL, body, gone).kind is OutcomeClass.ACCEPTED
        assert register.counts() == {"events": 0, "makulerade": 1}
