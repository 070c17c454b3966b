"""Bundles for the benchmarks: 25 KB, 15 resources, one contact each, all of them different contacts."""

import copy
import uuid
from collections.abc import Iterator
from typing import Any

import orjson

from adapter.resources import data_folder

SIZE = 25_000
RESOURCES = 15


def contact_bundles(count: int) -> Iterator[bytes]:
    """`count` transaction bundles, each with its own Encounter.identifier and Bundle.identifier."""
    template = _template()
    pattern = orjson.dumps(template, option=orjson.OPT_INDENT_2)
    for number in range(count):
        yield pattern.replace(b"@@NUMBER@@", b"%010d" % number)


def _template() -> dict[str, Any]:
    """The sample of a visit, filled up to the size with observations, two more conditions and an action."""
    bundle: dict[str, Any] = orjson.loads(
        (data_folder("samples") / "mottagningsbesok-lakare.json").read_bytes()
    )
    bundle["identifier"]["value"] = "@@NUMBER@@"
    entries = bundle["entry"]
    by_type = {entry["resource"]["resourceType"]: entry for entry in entries}
    encounter = by_type["Encounter"]
    encounter["resource"]["identifier"][0]["value"] = "bench-@@NUMBER@@"
    for code in ("E11.9", "Z13.1"):
        extra = copy.deepcopy(by_type["Condition"])
        extra["resource"]["code"]["coding"][0]["code"] = code
        extra["resource"]["encounter"] = {"reference": encounter["fullUrl"]}
        entries.append(_fresh(extra))
    action = copy.deepcopy(by_type["Procedure"])
    action["resource"]["code"]["coding"][0]["code"] = "DQ023"
    entries.append(_fresh(action))
    while len(entries) < RESOURCES:
        entries.append(_observation(by_type["Patient"]["fullUrl"], encounter["fullUrl"]))
    missing = SIZE - len(orjson.dumps(bundle, option=orjson.OPT_INDENT_2))
    entries[-1]["resource"]["note"] = [{"text": "x" * max(1, missing - 60)}]
    return bundle


def _fresh(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"fullUrl": f"urn:uuid:{uuid.uuid4()}"}


def _observation(patient: str, encounter: str) -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": "8480-6", "display": "Systolic blood pressure"}
    quantity = {"value": 128, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
    category = {
        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
        "code": "vital-signs",
        "display": "Vital Signs",
    }
    return {
        "fullUrl": f"urn:uuid:{uuid.uuid4()}",
        "resource": {
            "resourceType": "Observation",
            "status": "final",
            "category": [{"coding": [category]}],
            "code": {"coding": [coding], "text": "Systolic blood pressure"},
            "subject": {"reference": patient},
            "encounter": {"reference": encounter},
            "effectiveDateTime": "2025-03-03T10:18:00+01:00",
            "issued": "2025-03-03T10:18:30.000+01:00",
            "valueQuantity": quantity,
            "component": [
                {"code": {"coding": [coding | {"code": f"8462-{n}"}]}, "valueQuantity": quantity}
                for n in range(4)
            ],
        },
        "request": {"method": "POST", "url": "Observation"},
    }
