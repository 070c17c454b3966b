"""Answers as XML: in the definitions' order, with every digit, and well-formed whatever stands in them."""

import orjson
import pytest
from lxml import etree

from adapter.fhir.xml.writing import to_xml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def written(**members: object) -> str:
    text = to_xml(orjson.dumps({"resourceType": "Patient", **members})).decode()
    etree.fromstring(text.encode())
    start = f'{HEAD}<Patient xmlns="http://hl7.org/fhir">'
    assert text.startswith(start)
    return text.removeprefix(start).removesuffix("</Patient>")


def test_elements_stand_in_the_order_of_the_definition_whatever_the_order_in_json() -> None:
    patient = {"birthDate": "1912", "gender": "male", "id": "p", "active": True, "meta": {"versionId": "1"}}

    assert written(**patient) == (
        '<id value="p"/><meta><versionId value="1"/></meta><active value="true"/><gender value="male"/>'
        '<birthDate value="1912"/>'
    )


def test_ids_and_urls_are_attributes_and_values_carry_their_extensions() -> None:
    extension = {"url": "https://x.example", "valueCode": "a", "id": "e"}

    assert written(birthDate="1912", _birthDate={"id": "b", "extension": [extension]}) == (
        '<birthDate value="1912" id="b"><extension id="e" url="https://x.example"><valueCode value="a"/>'
        "</extension></birthDate>"
    )


def test_a_list_of_values_and_its_extensions_are_elements_one_by_one() -> None:
    name = {"given": ["A", None, "C"], "_given": [None, {"id": "x"}, None]}

    assert written(name=[name, {"family": "F"}]) == (
        '<name><given value="A"/><given id="x"/><given value="C"/></name><name><family value="F"/></name>'
    )


def test_resources_inside_are_wrapped_in_their_type() -> None:
    assert written(contained=[{"resourceType": "Organization", "id": "o"}]) == (
        '<contained><Organization><id value="o"/></Organization></contained>'
    )


@pytest.mark.parametrize(
    "number", ["1.50", "1E+2", "0.1000000000000000055511151231257827", "12345678901234567890"]
)
def test_numbers_keep_their_digits(number: str) -> None:
    raw = f'{{"resourceType":"Patient","extension":[{{"url":"u","valueDecimal":{number}}}]}}'

    assert f'<valueDecimal value="{number}"/>' in to_xml(raw.encode()).decode()


def test_characters_are_escaped_so_that_they_come_back() -> None:
    text = " a\n\t\r<b>&\"'å\U0001f600 "

    root = etree.fromstring(to_xml(orjson.dumps({"resourceType": "Patient", "id": text})))

    assert root[0].get("value") == text


def test_characters_that_xml_has_not_are_replaced() -> None:
    assert written(id="a\u0000b\u0001\ufffe") == '<id value="a\ufffdb\ufffd\ufffd"/>'


@pytest.mark.parametrize(
    ("div", "inner"),
    [
        ('<div xmlns="http://www.w3.org/1999/xhtml">a&nbsp;<br /></div>', "a\u00a0<br/>"),
        ("<script>x", "&lt;script&gt;x"),
        ('<!DOCTYPE x><div xmlns="http://www.w3.org/1999/xhtml">x</div>', "&lt;!DOCTYPE x"),
        ("<div>no namespace</div>", "&lt;div&gt;no namespace"),
    ],
)
def test_a_narrative_is_an_element_and_never_breaks_the_document(div: str, inner: str) -> None:
    assert f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}' in written(text={"div": div})


def test_what_the_table_does_not_know_is_written_too() -> None:
    assert written(invented="x", other={"a": [1, {"b": True}]}, **{"<bad": "x", "_x": {}}) == (
        '<invented value="x"/><other><a value="1"/><a><b value="true"/></a></other>'
    )


def test_pretty_answers_have_a_line_for_each_element() -> None:
    text = to_xml(b'{"resourceType":"Patient","name":[{"family":"F"}]}', pretty=True).decode()

    assert text.splitlines() == [
        HEAD,
        '<Patient xmlns="http://hl7.org/fhir">',
        "  <name>",
        '    <family value="F"/>',
        "  </name>",
        "</Patient>",
    ]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b'{"resourceType":1}', b"<Patient/>"])
def test_what_is_no_resource_is_not_written(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no"):
        to_xml(raw)
