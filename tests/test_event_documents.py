"""From a FHIR bundle to GVR's event document: the two published samples, rebuilt as far as FHIR facts reach.

The published schema and samples are not part of the project: they lie beside the checkout, or where
VARDBRO_SHARED says. Without them these tests are skipped, not passed.
"""

import copy
import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from adapter.config.model import Config
from adapter.domain.event import Vardhandelse
from adapter.offline import offline_translator
from adapter.registers.gvr.xml import event_document, load_schema
from adapter.registers.protocol import RegisterSettings
from adapter.resources import data_folder
from adapter.translation import Translator

SHARED = Path(os.environ.get("VARDBRO_SHARED", Path(__file__).parents[2] / "shared")) / "schemas"
PUBLISHED = SHARED / "ERSMOIndata2.2.xsd"
OWN = data_folder("profiles") / "registers" / "gvr" / "handelse.xsd"
OUR = "https://vardbro.example/fhir"

needs_published = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published XML schema is not here")

BEYOND_FACTS = {
    "Ersättningshändelse": {"ID", "ErsUppdrag"},
    "Patient": {"Basområde"},
    "Åtgärd": {"TillståndNr"},
}
"""Attributes of the samples that no event has: the id is made from the sender's own, the assignment and the
area are the reimbursement's, conditions (Tillstånd) are no part of what is reported."""

BEYOND_ELEMENTS = {
    "Produkter", "Produkt", "Tillståndslista", "Tillstånd", "Resursgrupper", "Resursgrupp", "VårdFöre",
    "RemissEfter",
}  # fmt: skip
"""Elements of the samples that no event has: products, conditions, resource groups, and a care-before and a
referral-after for which no bundle has a code."""


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def reference(name: str) -> dict[str, str]:
    return {"reference": f"urn:uuid:00000000-0000-4000-8000-{name:0>12}"}


def entry(name: str, **resource: Any) -> dict[str, Any]:
    url = reference(name)["reference"]
    return {
        "fullUrl": url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def bundle(day: str, *, diagnoses: list[str], actions: list[tuple[str, str, int]], drug: str = "") -> Any:
    """The visit of a published sample; `actions` are code, day and the number of the diagnosis."""
    patient = {"subject": reference("1")}
    staff = [
        entry(
            f"3{code}",
            resourceType="PractitionerRole",
            identifier=[{"system": "urn:oid:1.2.752.29.4.19", "value": f"SE2321000016-AB{code}"}],
            code=[coded(f"{OUR}/CodeSystem/gvr-vdg", code)],
        )
        for code in ("01", "02")
    ]
    conditions = [
        entry(f"5{n}", resourceType="Condition", code=coded("https://www.icd10.se/", code), **patient)
        for n, code in enumerate(diagnoses, 1)
    ]
    procedures = [
        entry(
            f"6{n}",
            resourceType="Procedure",
            status="completed",
            code=coded("http://electronichealth.se/id/kva", code),
            performedDateTime=done,
            encounter=reference("4"),
            reasonReference=[reference(f"5{diagnosis}")] if diagnoses else [],
            **patient,
        )
        for n, (code, done, diagnosis) in enumerate(actions, 1)
    ]
    for one in procedures if not diagnoses else ():
        del one["resource"]["reasonReference"]
    if drug:
        given = {"medicationCodeableConcept": coded("http://www.whocc.no/atc", drug), **patient}
        procedures.append(
            entry(
                "8",
                resourceType="MedicationAdministration",
                status="completed",
                context=reference("4"),
                effectiveDateTime=day,
                **given,
            )
        )
    encounter = entry(
        "4",
        resourceType="Encounter",
        identifier=[{"system": "https://journal.example/vardkontakt", "value": "12345678901234567890"}],
        status="finished",
        **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"}},
        type=[coded(f"{OUR}/CodeSystem/gvr-btyp", "1")],
        extension=[
            {
                "url": f"{OUR}/StructureDefinition/taxa",
                "valueCoding": {"system": f"{OUR}/CodeSystem/gvr-taxa", "code": "12"},
            }
        ],
        participant=[{"individual": reference("301")}, {"individual": reference("302")}],
        period={"start": f"{day}T10:00:00+01:00", "end": f"{day}T10:30:00+01:00"},
        serviceProvider={
            "identifier": {"system": "https://uid.regionstockholm.se/kombika", "value": "30216311002"}
        },
        basedOn=[reference("7")],
        diagnosis=[{"condition": reference(f"5{n}"), "rank": n} for n in range(1, len(diagnoses) + 1)],
        **patient,
    )
    if not diagnoses:
        del encounter["resource"]["diagnosis"]
    referral = entry(
        "7",
        resourceType="ServiceRequest",
        status="completed",
        intent="order",
        requester={
            "type": "Organization",
            "identifier": {"system": "https://uid.regionstockholm.se/kombika", "value": "17101011M04"},
        },
        **patient,
    )
    person = entry(
        "1",
        resourceType="Patient",
        identifier=[
            {"system": "http://electronichealth.se/identifier/personnummer", "value": "191212121212"}
        ],
        birthDate="1912-12-12",
        gender="male",
        extension=[{"url": f"{OUR}/StructureDefinition/lkf", "valueCode": "010203"}],
    )
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [person, *staff, referral, encounter, *conditions, *procedures],
    }


SAMPLES = {
    "ERSMO_2014-02-02T080000.xml": bundle(
        "2014-02-02",
        diagnoses=["I05.0", "J25.0", "K57.0"],
        actions=[("NHP09", "2014-02-02", 1), ("PE009", "2014-02-02", 1), ("AQ014", "2014-02-02", 2)],
        drug="A01AB13",
    ),
    "ERSMO_2013-09-08T080000.xml": bundle(
        "2013-09-30",
        diagnoses=[],
        actions=[("NHP09", "2013-09-30", 1), ("NHP09", "2013-10-01", 1)],
    ),
}


@pytest.fixture(scope="module")
def translator() -> Translator:
    return offline_translator(Config())


def event_of(translator: Translator, given: Any) -> Vardhandelse:
    translation = translator.translate(translator.read(orjson.dumps(given)))
    (contact,) = translation.contacts
    return contact.mapped.event


def ours(translator: Translator, given: Any) -> etree._Element:
    document = event_document([event_of(translator, given)], RegisterSettings(), "0000001")
    return etree.fromstring(document)


def said(element: etree._Element, *without: str) -> tuple[str, dict[str, str]]:
    attributes = {str(name): str(value) for name, value in element.items() if name not in without}
    return str(element.tag), attributes


@needs_published
@pytest.mark.parametrize("name", SAMPLES)
def test_the_document_is_the_published_one_element_by_element(translator: Translator, name: str) -> None:
    sample = etree.parse(SHARED / name).getroot()
    told = ours(translator, SAMPLES[name])
    expected = [
        said(element, *BEYOND_FACTS.get(str(element.tag), ()))
        for element in sample.iter()
        if isinstance(element.tag, str) and element.tag not in BEYOND_ELEMENTS and _reachable(element)
    ]
    found = [said(element, *BEYOND_FACTS.get(str(element.tag), ())) for element in told.iter()]
    expected[0][1].pop("{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation")
    assert sorted(found, key=str) == sorted(map(_as_ours, expected), key=str)


def _reachable(element: etree._Element) -> bool:
    """A drug is among the actions; the samples repeat it among the diagnoses. Where whom the patient stayed
    and went is told of inpatient care only."""
    if element.tag in ("VisteFöre", "VisteEfter", "VårdEfter"):
        return False
    return not (element.tag == "Diagnos" and element.get("Klass") == "020")


def _as_ours(one: tuple[str, dict[str, str]]) -> tuple[str, dict[str, str]]:
    """Numbers of the samples that refer to nothing: their event has no such diagnosis."""
    name, attributes = one
    if name == "Åtgärd" and (attributes["Klass"] == "020" or attributes["Datum"] < "2014"):
        attributes = {key: value for key, value in attributes.items() if key != "DiagnosNr"}
    return name, attributes


@needs_published
@pytest.mark.parametrize("name", SAMPLES)
def test_the_document_is_valid_here_and_there(translator: Translator, name: str) -> None:
    document = ours(translator, SAMPLES[name])
    for schema in (OWN, PUBLISHED):
        load_schema(schema).assertValid(document)


def test_a_contact_is_home_care_only_when_the_sender_says_so(translator: Translator) -> None:
    given = copy.deepcopy(SAMPLES["ERSMO_2014-02-02T080000.xml"])
    encounter = next(
        one["resource"] for one in given["entry"] if one["resource"]["resourceType"] == "Encounter"
    )
    encounter["class"]["code"] = "HH"
    assert [one.get("Händelseform") for one in ours(translator, given).iter("Vårdkontakt")] == [
        "Öppenvårdskontakt"
    ]
    encounter["type"].append(coded(f"{OUR}/CodeSystem/gvr-handelseform", "hemsjukvardskontakt"))
    (vardkontakt,) = ours(translator, given).iter("Vårdkontakt")
    assert vardkontakt.get("Händelseform") == "Hemsjukvårdskontakt"


def test_the_residence_of_a_protected_patient_is_not_told(translator: Translator) -> None:
    given = copy.deepcopy(SAMPLES["ERSMO_2014-02-02T080000.xml"])
    given["entry"][0]["resource"]["meta"] = {
        "security": [
            {
                "system": "http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel",
                "code": "sekretessmarkering",
            }
        ]
    }
    (patient,) = ours(translator, given).iter("Patient")
    assert patient.get("Lkf") is None
    assert patient.get("ID") == "191212121212"
