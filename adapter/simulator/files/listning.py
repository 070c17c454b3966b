"""What the listing service checks in its file: heads, order, one row per patient, and each row's values."""

import re
from collections.abc import Iterator
from datetime import date

from adapter.simulator.identity import check_digit_holds, well_formed

HEADS = "personnummer;hsaId;fromDatum"
_HSA_ID = re.compile(r"SE[0-9]{10,12}-[A-Z0-9]{1,18}")


def rows_of(data: bytes) -> list[list[str]]:
    """The rows without the heads. Raises ValueError for a file that is not built as agreed."""
    lines = data.decode("utf-8").splitlines()
    if not lines or lines[0] != HEADS:
        raise ValueError("the heads are not those that were agreed")
    rows = [line.split(";") for line in lines[1:]]
    patients = [row[0] for row in rows]
    if patients != sorted(patients):
        raise ValueError("the rows are not sorted")
    if len(set(patients)) != len(patients):
        raise ValueError("a patient has two rows")
    return rows


def problems_of(row: list[str]) -> Iterator[str]:
    """What is wrong with a row."""
    if len(row) != HEADS.count(";") + 1:
        yield "number of columns"
        return
    patient, physician, since = row
    if not (well_formed(patient) and check_digit_holds(patient)):
        yield "personnummer"
    if physician and not _HSA_ID.fullmatch(physician):
        yield "hsaId"
    try:
        if date.fromisoformat(since).isoformat() != since:
            yield "fromDatum"
    except ValueError:
        yield "fromDatum"
