"""The table of orders: as HL7's definitions and another library have it."""

import json
import re
from pathlib import Path

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from lxml import etree

from adapter.fhir.structure.model import build_models
from adapter.fhir.structure.table import load_table
from adapter.fhir.xml.generate import build_order
from adapter.fhir.xml.order import ORDER_FILE, order, shape_of
from adapter.fhir.xml.writing import to_xml
from adapter.resources import data_folder

ANSWERED = [
    *("OperationOutcome", "Bundle", "CapabilityStatement", "StructureDefinition", "ConceptMap", "CodeSystem"),
    *("ValueSet", "NamingSystem", "Parameters", "AuditEvent", "Provenance", "MessageHeader"),
    *("OperationDefinition", "TestReport"),
]


def test_the_committed_table_is_the_generated_one(shared: Path) -> None:
    generated = build_order(shared / "schemas" / "fhir-r4")

    assert json.loads(ORDER_FILE.read_text("utf-8")) == generated


def test_every_type_that_an_element_names_has_an_order() -> None:
    for name in (*order().r4, *order().other):
        shape = shape_of(name)
        assert shape is not None
        unknown = {p.type for p in shape.parts.values() if not p.primitive and shape_of(p.type) is None}
        assert unknown <= {"Resource"}, name


@pytest.mark.parametrize("name", ANSWERED)
def test_every_type_that_is_answered_has_an_order(name: str) -> None:
    assert shape_of(name) is not None


def test_the_validated_types_have_just_the_properties_that_the_validator_knows() -> None:
    for name, model in build_models(load_table()).items():
        if name != "Element":
            shape = shape_of(name)
            assert shape is not None
            known = {p.name for p in model.properties.values() if not p.sibling} - {"resourceType"}
            assert set(shape.parts) == known, name
            assert shape.exact


def test_attributes_are_ids_of_elements_and_urls_of_extensions() -> None:
    attributes = {name: shape.attributes for name in order().r4 if (shape := shape_of(name)) is not None}

    assert attributes.pop("Extension") == {"id", "url"}
    resources = {name: attributes.pop(name) for name in order().resources & attributes.keys()}
    assert set(resources.values()) == {frozenset()}
    del attributes["DomainResource"]
    assert set(attributes.values()) == {frozenset({"id"})}


def tags(xml: bytes) -> list[str]:
    """The elements of a document in order, but for ids inside a resource: fhir.resources writes them as
    elements, where R4 and HL7's own files have attributes."""
    nodes = [node for node in etree.fromstring(xml).iter(etree.Element) if not _is_inner_id(node)]
    return [etree.QName(node).localname for node in nodes]


def _is_inner_id(node: etree._Element) -> bool:
    parent = node.getparent()
    return parent is not None and node.tag.endswith("}id") and etree.QName(parent).localname[0].islower()


def normal(xml: bytes) -> bytes:
    """The document in canonical form, without what fhir.resources changes in times: Z and fractions."""
    canonical = etree.tostring(etree.fromstring(xml), method="c14n2")
    return re.sub(rb'(T[0-9:]+)(?:\.[0-9]+)?(?:Z|\+00:00)"', rb'\1Z"', canonical)


def _examples(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*.json")) if file.stat().st_size < 300_000]


def test_another_library_writes_the_same_elements_in_the_same_order(shared: Path) -> None:
    compared = 0
    for file in (*_examples(shared / "samples" / "hl7-r4"), *_examples(shared / "samples" / "swedish")):
        raw = file.read_bytes()
        content = orjson.loads(raw)
        try:
            model = get_fhir_model_class(content["resourceType"]).model_validate(content)
        except ValueError:
            continue  # R4B refuses some of R4's examples
        theirs = model.model_dump_xml()
        assert tags(to_xml(raw)) == tags(theirs), file.name
        compared += 1
    assert compared > 60


def test_another_library_writes_the_same_xml_for_our_samples() -> None:
    for file in sorted(data_folder("samples").glob("*.json")):
        raw = file.read_bytes()
        try:
            model = get_fhir_model_class("Bundle").model_validate(orjson.loads(raw))
        except ValueError:
            continue
        assert normal(to_xml(raw)) == normal(model.model_dump_xml()), file.name
