"""A builder of small bundles, and the shipped maps, tables and rules to read them with."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from adapter.domain.naming_key import NamingKey
from adapter.fhir.bundle import Bundle
from adapter.mapping import Mapped, MappingContext, Sender, map_bundle
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import load_concept_maps
from adapter.mapping.terminology import load_kombika, load_terminology
from adapter.resources import data_folder
from adapter.rules import load_packs

PERSONNUMMER = "http://electronichealth.se/identifier/personnummer"
HSA = "urn:oid:1.2.752.29.4.19"
KOMBIKA = "https://uid.regionstockholm.se/kombika"
ICD = "https://www.icd10.se/"
KVA = "http://electronichealth.se/id/kva"
SNOMED = "http://snomed.info/sct"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
OWN = "https://vardbro.example/fhir"


class Builder:
    """Builds a transaction with one patient, unit, physician and Encounter; tests change what they are about.

    `encounter`, `patient`, `unit`, `role` and `practitioner` are the resources; `add` puts more into the
    bundle and gives back a Reference to it. Class and period are those of an ordinary visit.
    """

    def __init__(self, contexts: Callable[..., MappingContext]) -> None:
        self._contexts = contexts
        self.entries: list[dict[str, Any]] = []
        self.patient = self._new("Patient", identifier=[{"system": PERSONNUMMER, "value": "191212121212"}])
        self.unit = self._new(
            "Organization",
            identifier=[
                {"system": HSA, "value": "SE2321000016-1HZ3"},
                {"system": KOMBIKA, "value": "30216311002"},
            ],
        )
        self.practitioner = self._new(
            "Practitioner", identifier=[{"system": HSA, "value": "SE2321000016-AB12"}]
        )
        self.role = self._new(
            "PractitionerRole",
            practitioner=self.ref(self.practitioner),
            code=[self.concept("urn:oid:1.2.752.116.3.1.3", "LK")],
        )
        self.encounter = self._new(
            "Encounter",
            identifier=[{"system": "https://journal.example/vk", "value": "1"}],
            status="finished",
            subject=self.ref(self.patient),
            participant=[{"individual": self.ref(self.role)}],
            period={"start": "2025-03-03T10:15:00+01:00", "end": "2025-03-03T10:45:00+01:00"},
            serviceProvider=self.ref(self.unit),
        )
        self.encounter["class"] = {"system": ACT, "code": "AMB"}

    def _new(self, kind: str, **elements: Any) -> dict[str, Any]:
        resource = {"resourceType": kind, **elements}
        number = len(self.entries)
        self.entries.append(
            {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-{number:012}", "resource": resource}
        )
        return resource

    def ref(self, resource: dict[str, Any]) -> dict[str, Any]:
        """A Reference to a resource of the bundle."""
        return {"reference": next(e["fullUrl"] for e in self.entries if e["resource"] is resource)}

    def at(self, resource: dict[str, Any]) -> str:
        """The FHIRPath of a resource of the bundle."""
        index = next(i for i, e in enumerate(self.entries) if e["resource"] is resource)
        return f"Bundle.entry[{index}].resource"

    @staticmethod
    def concept(system: str, *codes: str) -> dict[str, Any]:
        """A CodeableConcept with codings of one system."""
        return {"coding": [{"system": system, "code": code} for code in codes]}

    def add(self, kind: str, **elements: Any) -> dict[str, Any]:
        """Another resource."""
        return self._new(kind, **elements)

    def condition(self, code: str, /, *, linked: bool = True, **elements: Any) -> dict[str, Any]:
        """A Condition of the patient, linked by Condition.encounter unless not `linked`."""
        elements.setdefault("subject", self.ref(self.patient))
        if linked:
            elements.setdefault("encounter", self.ref(self.encounter))
        elements.setdefault("code", self.concept(ICD, code))
        return self._new("Condition", **elements)

    def diagnosis(
        self, code: str, /, rank: int | None = None, use: str | None = None, **elements: Any
    ) -> dict[str, Any]:
        """A Condition that Encounter.diagnosis names, with rank and use."""
        condition = self.condition(code, linked=False, **elements)
        item: dict[str, Any] = {"condition": self.ref(condition)}
        if rank is not None:
            item["rank"] = rank
        if use is not None:
            item["use"] = {"coding": [{"code": use}]}
        self.encounter.setdefault("diagnosis", []).append(item)
        return condition

    def procedure(self, *codes: str, linked: bool = True, **elements: Any) -> dict[str, Any]:
        """A completed Procedure of the patient."""
        elements.setdefault("subject", self.ref(self.patient))
        elements.setdefault("status", "completed")
        elements.setdefault("code", self.concept(KVA, *codes))
        if linked:
            elements.setdefault("encounter", self.ref(self.encounter))
        return self._new("Procedure", **elements)

    def distance(self, technique: str = "XS012", *, diagnosis: str | None = "J189") -> dict[str, Any]:
        """Make the contact one at a distance (phone, if nothing else is said), with a diagnosis."""
        self.encounter["class"]["code"] = "VR"
        if diagnosis is not None:
            self.condition(diagnosis)
        return self.procedure(technique)

    def made(self, kind: str, /, **elements: Any) -> dict[str, Any]:
        """A resource of the patient that came to be at the contact; elements that are None are left out."""
        elements.setdefault("subject", self.ref(self.patient))
        elements.setdefault("encounter", self.ref(self.encounter))
        return self._new(kind, **{name: value for name, value in elements.items() if value is not None})

    def prescription(self, **elements: Any) -> dict[str, Any]:
        """An active MedicationRequest of the contact: Enalapril, one a day."""
        elements = {
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": self.concept("http://www.whocc.no/atc", "C09AA02"),
            "dosageInstruction": [{"text": "1 tablett dagligen"}],
            **elements,
        }
        return self.made("MedicationRequest", **elements)

    def order(self, **elements: Any) -> dict[str, Any]:
        """An active ServiceRequest of the contact: imaging."""
        elements = {
            "status": "active",
            "intent": "order",
            "category": [self.concept(SNOMED, "363679005")],
            **elements,
        }
        return self.made("ServiceRequest", **elements)

    def plan(self, **elements: Any) -> dict[str, Any]:
        """An active CarePlan that was made at the contact."""
        elements = {"status": "active", "intent": "plan", "created": "2025-03-03", **elements}
        return self.made("CarePlan", **elements)

    def staff(self, hsa_id: str, code: str = "SJ", *, main: bool = False) -> dict[str, Any]:
        """Another participant, with a role of its own."""
        practitioner = self.add("Practitioner", identifier=[{"system": HSA, "value": hsa_id}])
        role = self.add(
            "PractitionerRole",
            practitioner=self.ref(practitioner),
            code=[self.concept("urn:oid:1.2.752.116.3.1.3", code)],
        )
        item: dict[str, Any] = {"individual": self.ref(role)}
        if main:
            item["type"] = [self.concept(PARTICIPATION, "PPRF")]
        self.encounter["participant"].append(item)
        return role

    def group(self, *numbers: str) -> list[dict[str, Any]]:
        """Make the Encounter one of a group: its patient and one for each of the `numbers`."""
        patients = [self.patient] + [
            self.add("Patient", identifier=[{"system": PERSONNUMMER, "value": number}]) for number in numbers
        ]
        group = self.add(
            "Group", type="person", actual=True, member=[{"entity": self.ref(one)} for one in patients]
        )
        self.encounter["subject"] = self.ref(group)
        return patients

    def type(self, system: str, code: str) -> None:
        """Add a coding to Encounter.type."""
        self.encounter.setdefault("type", []).append(self.concept(system, code))

    def stated(self, code: str) -> None:
        """State the contact type."""
        self.type(f"{OWN}/CodeSystem/vardkontakttyp", code)

    def extension(self, name: str, resource: dict[str, Any] | None = None, **value: Any) -> None:
        """Add one of our extensions, to the Encounter if nothing else is said."""
        owner = self.encounter if resource is None else resource
        owner.setdefault("extension", []).append({"url": f"{OWN}/StructureDefinition/{name}", **value})

    def bundle(self) -> dict[str, Any]:
        """The bundle as JSON, a copy."""
        return {"resourceType": "Bundle", "type": "transaction", "entry": deepcopy(self.entries)}

    def map_all(self, **sender: Any) -> list[Mapped]:
        """All events of the bundle, for a sender with these settings."""
        return map_bundle(Bundle(self.bundle()), self._contexts(**sender))

    def map(self, **sender: Any) -> Mapped:
        """The one event of the bundle."""
        (mapped,) = self.map_all(**sender)
        return mapped


def rules(mapped: Mapped) -> list[str]:
    """The ids of an event's findings, but for the remark that no complete code table is loaded."""
    return [finding.rule for finding in mapped.findings if finding.rule != "CODE-UNCHECKED"]


@pytest.fixture(scope="session")
def contexts() -> Callable[..., MappingContext]:
    """The shipped data with a sender of the given settings."""
    mappings = data_folder("mappings")
    aliases = load_aliases(mappings / "naming-systems")
    catalogue = load_packs(mappings / "rules").catalogue
    maps = load_concept_maps(mappings / "concept-maps", aliases)
    terminology, kombika = load_terminology(mappings / "tables"), load_kombika(mappings / "tables")

    def context(**sender: Any) -> MappingContext:
        return MappingContext(
            sender=Sender(**sender),
            naming=NamingKey(b"a key of the tests"),
            catalogue=catalogue,
            aliases=aliases,
            concept_maps=maps,
            terminology=terminology,
            kombika=kombika,
        )

    return context


@pytest.fixture
def contact(contexts: Callable[..., MappingContext]) -> Builder:
    """A fresh builder."""
    return Builder(contexts)


@pytest.fixture
def found() -> Callable[[Mapped], list[str]]:
    """The rule ids of an event's findings."""
    return rules
