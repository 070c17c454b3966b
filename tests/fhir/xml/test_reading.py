"""What XML says, and gets wrong: the JSON that it becomes, or the finding and its place."""

from typing import Any

import pytest

from adapter.fhir.read import read

HEAD = '<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>'
AT = "Bundle.entry[0].resource"
IDENTITY = "191212121212"


def of(resource: str) -> bytes:
    return f"{HEAD}<entry><resource>{resource}</resource></entry></Bundle>".encode()


def patient(inner: str) -> bytes:
    return of(f"<Patient>{inner}</Patient>")


def read_patient(inner: str, catalogue) -> dict[str, Any]:
    found = read(patient(inner), catalogue)
    assert found.findings == []
    resource = found.bundle.raw["entry"][0]["resource"]
    assert resource.pop("resourceType") == "Patient"
    return resource


@pytest.mark.parametrize(
    ("inner", "json"),
    [
        ('<active value="true"/>', {"active": True}),
        ('<active value="false"></active>', {"active": False}),
        ('<multipleBirthInteger value="2"/>', {"multipleBirthInteger": 2}),
        ('<multipleBirthInteger value="+2"/>', {"multipleBirthInteger": 2}),
        ('<birthDate value="1912"/>', {"birthDate": "1912"}),
        ("<gender value='male'>\n</gender>", {"gender": "male"}),
        (
            '<birthDate id="a" value="1912-12-12"><extension url="https://x.example">'
            '<valueDecimal value="1.50"/></extension></birthDate>',
            {
                "birthDate": "1912-12-12",
                "_birthDate": {"id": "a", "extension": [{"url": "https://x.example", "valueDecimal": 1.5}]},
            },
        ),
        (
            '<gender><extension url="https://x.example"><valueCode value="a"/></extension></gender>',
            {"_gender": {"extension": [{"url": "https://x.example", "valueCode": "a"}]}},
        ),
        (
            '<name id="n"><given value="A"/><given value="B"><extension url="https://x.example">'
            '<valueCode value="a"/></extension></given></name>',
            {
                "name": [
                    {
                        "id": "n",
                        "given": ["A", "B"],
                        "_given": [None, {"extension": [{"url": "https://x.example", "valueCode": "a"}]}],
                    }
                ]
            },
        ),
        (
            '<name><family value=" å&amp;&#10;&lt; "/></name><name><family value="b"/></name>',
            {"name": [{"family": " å&\n< "}, {"family": "b"}]},
        ),
        (
            '<contained><Organization><id value="o"/><name value="x"/></Organization></contained>'
            '<managingOrganization><reference value="#o"/></managingOrganization>',
            {
                "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
                "managingOrganization": {"reference": "#o"},
            },
        ),
    ],
)
def test_xml_becomes_the_json_of_its_twin(inner: str, json: dict[str, Any], catalogue) -> None:
    assert read_patient(inner, catalogue) == json


@pytest.mark.parametrize(
    ("div", "text"),
    [
        ('<div xmlns="http://www.w3.org/1999/xhtml">a <b>b</b> <br/></div>', "a <b>b</b> <br/>"),
        ('<h:div xmlns:h="http://www.w3.org/1999/xhtml">a<h:br/><!-- c --></h:div>', "a<br/>"),
        (
            '<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="sv">å &lt; <a href="#x">x</a></div>',
            'å &lt; <a href="#x">x</a>',
        ),
    ],
)
def test_a_narrative_becomes_a_text(div: str, text: str, catalogue) -> None:
    found = read_patient(f'<text><status value="generated"/>{div}</text>', catalogue)

    assert found["text"]["div"].endswith(f">{text}</div>")
    assert found["text"]["div"].startswith('<div xmlns="http://www.w3.org/1999/xhtml"')


def test_a_prefix_for_fhirs_namespace_is_as_good_as_none(catalogue) -> None:
    raw = (
        b'<f:Bundle xmlns:f="http://hl7.org/fhir"><f:type value="collection"/><f:entry><f:resource>'
        b'<f:Patient><f:active value="true"/></f:Patient></f:resource></f:entry></f:Bundle>'
    )

    assert read(raw, catalogue).findings == []
    assert read(raw, catalogue).bundle.of_type("Patient")[0].resource["active"] is True


@pytest.mark.parametrize(
    ("inner", "rule", "at"),
    [
        ('<birthDate value="1912-12-12"/><gender value="male"/>', "FHIR-XML-ORDER", ".gender"),
        (
            '<identifier><value value="1"/></identifier><active value="true"/>'
            '<identifier><value value="2"/></identifier>',
            "FHIR-XML-ORDER",
            ".identifier[1]",
        ),
        ('<name><given value="a"/><family value="b"/></name>', "FHIR-XML-ORDER", ".name[0].family"),
        ('<active xmlns="" value="true"/>', "FHIR-XML-NAMESPACE", ".active"),
        ('<x:thing xmlns:x="urn:x" value="1"/>', "FHIR-XML-NAMESPACE", ""),
        ('<div xmlns="http://www.w3.org/1999/xhtml">a</div>', "FHIR-XML-NAMESPACE", ""),
        ('<active value="true" lang="sv"/>', "FHIR-XML-ATTRIBUTE", ".active"),
        (
            '<maritalStatus value="x" id="y"><text value="z"/></maritalStatus>',
            "FHIR-XML-ATTRIBUTE",
            ".maritalStatus",
        ),
        (
            '<extension url="https://x.example"><id value="e"/><valueCode value="a"/></extension>',
            "FHIR-XML-ELEMENT",
            ".extension[0].id",
        ),
        (f'<active value="true"/>{IDENTITY}', "FHIR-XML-TEXT", ""),
        (f"{IDENTITY}<active value='true'/>", "FHIR-XML-TEXT", ""),
        (f"<maritalStatus><text value='x'/>{IDENTITY}</maritalStatus>", "FHIR-XML-TEXT", ".maritalStatus"),
        ('<active value="true">yes</active>', "FHIR-XML-TEXT", ".active"),
        ("<active value='true'/><![CDATA[x]]>", "FHIR-XML-TEXT", ""),
    ],
)
def test_what_only_xml_can_get_wrong_is_told_at_its_place(inner: str, rule: str, at: str, catalogue) -> None:
    found = read(patient(inner), catalogue)

    assert [(item.rule, item.expression) for item in found.findings] == [(rule, (AT + at,))]
    assert found.bad_entries == {0}
    assert IDENTITY not in repr(found.findings)


@pytest.mark.parametrize(
    ("inner", "rule", "at"),
    [
        ('<gender value="male"/><gender value="male"/>', "FHIR-CARDINALITY", ".gender"),
        ("<maritalStatus/>", "FHIR-EMPTY", ".maritalStatus"),
        ("<gender/>", "FHIR-EMPTY", ".gender"),
        ('<gender value=""/>', "FHIR-EMPTY-STRING", ".gender"),
        ('<gender value="x"/>', "FHIR-CODE", ".gender"),
        ('<active value="1"/>', "FHIR-FORMAT", ".active"),
        ('<active value="TRUE"/>', "FHIR-FORMAT", ".active"),
        ('<active value=""/>', "FHIR-EMPTY-STRING", ".active"),
        ('<multipleBirthInteger value="1.0"/>', "FHIR-FORMAT", ".multipleBirthInteger"),
        ('<multipleBirthInteger value="99999999999"/>', "FHIR-NUMBER", ".multipleBirthInteger"),
        (f'<{"x" + IDENTITY} value="1"/>', "FHIR-UNKNOWN-ELEMENT", ""),
        ('<animal><species><text value="x"/></species></animal>', "FHIR-STU3", ".animal"),
        ('<_gender id="x"/>', "FHIR-UNKNOWN-ELEMENT", ""),
        ('<resourceType value="Patient"/>', "FHIR-UNKNOWN-ELEMENT", ""),
        ('<value value="x"/>', "FHIR-UNKNOWN-ELEMENT", ".value"),
        ("<maritalStatus value='x'/>", "FHIR-TYPE", ".maritalStatus"),
        ("<gender><coding><code value='x'/></coding></gender>", "FHIR-UNKNOWN-ELEMENT", ".gender.coding"),
        ('<birthDate value="1912-13-12"/>', "FHIR-FORMAT", ".birthDate"),
    ],
)
def test_what_json_can_get_wrong_too_is_told_as_there(inner: str, rule: str, at: str, catalogue) -> None:
    found = read(patient(inner), catalogue)

    assert [item.rule for item in found.findings][:1] == [rule]
    assert found.findings[0].expression[0].startswith(AT + at)
    assert found.bad_entries == {0}
    assert IDENTITY not in repr(found.findings)


@pytest.mark.parametrize(
    ("resource", "rules"),
    [
        ("", ["FHIR-RESOURCE-TYPE-MISSING"]),
        ('<Patient><active value="true"/></Patient><Patient/>', ["FHIR-XML-RESOURCE"]),
        ('<Patient><active value="true"/></Patient>text', ["FHIR-XML-TEXT"]),
        ('<Patient id="x"><active value="true"/></Patient>', ["FHIR-XML-ATTRIBUTE"]),
        ('<x xmlns="urn:x"/>', ["FHIR-XML-RESOURCE", "FHIR-RESOURCE-TYPE-MISSING"]),
        ('<Invented><a value="x"/></Invented>', ["FHIR-RESOURCE-TYPE"]),
    ],
)
def test_an_entry_holds_one_resource_of_r4(resource: str, rules: list[str], catalogue) -> None:
    found = read(of(resource), catalogue)

    assert [item.rule for item in found.findings] == rules
    assert {item.expression for item in found.findings} == {(AT,)}


@pytest.mark.parametrize(
    ("raw", "rule", "at"),
    [
        (b"<Bundle/>", "FHIR-XML-NAMESPACE", "Resource"),
        (b'<Bundle xmlns="http://hl7.org/fhir/"/>', "FHIR-XML-NAMESPACE", "Resource"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "FHIR-XML-NAMESPACE", "Resource"),
        (b'<Patient xmlns="http://hl7.org/fhir"/>', "FHIR-NOT-BUNDLE", "Patient"),
        (b'<p191212121212 xmlns="http://hl7.org/fhir"/>', "FHIR-RESOURCE-TYPE", "Resource"),
    ],
)
def test_another_root_than_a_bundle_is_refused(raw: bytes, rule: str, at: str, catalogue) -> None:
    found = read(raw, catalogue)

    assert (found.bundle, found.status) == (None, 400)
    assert [(item.rule, item.expression) for item in found.findings] == [(rule, (at,))]


def test_one_wrong_entry_leaves_the_others_of_a_batch_alone(catalogue) -> None:
    entry = "<entry><resource><Patient>{}</Patient></resource></entry>"
    entries = [entry.format('<active value="true"/>'), entry.format('text<active value="true"/>')] * 2

    found = read(f"{HEAD}{''.join(entries)}</Bundle>".encode(), catalogue)

    assert found.bad_entries == {1, 3}


def test_resources_that_are_not_read_are_taken_in_any_order(catalogue) -> None:
    claim = '<Claim><use value="claim"/><status value="active"/><invented value="x"/></Claim>'
    product = '<MedicinalProduct><name><productName value="x"/></name><id value="m"/></MedicinalProduct>'

    assert read(of(claim), catalogue).findings == []
    assert read(of(product), catalogue).findings == []


@pytest.mark.parametrize("levels", [62, 63, 80, 200])
def test_nesting_is_refused_where_the_json_twin_is(levels: int, catalogue) -> None:
    xml = '<extension url="https://x.example">' * levels + '<valueCode value="a"/>' + "</extension>" * levels
    head = b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient",'
    deep = b'"extension":[{"url":"https://x.example",' * levels + b'"valueCode":"a"' + b"}]" * levels
    twin = head + deep + b"}}]}"

    assert read(patient(xml), catalogue).findings == read(twin, catalogue).findings
    assert bool(read(twin, catalogue).findings) == (levels > 62)


def test_reading_ends_when_enough_is_wrong(catalogue) -> None:
    entry = '<entry><resource><Patient>x<active value="true"/></Patient></resource></entry>'

    found = read(f"{HEAD}{entry * 500}</Bundle>".encode(), catalogue)

    assert (found.bundle, found.status, len(found.findings)) == (None, 400, 201)
    assert found.findings[-1].rule == "FHIR-MORE"
