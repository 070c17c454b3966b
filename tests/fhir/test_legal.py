"""Odd but legal: none of these may be refused."""

from typing import Any

import pytest

P, E, C, R = (f"entry[{index}].resource" for index in (0, 3, 4, 5))
ABSENT = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}
EXT = {"url": "https://ehr.example/ext", "valueBoolean": False}

KINDS: dict[str, dict[str, Any]] = {
    "status absent with a reason": {f"{E}.status": ..., f"{E}._status": ABSENT},
    "birth date absent with a reason": {f"{P}.birthDate": ..., f"{P}._birthDate": ABSENT},
    "procedure status absent with a reason": {f"{R}.status": ..., f"{R}._status": ABSENT},
    "value with an extension beside": {f"{P}._birthDate": {"id": "b", "extension": [EXT]}},
    "value with an id beside": {f"{P}._gender": {"id": "g"}},
    "year only": {f"{C}.onsetDateTime": "1987", f"{E}.period": {"start": "2026"}},
    "year and month": {f"{P}.birthDate": "1912-12"},
    "nanoseconds": {f"{C}.recordedDate": "2026-03-02T09:55:00.123456789+01:00"},
    "Z and other offsets in one period": {
        f"{E}.period": {"start": "2026-03-02T08:30:00Z", "end": "2026-03-02T10:00:00+01:00"}
    },
    "period across the change to summer time": {
        f"{E}.period": {"start": "2026-03-29T01:30:00+01:00", "end": "2026-03-29T03:10:00+02:00"}
    },
    "period with an end of less precision": {
        f"{E}.period": {"start": "2026-03-02T09:30:00Z", "end": "2026-03"}
    },
    "period that ends as it starts": {
        f"{E}.period": {"start": "2026-03-02T09:30:00Z", "end": "2026-03-02T09:30:00Z"}
    },
    "period without start": {f"{E}.period": {"end": "2026-03-02"}},
    "no period": {f"{E}.period": ...},
    "leap second": {f"{C}.recordedDate": "2016-12-31T23:59:60Z"},
    "leap day": {f"{P}.birthDate": "2024-02-29", f"{E}.period.start": "2024-02-29T10:00:00+01:00"},
    "offset of 14 hours": {f"{C}.recordedDate": "2026-03-02T09:55:00+14:00"},
    "null in an array with an extension beside": {
        f"{P}.name[0].given": ["Tolvan", None],
        f"{P}.name[0]._given": [None, ABSENT],
    },
    "array of extensions alone": {f"{P}.name[0].given": ..., f"{P}.name[0]._given": [ABSENT]},
    "resource that is not read": {
        "entry[6].resource": {"resourceType": "Claim", "id": "c1", "anything": [{"at": "all"}]},
        "entry[3].resource.location": ...,
    },
    "observation": {
        "entry[7]": {
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "x"},
                "valueQuantity": {"value": 1e-7, "unit": "mg"},
            },
            "request": {"method": "POST", "url": "Observation"},
        }
    },
    "extension of extensions": {
        f"{E}.extension": [{"url": EXT["url"], "extension": [{"url": "del", "valueString": "x"}]}]
    },
    "modifier extension": {f"{E}.modifierExtension": [EXT], f"{E}.participant[0].modifierExtension": [EXT]},
    "extension in a data type": {f"{E}.class.extension": [EXT], f"{E}.subject.extension": [EXT]},
    "extension by OID": {f"{E}.extension": [{"url": "urn:oid:1.2.3", "valueCode": "x"}]},
    "extension with a choice of complex types": {
        f"{E}.extension": [{"url": EXT["url"], "valuePeriod": {"start": "2026"}}]
    },
    "coding without system": {f"{C}.code": {"coding": [{"code": "J18.9"}]}},
    "coding of nothing but a display": {f"{C}.code": {"coding": [{"display": "Lunginflammation"}]}},
    "concept in text": {f"{C}.code": {"text": "Lunginflammation"}},
    "code with one space within": {f"{E}.class.code": "A B"},
    "codes that only an example binding knows": {f"{C}.category": [{"coding": [{"code": "HD"}]}]},
    "several clinical codings, one of them R4's": {f"{C}.clinicalStatus.coding[1]": {"code": "pågår"}},
    "clinical status absent with a reason": {f"{C}.clinicalStatus": ABSENT},
    "no clinical status": {f"{C}.clinicalStatus": ...},
    "no fullUrl": {f"entry[{index}].fullUrl": ... for index in (1, 2)},
    "fullUrl over http": {"entry[1].fullUrl": "https://ehr.example/fhir/Organization/1"},
    "a delete": {"entry[6]": {"request": {"method": "DELETE", "url": "Encounter/1"}}, f"{E}.location": ...},
    "conditional create": {"entry[0].request.ifNoneExist": "identifier=a|b"},
    "unicode": {
        f"{P}.name[0].family": "Ångström-Ölmütz 山田 🩺 e\u0301",
        f"{P}.name[0].text": "\u00a0x\u200b",
    },
    "text with line ends and tabs": {f"{C}.note": [{"text": "rad 1\r\n\trad 2"}]},
    "text with spaces around": {f"{P}.name[0].family": " Tolvansson "},
    "large decimal": {f"{E}.length": {"value": 123456789012345678901234567890.123, "unit": "min"}},
    "decimal with exponent": {f"{E}.length": {"value": 1.5e300}},
    "contained and used": {
        f"{E}.contained": [{"resourceType": "Practitioner", "id": "p1", "name": [{"text": "x"}]}],
        f"{E}.participant[0].individual.reference": "#p1",
    },
    "contained that refers to its container": {
        f"{E}.contained": [
            {
                "resourceType": "Condition",
                "id": "c1",
                "subject": {"reference": "Patient/1"},
                "encounter": {"reference": "#"},
            }
        ]
    },
    "reference by identifier": {f"{E}.subject": {"identifier": {"system": "urn:oid:1.2", "value": "1"}}},
    "reference by type and identifier": {
        f"{E}.subject": {"type": "Patient", "identifier": {"value": "1"}, "display": "x"}
    },
    "reference with a type that agrees": {f"{E}.subject.type": "Patient"},
    "conditional reference": {f"{E}.subject": {"reference": "Patient?identifier=urn:oid:1.2|1"}},
    "absolute reference": {f"{E}.subject": {"reference": "https://ehr.example/fhir/Patient/1"}},
    "absolute reference to something unknown": {f"{E}.subject": {"reference": "https://ehr.example/p?id=7"}},
    "versioned reference": {f"{E}.subject": {"reference": "Patient/1/_history/2"}},
    "reference to a resource outside the bundle": {f"{E}.subject": {"reference": "Patient/elsewhere"}},
    "reference with display only": {f"{E}.participant[0].individual": {"display": "Dr Lotta"}},
    "subject is a group": {f"{E}.subject": {"reference": "Group/1"}},
    "abatement of a resolved condition": {
        f"{C}.abatementDateTime": "2026-03-09",
        f"{C}.clinicalStatus.coding[0].code": "resolved",
    },
    "entered in error without clinical status": {
        f"{C}.clinicalStatus": ...,
        f"{C}.verificationStatus.coding[0].code": "entered-in-error",
    },
    "narrative with markup": {
        f"{P}.text": {
            "status": "additional",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml" lang="sv"><p class="x">a&nbsp;&amp; <b>b</b>'
            '</p><table><tr><td colspan="2">c</td></tr></table>'
            '<img src="data:image/png;base64,aGVq" alt="d"/></div>',
        }
    },
    "unknown profile and label": {
        f"{P}.meta": {
            "profile": ["https://x.example/p|1.0"],
            "security": [{"code": "R"}],
            "tag": [{"code": "x"}],
        }
    },
    "empty bundle": {"entry": ...},
    "properties in another order": {
        f"{E}.class": {"code": "AMB", "display": "x", "system": "https://x.example"},
        f"{E}.period": {"end": "2026-03-02", "start": "2026-03-01"},
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_r4_allows_is_not_refused(kind: str, bundle, change, reading) -> None:
    for place, value in KINDS[kind].items():
        change(bundle, place, value)

    found = reading(bundle)

    errors = [(item.rule, item.expression) for item in found.findings if item.severity == "error"]
    assert errors == []
    assert found.bad_entries == frozenset()
    assert found.bundle is not None


@pytest.mark.parametrize("kind", ["collection", "searchset"])
def test_bundles_of_other_types_are_sound_in_their_own_form(kind: str, bundle, reading) -> None:
    bundle["type"] = kind
    for entry in bundle["entry"]:
        del entry["request"]
        if kind == "searchset":
            entry["search"] = {"mode": "match"}
    if kind == "searchset":
        bundle["total"] = 7

    assert reading(bundle).findings == []


def test_a_document_with_all_that_it_needs_is_sound(bundle, reading) -> None:
    for entry in bundle["entry"]:
        del entry["request"]
    composition = {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "Journal"},
        "date": "2026-03-02",
        "author": [{"display": "x"}],
        "title": "x",
    }
    bundle |= {
        "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"},
        "timestamp": "2026-03-02T10:00:00.5Z",
        "entry": [{"resource": composition}, *bundle["entry"]],
    }

    assert reading(bundle).findings == []


def test_a_urn_that_no_entry_has_is_a_warning(bundle, change, reading) -> None:
    change(bundle, f"{E}.serviceProvider.reference", "urn:uuid:99999999-1111-4222-8333-444444444444")

    found = reading(bundle)

    assert [(item.rule, item.severity, item.expression) for item in found.findings] == [
        ("FHIR-URN-UNRESOLVED", "warning", (f"Bundle.{E}.serviceProvider.reference",))
    ]
    assert found.bad_entries == frozenset()
