"""Every form in which tables are delivered is read, and what cannot be read is refused with file and line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import PackError
from adapter.mapping.terminology import Validity, load_kombika, load_terminology
from adapter.terminology import Loaded, Order, load_edition
from tests.terminology.conftest import TSV, workbook

Load = Callable[..., Loaded]
Tables = tuple[Path, ...]
MEK = """<?xml version="1.0" encoding="UTF-8"?>
<mappningar xmlns="http://brainpool.se/mek/MEK.xsd" ExportDatum="2013-09-30T05:55:31.913+02:00">
  <mappning>
    <Kombikakod>30216311002</Kombikakod>
    <HSAId>SE2321000016-15CQ</HSAId>
    <FromDatum>2013-09-30T23:30:00+01:00</FromDatum>
    <TomDatum>2014-12-31T00:00:00+01:00</TomDatum>
  </mappning>
  <mappning>
    <Kombikakod>20130101999</Kombikakod>
    <HSAId>REFERRAL_HSA-643S</HSAId>
    <FromDatum>2011-09-01T00:00:01.0</FromDatum>
  </mappning>
  <mappning>
    <Kombikakod>30216311003</Kombikakod>
    <HSAId>SE2321000016-15CQ</HSAId>
    <FromDatum>2015-01-01T00:00:00+01:00</FromDatum>
  </mappning>
</mappningar>
"""


def validity(tables: Tables, code: str, day: str, system: str = "icd-10-se") -> Validity:
    return load_terminology(tables).check(system, code, day)


def test_the_official_text_file_is_read_with_its_dates_headings_and_rows_that_go_on(
    load: Load, tables: Tables
) -> None:
    done = load(TSV, complete=True)
    assert (done.codes, done.headings, done.repeated) == (3, 2, 1)
    assert done.columns == {"code": "Kod", "from": "Giltig från"}
    assert validity(tables, "A000", "1997-01-01") is Validity.VALID
    assert validity(tables, "U071", "2020-02-29") is Validity.NOT_YET
    assert validity(tables, "A001", "2025-01-01") is Validity.NEVER


def test_a_text_in_iso_8859_1_is_read_as_such(load: Load) -> None:
    done = load(
        'Kod;"Giltig från";Titel\nJ18.9;1997-01-01;Lunginflammation på grund av\n'.encode("iso-8859-1")
    )
    assert done.forms == ("CSV (;), ISO-8859-1",)
    assert done.columns["from"] == "Giltig från"


def test_excel_is_read_from_the_sheet_that_has_the_codes_below_its_title(load: Load, tables: Tables) -> None:
    rows = [
        ["KVÅ 2025"],
        [],
        ["Kod", "Titel", "Giltig t.o.m."],
        ["XS012", "Telefon", ""],
        ["AA001", "x", 20241231],
    ]
    done = load(workbook(rows), "kva", complete=True)
    assert (done.codes, done.forms) == (2, ("Excel, sheet Koder",))
    assert validity(tables, "AA001", "2024-12-31", "kva") is Validity.VALID
    assert validity(tables, "AA001", "2025-01-01", "kva") is Validity.RETIRED


def test_a_kombika_that_a_spreadsheet_holds_as_a_number_keeps_its_digits(load: Load, tables: Tables) -> None:
    load(workbook([["Kombikakod", "HSA-id"], [302163110, "SE2321000016-1HZ3"]]), "kombika")
    assert [k.avd for k in load_kombika(tables).kombikas("SE2321000016-1HZ3", "2025-01-01")] == ["002", "0"]


def test_one_code_a_line_is_enough(load: Load, tables: Tables) -> None:
    assert load("# diagnoser\nA00.0\n\nJ18.9\n", complete=True).codes == 2
    assert validity(tables, "J189", "1950-01-01") is Validity.VALID


def test_several_files_make_one_edition(tmp_path: Path, overlay: Path, tables: Tables) -> None:
    files = []
    for name, code in (("kma.tsv", "XS012"), ("kka.tsv", "NHP09")):
        files.append(tmp_path / name)
        files[-1].write_text(f"Kod\tTitel\n{code}\tx\n")
    done = load_edition(Order(files=tuple(files), system="kva", complete=True), tables, overlay)
    assert done.codes == 2
    assert validity(tables, "NHP09", "2025-01-01", "kva") is Validity.VALID


def code_system(*concepts: dict[str, Any], **members: Any) -> str:
    system = {"resourceType": "CodeSystem", "status": "active", "content": "complete", "concept": concepts}
    return json.dumps({**system, **members}, indent=1)


def test_a_fhir_codesystem_tells_periods_by_properties_and_extensions(load: Load, tables: Tables) -> None:
    period = {
        "url": "http://example.org/StructureDefinition/effectivePeriod",
        "valuePeriod": {"start": "2010-01-01", "end": "2011-12-31"},
    }
    concepts = (
        {"code": "A00", "concept": [{"code": "A00.0", "property": [_dated("effectiveDate", "2020-01-01")]}]},
        {"code": "A01", "extension": [period]},
        {"code": "A02", "property": [_dated("retirementDate", "2024-01-01")]},
        {"code": "A03", "property": [{"code": "status", "valueCode": "retired"}]},
    )
    done = load(code_system(*concepts, version="2025"), complete=True, start="2025-01-01")
    assert (done.codes, done.edition) == (5, "2025")
    for code, day, expected in (
        ("A000", "2019-12-31", Validity.NOT_YET),
        ("A000", "2020-01-01", Validity.VALID),
        ("A01", "2011-12-31", Validity.VALID),
        ("A01", "2012-01-01", Validity.RETIRED),
        ("A02", "2023-12-31", Validity.VALID),
        ("A02", "2024-01-01", Validity.RETIRED),
        ("A03", "2024-12-31", Validity.VALID),
        ("A03", "2025-01-01", Validity.RETIRED),
    ):
        assert validity(tables, code, day) is expected, (code, day)


def _dated(name: str, day: str) -> dict[str, str]:
    return {"code": name, "valueDateTime": day}


def test_a_retired_concept_without_a_date_needs_the_editions_day(load: Load) -> None:
    concept = {"code": "A03", "property": [{"code": "inactive", "valueBoolean": True}]}
    with pytest.raises(PackError, match=r"delivered:7: retired, and nothing says since when: give --from"):
        load(code_system(concept))


def test_a_codesystem_of_another_system_is_refused(load: Load) -> None:
    with pytest.raises(PackError, match="says that it is kva, not icd-10-se"):
        load(code_system({"code": "XS012"}, url="http://klassifikationer.socialstyrelsen.se/kva"))


def test_the_regions_xml_gives_units_with_local_days_and_tells_of_the_row_that_names_none(
    load: Load, tables: Tables
) -> None:
    done = load(MEK, "kombika", name="mek.xml")
    assert done.codes == 2
    assert [one.partition(": ")[0].rpartition("/")[2] for one in done.left_out] == ["mek.xml:9"]
    units = load_kombika(tables)

    def on(day: str) -> list[str]:
        return [kombika.avd for kombika in units.kombikas("SE2321000016-15CQ", day)]

    # 23:30 at +01:00 is half past midnight, summer time, on the next day
    assert (on("2013-09-30"), on("2013-10-01"), on("2014-12-31")) == ([], ["002"], ["002"])
    assert on("2015-01-01") == ["003"]


def test_entities_in_the_xml_are_not_read(load: Load) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "30216311002">]>' + MEK.partition("?>")[2].replace("30216311002", "&a;")
    with pytest.raises(PackError, match="document type"):
        load(bomb, "kombika")


@pytest.mark.parametrize(
    ("content", "system", "said"),
    [
        ("", "kva", ":1: the file is empty"),
        ("\x00\x01\x02", "kva", ":1: this is no text"),
        ("PK\x03\x04 broken", "kva", ":1: the Excel file is damaged"),
        ("{", "kva", ":1: this is not JSON"),
        ('{"resourceType": "ValueSet"}', "kva", ":1: no FHIR CodeSystem"),
        ("Namn;Titel\nx;y\n", "kva", ":1: neither a header with a column Kod"),
        ("Kod;Från\nA000;1997-13-01\n", "icd-10-se", ":2: month must be in 1..12"),
        ("Kod;Från\nA000;snart\n", "icd-10-se", ":2: that is no day"),
        ("Kod;Från;Till\nA000;2025-01-01;2024-01-01\n", "icd-10-se", ":2: the period ends before it begins"),
        ("A000\nJ18 9\n", "icd-10-se", ":2: neither"),
        ("Kod\nA000\nJ18/9\n", "icd-10-se", ":3: a code is 3 to 15 letters and digits"),
        ("XS012\nXS003\nUX007\n", "icd-10-se", ":1: most of this does not look like codes of icd-10-se"),
        ("kombika;hsaId\n123;SE2321000016-1HZ3\n", "kombika", ":2: a kombika is eight digits"),
        ("kombika;hsaId\n30216311002;vardcentralen\n", "kombika", ":2: an HSA-id is"),
        ("kombika\n30216311002\n", "kombika", ":1: no header has columns of kombika and HSA-id"),
        ("<mappningar>", "kombika", ":1: this is no XML that can be read"),
        ("<mappningar/>", "icd-10-se", ":1: XML is taken for --system kombika only"),
        ("<mappningar><mappning/></mappningar>", "kombika", ":1: a mappning needs"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_line_and_nothing_is_written(
    load: Load, overlay: Path, content: str, system: str, said: str
) -> None:
    with pytest.raises(PackError) as refusal:
        load(content.encode("latin-1"), system)
    assert f"delivered{said}" in str(refusal.value)
    assert list(overlay.iterdir()) == []
