"""The table of GVR's services with their checks, written from what is published and apart from the adapter's
own rules.

Stages run in order; a message is answered with the errors of the first stage that finds any. The last table
is of checks against what the register holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.simulator.form import FORM
from adapter.simulator.gvr import shape
from adapter.simulator.gvr.besok import BESOK
from adapter.simulator.gvr.content import CONTENT
from adapter.simulator.gvr.koordinering import KOORDINERING
from adapter.simulator.gvr.naming import NAMING
from adapter.simulator.gvr.stay import INSKRIVNING, UTSKRIVNING
from adapter.simulator.gvr.tillganglighet import TILLGANGLIGHET
from adapter.simulator.shape import Shape
from adapter.simulator.table import Check, Table


@dataclass(frozen=True, slots=True)
class Service:
    """One service: what its messages look like, and the stages of checks for POST and PUT. `other` is the
    path of the call about the same stay."""

    name: str
    shape: Shape
    stages: Sequence[Sequence[Check]]
    other: str = ""


def _stages(own: Table) -> Sequence[Sequence[Check]]:
    return (FORM.checks, NAMING.checks, (*own.checks, *CONTENT.checks))


BESOK_PATH = "/vardhandelse/besok"
_IN, _UT = "/vardhandelse/inskrivning", "/vardhandelse/utskrivning"

SERVICES = {
    BESOK_PATH: Service("vardkontakt", shape.BESOK, _stages(BESOK)),
    "/koordineringsinsats": Service("koordinering", shape.KOORDINERING, _stages(KOORDINERING)),
    _IN: Service("inskrivning", shape.INSKRIVNING, _stages(INSKRIVNING), _UT),
    _UT: Service("utskrivning", shape.UTSKRIVNING, _stages(UTSKRIVNING), _IN),
    "/tillganglighet": Service("tillganglighet", shape.TILLGANGLIGHET, _stages(TILLGANGLIGHET)),
}
"""By path below the register's address. The first and the stays' are from a tester's notes, the others are
assumed."""

QUERY_STAGES = (FORM.checks, NAMING.checks)
"""For GET and DELETE, on the query parameters read as an object."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the register holds of an event: the latest body and whether it is makulerad."""

    body: dict[str, Any]
    makulerad: bool


@dataclass(frozen=True, slots=True)
class StateCheck:
    """One check against what the register holds; `status` is the answer's when it strikes.

    `strikes` is given the message, what is held of the event, and what is held of the other call about the
    same stay. `paths` are the services that it is made for, none: all.
    """

    id: str
    fact: str
    methods: frozenset[str]
    status: int
    falt: str
    text: str
    strikes: Callable[[dict[str, Any], Held | None, Held | None], bool]
    paths: frozenset[str] = frozenset()

    @property
    def kod(self) -> str:
        """The error code in the answer."""
        return self.id.upper()


def _other_person_or_unit(given: dict[str, Any], held: Held | None, _: Held | None) -> bool:
    return held is not None and any(given[name] != held.body[name] for name in ("patientId", "enhet"))


def _stands(held: Held | None) -> bool:
    return held is not None and not held.makulerad


STATE_CHECKS = [
    StateCheck(
        "handelse-finns",
        "Create twice is an error; after a cancel a create revives (assumed)",
        frozenset({"POST"}),
        409,
        "handelseId",
        "Händelsen finns redan.",
        lambda _, held, __: held is not None and not held.makulerad,
    ),
    StateCheck(
        "handelse-okand",
        "Update or cancel of an unknown event is an error",
        frozenset({"PUT", "DELETE", "GET"}),
        404,
        "handelseId",
        "Händelsen finns inte.",
        lambda _, held, __: held is None,
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
        lambda _, held, __: held is not None and held.makulerad,
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
    StateCheck(
        "inskrivning-saknas",
        "A stay is known by its admission: a discharge without one is an error (assumed)",
        frozenset({"POST", "PUT"}),
        404,
        "handelseId",
        "Inskrivningen finns inte.",
        lambda _, __, admission: not _stands(admission),
        frozenset({_UT}),
    ),
    StateCheck(
        "utskrivning-finns",
        "An admission whose discharge stands cannot be cancelled (assumed)",
        frozenset({"DELETE"}),
        409,
        "handelseId",
        "Utskrivningen står kvar; makulera den först.",
        lambda _, __, discharge: _stands(discharge),
        frozenset({_IN}),
    ),
]
