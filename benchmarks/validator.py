"""What reading costs (parse, validate, index), as a multiple of plain orjson.loads in the same run.

    python -m benchmarks.validator [FILE...]

Without files it builds a bundle of about 25 KB with 15 resources. The rounds of yardstick and candidate
alternate, so that a machine that slows down slows both; the best round of each counts.
"""

import platform
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from adapter.fhir.read import read
from adapter.resources import data_folder
from adapter.rules import load_packs

_ROUNDS, _CALLS = 400, 4
_SV = "http://electronichealth.se/identifier/personnummer"
_HSA = "urn:oid:1.2.752.29.4.19"
_PROSE = (
    "Patienten beskriver hosta sedan en vecka med tilltagande trötthet och feber upp mot 39 grader."
    " Auskultation: rassel basalt höger sida. Saturation 95 procent. Ny kontroll om en vecka."
)
_CODES = "https://vardbro.example/fhir/CodeSystem"


def build_bundle() -> bytes:
    """A primary-care contact as senders write it: 15 resources, indented, about 25 KB."""
    urls = [f"urn:uuid:{index:08d}-aaaa-4bbb-8ccc-dddddddddddd" for index in range(15)]
    return orjson.dumps(
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {
                    "fullUrl": url,
                    "resource": resource,
                    "request": {"method": "POST", "url": resource["resourceType"]},
                }
                for url, resource in zip(urls, _resources(urls), strict=True)
            ],
        },
        option=orjson.OPT_INDENT_2,
    )


def _resources(urls: list[str]) -> list[dict[str, Any]]:
    return [
        _patient(),
        *(_organization(name) for name in ("Liljeholmens vårdcentral", "Region Stockholm")),
        *(_practitioner(index) for index in (1, 2)),
        *(_role(urls, index) for index in (3, 4)),
        _encounter(urls),
        *(_condition(urls, code) for code in ("J18.9", "I10.9", "E11.9")),
        *(_procedure(urls, code) for code in ("XS012", "AU124", "DV033", "QV001")),
    ]


def _narrative(text: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}


def _note(text: str) -> list[dict[str, str]]:
    return [{"time": "2026-03-02T09:58:00+01:00", "text": f"{text}. " + _PROSE}]


def _coding(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "meta": {"profile": ["http://hl7.se/fhir/ig/base/StructureDefinition/SEBasePatient"]},
        "text": _narrative("Tolvan Tolvansson, testperson"),
        "identifier": [{"use": "official", "system": _SV, "value": "191212121212"}],
        "active": True,
        "name": [{"use": "official", "family": "Tolvansson", "given": ["Tolvan"]}],
        "telecom": [{"system": "phone", "value": "08-123 45 67", "use": "home"}],
        "gender": "male",
        "birthDate": "1912-12-12",
        "address": [{"use": "home", "line": ["Storgatan 1"], "city": "Stockholm", "postalCode": "11122"}],
    }


def _organization(name: str) -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "text": _narrative(name),
        "identifier": [{"system": _HSA, "value": "SE2321000016-1HZ3"}],
        "active": True,
        "name": name,
        "telecom": [{"system": "phone", "value": "08-123 45 00", "use": "work"}],
    }


def _practitioner(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Practitioner",
        "identifier": [{"system": _HSA, "value": f"SE2321000016-P{number:03d}"}],
        "name": [{"family": "Läkarsson", "given": ["Lotta"], "prefix": ["Dr"]}],
    }


def _role(urls: list[str], practitioner: int) -> dict[str, Any]:
    return {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": urls[practitioner], "display": "Lotta Läkarsson"},
        "organization": {"reference": urls[1]},
        "code": [_coding("urn:oid:1.2.752.116.1.3.6", "2211", "Läkare")],
        "period": {"start": "2020-01-01"},
    }


def _encounter(urls: list[str]) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "meta": {"lastUpdated": "2026-03-02T10:31:05.123+01:00", "versionId": "2"},
        "text": _narrative("Mottagningsbesök"),
        "identifier": [{"system": "https://ehr.example/kontakt", "value": "K-2026-000123"}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [_coding(f"{_CODES}/vardkontakttyp", "mottagningsbesok", "Mottagningsbesök")],
        "subject": {"reference": urls[0], "display": "Tolvan Tolvansson"},
        "participant": [
            {
                "type": [
                    _coding(
                        "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF", "huvudansvarig"
                    )
                ],
                "period": {"start": "2026-03-02T09:30:00+01:00", "end": "2026-03-02T10:00:00+01:00"},
                "individual": {"reference": urls[5]},
            },
            {"individual": {"reference": urls[6]}},
        ],
        "period": {"start": "2026-03-02T09:30:00+01:00", "end": "2026-03-02T10:00:00+01:00"},
        "diagnosis": [{"condition": {"reference": urls[8 + i]}, "rank": i + 1} for i in range(3)],
        "serviceProvider": {"reference": urls[1]},
    }


def _condition(urls: list[str], code: str) -> dict[str, Any]:
    terminology = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "text": _narrative(f"Diagnos {code}"),
        "clinicalStatus": _coding(f"{terminology}/condition-clinical", "active", "Aktiv"),
        "verificationStatus": _coding(f"{terminology}/condition-ver-status", "confirmed", "Bekräftad"),
        "category": [_coding(f"{terminology}/condition-category", "encounter-diagnosis", "Kontaktdiagnos")],
        "code": _coding("urn:oid:1.2.752.116.1.1.1.1.3", code, "Diagnosens namn i klartext"),
        "subject": {"reference": urls[0]},
        "encounter": {"reference": urls[7]},
        "onsetDateTime": "2026-02-27",
        "recordedDate": "2026-03-02T09:55:00+01:00",
        "recorder": {"reference": urls[5]},
        "note": _note(f"Anteckning till diagnos {code}"),
    }


def _procedure(urls: list[str], code: str) -> dict[str, Any]:
    return {
        "resourceType": "Procedure",
        "text": _narrative(f"Åtgärd {code}"),
        "status": "completed",
        "code": _coding("urn:oid:1.2.752.116.1.3.2.1.4", code, "Åtgärdens namn i klartext"),
        "subject": {"reference": urls[0]},
        "encounter": {"reference": urls[7]},
        "performedDateTime": "2026-03-02T09:45:00+01:00",
        "performer": [{"actor": {"reference": urls[5], "display": "Lotta Läkarsson"}}],
        "reasonReference": [{"reference": urls[8]}],
        "note": _note(f"Anteckning till åtgärd {code}"),
    }


def best_of(*works: Callable[[], object]) -> list[float]:
    """The best time of one call of each work, in microseconds; their rounds alternate."""
    best = [float("inf")] * len(works)
    for _ in range(_ROUNDS):
        for index, work in enumerate(works):
            start = perf_counter()
            for _ in range(_CALLS):
                work()
            best[index] = min(best[index], (perf_counter() - start) / _CALLS * 1e6)
    return best


def main(files: list[str]) -> None:
    """Measure and print one line per bundle."""
    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    bundles = [(name, Path(name).read_bytes()) for name in files] or [("built", build_bundle())]
    print(f"{platform.machine()}, Python {platform.python_version()}, orjson {orjson.__version__}")
    for name, raw in bundles:
        reading = read(raw, catalogue)
        count = len(reading.bundle.entries) if reading.bundle is not None else 0
        yardstick, candidate = best_of(
            lambda raw=raw: orjson.loads(raw), lambda raw=raw: read(raw, catalogue)
        )
        print(
            f"{name}: {len(raw)} bytes, {count} resources, {len(reading.findings)} findings:"
            f" orjson.loads {yardstick:.0f} us, read {candidate:.0f} us, ratio {candidate / yardstick:.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
