"""XML twins of JSON bundles: the same findings at the same places, the same messages, the same content."""

from typing import Any

import orjson
import pytest

from adapter.config import Config
from adapter.documents import map_document
from adapter.domain.finding import Finding
from adapter.fhir.read import read
from adapter.fhir.xml.twins import canonical
from adapter.fhir.xml.writing import to_xml
from adapter.offline import offline_translator
from adapter.resources import data_folder
from adapter.translation import Translator
from tests.fhir.test_forbidden import KINDS

SAMPLES = sorted(file.stem for file in data_folder("samples").glob("*.json"))

JSON_ALONE = {
    "FHIR-CARDINALITY": "a list where one belongs; with one item XML has no lists",
    "FHIR-NOT-ARRAY": "XML has no lists",
    "FHIR-NULL": "XML has no null",
    "FHIR-SIBLING": "in XML a value and its extensions are one element",
    "FHIR-CONTROL-CHARACTER": "XML cannot hold them: the writer leaves U+FFFD",
    "FHIR-TYPE": "XML's values are all texts",
    "FHIR-TXT-DIV": "the writer makes a div of what is none",
}
OTHERWISE = {
    "empty array": "XML has no lists",
    "empty entry array": "XML has no lists",
    "empty sibling": "nothing stands beside the value",
    "fhir_comments": "the writer takes a text in a list for a repetition of nothing",
    "resourceType in a data type": "the type is the element's name",
    "resource type is a number": "the type is the element's name",
    "sibling of an object": "in XML a value and its extensions are one element",
    "positiveInt with decimals": "told as the wrong form, not as another kind of number",
    "integer with decimals": "told as the wrong form, not as another kind of number",
}


def told(findings: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.rule, finding.expression) for finding in findings]


TOLD_ALIKE = [
    kind for kind, (_, rule, _) in KINDS.items() if kind not in OTHERWISE and rule not in JSON_ALONE
]


@pytest.mark.parametrize("kind", TOLD_ALIKE)
def test_what_r4_forbids_is_told_of_the_xml_twin_as_of_the_json(kind: str, bundle, change, catalogue) -> None:
    for path, value in KINDS[kind][0].items():
        change(bundle, path, value)
    json = orjson.dumps(bundle)

    findings = read(to_xml(json), catalogue).findings

    assert told(findings) == told(read(json, catalogue).findings)
    assert findings


@pytest.fixture(scope="module")
def translator() -> Translator:
    return offline_translator(Config())


def document(translator: Translator, raw: bytes) -> dict[str, Any]:
    translation = translator.translate(translator.read(raw))
    return map_document(translation, "same", translator.catalogue, trace=True)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "stu3-form"])
def test_the_xml_twin_of_a_sample_gives_the_same_messages_findings_and_trace(
    name: str, translator: Translator
) -> None:
    json = (data_folder("samples") / f"{name}.json").read_bytes()

    assert document(translator, to_xml(json)) == document(translator, json)
    assert document(translator, to_xml(json, pretty=True)) == document(translator, json)


def test_twins_have_the_same_content_whatever_their_spacing_and_prefixes(bundle) -> None:
    json = orjson.dumps(bundle)
    pretty = to_xml(json, pretty=True)
    prefixed = to_xml(json).replace(b"<", b"<f:").replace(b"<f:/", b"</f:").replace(b"<f:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:f=")

    contents = {canonical(raw, narratives=True) for raw in (json, pretty, prefixed, b"\n" + to_xml(json))}

    assert len(contents) == 1


def test_twins_have_the_same_content_however_their_narrative_is_spelled(bundle, change) -> None:
    json, xml = (
        f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'
        for text in ("&quot;a&quot;&nbsp;<br /> <b class='x'>b</b>", '"a"\u00a0<br/> <b class="x">b</b>')
    )
    change(bundle, "entry[0].resource.text", {"status": "generated", "div": xml})
    written = to_xml(orjson.dumps(bundle))
    change(bundle, "entry[0].resource.text", {"status": "generated", "div": json})

    assert canonical(written, narratives=True) == canonical(orjson.dumps(bundle), narratives=True)
    assert canonical(written, narratives=False) != canonical(orjson.dumps(bundle), narratives=False)


def test_another_content_is_another(bundle, change) -> None:
    before = canonical(to_xml(orjson.dumps(bundle)), narratives=True)
    change(bundle, "entry[0].resource.birthDate", "1912-12-13")

    assert canonical(orjson.dumps(bundle), narratives=True) != before


def test_what_is_nested_too_deep_to_be_compared_is_the_same_only_byte_for_byte() -> None:
    raw = b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"

    assert canonical(raw, narratives=True) == raw
