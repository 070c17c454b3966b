"""Two calls about one stay: what an answer means that only says that the other one must come first.

Admission and discharge have lanes of their own, which know nothing of each other's order. What is asked too
early is tried again by the schedule, and so neither is lost: a discharge before the register knows of the
admission (assumed: 404 or 410, nothing of such a stay is there), and the cancellation of an admission whose
discharge still stands (assumed: 409). When the schedule ends the lane is parked, and an operator sees it.
"""

from typing import Any

from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.domain.text import Text
from adapter.registers.gvr import inskrivning, utskrivning
from adapter.registers.gvr.services import service_of
from adapter.registers.protocol import Answer

_UNKNOWN_STAY = (404, 410)
_DISCHARGED = 409

ADMISSION_FIRST = "admission-first"
DISCHARGE_FIRST = "discharge-first"

_REASONS = {
    ADMISSION_FIRST: Text(
        "Registret känner inte till inskrivningen än. Utskrivningen försöks igen.",
        "The register does not know of the admission yet. The discharge is tried again.",
    ),
    DISCHARGE_FIRST: Text(
        "Utskrivningen står kvar i registret. Inskrivningen makuleras när den är borta.",
        "The discharge still stands at the register. The admission is cancelled when it is gone.",
    ),
}


def other_call_first(operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome | None:
    """*Transient*, when the answer to an attempt says that the stay's other call must come first; None when
    it does not."""
    if answer.failure is not None or answer.status is None:
        return None
    service = service_of(body)
    cause = None
    if operation is Operation.CREATE and service == utskrivning.NAME and answer.status in _UNKNOWN_STAY:
        cause = ADMISSION_FIRST
    if operation is Operation.CANCEL and service == inskrivning.NAME and answer.status == _DISCHARGED:
        cause = DISCHARGE_FIRST
    if cause is None:
        return None
    return Outcome(kind=OutcomeClass.TRANSIENT, cause=cause, reason=_REASONS[cause], status=answer.status)
