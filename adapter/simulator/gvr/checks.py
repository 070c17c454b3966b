"""The table of GVR's checks, written from what is published and apart from the adapter's own rules.

Stages run in order; a message is answered with the errors of the first stage that finds any. The last table
is of checks against what the register holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapter.simulator.gvr.besok import BESOK
from adapter.simulator.gvr.form import FORM
from adapter.simulator.gvr.naming import NAMING

WRITE_STAGES = (FORM.checks, NAMING.checks, BESOK.checks)
"""For POST and PUT."""

QUERY_STAGES = (FORM.checks, NAMING.checks)
"""For GET and DELETE, on the query parameters read as an object."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the register holds of an event: the latest body and whether it is makulerad."""

    body: dict[str, Any]
    makulerad: bool


@dataclass(frozen=True, slots=True)
class StateCheck:
    """One check against what the register holds; `status` is the answer's when it strikes."""

    id: str
    fact: str
    methods: frozenset[str]
    status: int
    falt: str
    text: str
    strikes: Callable[[dict[str, Any], Held | None], bool]

    @property
    def kod(self) -> str:
        """The error code in the answer."""
        return self.id.upper()


def _other_person_or_unit(given: dict[str, Any], held: Held | None) -> bool:
    return held is not None and any(given[name] != held.body[name] for name in ("patientId", "enhet"))


STATE_CHECKS = [
    StateCheck(
        "handelse-finns",
        "Create twice is an error; after a cancel a create revives (assumed)",
        frozenset({"POST"}),
        409,
        "handelseId",
        "Händelsen finns redan.",
        lambda _, held: held is not None and not held.makulerad,
    ),
    StateCheck(
        "handelse-okand",
        "Update or cancel of an unknown event is an error",
        frozenset({"PUT", "DELETE", "GET"}),
        404,
        "handelseId",
        "Händelsen finns inte.",
        lambda _, held: held is None,
    ),
    StateCheck(
        "handelse-annan",
        "The query names the event of one patient at one unit (assumed)",
        frozenset({"GET"}),
        404,
        "handelseId",
        "Händelsen finns inte för patienten och enheten.",
        _other_person_or_unit,
    ),
    StateCheck(
        "handelse-makulerad",
        "Update or cancel of a cancelled event is an error (assumed: as of an unknown one)",
        frozenset({"PUT", "DELETE"}),
        404,
        "handelseId",
        "Händelsen är makulerad.",
        lambda _, held: held is not None and held.makulerad,
    ),
    StateCheck(
        "identitet-andrad",
        "A changed patient or unit is a cancel and a create, never an update (assumed)",
        frozenset({"PUT", "DELETE"}),
        400,
        "patientId",
        "Patient eller enhet är inte den registrerade händelsens; makulera den och registrera en ny.",
        _other_person_or_unit,
    ),
]
