"""XML documents that no resource is read from: broken, in another encoding, or made to do harm."""

from itertools import pairwise
from pathlib import Path

import pytest

from adapter.fhir.read import read

HEAD = '<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>'
IDENTITY = "191212121212"


def patient(inner: str) -> bytes:
    return f"{HEAD}<entry><resource><Patient>{inner}</Patient></resource></entry></Bundle>".encode()


def refusal(raw: bytes, catalogue) -> str:
    found = read(raw, catalogue)
    assert (found.bundle, found.status) == (None, 400)
    (finding,) = found.findings
    assert IDENTITY not in repr(finding)
    return finding.rule


SOUND = patient('<active value="true"/>')
LAUGHS = '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "raw",
    [
        SOUND[:-3],
        SOUND + SOUND,
        SOUND + b"tail",
        patient(f'<id value="{IDENTITY}>'),
        patient('<id value="1" value="2"/>'),
        patient('<id value="&#1;"/>'),
        patient("<a></b>"),
        patient("<x:active value='true'/>"),
    ],
)
def test_what_is_not_well_formed_is_refused(raw: bytes, catalogue) -> None:
    assert refusal(raw, catalogue) == "FHIR-XML-SYNTAX"


@pytest.mark.parametrize(
    "raw",
    [
        patient('<name><family value="Å"/></name>').decode().encode("latin-1"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + SOUND,
        b"<?xml version='1.0' encoding = 'utf-16'?>" + SOUND,
        b'<?xml version="1.0" encoding="UTF-7"?>' + SOUND,
        patient('<id value="\0"/>'),
        SOUND.decode().encode("utf-16"),
        SOUND.decode().encode("utf-16-be"),
        SOUND.decode().encode("utf-16-le"),
    ],
)
def test_other_encodings_than_utf_8_are_refused(raw: bytes, catalogue) -> None:
    assert refusal(raw, catalogue) == "FHIR-XML-ENCODING"


@pytest.mark.parametrize("encoding", ["", ' encoding="UTF-8"', " encoding='utf-8' standalone='yes'"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_declaration_of_utf_8_and_a_byte_order_mark_are_passed_over(
    encoding: str, before: bytes, catalogue
) -> None:
    raw = before + f'<?xml version="1.0"{encoding}?>\n'.encode() + SOUND + b"\n<!-- end -->\n"

    assert read(raw, catalogue).findings == []


@pytest.mark.parametrize(
    "doctype",
    [
        LAUGHS,
        "<!DOCTYPE Bundle>",
        '<!DOCTYPE b SYSTEM "http://127.0.0.1:1/b.dtd">',
        '<!DOCTYPE b [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p.dtd"> %p;]>',
        "<!-- <x --><!DOCTYPE b [<!ENTITY a 'b'>]>",
        "<?x <!-- ?><!DOCTYPE b [<!ENTITY a 'b'>]>",
        "\n\t<!-- one --> <!-- two -->\n<!DOCTYPE b>",
    ],
)
def test_a_document_type_is_refused_wherever_it_hides(doctype: str, catalogue) -> None:
    for head in ("", '<?xml version="1.0"?>'):
        assert refusal((head + doctype).encode() + SOUND, catalogue) == "FHIR-XML-DTD"


def test_entities_that_laugh_a_billion_times_cost_nothing(catalogue) -> None:
    names = "abcdefghij"
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    raw = f'<!DOCTYPE x [<!ENTITY a "ha">{entities}]>'.encode() + patient('<id value="&j;"/>')

    assert refusal(raw, catalogue) == "FHIR-XML-DTD"


def test_no_file_is_opened_by_an_external_entity(catalogue, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(IDENTITY)
    doctype = f'<!DOCTYPE b [<!ENTITY x SYSTEM "file://{secret}">]>'
    raw = doctype.encode() + patient("<text>&x;</text>")

    assert refusal(raw, catalogue) == "FHIR-XML-DTD"


@pytest.mark.parametrize("entity", ["&nbsp;", "&x;", "&lt"])
def test_entities_that_xml_has_not_are_refused(entity: str, catalogue) -> None:
    assert refusal(patient(f'<id value="{entity}"/>'), catalogue) == "FHIR-XML-SYNTAX"


@pytest.mark.parametrize(
    "raw",
    [
        b"<?xml-stylesheet href='http://127.0.0.1:1/x.xsl'?>" + SOUND,
        SOUND + b"<?php run ?>",
        patient("<?php run ?><active value='true'/>"),
        b'<?xml version="1.0"?><?a?>' + SOUND,
    ],
)
def test_processing_instructions_are_refused(raw: bytes, catalogue) -> None:
    assert refusal(raw, catalogue) == "FHIR-XML-INSTRUCTION"


def test_what_stands_in_a_comment_is_nothing(catalogue) -> None:
    raw = b"<!-- <!DOCTYPE x> <?php ?> -->" + patient('<!-- <?x?> --><active value="true"/><!-- -->')

    assert read(raw, catalogue).findings == []


def test_a_document_nested_past_the_parsers_limit_is_refused(catalogue) -> None:
    assert refusal(HEAD.encode() + b"<entry>" * 300, catalogue) == "FHIR-DEPTH"


def test_a_text_past_the_parsers_limit_is_refused(catalogue) -> None:
    raw = patient(f'<name><text value="{"x" * 11_000_000}"/></name>')

    assert refusal(raw, catalogue) == "FHIR-XML-SYNTAX"


def test_very_many_tags_are_refused_before_they_are_read(catalogue) -> None:
    found = read(HEAD.encode() + b"<a/>" * 600_000 + b"</Bundle>", catalogue)

    assert (found.bundle, found.status) == (None, 413)
    assert [item.rule for item in found.findings] == ["FHIR-XML-TAGS"]


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        ("<gender value='male' {}/>", "FHIR-XML-ATTRIBUTE"),
        ("<maritalStatus {}><text value='x'/></maritalStatus>", "FHIR-XML-ATTRIBUTE"),
        (
            "<text><status value='generated'/><div xmlns='http://www.w3.org/1999/xhtml'><b {}>x</b></div>"
            "</text>",
            "FHIR-TXT-DIV",
        ),
    ],
)
def test_very_many_attributes_are_one_finding_and_not_looked_at(inner: str, rule: str, catalogue) -> None:
    many = " ".join(f'a{number}="x"' for number in range(100_000))

    found = read(patient(inner.format(many)), catalogue)

    assert [item.rule for item in found.findings] == [rule]


def test_five_megabytes_are_read(catalogue) -> None:
    one = (
        f'<entry><resource><Patient><name><text value="{"x" * 500_000}"/></name></Patient></resource></entry>'
    )

    assert read(f"{HEAD}{one * 10}</Bundle>".encode(), catalogue).findings == []


def test_a_schema_may_be_named_on_the_root_and_is_not_looked_for(catalogue) -> None:
    instance = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    located = 'xsi:schemaLocation="http://hl7.org/fhir http://127.0.0.1:1/fhir-all.xsd"'
    raw = SOUND.replace(b"<Bundle ", f"<Bundle {instance} {located} ".encode())

    assert read(raw, catalogue).findings == []
    inside = SOUND.replace(b"<Patient>", f"<Patient {instance} {located}>".encode())
    assert inside != SOUND
    assert [item.rule for item in read(inside, catalogue).findings] == ["FHIR-XML-ATTRIBUTE"]


def test_nothing_is_included(catalogue, tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(IDENTITY)
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{tmp_path}/x.xml" parse="text"/>'

    (finding,) = read(patient(include), catalogue).findings

    assert finding.rule == "FHIR-XML-NAMESPACE"
