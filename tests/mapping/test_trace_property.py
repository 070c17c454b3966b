"""The trace tells the whole truth: what it names matters, and what it does not name does not.

For generated bundles, every leaf of every resource is changed, one at a time, to each of several other
values that such a leaf could have. Then:

- a leaf that the origin of some member names changes the event, its findings or the rules that were applied,
  under at least one of them;
- a leaf that no origin names, nor any finding, leaves every event as it was under all of them.

A finding that names an element speaks for all below it: that is how left-out content is told of. Left out of
the exercise are the addresses that hold a bundle together (`fullUrl`, `resourceType`, `Resource.id`): they
are how things are found, not what they say. References are leaves like any other.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.domain.event import Vardhandelse
from adapter.fhir.bundle import Bundle
from adapter.mapping import Mapped, map_bundle

ICD = "https://www.icd10.se/"
KVA = "http://electronichealth.se/id/kva"
SNOMED = "http://snomed.info/sct"
HSA = "urn:oid:1.2.752.29.4.19"
PNR = "http://electronichealth.se/identifier/personnummer"
KV_DX = "https://terminologitjansten.inera.se/inera-kodverksforvaltning/kodverk/kv_diagnostyp"
OWN = "https://vardbro.example/fhir/CodeSystem/"
HOSP = "urn:oid:1.2.752.116.3.1.3"
LABEL = "http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel"

ADDRESSES = frozenset(("fullUrl", "resourceType", "id"))

VOCABULARY: dict[str, tuple[Any, ...]] = {
    "code": (
        "J189", "I109", "XS012", "UX007", "XS008", "GC001", "HD", "BY", "PPRF", "EMER", "AMB", "HH", "IMP",
        "EM", "LK", "refuted", "entered-in-error", "DD", "sekretessmarkering", "185317003", "hembesok",
        "kommentar", "WALKIN", "PTRES", "SCHOOL", "REF", "ATND", "aterbesok", "nybesok", "Z251", "D225", "DT",
        "4", "fast-lakarkontakt",
    ),
    "system": (
        ICD, KVA, SNOMED, HSA, PNR, KV_DX, OWN + "vardkontakttyp", OWN + "gvr-btyp", OWN + "gvr-taxa",
        OWN + "boendeform", HOSP, LABEL, "https://uid.regionstockholm.se/kombika", "http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
        "http://terminology.hl7.org/CodeSystem/v3-ActPriority", "urn:unknown",
    ),
    "value": ("195009072553", "191212121213", "SE2321000016-ZZ9", "30217312003", "other"),
    "use": ("old", "official", "usual"),
    "status": ("finished", "cancelled", "planned", "completed", "not-done", "in-progress", "inactive"),
    "start": ("2025-03-04T09:00:00+01:00", "2024-12-31", "2025"),
    "end": ("2025-03-04T09:00:00+01:00", "2020-01-01"),
    "performedDateTime": ("2025-03-05", "2025"),
    "authoredOn": ("2025-01-01",),
    "created": ("2025-01-01", "2025-03-02"),
    "birthDate": ("1950-09-07", "1912"),
    "gender": ("female", "male", "other"),
    "rank": (1, 2, 3, 7),
    "reference": ("Nothing/0",),
    "url": ("urn:unknown", "https://vardbro.example/fhir/StructureDefinition/ersatter-besok"),
    "valueBoolean": (True, False),
    "valueDate": ("2025-02-02",),
    "inactive": (True, False),
}  # fmt: skip

Path = tuple[str | int, ...]


def leaves(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf below `value`, but for addresses."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ADDRESSES:
                yield from leaves(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*at, index))
    else:
        yield at, value


def fhirpath(path: Path) -> str:
    """A leaf's path as the trace writes it."""
    text = "Bundle"
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text


def changed(bundle: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of the bundle with one leaf changed; only what lies on the way is copied."""
    result = dict(bundle)
    inner: Any = result
    for part in path[:-1]:
        inner[part] = inner[part].copy()
        inner = inner[part]
    inner[path[-1]] = value
    return result


def alternatives(path: Path, value: Any) -> list[Any]:
    """Other values of the same JSON type that this leaf could have."""
    name = next(part for part in reversed(path) if isinstance(part, str))
    others = (*VOCABULARY.get(name, ()), "changed")
    return [other for other in others if type(other) is type(value) and other != value]


def events(mapped: list[Mapped]) -> list[Vardhandelse]:
    return [one.event for one in mapped]


def told(mapped: list[Mapped]) -> list[Any]:
    """Events, findings and applied rules: of two sources that say the same, each changes the rule."""
    return [
        (
            one.event,
            [(finding.rule, finding.expression) for finding in one.findings],
            {member: origin.by for member, origin in one.provenance.items()},
        )
        for one in mapped
    ]


def by_origins(mapped: list[Mapped]) -> set[str]:
    return {path for one in mapped for origin in one.provenance.values() for path in origin.paths}


def by_findings(mapped: list[Mapped]) -> tuple[str, ...]:
    return tuple(path for one in mapped for finding in one.findings for path in finding.expression)


def is_named(path: str, origins: set[str], findings: tuple[str, ...]) -> bool:
    return path in origins or any(
        path == one or path.startswith((one + ".", one + "[")) for one in findings if one.count(".") > 1
    )


booleans = st.booleans()


@st.composite
def scenarios(draw: st.DrawFn, build: Callable[[], Any], access: bool) -> dict[str, Any]:
    """A bundle with a random selection of everything that the mapping looks at (`access` only if asked)."""
    contact = build()
    encounter = contact.encounter
    encounter["class"]["code"] = draw(st.sampled_from(["AMB", "HH", "EMER", "VR", "IMP"]))
    encounter["status"] = draw(st.sampled_from(["finished", "finished", "in-progress"]))
    if draw(booleans):
        encounter["identifier"].append({"use": "old", "system": "s", "value": "2"})
    if draw(booleans):
        encounter["period"]["start"] = "2025-03-03"
    _patient(draw, contact)
    _staff(draw, contact)
    conditions = _conditions(draw, contact)
    _procedures(draw, contact, conditions)
    _attributes(draw, contact)
    if access:
        _access(draw, contact)
        _physician(draw, contact)
    _shape(draw, contact)
    return dict(contact.bundle())


def _shape(draw: st.DrawFn, contact: Any) -> None:
    """An ordinary contact, one of a group, or one of a team with an Encounter for each of the staff."""
    shape = draw(st.sampled_from(["one", "one", "one", "group", "team"]))
    if shape == "group":
        contact.group("195009072553")
    if shape == "team":
        second = {**contact.encounter, "identifier": [{"system": "s", "value": "9"}]}
        second["participant"] = [{"individual": {"identifier": {"system": HSA, "value": "SE2321000016-T1"}}}]
        second["partOf"] = contact.ref(contact.encounter)
        for name in ("diagnosis", "extension", "appointment", "location"):
            second.pop(name, None)
        contact.add("Encounter", **second)


def _patient(draw: st.DrawFn, contact: Any) -> None:
    patient = contact.patient
    patient["name"] = [{"family": "Tolvansson"}]
    patient["birthDate"] = draw(st.sampled_from(["1912-12-12", "1912"]))
    patient["gender"] = draw(st.sampled_from(["male", "female"]))
    if draw(booleans):
        patient["identifier"].append({"system": "urn:mrn", "value": "7"})
    if draw(booleans):
        patient["identifier"].append({"use": "old", "system": PNR, "value": "195009072553"})
    if draw(booleans):
        patient["meta"] = {
            "security": [{"system": LABEL, "code": draw(st.sampled_from(["sekretessmarkering", "x"]))}]
        }


def _staff(draw: st.DrawFn, contact: Any) -> None:
    contact.practitioner["name"] = [{"family": "Ek"}]
    for number in range(draw(st.integers(0, 1))):
        contact.staff(f"SE2321000016-C{number}", main=draw(booleans))
    roles = draw(st.sampled_from([None, ["ATND"], ["PPRF"], ["REF"], ["REF", "CON"], ["ATND", "PPRF"]]))
    if roles:
        system = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
        contact.encounter["participant"][0]["type"] = [contact.concept(system, *roles)]
    if draw(booleans):
        contact.encounter["participant"][0]["individual"] = contact.ref(contact.practitioner)
        if draw(booleans):
            contact.role["organization"] = contact.ref(contact.unit)
            contact.add("PractitionerRole", practitioner=contact.ref(contact.practitioner), code=[])
    if draw(booleans):
        contact.practitioner["identifier"].insert(0, {"system": "urn:local", "value": "7"})
    if draw(booleans):
        contact.practitioner["qualification"] = [{"code": contact.concept("urn:local", "q")}]


def _conditions(draw: st.DrawFn, contact: Any) -> list[dict[str, Any]]:
    made = []
    for code in draw(st.lists(st.sampled_from(["J189", "E119", "B349", "Z000"]), max_size=2, unique=True)):
        elements: dict[str, Any] = {"clinicalStatus": {"coding": [{"system": "c", "code": "active"}]}}
        if draw(booleans):
            elements["verificationStatus"] = contact.concept(
                "v", draw(st.sampled_from(["confirmed", "refuted"]))
            )
        if draw(booleans):
            elements["category"] = [contact.concept(KV_DX, draw(st.sampled_from(["HD", "BY"])))]
        if draw(booleans):
            elements["code"] = {
                "text": "text",
                "coding": [
                    {"system": draw(st.sampled_from([ICD, "urn:local"])), "code": code, "display": "d"},
                    {"system": SNOMED, "code": "38341003"},
                ],
            }
        if draw(booleans):
            made.append(contact.condition(code, **elements))
        else:
            use = draw(st.sampled_from([None, "DD", "AD"]))
            made.append(contact.diagnosis(code, draw(st.sampled_from([None, 1, 2, 3])), use, **elements))
    return made


def _procedures(draw: st.DrawFn, contact: Any, conditions: list[dict[str, Any]]) -> None:
    codes = st.sampled_from(["AV034", "XS012", "UX007", "XS008", "GC001"])
    whole = None
    for code in draw(st.lists(codes, max_size=2)):
        elements: dict[str, Any] = {"note": [{"text": "n"}]}
        if draw(booleans):
            elements["performedDateTime"] = "2025-03-03T10:20:00+01:00"
        if conditions and draw(booleans):
            elements["reasonReference"] = [contact.ref(conditions[0])]
        if draw(st.integers(0, 3)) == 0:
            elements["status"] = "not-done"
        if whole is not None and draw(booleans):
            contact.procedure(code, linked=False, partOf=[contact.ref(whole)], **elements)
        else:
            whole = contact.procedure(code, **elements)


def _attributes(draw: st.DrawFn, contact: Any) -> None:
    encounter = contact.encounter
    if draw(booleans):
        contact.type(OWN + "gvr-btyp", "1")
    kind = draw(st.sampled_from([None, None, "mottagningsbesok", "telefonsamtal", "kommentar"]))
    if kind:
        contact.stated(kind)
    if draw(booleans):
        contact.type(SNOMED, draw(st.sampled_from(["185349003", "439708006"])))
    if draw(booleans):
        contact.extension("taxa", valueCoding={"system": OWN + "gvr-taxa", "code": "01"})
    if draw(booleans):
        contact.extension("ersatter-besok", valueBoolean=draw(booleans))
        if draw(booleans):
            contact.extension("ersatter-besok", valueBoolean=draw(booleans))
    if draw(booleans):
        encounter["priority"] = contact.concept("http://terminology.hl7.org/CodeSystem/v3-ActPriority", "R")
    if draw(booleans):
        request = contact.add("ServiceRequest", authoredOn="2025-02-20", requester=contact.ref(contact.unit))
        encounter["basedOn"] = [contact.ref(request)]
    if draw(booleans):
        booking = contact.add("Appointment", created="2025-02-20", description="d")
        encounter["appointment"] = [contact.ref(booking)]
    if draw(booleans):
        kind = contact.concept(
            "http://terminology.hl7.org/CodeSystem/v3-RoleCode", draw(st.sampled_from(["PTRES", "x"]))
        )
        location = contact.add(
            "Location", type=[kind], name="n", managingOrganization=contact.ref(contact.unit)
        )
        encounter["location"] = [{"location": contact.ref(location)}]
        if draw(booleans):
            del encounter["serviceProvider"]
    if draw(booleans):
        contact.extension("boendeform", valueCoding={"system": OWN + "boendeform", "code": "sarskilt-boende"})
    if draw(booleans):
        above = contact.add("Organization", identifier=[{"system": HSA, "value": "SE2321000016-0001"}])
        contact.unit["partOf"] = contact.ref(above)


def _access(draw: st.DrawFn, contact: Any) -> None:
    """What the care guarantee is judged on, and what is said of a stay."""
    encounter = contact.encounter
    for name in ("nytt-halsoproblem", "kompetens"):
        if draw(booleans):
            contact.extension(name, valueBoolean=draw(booleans))
    if draw(booleans):
        contact.extension("beslutsdatum", valueDate="2025-03-01")
    if draw(booleans):
        encounter["reasonCode"] = [
            contact.concept(OWN + "besoksslag", draw(st.sampled_from(["nybesok", "x"])))
        ]
    if draw(booleans):
        asked_by = draw(st.sampled_from([contact.patient, contact.role, contact.unit]))
        request = contact.add("ServiceRequest", authoredOn="2025-03-01", requester=contact.ref(asked_by))
        encounter["basedOn"] = [contact.ref(request)]
        if asked_by is contact.role and draw(booleans):
            contact.role["code"] = [contact.concept(HOSP, draw(st.sampled_from(["DT", "LK"])))]
    if encounter["class"]["code"] == "IMP":
        encounter["hospitalization"] = {
            "admitSource": contact.concept(draw(st.sampled_from([OWN + "gvr-viste-fore", "urn:local"])), "1"),
            "dischargeDisposition": contact.concept(OWN + "gvr-viste-efter", "2"),
        }


def _physician(draw: st.DrawFn, contact: Any) -> None:
    """A fast läkarkontakt beside the contact, by the patient or by a care team."""
    named = draw(st.sampled_from(["nobody", "nobody", "practitioner", "team", "plain"]))
    since = {"url": "https://vardbro.example/fhir/StructureDefinition/fast-lakarkontakt-fran"}
    reference = contact.ref(draw(st.sampled_from([contact.role, contact.practitioner, contact.unit])))
    if named == "practitioner":
        reference["extension"] = [{**since, "valueDate": "2025-02-01"}]
    if named == "team":
        role = contact.concept(OWN + "teamroll", "fast-lakarkontakt")
        member = {"role": [role], "member": contact.ref(contact.role), "period": {"start": "2025-02-01"}}
        contact.add("CareTeam", status="active", subject=contact.ref(contact.patient), participant=[member])
    elif named != "nobody":
        contact.patient["generalPractitioner"] = [reference]


@pytest.mark.parametrize(("access", "examples"), [(False, 40), (True, 20)])
def test_the_trace_names_what_matters_and_nothing_else(contact, contexts, access, examples):
    builder = type(contact)
    context = contexts()

    def read(bundle: dict[str, Any]) -> list[Mapped]:
        return map_bundle(Bundle(bundle), context)

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(scenarios(lambda: builder(contexts), access))
    def check(bundle: dict[str, Any]) -> None:
        before = read(bundle)
        as_it_was, told_before = deepcopy(events(before)), told(before)
        origins, findings = by_origins(before), by_findings(before)
        for path, value in leaves(bundle["entry"], ("entry",)):
            name = fhirpath(path)
            if name in origins:
                assert any(
                    told(read(changed(bundle, path, other))) != told_before
                    for other in alternatives(path, value)
                ), f"{name} is named by the trace, but whatever it says nothing changes"
            elif not is_named(name, origins, findings):
                for other in alternatives(path, value):
                    assert events(read(changed(bundle, path, other))) == as_it_was, (
                        f"{name} is named by nothing, but changing it changed an event"
                    )

    check()
