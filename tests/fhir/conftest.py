"""What the tests of the FHIR reader share: the real catalogue, and a bundle that has nothing wrong."""

import copy
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.domain.rule import Catalogue
from adapter.fhir.read import Reading, read
from adapter.resources import data_folder
from adapter.rules import load_packs

Json = dict[str, Any]
SHARED = Path(os.environ.get("VARDBRO_SHARED", Path(__file__).parents[3] / "shared"))

_URLS = [f"urn:uuid:0000000{index}-1111-4222-8333-444444444444" for index in range(8)]
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def _resources() -> list[Json]:
    return [
        {
            "resourceType": "Patient",
            "identifier": [
                {"system": "http://electronichealth.se/identifier/personnummer", "value": "191212121212"}
            ],
            "name": [{"use": "official", "family": "Tolvansson", "given": ["Tolvan", "Tolva"]}],
            "telecom": [{"system": "phone", "value": "08-123"}],
            "gender": "male",
            "birthDate": "1912-12-12",
        },
        {"resourceType": "Organization", "name": "Vårdcentralen"},
        {"resourceType": "Practitioner", "name": [{"family": "Läkare"}]},
        {
            "resourceType": "Encounter",
            "identifier": [{"system": "https://ehr.example/kontakt", "value": "K1"}],
            "status": "finished",
            "class": {"system": _ACT, "code": "AMB"},
            "type": [{"coding": [{"system": "https://ehr.example/typ", "code": "1", "display": "Besök"}]}],
            "subject": {"reference": _URLS[0]},
            "participant": [{"individual": {"reference": _URLS[2]}}],
            "period": {"start": "2026-03-02T09:30:00+01:00", "end": "2026-03-02T10:00:00+01:00"},
            "diagnosis": [{"condition": {"reference": _URLS[4]}, "rank": 1}],
            "location": [{"location": {"reference": _URLS[6]}}],
            "serviceProvider": {"reference": _URLS[1]},
        },
        {
            "resourceType": "Condition",
            "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
            "verificationStatus": {"coding": [{"system": _VERIFICATION, "code": "confirmed"}]},
            "code": {"coding": [{"system": "urn:oid:1.2.752.116.1.1.1.1.3", "code": "J18.9"}]},
            "subject": {"reference": _URLS[0]},
            "encounter": {"reference": _URLS[3]},
            "onsetDateTime": "2026-02",
            "recordedDate": "2026-03-02T09:55:00+01:00",
        },
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": {"coding": [{"system": "urn:oid:1.2.752.116.1.3.2.1.4", "code": "XS012"}]},
            "subject": {"reference": _URLS[0]},
            "encounter": {"reference": _URLS[3]},
            "performedDateTime": "2026-03-02T09:45:00+01:00",
            "performer": [{"actor": {"reference": _URLS[2]}}],
        },
        {"resourceType": "Location", "status": "active", "name": "Rum 1"},
    ]


def sound_bundle() -> Json:
    """A transaction of Patient, Organization, Practitioner, Encounter, Condition, Procedure and Location."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": url,
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            }
            for url, resource in zip(_URLS, _resources(), strict=False)
        ],
    }


def put(root: Any, path: str, value: Any) -> None:
    """Set (or, for `...`, remove) what stands at a path such as ``entry[3].resource.status``."""
    steps: list[str | int] = [
        int(index) if index else name for name, index in re.findall(r"([A-Za-z_]\w*)|\[(\d+)\]", path)
    ]
    for step in steps[:-1]:
        root = root[step]
    if value is ...:
        del root[steps[-1]]
    elif isinstance(root, list) and steps[-1] == len(root):
        root.append(value)
    else:
        root[steps[-1]] = copy.deepcopy(value)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_packs(data_folder("mappings") / "rules").catalogue


@pytest.fixture
def bundle() -> Json:
    return sound_bundle()


@pytest.fixture(scope="session")
def sound() -> Callable[[], Json]:
    return sound_bundle


@pytest.fixture(scope="session")
def change() -> Callable[[Any, str, Any], None]:
    return put


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"the public samples are not at {SHARED} (set VARDBRO_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def reading(catalogue: Catalogue) -> Callable[[Any], Reading]:
    def reads(content: Any) -> Reading:
        return read(content if isinstance(content, bytes) else orjson.dumps(content), catalogue)

    return reads
