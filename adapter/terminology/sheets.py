"""Excel files (.xlsx, .xls): the first sheet that has a header we know."""

import io
import zipfile

from python_calamine import CalamineError, CalamineWorkbook

from adapter.terminology.rows import MOST_BYTES, Delivery, Unreadable
from adapter.terminology.rowwise import Numbered, header_in, rows_under

_ZIP = b"PK\x03\x04"


def read_sheets(name: str, raw: bytes, *, units: bool) -> Delivery:
    """An Excel file. Raises Unreadable."""
    _refuse_bombs(name, raw)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [(sheet, book.get_sheet_by_name(sheet)) for sheet in book.sheet_names]
        for title, sheet in sheets:
            cells = sheet.to_python(skip_empty_area=False)
            rows: list[Numbered] = list(enumerate(cells, start=1))
            found = header_in(rows, units=units)
            if found is not None:
                place, columns = found
                return Delivery(
                    name=f"{name}[{title}]",
                    form=f"Excel, sheet {title}",
                    rows=rows_under(f"{name}[{title}]", columns, rows[place + 1 :]),
                    columns=columns.taken(rows[place][1]),
                )
    except CalamineError as error:
        raise Unreadable(f"{name}:1: the Excel file cannot be read ({error})") from None
    wanted = "columns of kombika and HSA-id" if units else "a column Kod"
    raise Unreadable(f"{name}:1: no sheet has {wanted}; the sheets are {', '.join(t for t, _ in sheets)}")


def _refuse_bombs(name: str, raw: bytes) -> None:
    if not raw.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(one.file_size for one in archive.infolist())
    except zipfile.BadZipFile:
        raise Unreadable(f"{name}:1: the Excel file is damaged") from None
    if size > MOST_BYTES:
        raise Unreadable(f"{name}:1: the Excel file is larger than {MOST_BYTES} bytes when it is unpacked")
