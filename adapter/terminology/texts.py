"""Texts: tab-separated or CSV under a header, or a plain list with one code a line."""

import csv
import io
from collections.abc import Iterator

from adapter.terminology.rows import Delivery, Row, Unreadable
from adapter.terminology.rowwise import HEADER_WITHIN, Numbered, header_in, rows_under

_DELIMITERS = {"\t": "tab-separated", ";": "CSV (;)", ",": "CSV (,)", "|": "CSV (|)"}


def decoded(name: str, raw: bytes) -> tuple[str, str]:
    """The text and its encoding: UTF-8 or UTF-16 where it says so, UTF-8 where it can be, else ISO-8859-1."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, said = "utf-16", "UTF-16"
    elif b"\x00" in raw[:4096]:
        raise Unreadable(f"{name}:1: this is no text, nor an Excel file")
    else:
        encoding, said = "utf-8-sig", "UTF-8"
    try:
        return raw.decode(encoding), said
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1"), "ISO-8859-1"


def read_text(name: str, raw: bytes, *, units: bool) -> Delivery:
    """A text in one of the forms. Raises Unreadable that names file and line."""
    text, encoding = decoded(name, raw)
    for delimiter, form in _DELIMITERS.items():
        try:
            first = list(_few(_records(name, text, delimiter)))
        except Unreadable:
            continue
        found = header_in(first, units=units)
        if found is not None:
            place, columns = found
            return Delivery(
                name=name,
                form=form,
                rows=rows_under(name, columns, _after(_records(name, text, delimiter), first[place][0])),
                columns=columns.taken(first[place][1]),
                encoding=encoding,
            )
    if units:
        raise Unreadable(f"{name}:1: no header has columns of kombika and HSA-id (kombika;hsaId;from;to)")
    return Delivery(
        name=name, form="one code a line", rows=_plain_list(name, text), columns={}, encoding=encoding
    )


def _few(rows: Iterator[Numbered]) -> Iterator[Numbered]:
    for number, row in enumerate(rows):
        if number == HEADER_WITHIN:
            return
        yield row


def _after(rows: Iterator[Numbered], line: int) -> Iterator[Numbered]:
    return (row for row in rows if row[0] > line)


def _records(name: str, text: str, delimiter: str) -> Iterator[Numbered]:
    """Records with the lines on which they begin: a quoted cell may hold several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    try:
        for record in reader:
            line, before = before + 1, reader.line_num
            if record and not record[0].startswith("#") and any(cell.strip() for cell in record):
                yield line, record
    except csv.Error as error:
        raise Unreadable(f"{name}:{reader.line_num}: {error}") from None


def _plain_list(name: str, text: str) -> Iterator[Row]:
    for line, written in enumerate(text.splitlines(), start=1):
        code = written.strip().strip('"')
        if not code or code.startswith("#"):
            continue
        if any(mark in code for mark in " \t;,"):
            raise Unreadable(f"{name}:{line}: neither a header with a column Kod above, nor one code alone")
        yield Row(line=line, code=code)
