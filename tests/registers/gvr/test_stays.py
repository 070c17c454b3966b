"""Admission and discharge come in lanes of their own: the one that is too early is tried again, not lost."""

from typing import Any

import pytest

from adapter.domain.message import Operation
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import Answer, RegisterSettings

CREATE, UPDATE, CANCEL = Operation.CREATE, Operation.UPDATE, Operation.CANCEL
NAMED: dict[str, Any] = {
    "handelseId": "ev-1",
    "patientId": "191212121212",
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
}
ADMISSION = {**NAMED, "akut": "N"}
DISCHARGE = {**NAMED, "utskrivningsdatum": "2025-03-07"}
CONTACT = {**NAMED, "akut": "N", "besokTyp": "1", "taxa": "01"}


def read(operation: Operation, body: dict[str, Any], answer: Answer) -> tuple[str, str]:
    outcome = GvrReceiver(RegisterSettings()).read(operation, body, answer)
    return outcome.kind.value, outcome.cause


@pytest.mark.parametrize("status", [404, 410])
def test_a_discharge_of_an_unknown_stay_is_tried_again(status: int) -> None:
    assert read(CREATE, DISCHARGE, Answer(status=status)) == ("transient", "admission-first")


def test_an_admission_is_cancelled_when_its_discharge_is_gone() -> None:
    assert read(CANCEL, ADMISSION, Answer(status=409)) == ("transient", "discharge-first")


def test_the_operator_reads_what_is_waited_for() -> None:
    outcome = GvrReceiver(RegisterSettings()).read(CREATE, DISCHARGE, Answer(status=404))
    assert outcome.reason is not None
    assert "inskrivningen" in outcome.reason.sv
    assert "admission" in outcome.reason.en


@pytest.mark.parametrize(
    ("operation", "body", "status", "kind"),
    [
        (CREATE, ADMISSION, 404, "rejected"),
        (CREATE, CONTACT, 404, "rejected"),
        (UPDATE, DISCHARGE, 404, "elsewhere"),
        (CANCEL, DISCHARGE, 404, "elsewhere"),
        (CREATE, DISCHARGE, 409, "elsewhere"),
        (CREATE, DISCHARGE, 400, "rejected"),
        (CANCEL, DISCHARGE, 409, "rejected"),
        (CANCEL, CONTACT, 409, "rejected"),
        (UPDATE, ADMISSION, 409, "rejected"),
        (CREATE, DISCHARGE, 201, "accepted"),
    ],
)
def test_every_other_answer_means_what_it_means_elsewhere(
    operation: Operation, body: dict[str, Any], status: int, kind: str
) -> None:
    assert read(operation, body, Answer(status=status))[0] == kind


def test_a_discharge_that_never_arrived_is_not_waited_for() -> None:
    assert read(CREATE, DISCHARGE, Answer(failure="connect")) == ("not-sent", "connect")
