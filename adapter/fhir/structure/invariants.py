"""R4's invariants of the types that we read, as far as one object shows them.

Each holds R4's key (``per-1``), the types that it stands in and the elements whose presence calls it up; an
invariant without such elements is asked for every object of its type. `rule` is the catalogue's id, where
the invariant has a text of its own. The tests below take the object and must not trust the types of its
members: they may be called on objects that have other flaws.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from adapter.fhir.structure.dates import is_ordered

Json = dict[str, Any]
Test = Callable[[Json], bool]

_UCUM = "http://unitsofmeasure.org"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ENDED = ("resolved", "remission", "inactive")
_QUANTITIES = ("Quantity", "SimpleQuantity", "MoneyQuantity", "Age", "Count", "Distance", "Duration")


class Invariant(msgspec.Struct, frozen=True):
    """One invariant; `on` are the JSON properties that call it up.

    `plainly` is a cheap condition over the properties `plainly_on`, as Python source, that is true only if
    the invariant holds.
    """

    key: str
    types: tuple[str, ...]
    on: tuple[str, ...]
    holds: Test
    rule: str = "FHIR-INVARIANT"
    plainly: str = ""
    plainly_on: tuple[str, ...] = ()


class KeysOnly:
    """A test that looks at nothing but which properties are there: asked once for each set of them."""

    def __init__(self, test: Test) -> None:
        self._test = test

    def __call__(self, of: Json) -> bool:
        return self._test(of)


def _any(*names: str) -> Test:
    return KeysOnly(lambda of: any(name in of for name in names))


def _not_both(first: str, second: str) -> Test:
    return KeysOnly(lambda of: not (_has(of, first) and _has(of, second)))


def _one_of(first: str, second: str) -> Test:
    return KeysOnly(lambda of: _has(of, first) != _has(of, second))


def _has(of: Json, name: str) -> bool:
    """Whether the element is there in any form: value, extension of a primitive, or choice of type."""
    size = len(name)
    return (
        name in of
        or any(
            key[:size] == name and key[size : size + 1].isupper() for key in (k.removeprefix("_") for k in of)
        )
        or f"_{name}" in of
    )


def _codings(of: Json, name: str) -> list[Json]:
    concept = of.get(name)
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return [c for c in codings if isinstance(c, dict)] if isinstance(codings, list) else []


def _coded(of: Json, name: str, system: str, *codes: str) -> bool:
    for coding in _codings(of, name):
        if coding.get("code") in codes and coding.get("system") == system:
            return True
    return False


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _at_least(of: Json, name: str, least: float) -> bool:
    number = _number(of.get(name))
    return number is None or number >= least


def _range(of: Json) -> bool:
    ends = [end.get("value") if isinstance(end, dict) else None for end in (of.get("low"), of.get("high"))]
    low, high = _number(ends[0]), _number(ends[1])
    return low is None or high is None or low <= high


def _ratio(of: Json) -> bool:
    both = ("numerator" in of) == ("denominator" in of)
    return both and ("numerator" in of or "extension" in of)


def _unit(of: Json) -> bool:
    return ("code" in of or "value" not in of) and of.get("system", _UCUM) == _UCUM


def _appointment_times(of: Json) -> bool:
    return (
        ("start" in of and "end" in of)
        or "_status" in of
        or of.get("status") in ("proposed", "cancelled", "waitlist")
    )


def _repeated_component(of: Json) -> bool:
    own = _codings(of, "code")
    components = of.get("component")
    if not own or not _has(of, "value") or not isinstance(components, list):
        return True
    return not any(
        coding in own
        for component in components
        if isinstance(component, dict)
        for coding in _codings(component, "code")
    )


def _none_at_home(name: str) -> Test:
    def holds(of: Json) -> bool:
        items = of.get(name)
        return not isinstance(items, list) or not any(
            isinstance(i, dict) and i.get("use") == "home" for i in items
        )

    return holds


def _trigger(of: Json) -> bool:
    kind = of.get("type")
    needed = {"named-event": "name", "periodic": "timing"}.get(kind) if isinstance(kind, str) else None
    if isinstance(kind, str) and kind.startswith("data-"):
        needed = "data"
    return needed is None or _has(of, needed)


def _parameter(of: Json) -> bool:
    value, resource, part = _has(of, "value"), "resource" in of, "part" in of
    return not (value or resource) if part else value != resource


def _offset(of: Json) -> bool:
    when = of.get("when")
    return isinstance(when, list) and not any(code in ("C", "CM", "CD", "CV") for code in when)


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "per-1",
        ("Period",),
        ("end",),
        lambda of: is_ordered(of.get("start"), of.get("end")),
        "FHIR-PER-1",
        plainly="{start}[19:] == {end}[19:] and {start} <= {end}",
        plainly_on=("start", "end"),
    ),
    Invariant("qty-3", _QUANTITIES, ("code",), _any("system", "_system"), "FHIR-QTY-3"),
    Invariant("cpt-2", ("ContactPoint",), ("value",), _any("system", "_system"), "FHIR-CPT-2"),
    Invariant("att-1", ("Attachment",), ("data",), _any("contentType", "_contentType"), "FHIR-ATT-1"),
    Invariant(
        "pat-1", ("Patient.contact",), (), _any("name", "telecom", "address", "organization"), "FHIR-PAT-1"
    ),
    Invariant("org-1", ("Organization",), (), _any("identifier", "name", "_name"), "FHIR-ORG-1"),
    Invariant("org-2", ("Organization",), ("address",), _none_at_home("address"), "FHIR-ORG-HOME"),
    Invariant("org-3", ("Organization",), ("telecom",), _none_at_home("telecom"), "FHIR-ORG-HOME"),
    Invariant(
        "con-4",
        ("Condition",),
        ("abatementDateTime", "abatementAge", "abatementPeriod", "abatementRange", "abatementString"),
        lambda of: _coded(of, "clinicalStatus", _CLINICAL, *_ENDED),
        "FHIR-CON-4",
    ),
    Invariant(
        "con-5",
        ("Condition",),
        ("clinicalStatus",),
        lambda of: not _coded(of, "verificationStatus", _VERIFICATION, "entered-in-error"),
        "FHIR-CON-5",
    ),
    Invariant("con-1", ("Condition.stage",), (), _any("summary", "assessment")),
    Invariant("con-2", ("Condition.evidence",), (), _any("code", "detail")),
    Invariant("app-1", ("Appointment.participant",), (), _any("type", "actor")),
    Invariant("app-2", ("Appointment",), ("start",), _any("end", "_end"), "FHIR-APP-TIMES"),
    Invariant("app-2", ("Appointment",), ("end",), _any("start", "_start"), "FHIR-APP-TIMES"),
    Invariant("app-3", ("Appointment",), ("status",), _appointment_times, "FHIR-APP-TIMES"),
    Invariant(
        "app-4",
        ("Appointment",),
        ("cancelationReason",),
        lambda of: of.get("status") in ("no-show", "cancelled"),
    ),
    Invariant("prr-1", ("ServiceRequest",), ("orderDetail",), _any("code")),
    Invariant("grp-1", ("Group",), ("member",), lambda of: of.get("actual") is True),
    Invariant("obs-3", ("Observation.referenceRange",), (), _any("low", "high", "text", "_text")),
    Invariant("obs-6", ("Observation",), ("dataAbsentReason",), lambda of: not _has(of, "value")),
    Invariant("obs-7", ("Observation",), ("component",), _repeated_component),
    Invariant("rng-2", ("Range",), ("high",), _range),
    Invariant("rat-1", ("Ratio",), (), _ratio),
    Invariant(
        "age-1", ("Age",), ("value",), lambda of: _unit(of) and _at_least(of, "value", 0) and of["value"] != 0
    ),
    Invariant("dis-1", ("Distance",), ("value",), _unit),
    Invariant("cnt-3", ("Count",), ("value",), lambda of: _unit(of) and of.get("code") == "1"),
    Invariant(
        "drt-1",
        ("Duration",),
        ("code",),
        lambda of: of.get("system") == _UCUM and ("value" in of or "_value" in of),
    ),
    Invariant("tim-1", ("Timing.repeat",), ("duration",), _any("durationUnit", "_durationUnit")),
    Invariant("tim-2", ("Timing.repeat",), ("period",), _any("periodUnit", "_periodUnit")),
    Invariant("tim-4", ("Timing.repeat",), ("duration",), lambda of: _at_least(of, "duration", 0)),
    Invariant("tim-5", ("Timing.repeat",), ("period",), lambda of: _at_least(of, "period", 0)),
    Invariant("tim-6", ("Timing.repeat",), ("periodMax",), _any("period", "_period")),
    Invariant("tim-7", ("Timing.repeat",), ("durationMax",), _any("duration", "_duration")),
    Invariant("tim-8", ("Timing.repeat",), ("countMax",), _any("count", "_count")),
    Invariant("tim-9", ("Timing.repeat",), ("offset",), _offset),
    Invariant("tim-10", ("Timing.repeat",), ("timeOfDay",), _not_both("timeOfDay", "when")),
    Invariant("cpl-3", ("CarePlan.activity",), ("reference",), _not_both("detail", "reference")),
    Invariant("cmp-1", ("Composition.section",), (), _any("text", "entry", "section")),
    Invariant("cmp-2", ("Composition.section",), ("emptyReason",), _not_both("emptyReason", "entry")),
    Invariant("inv-1", ("Parameters.parameter",), (), _parameter),
    Invariant("exp-1", ("Expression",), (), _any("expression", "_expression", "reference", "_reference")),
    Invariant("trd-1", ("TriggerDefinition",), ("data",), _not_both("data", "timing")),
    Invariant("trd-2", ("TriggerDefinition",), ("condition",), _any("data")),
    Invariant("trd-3", ("TriggerDefinition",), ("type",), _trigger),
    Invariant("drq-1", ("DataRequirement.codeFilter",), (), _one_of("path", "searchParam")),
    Invariant("drq-2", ("DataRequirement.dateFilter",), (), _one_of("path", "searchParam")),
    Invariant("ext-1", ("Extension",), (), _one_of("extension", "value"), "FHIR-EXT-1"),
    Invariant(
        "ref-2",
        ("Reference",),
        (),
        _any("reference", "identifier", "display", "extension", "_reference", "_display"),
        "FHIR-REFERENCE-EMPTY",
    ),
)


def invariants_of(type_name: str) -> tuple[Invariant, ...]:
    """The invariants that stand in a type."""
    return tuple(law for law in INVARIANTS if type_name in law.types)
