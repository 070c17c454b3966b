"""What R4 forbids, kind by kind: each is refused by its rule, at its place."""

from typing import Any

import pytest

P, ORG, E, C, R, L = (f"entry[{index}].resource" for index in (0, 1, 3, 4, 5, 6))
NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
CONTAINED = {"resourceType": "Practitioner", "id": "p1", "name": [{"family": "Inbäddad"}]}
EXT = {"url": "https://ehr.example/ext", "valueBoolean": True}

# kind: changes (path -> value, ... removes), rule, path in the finding (below "Bundle.")
KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    # what must be there, and how often
    "encounter without status": ({f"{E}.status": ...}, "FHIR-REQUIRED", f"{E}.status"),
    "encounter without class": ({f"{E}.class": ...}, "FHIR-REQUIRED", f"{E}.class"),
    "condition without subject": ({f"{C}.subject": ...}, "FHIR-REQUIRED", f"{C}.subject"),
    "procedure without status": ({f"{R}.status": ...}, "FHIR-REQUIRED", f"{R}.status"),
    "procedure without subject": ({f"{R}.subject": ...}, "FHIR-REQUIRED", f"{R}.subject"),
    "diagnosis without condition": (
        {f"{E}.diagnosis[0].condition": ...},
        "FHIR-REQUIRED",
        f"{E}.diagnosis[0].condition",
    ),
    "location without location": (
        {f"{E}.location": [{"status": "active"}]},
        "FHIR-REQUIRED",
        f"{E}.location[0].location",
    ),
    "status history without period": (
        {f"{E}.statusHistory": [{"status": "planned"}]},
        "FHIR-REQUIRED",
        f"{E}.statusHistory[0].period",
    ),
    "class history without class": (
        {f"{E}.classHistory": [{"period": {"start": "2026"}}]},
        "FHIR-REQUIRED",
        f"{E}.classHistory[0].class",
    ),
    "performer without actor": (
        {f"{R}.performer": [{"onBehalfOf": {"display": "x"}}]},
        "FHIR-REQUIRED",
        f"{R}.performer[0].actor",
    ),
    "narrative without div": ({f"{P}.text": {"status": "generated"}}, "FHIR-REQUIRED", f"{P}.text.div"),
    "narrative without status": (
        {f"{P}.text": {"div": NARRATIVE.format("x")}},
        "FHIR-REQUIRED",
        f"{P}.text.status",
    ),
    "patient link without type": (
        {f"{P}.link": [{"other": {"reference": "Patient/1"}}]},
        "FHIR-REQUIRED",
        f"{P}.link[0].type",
    ),
    "annotation without text": ({f"{C}.note": [{"time": "2026"}]}, "FHIR-REQUIRED", f"{C}.note[0].text"),
    "request without url": ({"entry[0].request.url": ...}, "FHIR-REQUIRED", "entry[0].request.url"),
    "request without method": ({"entry[0].request.method": ...}, "FHIR-REQUIRED", "entry[0].request.method"),
    "bundle without type": ({"type": ...}, "FHIR-REQUIRED", "type"),
    "array where one": ({f"{E}.status": ["finished"]}, "FHIR-CARDINALITY", f"{E}.status"),
    "two subjects": ({f"{E}.subject": [{"display": "x"}]}, "FHIR-CARDINALITY", f"{E}.subject"),
    "two classes": ({f"{E}.class": [{"code": "AMB"}]}, "FHIR-CARDINALITY", f"{E}.class"),
    "one where array": ({f"{E}.type": {"text": "x"}}, "FHIR-NOT-ARRAY", f"{E}.type"),
    "one identifier where array": ({f"{P}.identifier": {"value": "1"}}, "FHIR-NOT-ARRAY", f"{P}.identifier"),
    "one coding where array": ({f"{C}.code.coding": {"code": "1"}}, "FHIR-NOT-ARRAY", f"{C}.code.coding"),
    "one given name where array": ({f"{P}.name[0].given": "Tolvan"}, "FHIR-NOT-ARRAY", f"{P}.name[0].given"),
    "entry is no array": ({"entry": {"resource": {"resourceType": "Patient"}}}, "FHIR-NOT-ARRAY", "entry"),
    "array in array": ({f"{E}.type": [[{"text": "x"}]]}, "FHIR-CARDINALITY", f"{E}.type[0]"),
    # types of JSON values
    "object where string": ({f"{E}.status": {"value": "finished"}}, "FHIR-TYPE", f"{E}.status"),
    "string where object": ({f"{E}.period": "2026-03-02"}, "FHIR-TYPE", f"{E}.period"),
    "string where coding": ({f"{E}.class": "AMB"}, "FHIR-TYPE", f"{E}.class"),
    "string where reference": ({f"{E}.subject": "Patient/1"}, "FHIR-TYPE", f"{E}.subject"),
    "string where boolean": ({f"{P}.active": "true"}, "FHIR-TYPE", f"{P}.active"),
    "number where boolean": ({f"{P}.active": 1}, "FHIR-TYPE", f"{P}.active"),
    "number where string": ({f"{P}.name[0].family": 5}, "FHIR-TYPE", f"{P}.name[0].family"),
    "number where identifier value": (
        {f"{P}.identifier[0].value": 19},
        "FHIR-TYPE",
        f"{P}.identifier[0].value",
    ),
    "number where date": ({f"{P}.birthDate": 1912}, "FHIR-TYPE", f"{P}.birthDate"),
    "boolean where code": ({f"{P}.gender": True}, "FHIR-TYPE", f"{P}.gender"),
    "string where integer": ({f"{E}.diagnosis[0].rank": "1"}, "FHIR-TYPE", f"{E}.diagnosis[0].rank"),
    "string where decimal": ({f"{E}.length": {"value": "1"}}, "FHIR-TYPE", f"{E}.length.value"),
    "string where entry": ({"entry[0]": "Patient"}, "FHIR-TYPE", "entry[0]"),
    "string where resource": ({P: "Patient"}, "FHIR-TYPE", P),
    "array where resource": ({P: []}, "FHIR-CARDINALITY", P),
    # nothing where something should be
    "null value": ({f"{P}.birthDate": None}, "FHIR-NULL", f"{P}.birthDate"),
    "null object": ({f"{E}.period": None}, "FHIR-NULL", f"{E}.period"),
    "null array": ({f"{E}.type": None}, "FHIR-NULL", f"{E}.type"),
    "null in array": ({f"{E}.type[1]": None}, "FHIR-NULL", f"{E}.type[1]"),
    "null in primitive array": ({f"{P}.name[0].given[1]": None}, "FHIR-NULL", f"{P}.name[0].given[1]"),
    "null entry": ({"entry[0]": None}, "FHIR-NULL", "entry[0]"),
    "null resource": ({P: None}, "FHIR-NULL", P),
    "empty array": ({f"{E}.type": []}, "FHIR-EMPTY", f"{E}.type"),
    "empty object": ({f"{E}.period": {}}, "FHIR-EMPTY", f"{E}.period"),
    "empty object in array": ({f"{C}.code.coding": [{}]}, "FHIR-EMPTY", f"{C}.code.coding[0]"),
    "empty entry array": ({"entry": []}, "FHIR-EMPTY", "entry"),
    "empty string": ({f"{P}.name[0].family": ""}, "FHIR-EMPTY-STRING", f"{P}.name[0].family"),
    "empty code": ({f"{E}.class.code": ""}, "FHIR-EMPTY-STRING", f"{E}.class.code"),
    "empty uri": ({f"{E}.class.system": ""}, "FHIR-EMPTY-STRING", f"{E}.class.system"),
    "blank string": ({f"{P}.name[0].family": " \t "}, "FHIR-EMPTY-STRING", f"{P}.name[0].family"),
    "empty reference text": ({f"{E}.subject.reference": ""}, "FHIR-EMPTY-STRING", f"{E}.subject.reference"),
    # unknown things
    "unknown element": ({f"{E}.vardtyp": "x"}, "FHIR-UNKNOWN-ELEMENT", E),
    "known element elsewhere": ({f"{E}.birthDate": "2026"}, "FHIR-UNKNOWN-ELEMENT", f"{E}.birthDate"),
    "unknown element in data type": ({f"{E}.period.from": "2026"}, "FHIR-UNKNOWN-ELEMENT", f"{E}.period"),
    "unknown element in entry": ({"entry[0].comment": "x"}, "FHIR-UNKNOWN-ELEMENT", "entry[0].comment"),
    "unknown element in bundle": ({"sender": "x"}, "FHIR-UNKNOWN-ELEMENT", "sender"),
    "fhir_comments": ({f"{P}.fhir_comments": ["x"]}, "FHIR-UNKNOWN-ELEMENT", P),
    "resourceType in a data type": (
        {f"{E}.period.resourceType": "Period"},
        "FHIR-UNKNOWN-ELEMENT",
        f"{E}.period.resourceType",
    ),
    "unknown resource type": ({f"{P}.resourceType": "Person2"}, "FHIR-RESOURCE-TYPE", P),
    "resource type of R5": ({f"{P}.resourceType": "EncounterHistory"}, "FHIR-RESOURCE-TYPE", P),
    "abstract resource type": ({f"{P}.resourceType": "DomainResource"}, "FHIR-RESOURCE-TYPE", P),
    "no resource type": ({f"{P}.resourceType": ...}, "FHIR-RESOURCE-TYPE-MISSING", P),
    "resource type is a number": ({f"{P}.resourceType": 7}, "FHIR-RESOURCE-TYPE", P),
    # required bindings
    "encounter status": ({f"{E}.status": "completed"}, "FHIR-CODE", f"{E}.status"),
    "encounter status in upper case": ({f"{E}.status": "Finished"}, "FHIR-CODE", f"{E}.status"),
    "procedure status": ({f"{R}.status": "finished"}, "FHIR-CODE", f"{R}.status"),
    "gender": ({f"{P}.gender": "M"}, "FHIR-CODE", f"{P}.gender"),
    "identifier use": ({f"{P}.identifier[0].use": "primary"}, "FHIR-CODE", f"{P}.identifier[0].use"),
    "name use": ({f"{P}.name[0].use": "legal"}, "FHIR-CODE", f"{P}.name[0].use"),
    "telecom system": ({f"{P}.telecom[0].system": "tel"}, "FHIR-CODE", f"{P}.telecom[0].system"),
    "address use": ({f"{P}.address": [{"use": "post", "city": "x"}]}, "FHIR-CODE", f"{P}.address[0].use"),
    "bundle type": ({"type": "transactions"}, "FHIR-CODE", "type"),
    "request method": ({"entry[0].request.method": "post"}, "FHIR-CODE", "entry[0].request.method"),
    "narrative status": (
        {f"{P}.text": {"status": "full", "div": NARRATIVE.format("x")}},
        "FHIR-CODE",
        f"{P}.text.status",
    ),
    "link type": (
        {f"{P}.link": [{"other": {"reference": "Patient/1"}, "type": "same"}]},
        "FHIR-CODE",
        f"{P}.link[0].type",
    ),
    "location status": ({f"{L}.status": "open"}, "FHIR-CODE", f"{L}.status"),
    "encounter location status": (
        {f"{E}.location[0].status": "done"},
        "FHIR-CODE",
        f"{E}.location[0].status",
    ),
    "quantity comparator": (
        {f"{E}.length": {"value": 1, "comparator": "="}},
        "FHIR-CODE",
        f"{E}.length.comparator",
    ),
    "clinical status": (
        {f"{C}.clinicalStatus.coding[0].code": "ongoing"},
        "FHIR-CODE",
        f"{C}.clinicalStatus",
    ),
    "clinical status of another system": (
        {f"{C}.clinicalStatus.coding[0].system": "https://x.example"},
        "FHIR-CODE",
        f"{C}.clinicalStatus",
    ),
    "clinical status in text only": (
        {f"{C}.clinicalStatus": {"text": "aktiv"}},
        "FHIR-CODE",
        f"{C}.clinicalStatus",
    ),
    "verification status": (
        {f"{C}.verificationStatus.coding[0].code": "sure"},
        "FHIR-CODE",
        f"{C}.verificationStatus",
    ),
    # primitive formats
    "date with slashes": ({f"{P}.birthDate": "1912/12/12"}, "FHIR-FORMAT", f"{P}.birthDate"),
    "date in eight digits": ({f"{P}.birthDate": "19121212"}, "FHIR-FORMAT", f"{P}.birthDate"),
    "date with time": ({f"{P}.birthDate": "1912-12-12T00:00:00Z"}, "FHIR-FORMAT", f"{P}.birthDate"),
    "month 13": ({f"{P}.birthDate": "1912-13-01"}, "FHIR-FORMAT", f"{P}.birthDate"),
    "year 0000": ({f"{P}.birthDate": "0000-01-01"}, "FHIR-FORMAT", f"{P}.birthDate"),
    "year in two digits": ({f"{P}.birthDate": "12-12-12"}, "FHIR-FORMAT", f"{P}.birthDate"),
    "30 February": ({f"{E}.period.start": "2025-02-30"}, "FHIR-DATE", f"{E}.period.start"),
    "29 February in 2025": ({f"{P}.birthDate": "2025-02-29"}, "FHIR-DATE", f"{P}.birthDate"),
    "31 April with time": ({f"{E}.period.start": "2025-04-31T08:00:00Z"}, "FHIR-DATE", f"{E}.period.start"),
    "time without offset": ({f"{E}.period.start": "2026-03-02T09:30:00"}, "FHIR-FORMAT", f"{E}.period.start"),
    "time without seconds": (
        {f"{E}.period.start": "2026-03-02T09:30+01:00"},
        "FHIR-FORMAT",
        f"{E}.period.start",
    ),
    "time after a space": (
        {f"{E}.period.start": "2026-03-02 09:30:00+01:00"},
        "FHIR-FORMAT",
        f"{E}.period.start",
    ),
    "hour 24": ({f"{E}.period.start": "2026-03-01T24:00:00+01:00"}, "FHIR-FORMAT", f"{E}.period.start"),
    "hour 25": ({f"{E}.period.start": "2026-03-01T25:00:00Z"}, "FHIR-FORMAT", f"{E}.period.start"),
    "minute 60": ({f"{E}.period.start": "2026-03-01T09:60:00Z"}, "FHIR-FORMAT", f"{E}.period.start"),
    "second 61": ({f"{E}.period.start": "2026-03-01T09:00:61Z"}, "FHIR-FORMAT", f"{E}.period.start"),
    "offset over 14 hours": (
        {f"{E}.period.start": "2026-03-01T09:00:00+15:00"},
        "FHIR-FORMAT",
        f"{E}.period.start",
    ),
    "offset without colon": (
        {f"{E}.period.start": "2026-03-01T09:00:00+0100"},
        "FHIR-FORMAT",
        f"{E}.period.start",
    ),
    "hour without minutes": ({f"{E}.period.start": "2026-03-01T09Z"}, "FHIR-FORMAT", f"{E}.period.start"),
    "instant without time": (
        {f"{E}.meta": {"lastUpdated": "2026-03-02"}},
        "FHIR-FORMAT",
        f"{E}.meta.lastUpdated",
    ),
    "bundle timestamp without time": ({"timestamp": "2026-03-02"}, "FHIR-FORMAT", "timestamp"),
    "time of day": (
        {f"{L}.hoursOfOperation": [{"openingTime": "8:00"}]},
        "FHIR-FORMAT",
        f"{L}.hoursOfOperation[0].openingTime",
    ),
    "id too long": ({f"{P}.id": "a" * 65}, "FHIR-FORMAT", f"{P}.id"),
    "id with underscore": ({f"{P}.id": "a_b"}, "FHIR-FORMAT", f"{P}.id"),
    "id with å": ({f"{P}.id": "å"}, "FHIR-FORMAT", f"{P}.id"),
    "id with line end": ({f"{P}.id": "a\n"}, "FHIR-FORMAT", f"{P}.id"),
    "uri with space": ({f"{E}.class.system": "http://a b"}, "FHIR-FORMAT", f"{E}.class.system"),
    "uri with line end": ({f"{E}.class.system": "http://a\n"}, "FHIR-FORMAT", f"{E}.class.system"),
    "canonical with space": (
        {f"{E}.meta": {"profile": ["http://a b"]}},
        "FHIR-FORMAT",
        f"{E}.meta.profile[0]",
    ),
    "code with leading space": ({f"{E}.class.code": " AMB"}, "FHIR-FORMAT", f"{E}.class.code"),
    "code with trailing space": ({f"{E}.class.code": "AMB "}, "FHIR-FORMAT", f"{E}.class.code"),
    "code with two spaces": ({f"{E}.class.code": "A  B"}, "FHIR-FORMAT", f"{E}.class.code"),
    "control character": (
        {f"{P}.name[0].family": "a\u0007b"},
        "FHIR-CONTROL-CHARACTER",
        f"{P}.name[0].family",
    ),
    "null character": (
        {f"{P}.identifier[0].value": "1\u0000"},
        "FHIR-CONTROL-CHARACTER",
        f"{P}.identifier[0].value",
    ),
    "string over 1 MB": ({f"{P}.name[0].family": "x" * 1048577}, "FHIR-STRING-LENGTH", f"{P}.name[0].family"),
    "base64": (
        {f"{P}.photo": [{"contentType": "image/png", "data": "not base64!"}]},
        "FHIR-FORMAT",
        f"{P}.photo[0].data",
    ),
    "oid": (
        {f"{E}.extension": [{"url": EXT["url"], "valueOid": "1.2.3"}]},
        "FHIR-FORMAT",
        f"{E}.extension[0].valueOid",
    ),
    "uuid": (
        {f"{E}.extension": [{"url": EXT["url"], "valueUuid": "urn:uuid:1"}]},
        "FHIR-FORMAT",
        f"{E}.extension[0].valueUuid",
    ),
    "positiveInt 0": ({f"{E}.diagnosis[0].rank": 0}, "FHIR-NUMBER", f"{E}.diagnosis[0].rank"),
    "positiveInt with decimals": ({f"{E}.diagnosis[0].rank": 1.0}, "FHIR-NUMBER", f"{E}.diagnosis[0].rank"),
    "positiveInt over 32 bits": ({f"{E}.diagnosis[0].rank": 2**31}, "FHIR-NUMBER", f"{E}.diagnosis[0].rank"),
    "unsignedInt below 0": (
        {f"{P}.photo": [{"size": -1}]},
        "FHIR-NUMBER",
        f"{P}.photo[0].size",
    ),
    "integer with decimals": ({f"{P}.multipleBirthInteger": 1.5}, "FHIR-NUMBER", f"{P}.multipleBirthInteger"),
    # choices and extensions
    "two onsets": ({f"{C}.onsetString": "i vintras"}, "FHIR-CHOICE", f"{C}.onset"),
    "two performed": ({f"{R}.performedPeriod": {"start": "2026"}}, "FHIR-CHOICE", f"{R}.performed"),
    "two deceased": (
        {f"{P}.deceasedBoolean": True, f"{P}.deceasedDateTime": "2026"},
        "FHIR-CHOICE",
        f"{P}.deceased",
    ),
    "choice of a type that is not offered": ({f"{C}.onsetBoolean": True}, "FHIR-UNKNOWN-ELEMENT", C),
    "choice without its type": ({f"{R}.performed": "2026"}, "FHIR-UNKNOWN-ELEMENT", R),
    "extension with value and extensions": (
        {f"{E}.extension": [{**EXT, "extension": [EXT]}]},
        "FHIR-EXT-1",
        f"{E}.extension[0]",
    ),
    "extension with nothing": ({f"{E}.extension": [{"url": EXT["url"]}]}, "FHIR-EXT-1", f"{E}.extension[0]"),
    "extension with two values": (
        {f"{E}.extension": [{**EXT, "valueString": "x"}]},
        "FHIR-CHOICE",
        f"{E}.extension[0].value",
    ),
    "extension without url": (
        {f"{E}.extension": [{"valueBoolean": True}]},
        "FHIR-REQUIRED",
        f"{E}.extension[0].url",
    ),
    "extension with relative url": (
        {f"{E}.extension": [{"url": "boendeform", "valueBoolean": True}]},
        "FHIR-EXT-URL",
        f"{E}.extension[0].url",
    ),
    "modifierExtension in a data type": (
        {f"{E}.period.modifierExtension": [EXT]},
        "FHIR-UNKNOWN-ELEMENT",
        f"{E}.period.modifierExtension",
    ),
    # siblings of primitives
    "sibling of an object": ({f"{E}._period": {"extension": [EXT]}}, "FHIR-UNKNOWN-ELEMENT", f"{E}.period"),
    "sibling is a string": ({f"{E}._status": "x"}, "FHIR-SIBLING", f"{E}.status"),
    "sibling array of one": ({f"{P}._birthDate": [{"extension": [EXT]}]}, "FHIR-SIBLING", f"{P}.birthDate"),
    "sibling with unknown element": (
        {f"{P}._birthDate": {"value": "x"}},
        "FHIR-UNKNOWN-ELEMENT",
        f"{P}.birthDate.value",
    ),
    "sibling with id only and no value": (
        {f"{P}.birthDate": ..., f"{P}._birthDate": {"id": "a"}},
        "FHIR-ELE-1",
        f"{P}.birthDate",
    ),
    "sibling of another length": (
        {f"{P}.name[0]._given": [{"extension": [EXT]}]},
        "FHIR-SIBLING",
        f"{P}.name[0].given",
    ),
    "null in both arrays": (
        {f"{P}.name[0].given[1]": None, f"{P}.name[0]._given": [{"extension": [EXT]}, None]},
        "FHIR-NULL",
        f"{P}.name[0].given[1]",
    ),
    "empty sibling": ({f"{P}._birthDate": {}}, "FHIR-EMPTY", f"{P}.birthDate"),
    # references
    "reference to a wrong type": (
        {f"{E}.subject": {"reference": "Practitioner/1"}},
        "FHIR-REFERENCE-TYPE",
        f"{E}.subject.reference",
    ),
    "reference by urn to a wrong type": (
        {f"{E}.subject": {"reference": "urn:uuid:00000002-1111-4222-8333-444444444444"}},
        "FHIR-REFERENCE-TYPE",
        f"{E}.subject.reference",
    ),
    "absolute reference to a wrong type": (
        {f"{E}.subject": {"reference": "https://ehr.example/fhir/Location/7"}},
        "FHIR-REFERENCE-TYPE",
        f"{E}.subject.reference",
    ),
    "conditional reference to a wrong type": (
        {f"{E}.subject": {"reference": "Organization?identifier=a|b"}},
        "FHIR-REFERENCE-TYPE",
        f"{E}.subject.reference",
    ),
    "Reference.type wrong": (
        {f"{E}.subject": {"type": "Organization", "display": "x"}},
        "FHIR-REFERENCE-TYPE",
        f"{E}.subject.type",
    ),
    "Reference.type disagrees": (
        {f"{E}.subject": {"reference": "Patient/1", "type": "Group"}},
        "FHIR-REFERENCE-SAYS",
        f"{E}.subject.type",
    ),
    "reference without type": (
        {f"{E}.subject.reference": "12345"},
        "FHIR-REFERENCE",
        f"{E}.subject.reference",
    ),
    "reference to no resource type": (
        {f"{E}.subject.reference": "Patinet/1"},
        "FHIR-REFERENCE",
        f"{E}.subject.reference",
    ),
    "reference with bad id": (
        {f"{E}.subject.reference": "Patient/a b"},
        "FHIR-REFERENCE",
        f"{E}.subject.reference",
    ),
    "empty reference": ({f"{E}.subject": {"id": "a"}}, "FHIR-REFERENCE-EMPTY", f"{E}.subject"),
    "local reference to nothing": (
        {f"{E}.subject.reference": "#pat"},
        "FHIR-REF-1",
        f"{E}.subject.reference",
    ),
    "basedOn a care plan": (
        {f"{E}.basedOn": [{"reference": "CarePlan/1"}]},
        "FHIR-REFERENCE-TYPE",
        f"{E}.basedOn[0].reference",
    ),
    # contained resources
    "contained in contained": (
        {
            f"{E}.contained": [{**CONTAINED, "contained": [CONTAINED]}],
            f"{E}.participant[0].individual.reference": "#p1",
        },
        "FHIR-DOM-2",
        f"{E}.contained[0].contained",
    ),
    "contained that nobody names": ({f"{E}.contained": [CONTAINED]}, "FHIR-DOM-3", f"{E}.contained[0]"),
    "contained without id": (
        {f"{E}.contained": [{"resourceType": "Practitioner"}]},
        "FHIR-DOM-3",
        f"{E}.contained[0]",
    ),
    "two contained with one id": (
        {f"{E}.contained": [CONTAINED, CONTAINED], f"{E}.participant[0].individual.reference": "#p1"},
        "FHIR-CONTAINED-ID",
        f"{E}.contained[1].id",
    ),
    "contained with version": (
        {
            f"{E}.contained": [{**CONTAINED, "meta": {"versionId": "1"}}],
            f"{E}.participant[0].individual.reference": "#p1",
        },
        "FHIR-DOM-4",
        f"{E}.contained[0].meta",
    ),
    "contained with label": (
        {
            f"{E}.contained": [{**CONTAINED, "meta": {"security": [{"code": "R"}]}}],
            f"{E}.participant[0].individual.reference": "#p1",
        },
        "FHIR-DOM-5",
        f"{E}.contained[0].meta.security",
    ),
    "contained of a wrong type": (
        {
            f"{E}.contained": [{"resourceType": "Location", "id": "p1"}],
            f"{E}.participant[0].individual.reference": "#p1",
        },
        "FHIR-REFERENCE-TYPE",
        f"{E}.participant[0].individual.reference",
    ),
    "flaw within contained": (
        {
            f"{E}.contained": [{**CONTAINED, "gender": "M"}],
            f"{E}.participant[0].individual.reference": "#p1",
        },
        "FHIR-CODE",
        f"{E}.contained[0].gender",
    ),
    # narrative
    "div is no XML": (
        {f"{P}.text": {"status": "generated", "div": "<div>"}},
        "FHIR-TXT-DIV",
        f"{P}.text.div",
    ),
    "div is no div": (
        {f"{P}.text": {"status": "generated", "div": '<p xmlns="http://www.w3.org/1999/xhtml">x</p>'}},
        "FHIR-TXT-DIV",
        f"{P}.text.div",
    ),
    "div without namespace": (
        {f"{P}.text": {"status": "generated", "div": "<div>x</div>"}},
        "FHIR-TXT-DIV",
        f"{P}.text.div",
    ),
    "script in div": (
        {f"{P}.text": {"status": "generated", "div": NARRATIVE.format("<script>x</script>")}},
        "FHIR-TXT-1",
        f"{P}.text.div",
    ),
    "event in div": (
        {f"{P}.text": {"status": "generated", "div": NARRATIVE.format('<b onclick="x">y</b>')}},
        "FHIR-TXT-1",
        f"{P}.text.div",
    ),
    "javascript in div": (
        {f"{P}.text": {"status": "generated", "div": NARRATIVE.format('<a href="JavaScript:x">y</a>')}},
        "FHIR-TXT-1",
        f"{P}.text.div",
    ),
    "blank div": (
        {f"{P}.text": {"status": "generated", "div": NARRATIVE.format(" <br/> ")}},
        "FHIR-TXT-2",
        f"{P}.text.div",
    ),
    # invariants
    "period ends before it starts": (
        {f"{E}.period.end": "2026-03-02T09:00:00+01:00"},
        "FHIR-PER-1",
        f"{E}.period",
    ),
    "period ends before it starts, offsets": (
        {f"{E}.period.end": "2026-03-02T10:00:00+02:00"},
        "FHIR-PER-1",
        f"{E}.period",
    ),
    "abatement of an active condition": ({f"{C}.abatementDateTime": "2026-04"}, "FHIR-CON-4", C),
    "clinical status of an error": (
        {f"{C}.verificationStatus.coding[0].code": "entered-in-error"},
        "FHIR-CON-5",
        C,
    ),
    "stage of nothing": ({f"{C}.stage": [{"type": {"text": "x"}}]}, "FHIR-INVARIANT", f"{C}.stage[0]"),
    "unit code without system": ({f"{E}.length": {"value": 1, "code": "h"}}, "FHIR-QTY-3", f"{E}.length"),
    "telecom value without system": ({f"{P}.telecom": [{"value": "08"}]}, "FHIR-CPT-2", f"{P}.telecom[0]"),
    "data without content type": ({f"{P}.photo": [{"data": "aGVq"}]}, "FHIR-ATT-1", f"{P}.photo[0]"),
    "contact of nobody": ({f"{P}.contact": [{"gender": "male"}]}, "FHIR-PAT-1", f"{P}.contact[0]"),
    "organization of no name": ({f"{ORG}.name": ..., f"{ORG}.active": True}, "FHIR-ORG-1", ORG),
    "organization at home": (
        {f"{ORG}.telecom": [{"system": "phone", "value": "1", "use": "home"}]},
        "FHIR-ORG-HOME",
        ORG,
    ),
    # the bundle as a whole
    "total in a transaction": ({"total": 7}, "FHIR-BDL-1", "total"),
    "search in a transaction": ({"entry[0].search": {"mode": "match"}}, "FHIR-BDL-2", "entry[0].search"),
    "transaction entry without request": (
        {"entry[0].request": ...},
        "FHIR-BDL-3-MISSING",
        "entry[0].request",
    ),
    "request in a collection": ({"type": "collection"}, "FHIR-BDL-3", "entry[0].request"),
    "response in a transaction": (
        {"entry[0].response": {"status": "200"}},
        "FHIR-BDL-4",
        "entry[0].response",
    ),
    "response missing in a response": ({"type": "batch-response"}, "FHIR-BDL-4-MISSING", "entry[0].response"),
    "entry of nothing": (
        {"type": "collection", "entry[0]": {"fullUrl": "urn:uuid:0"}},
        "FHIR-BDL-5",
        "entry[0]",
    ),
    "same fullUrl twice": (
        {"entry[1].fullUrl": "urn:uuid:00000000-1111-4222-8333-444444444444"},
        "FHIR-BDL-7",
        "entry[1].fullUrl",
    ),
    "fullUrl of a version": (
        {"entry[0].fullUrl": "https://ehr.example/Patient/1/_history/2"},
        "FHIR-BDL-8",
        "entry[0].fullUrl",
    ),
    "document without identifier": ({"type": "document"}, "FHIR-BDL-9", "identifier"),
    "document without timestamp": ({"type": "document"}, "FHIR-BDL-10", "timestamp"),
    "document without composition": ({"type": "document"}, "FHIR-BDL-11", "entry[0]"),
    "message without header": ({"type": "message"}, "FHIR-BDL-12", "entry[0]"),
    "post without resource": ({P: ...}, "FHIR-ENTRY-RESOURCE", P),
    "fullUrl is relative": ({"entry[0].fullUrl": "Patient/1"}, "FHIR-FULLURL", "entry[0].fullUrl"),
    "fullUrl of another id": (
        {"entry[0].fullUrl": "https://ehr.example/Patient/1", f"{P}.id": "2"},
        "FHIR-FULLURL-ID",
        "entry[0].fullUrl",
    ),
    "link without url": ({"entry[0].link": [{"relation": "self"}]}, "FHIR-REQUIRED", "entry[0].link[0].url"),
    # the older standard
    "clinicalStatus of STU3": ({f"{C}.clinicalStatus": "active"}, "FHIR-STU3", f"{C}.clinicalStatus"),
    "context of STU3": ({f"{C}.context": {"reference": "Encounter/1"}}, "FHIR-STU3", f"{C}.context"),
    "reason of STU3": ({f"{E}.reason": [{"text": "x"}]}, "FHIR-STU3", f"{E}.reason"),
    "notDone of STU3": ({f"{R}.notDone": True}, "FHIR-STU3", f"{R}.notDone"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_r4_forbids_is_refused_at_its_place(kind: str, bundle, change, reading) -> None:
    changes, rule, path = KINDS[kind]
    for place, value in changes.items():
        change(bundle, place, value)

    found = reading(bundle)

    assert (rule, (f"Bundle.{path}",)) in {(item.rule, item.expression) for item in found.findings}
    others = {item.rule for item in found.findings if item.severity != "error"}
    assert others <= {"FHIR-URN-UNRESOLVED"}
    if path.startswith("entry["):
        assert int(path[6 : path.index("]")]) in found.bad_entries


def test_the_bundle_that_the_kinds_change_has_nothing_wrong(bundle, reading) -> None:
    found = reading(bundle)

    assert found.findings == []
    assert found.bad_entries == frozenset()


def test_a_duplicate_property_is_refused(reading) -> None:
    entry = b'{"resource":{"resourceType":"Patient","id":"1","id":"2"}}'
    raw = b'{"resourceType":"Bundle","type":"collection","entry":[%s]}' % entry

    found = reading(raw)

    assert [(item.rule, item.expression) for item in found.findings] == [
        ("FHIR-DUPLICATE-KEY", ("Bundle.entry[0].resource",))
    ]
    assert found.bad_entries == {0}


@pytest.mark.parametrize("spaced", [b'"id" : "1", "id" : "2"', b'"id" :"1","id": "2"'])
def test_a_duplicate_property_is_refused_however_it_is_written(spaced: bytes, reading) -> None:
    entry = b'{"resource" : {"resourceType" : "Patient", %s}}' % spaced
    raw = b'{"resourceType" : "Bundle", "type" : "collection", "entry" : [%s]}' % entry

    assert "FHIR-DUPLICATE-KEY" in [item.rule for item in reading(raw).findings]


def test_no_finding_repeats_a_value_or_an_unknown_name(bundle, change, reading, catalogue) -> None:
    change(bundle, f"{E}.status", "191212121212")
    change(bundle, f"{P}.birthDate", "191212121212")
    change(bundle, f"{E}.period", {"start": "191212121212", "191212121212": "191212121212"})
    change(bundle, f"{E}.subject", {"reference": "191212121212", "type": "191212121212"})
    change(bundle, f"{L}.resourceType", "191212121212")
    bundle["type"] = "191212121212"

    found = reading(bundle)

    assert len(found.findings) >= 7
    assert "1912" not in repr(found.findings)
    for item in found.findings:
        assert "1912" not in catalogue[item.rule].text.to("en", **item.params)


def test_the_findings_of_a_hopeless_bundle_end_somewhere(reading) -> None:
    entries = [{"resource": {"resourceType": "Patient", "gender": index}} for index in range(500)]

    found = reading({"resourceType": "Bundle", "type": "collection", "entry": entries})

    assert len(found.findings) == 201
    assert found.findings[-1].rule == "FHIR-MORE"
    assert len(found.bad_entries) == 500
