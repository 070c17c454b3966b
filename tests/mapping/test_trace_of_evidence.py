"""The trace of qualified contacts and triage tells the whole truth, as that of the rest does."""

from copy import deepcopy

import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from tests.mapping.test_trace_property import (
    alternatives,
    by_findings,
    by_origins,
    changed,
    events,
    fhirpath,
    is_named,
    leaves,
    told,
)

MORE = {
    "status": ("active", "draft", "stopped", "finished", "completed", "booked"),
    "intent": ("order", "plan", "proposal"),
    "authoredOn": ("2025-03-01", "2025-03-03"),
    "created": ("2025-01-01", "2025-03-03"),
    "start": ("2025-03-03T14:00:00+01:00", "2025-01-01"),
    "text": ("1 tablett dagligen", "2 tabletter dagligen"),
    "code": ("DV113", "DV111", "C09AA02", "C09CA01", "AMB", "VR", "108252007", "363679005", "IMP"),
    "value": ("SE2321000016-AB12", "SE2321000016-C1"),
    "doNotPerform": (True, False),
    "reference": (
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "urn:uuid:00000000-0000-4000-8000-000000000003",
    ),
}


def others(path, value):
    name = next(part for part in reversed(path) if isinstance(part, str))
    return [
        *alternatives(path, value),
        *(other for other in MORE.get(name, ()) if type(other) is type(value) and other != value),
    ]


def new_drug(contact):
    contact.prescription(authoredOn="2025-03-03", doNotPerform=False)


def renewal(contact):
    before = contact.prescription(encounter=None)
    contact.prescription(priorPrescription=contact.ref(before))


def stopped(contact):
    contact.prescription(status="stopped")


def imaging(contact):
    contact.order(authoredOn="2025-03-03")


def care_plan(contact):
    contact.plan(title="t")


def counselling(contact):
    contact.procedure("DV113")


def message(contact):
    contact.made("Communication", status="completed")


def nothing(contact):
    contact.add("Observation", status="final")


@pytest.mark.parametrize("diagnosis", ["J189", None])
@pytest.mark.parametrize(
    "evidence", [new_drug, renewal, stopped, imaging, care_plan, counselling, message, nothing]
)
def test_of_a_qualified_contact(contact, contexts, evidence, diagnosis):
    contact.distance(diagnosis=diagnosis)
    evidence(contact)
    check(contact, contexts)


def test_of_triage(contact, contexts):
    contact.distance()
    person = contact.add(
        "Practitioner", identifier=[{"system": "urn:oid:1.2.752.29.4.19", "value": "SE2321000016-C1"}]
    )
    visit = {
        **contact.encounter,
        "identifier": [{"system": "s", "value": "2"}],
        "class": {**contact.encounter["class"], "code": "AMB"},
        "period": {"start": "2025-03-03T13:00:00+01:00"},
        "participant": [{"individual": contact.ref(person)}],
        "partOf": contact.ref(contact.encounter),
    }
    contact.add("Encounter", **visit)
    check(contact, contexts)


def check(contact, contexts):
    """Every leaf that is named matters, and no other one does."""
    context, bundle = contexts(), contact.bundle()

    def read(one):
        return map_bundle(Bundle(one), context)

    before = read(bundle)
    as_it_was, told_before = deepcopy(events(before)), told(before)
    origins, findings = by_origins(before), by_findings(before)
    for path, value in leaves(bundle["entry"], ("entry",)):
        name = fhirpath(path)
        if name in origins:
            assert any(
                told(read(changed(bundle, path, other))) != told_before for other in others(path, value)
            ), f"{name} is named by the trace, but whatever it says nothing changes"
        elif not is_named(name, origins, findings):
            for other in others(path, value):
                assert events(read(changed(bundle, path, other))) == as_it_was, (
                    f"{name} is named by nothing, but changing it changed an event"
                )
