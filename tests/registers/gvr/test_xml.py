"""GVR's event document: what it says, and that both schemas take it."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapter.domain.event import (
    Atgard,
    Diagnos,
    Enhet,
    Kombika,
    Kontakt,
    Lakemedel,
    Patient,
    Personal,
    Slutenvard,
    Tid,
    Vardhandelse,
)
from adapter.registers.gvr.xml import event_document, load_schema
from adapter.registers.protocol import RegisterSettings
from adapter.resources import data_folder

SHARED = Path(os.environ.get("VARDBRO_SHARED", Path(__file__).parents[4] / "shared"))
PUBLISHED = SHARED / "schemas" / "ERSMOIndata2.2.xsd"
OWN = data_folder("profiles") / "registers" / "gvr" / "handelse.xsd"
GOLDEN = Path(__file__).parent / "golden"
SETTINGS = RegisterSettings(default_besokstyp="2", default_taxa="05")
replace = msgspec.structs.replace

needs_published = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published XML schema is not here")

letters = st.text("ABCXYZ0189", min_size=2, max_size=2)
letter = st.none() | st.sampled_from("A19")
days = st.dates().map(lambda day: f"{day.year:04d}-{day.month:02d}-{day.day:02d}")
kombika = st.builds(
    Kombika,
    inr=st.text("0123456789", min_size=5, max_size=5),
    klin=st.text("0123456789", min_size=3, max_size=3),
    avd=st.text("0123456789ABCMÅÄÖåäö", min_size=1, max_size=3),
)
events = st.builds(
    Vardhandelse,
    event_id=st.text("abcXYZ019-", min_size=1, max_size=33),
    kind=st.sampled_from(["vardkontakt", "vardtillfalle"]),
    status=st.sampled_from(["final", "corrected", "cancelled"]),
    patient=st.builds(
        Patient,
        id=st.text("0123456789", min_size=12, max_size=12),
        fodelsedatum=st.none() | days,
        kon=st.sampled_from(["M", "K", None]),
        lkf=st.none() | st.text("019A", min_size=6, max_size=6),
        skyddad=st.booleans(),
    ),
    enhet=st.builds(Enhet, kombika=kombika),
    tid=st.builds(Tid, startdatum=days, slutdatum=st.none() | days),
    kontakt=st.builds(
        Kontakt,
        akut=st.booleans(),
        besokstyp=st.lists(letters, max_size=2).map(tuple),
        taxa=st.none() | letters,
        remittent=st.none() | kombika,
        hemsjukvard=st.booleans(),
    ),
    slutenvard=st.builds(
        Slutenvard,
        viste_fore=letter,
        viste_efter=letter,
        vard_efter=letter,
        utskrivande=st.none() | kombika,
        utskriven=st.booleans(),
    ),
    lakemedel=st.lists(
        st.builds(
            Lakemedel,
            kod=st.sampled_from(["A01AB13", "C09AA"]),
            datum=st.none() | days,
            diagnos=st.none() | st.integers(1, 9),
        ),
        max_size=2,
    ).map(tuple),
    personal=st.lists(st.builds(Personal, yrkeskategori=st.none() | letters), max_size=3).map(tuple),
    diagnoser=st.lists(
        st.builds(Diagnos, kod=st.sampled_from(["J189", "B341A", "J06-P"]), ordning=st.integers(1, 9)),
        max_size=3,
    ).map(tuple),
    atgarder=st.lists(
        st.builds(
            Atgard,
            kod=st.sampled_from(["XS012", "NHP09"]),
            ordning=st.integers(1, 9),
            datum=st.none() | days,
            diagnos=st.none() | st.integers(1, 9),
        ),
        max_size=3,
    ).map(tuple),
)


@pytest.fixture(scope="module")
def own() -> etree.XMLSchema:
    return load_schema(OWN)


def _document(*told: Vardhandelse, settings: RegisterSettings = SETTINGS) -> etree._Element:
    return etree.fromstring(event_document(told, settings, "0000001"))


def test_the_document_says_what_the_event_says(event: Vardhandelse) -> None:
    document = event_document([event], SETTINGS, "0000001").decode("iso-8859-1")
    assert document == (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        '<ERSMOIndata Källa="GVR" ID="0000001">\n'
        '  <Ersättningshändelse ID="b5a3c1e0f2d4-0001" Makulerad="false" Startdatum="2025-03-03"'
        ' Slutdatum="2025-03-03" Startverksamhet="30216311002" Slutverksamhet="30216311002">\n'
        '    <Patient ID="191212121212" Födelsedatum="1912-12-12" Kön="M"/>\n'
        "    <Händelseklass>\n"
        '      <Vårdkontakt Händelseform="Öppenvårdskontakt" Händelsetyp="013" Typ="1" Avgiftsklass="006"'
        ' Patientavgift="01" Akut="N">\n'
        "        <Yrkeskategorier>\n"
        '          <Yrkeskategori Klass="001" Kod="01" OrdnNr="1"/>\n'
        '          <Yrkeskategori Klass="001" Kod="70" OrdnNr="2"/>\n'
        "        </Yrkeskategorier>\n"
        "        <Diagnoser>\n"
        '          <Diagnos Klass="008" Kod="J189" OrdnNr="1"/>\n'
        '          <Diagnos Klass="008" Kod="B341A" OrdnNr="2"/>\n'
        "        </Diagnoser>\n"
        "        <Åtgärder>\n"
        '          <Åtgärd Klass="007" Kod="XS012" Datum="2025-03-03" OrdnNr="1" DiagnosNr="1"/>\n'
        "        </Åtgärder>\n"
        '        <RemissFöre Klass="009" Kod="17101011M04"/>\n'
        "      </Vårdkontakt>\n"
        "    </Händelseklass>\n"
        "  </Ersättningshändelse>\n"
        "</ERSMOIndata>\n"
    )


def test_the_bytes_are_latin_1(event: Vardhandelse) -> None:
    assert "Källa".encode("latin-1") in event_document([event], SETTINGS, "1")


@needs_published
def test_the_published_sample_told_as_an_event_gives_its_members_back() -> None:
    told = msgspec.convert(
        json.loads((GOLDEN / "published-xml-sample.json").read_text())["event"], Vardhandelse
    )
    ours = {_said(element) for element in _document(told).iter()}
    sample = etree.parse(SHARED / "schemas" / "ERSMO_2014-02-02T080000.xml").getroot()
    theirs = {_said(element) for element in sample.iter() if isinstance(element.tag, str)}
    for name, attributes in ours:
        assert any(name == other and attributes <= more for other, more in theirs), name


def _said(element: etree._Element) -> tuple[str, frozenset[tuple[str, str]]]:
    return str(element.tag), frozenset((str(name), str(value)) for name, value in element.items())


@given(told=st.lists(events, max_size=3, unique_by=lambda event: event.event_id))
def test_every_document_is_valid_against_our_schema_and_the_published_one(told: list[Vardhandelse]) -> None:
    document = _document(*told)
    for schema in SCHEMAS:
        schema.assertValid(document)


SCHEMAS = [load_schema(path) for path in (OWN, PUBLISHED) if path.exists()]


@needs_published
def test_both_schemas_took_part() -> None:
    assert len(SCHEMAS) == 2


def test_a_cancelled_event_is_makulerad(event: Vardhandelse) -> None:
    (handelse,) = _document(replace(event, status="cancelled"))
    assert handelse.get("Makulerad") == "true"


def test_inpatient_care_is_a_slutenvardstillfalle(event: Vardhandelse) -> None:
    (vardkontakt,) = _document(replace(event, kind="vardtillfalle")).iter("Vårdkontakt")
    assert vardkontakt.get("Händelseform") == "Slutenvårdstillfälle"
    assert {"Typ", "Händelsetyp", "Patientavgift", "Avgiftsklass"}.isdisjoint(vardkontakt.keys())


def test_a_home_visit_is_open_care(event: Vardhandelse) -> None:
    home = replace(event, kontakt=replace(event.kontakt, typ="hembesok"))
    (vardkontakt,) = _document(home).iter("Vårdkontakt")
    assert vardkontakt.get("Händelseform") == "Öppenvårdskontakt"


def test_besokstyp_and_taxa_fall_back_on_the_settings(event: Vardhandelse) -> None:
    (vardkontakt,) = _document(replace(event, kontakt=Kontakt(akut=True))).iter("Vårdkontakt")
    assert (vardkontakt.get("Typ"), vardkontakt.get("Patientavgift"), vardkontakt.get("Akut")) == (
        "2",
        "05",
        "J",
    )


def test_their_classes_are_left_out_with_them(event: Vardhandelse) -> None:
    bare = replace(event, kontakt=Kontakt())
    (vardkontakt,) = _document(bare, settings=RegisterSettings()).iter("Vårdkontakt")
    assert set(vardkontakt.keys()) == {"Händelseform", "Akut"}


def test_an_action_without_date_has_the_events(event: Vardhandelse) -> None:
    (atgard,) = _document(replace(event, atgarder=(Atgard(kod="XS012", ordning=1),))).iter("Åtgärd")
    assert atgard.get("Datum") == "2025-03-03"


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"enhet": Enhet(vardenhet="SE2321000016-14L1")}, "enhet.kombika"),
        ({"tid": Tid()}, "tid.startdatum"),
        ({"patient": Patient()}, "patient.id"),
        ({"patient": Patient(id="19810829M071")}, "patient.id"),
    ],
)
def test_what_the_form_demands_is_missed_by_name_alone(
    change: dict[str, object], member: str, event: Vardhandelse
) -> None:
    with pytest.raises(ValueError, match=member) as raised:
        event_document([replace(event, **change)], SETTINGS, "1")
    assert "19810829M071" not in str(raised.value)


@pytest.mark.parametrize(
    ("element", "attribute", "wrong"),
    [
        ("Yrkeskategori", "Klass", "002"),
        ("Diagnos", "Kod", "J18.9"),
        ("Patient", "ID", "19121212-1212"),
        ("Ersättningshändelse", "ID", "with space"),
        ("Vårdkontakt", "Akut", "1"),
        ("Åtgärd", "Datum", "2025-02-30"),
    ],
)
def test_our_schema_takes_nothing_but_what_we_write(
    element: str, attribute: str, wrong: str, event: Vardhandelse, own: etree.XMLSchema
) -> None:
    document = _document(event)
    own.assertValid(document)
    next(document.iter(element)).set(attribute, wrong)
    assert not own.validate(document)


def test_a_schema_with_an_entity_from_a_file_does_not_load_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    hostile = tmp_path / "hostile.xsd"
    hostile.write_text(
        '<!DOCTYPE x [<!ENTITY e SYSTEM "secret">]>'
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:element name="&e;"/></xsd:schema>'
    )
    with pytest.raises(etree.LxmlError):
        load_schema(hostile)
