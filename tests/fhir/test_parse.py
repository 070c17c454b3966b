"""Syntax and limits: a clear refusal for every kind of bytes, and never an exception."""

import orjson
import pytest

from adapter.domain.finding import Findings
from adapter.fhir.parse import Limits, count_keys, duplicates, may_have_duplicates, parse_object
from adapter.fhir.read import read


def refusal(raw: bytes, catalogue, limits: Limits | None = None) -> tuple[str, int]:
    findings = Findings(catalogue)
    parsed, status = parse_object(raw, limits or Limits(), findings)
    assert parsed is None
    (finding,) = findings
    return finding.rule, status


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "FHIR-JSON-NONE"),
        (b" \n", "FHIR-JSON-NONE"),
        (b"\xef\xbb\xbf", "FHIR-JSON-NONE"),
        (b'{"resourceType":"Bundle"', "FHIR-JSON"),
        (b'{"resourceType":"Bundle",}', "FHIR-JSON"),
        (b"{'resourceType':'Bundle'}", "FHIR-JSON"),
        (b'{"a":1}{"b":2}', "FHIR-JSON"),
        (b'{"a":01}', "FHIR-JSON-NUMBER"),
        (b'{"a":"\x01"}', "FHIR-JSON"),
        (b"<Bundle/>", "FHIR-XML-NAMESPACE"),
        (b'{"a":"\xff"}', "FHIR-JSON-UTF8"),
        ('{"a":"å"}'.encode("latin-1"), "FHIR-JSON-UTF8"),
        ('{"a":1}'.encode("utf-16"), "FHIR-JSON-UTF8"),
        (b'{"a":NaN}', "FHIR-JSON-NUMBER"),
        (b'{"a":-Infinity}', "FHIR-JSON-NUMBER"),
        (b'{"a":1e999}', "FHIR-JSON-NUMBER"),
        (b'{"a":' + b"9" * 400 + b"}", "FHIR-JSON-NUMBER"),
        (b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}", "FHIR-DEPTH"),
        (b"[]", "FHIR-JSON-OBJECT"),
        (b'"Bundle"', "FHIR-JSON-OBJECT"),
        (b"null", "FHIR-JSON-OBJECT"),
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes, rule: str, catalogue) -> None:
    assert refusal(raw, catalogue) == (rule, 400)


def test_too_much_is_refused_as_too_large(catalogue) -> None:
    assert refusal(b"{" + b" " * 100, catalogue, Limits(size=100)) == ("FHIR-SIZE", 413)
    assert refusal(b" " * (60 * 1024 * 1024), catalogue) == ("FHIR-SIZE", 413)


def test_five_megabytes_are_read(catalogue) -> None:
    patient = b'{"resource":{"resourceType":"Patient","name":[{"text":"%s"}]}}' % (b"x" * 500_000)
    raw = b'{"resourceType":"Bundle","type":"collection","entry":[%s]}' % b",".join([patient] * 10)

    assert read(raw, catalogue).findings == []


def test_a_byte_order_mark_is_passed_over(catalogue) -> None:
    assert read(b'\xef\xbb\xbf{"resourceType":"Bundle","type":"collection"}', catalogue).findings == []


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b'{"resourceType":"Encounter","status":"finished"}', "FHIR-NOT-BUNDLE"),
        (b'{"resourceType":"191212121212"}', "FHIR-RESOURCE-TYPE"),
        (b'{"resourceType":null}', "FHIR-RESOURCE-TYPE"),
        (b'{"type":"transaction"}', "FHIR-RESOURCE-TYPE-MISSING"),
    ],
)
def test_what_is_no_bundle_is_refused(raw: bytes, rule: str, catalogue) -> None:
    found = read(raw, catalogue)

    assert (found.bundle, found.status, [item.rule for item in found.findings]) == (None, 400, [rule])
    assert "1912" not in repr(found.findings)


def test_deep_nesting_is_refused_at_its_place(catalogue) -> None:
    extension: dict[str, object] = {"url": "https://x.example", "valueBoolean": True}
    for _ in range(100):
        extension = {"url": "https://x.example", "extension": [extension]}
    raw = orjson.dumps(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": {"resourceType": "Patient", "extension": [extension]}}],
        }
    )

    rules = [item.rule for item in read(raw, catalogue).findings]

    assert rules == ["FHIR-DEPTH"]


def test_nesting_in_a_resource_that_is_not_read_is_refused_too(catalogue) -> None:
    deep = b'{"a":' * 200 + b"1" + b"}" * 200
    entry = b'{"resource":{"resourceType":"Claim","a":%s}}' % deep
    raw = b'{"resourceType":"Bundle","type":"collection","entry":[%s]}' % entry

    assert [item.rule for item in read(raw, catalogue).findings] == ["FHIR-DEPTH"]


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        (b'{"a":1,"b":{"a":2}}', []),
        (b'{"a":1,"a":2}', [()]),
        (b'{"a" : 1, "b" : {"c" : 1}}', []),
        (b'{"a" : 1, "a" :2}', [()]),
        (b'{"a":"\\":","b":[{"c":1},{"c":2}]}', []),
        (b'{"a":"\\":","b":[{"c":1},{"c":2,"c":2}]}', [("b", 1)]),
        (b'{"b":{"c":1,"c":2},"d":{"c":1,"c":2}}', [("b",), ("d",)]),
    ],
)
def test_duplicate_properties_are_told_from_look_alikes(
    raw: bytes, places: list[tuple[str | int, ...]]
) -> None:
    suspected = may_have_duplicates(raw, count_keys(orjson.loads(raw)))

    assert (duplicates(raw) if suspected else []) == places
