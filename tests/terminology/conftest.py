"""Delivered files of every form, as authorities write them."""

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from adapter.resources import below, data_folder
from adapter.terminology import Loaded, Order, load_edition

TSV = (
    "\ufeff"
    '"Kod"\t"Giltig från"\t"Överordnad kod"\t"Titel"\t"Utesluter"\n'
    '"I"\t"1997-01-01"\t""\t"Vissa infektionssjukdomar"\t""\n'
    '"A00-A09"\t"1997-01-01"\t"I"\t"Infektionssjukdomar utgående från mag-tarmkanalen"\t""\n'
    '"A00"\t"1997-01-01"\t"A00-A09"\t"Kolera"\t""\n'
    '"A00.0"\t"1997-01-01"\t"A00"\t"Kolera orsakad av\nVibrio cholerae"\t"a"\n'
    '"A00.0"\t""\t""\t""\t"b"\n'
    '"U07.1"\t"2020-03-01"\t"U00-U49"\t"Covid-19, virus identifierat"\t""\n'
)
"""ICD-10-SE as it is delivered: a BOM, quotes, chapters and sections, lines within cells, and rows that go on
with the code above."""


def workbook(rows: Sequence[Sequence[Any]], *, before: Sequence[Sequence[Any]] = ()) -> bytes:
    """An Excel file with a sheet *Om* of text, and a sheet *Koder* with the rows; numbers are numbers."""
    sheets = {"Om": [["Om filen"], *before], "Koder": rows}
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kinds}.worksheet+xml"/>'
            for n in (1, 2)
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1"'
        f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in (1, 2)
        )
        + "</Relationships>",
        **{
            f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{main}"><sheetData>{_cells(sheet)}</sheetData>'
            "</worksheet>"
            for n, sheet in enumerate(sheets.values(), start=1)
        },
    }
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return raw.getvalue()


def _cells(rows: Sequence[Sequence[Any]]) -> str:
    return "".join(
        f'<row r="{number}">'
        + "".join(_cell(f"{chr(65 + place)}{number}", value) for place, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )


def _cell(place: str, value: Any) -> str:
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "overlay"
    folder.mkdir()
    return folder


@pytest.fixture
def tables(overlay: Path) -> tuple[Path, ...]:
    """The folders of tables: the shipped ones, and the overlay's over them."""
    return below((data_folder("mappings"), overlay), "tables")


@pytest.fixture
def load(tmp_path: Path, overlay: Path, tables: tuple[Path, ...]) -> Callable[..., Loaded]:
    """Writes a delivered file and loads it."""

    def act(
        content: str | bytes, system: str = "icd-10-se", *, name: str = "delivered", **order: Any
    ) -> Loaded:
        raw = content if isinstance(content, bytes) else content.encode()
        file = tmp_path / name
        file.write_bytes(raw)
        return load_edition(Order(files=(file,), system=system, **order), tables, overlay)

    return act
